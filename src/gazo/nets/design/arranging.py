"""Blocks that change the size or the order of numbers and learn nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.nets.design.kinds import Block, Layer, kind
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_image, shape_text, size


@kind("flatten", "平坦化", "Flatten", group="size")
@dataclass(frozen=True, kw_only=True)
class Flatten(Block):
    """An image as one list of numbers."""

    def shape(self, *inputs: Shape) -> Shape:
        return (size(inputs[0]),)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Flatten")


@kind("reshape", "形の変更", "Reshape", group="size")
@dataclass(frozen=True, kw_only=True)
class Reshape(Block):
    """The same numbers as an image of another shape."""

    channels: Annotated[int, Ge(1), Le(65_536), Label("チャンネル数", "Channels")] = 1
    rows: Annotated[int, Ge(1), Le(4096), Label("行数", "Rows", "px")] = 1
    columns: Annotated[int, Ge(1), Le(4096), Label("列数", "Columns", "px")] = 1

    def shape(self, *inputs: Shape) -> Shape:
        wanted = (self.channels, self.rows, self.columns)
        if size(wanted) != size(inputs[0]):
            channels, rest = divmod(size(inputs[0]), self.rows * self.columns)
            raise Misfit(
                Text(
                    f"{size(inputs[0])} 個の数値は {shape_text(wanted)} = {size(wanted)} 個の画像になりません。積が等しくなるように直してください",
                    f"{size(inputs[0])} numbers cannot become an image of {shape_text(wanted)} = {size(wanted)}. Make the product equal",
                ),
                Cure(Text(f"チャンネル数を {channels} にする", f"Set the channels to {channels}"), options={"channels": channels})
                if not rest and channels
                else None,
            )
        return wanted

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("Reshape", (self.channels, self.rows, self.columns))

    def told(self) -> str:
        return f"{self.channels}×{self.rows}×{self.columns}"


@dataclass(frozen=True, kw_only=True)
class _Edges(Block):
    top: Annotated[int, Ge(0), Le(512), Label("上", "Top", "px")] = 1
    bottom: Annotated[int, Ge(0), Le(512), Label("下", "Bottom", "px")] = 1
    left: Annotated[int, Ge(0), Le(512), Label("左", "Left", "px")] = 1
    right: Annotated[int, Ge(0), Le(512), Label("右", "Right", "px")] = 1

    def told(self) -> str:
        edges = (self.top, self.bottom, self.left, self.right)
        return str(self.top) if len(set(edges)) == 1 else "/".join(map(str, edges))


@kind("padding", "余白の追加", "Padding", group="size")
@dataclass(frozen=True, kw_only=True)
class Padding(_Edges):
    """Pixels added around the image."""

    filling: Annotated[Literal["zeros", "mirror", "edge"], Label("余白の値", "Filled with")] = "zeros"

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        channels, rows, columns = inputs[0]
        if self.filling == "mirror" and (max(self.top, self.bottom) >= rows or max(self.left, self.right) >= columns):
            raise Misfit(
                Text(
                    f"鏡像の余白は画像の一辺 ({rows} × {columns}) より小さくなければなりません",
                    f"mirrored padding must be smaller than the image ({rows} × {columns})",
                ),
                Cure(Text("0 で埋める", "Fill with zeros"), options={"filling": "zeros"}),
            )
        return (channels, rows + self.top + self.bottom, columns + self.left + self.right)

    def layer(self, *inputs: Shape) -> Layer:
        name = {"zeros": "nn.ZeroPad2d", "mirror": "nn.ReflectionPad2d", "edge": "nn.ReplicationPad2d"}[self.filling]
        return Layer(name, ((self.left, self.right, self.top, self.bottom),))


@kind("crop", "切り取り", "Crop", group="size")
@dataclass(frozen=True, kw_only=True)
class Crop(_Edges):
    """Pixels taken away around the image."""

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        channels, rows, columns = inputs[0]
        left = (channels, rows - self.top - self.bottom, columns - self.left - self.right)
        if min(left) < 1:
            raise Misfit(
                Text(
                    f"{rows} × {columns} の画像を切り取ると何も残りません。切り取る幅を小さくしてください",
                    f"nothing is left of an image of {rows} × {columns}. Crop less",
                ),
                Cure(Text("切り取る幅を 0 にする", "Crop nothing"), options=dict.fromkeys(("top", "bottom", "left", "right"), 0)),
            )
        return left

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("Crop", (self.top, self.bottom, self.left, self.right))


@kind("upsample", "拡大", "Upsample", group="size")
@dataclass(frozen=True, kw_only=True)
class Upsample(Block):
    """A larger image by repeating or interpolating pixels."""

    factor: Annotated[int, Ge(2), Le(16), Label("倍率", "Factor")] = 2
    by: Annotated[Literal["nearest", "bilinear"], Label("補間", "Interpolation")] = "nearest"

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        channels, rows, columns = inputs[0]
        return (channels, rows * self.factor, columns * self.factor)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Upsample", (), {"scale_factor": self.factor, "mode": self.by})

    def told(self) -> str:
        return f"×{self.factor}"


@kind("pixel-shuffle", "ピクセルシャッフル", "Pixel shuffle", group="size")
@dataclass(frozen=True, kw_only=True)
class PixelShuffle(Block):
    """A larger image whose pixels come from factor² maps (Shi et al. 2016)."""

    factor: Annotated[int, Ge(2), Le(16), Label("倍率", "Factor")] = 2

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        channels, rows, columns = inputs[0]
        if channels % self.factor**2:
            wanted = -(-channels // self.factor**2) * self.factor**2
            raise Misfit(
                Text(
                    f"チャンネル数 {channels} は倍率の 2 乗 {self.factor**2} で割り切れなければなりません。直前の畳み込みのマップ数を {wanted} にしてください",
                    f"its {channels} channels must be divisible by the square of the factor, {self.factor**2}. Let the convolution before it have {wanted} maps",
                ),
                Cure(
                    Text(f"{wanted} マップの 1 × 1 畳み込みを前に入れる", f"Put a 1 × 1 convolution of {wanted} maps before it"),
                    before=("convolution", {"maps": wanted, "kernel": 1, "padding": 0}),
                ),
            )
        return (channels // self.factor**2, rows * self.factor, columns * self.factor)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.PixelShuffle", (self.factor,))

    def told(self) -> str:
        return f"×{self.factor}"
