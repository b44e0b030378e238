"""Layers with weights: convolutions and dense layers."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Annotated

from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.nets.design.kinds import Block, Layer, kind
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_image, need_list, window_over

Maps = Annotated[int, Ge(1), Le(8192), Label("特徴マップ数", "Feature maps")]
Kernel = Annotated[int, Ge(1), Le(64), Label("窓の一辺", "Side of the window", "px")]
Stride = Annotated[int, Ge(1), Le(32), Label("窓を動かす幅 (ストライド)", "Stride", "px")]
Padding = Annotated[int, Ge(0), Le(64), Label("周囲の余白 (パディング)", "Padding", "px")]
Dilation = Annotated[int, Ge(1), Le(32), Label("窓の間隔 (膨張)", "Dilation")]
Bias = Annotated[bool, Label("バイアスを使う", "With bias")]


def window_told(kernel: int, stride: int) -> str:
    """ "3×3" or "3×3 /2"."""
    return f"{kernel}×{kernel}" + (f" /{stride}" if stride > 1 else "")


@kind("convolution", "畳み込み", "Convolution", group="convolution")
@dataclass(frozen=True, kw_only=True)
class Convolution(Block):
    """Each map is a weighted sum over a window of the maps before it."""

    maps: Maps = 16
    kernel: Kernel = 3
    stride: Stride = 1
    padding: Padding = 1
    dilation: Dilation = 1
    groups: Annotated[int, Ge(1), Le(8192), Label("グループ数", "Groups")] = 1
    bias: Bias = True

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        channels = inputs[0][0]
        if channels % self.groups or self.maps % self.groups:
            fits = gcd(gcd(channels, self.maps), self.groups)
            raise Misfit(
                Text(
                    f"グループ数 {self.groups} は入力のチャンネル数 {channels} と特徴マップ数 {self.maps} の両方を割り切る必要があります",
                    f"its {self.groups} groups must divide both the {channels} channels that come and its {self.maps} maps",
                ),
                Cure(Text(f"グループ数を {fits} にする", f"Set the groups to {fits}"), options={"groups": fits}),
            )
        return window_over(inputs[0], self.maps, self.kernel, self.stride, self.padding, self.dilation)

    def parameters(self, *inputs: Shape) -> int:
        return inputs[0][0] // self.groups * self.maps * self.kernel**2 + self.bias * self.maps

    def multiply_adds(self, *inputs: Shape) -> int:
        maps, rows, columns = self.shape(*inputs)
        return inputs[0][0] // self.groups * maps * self.kernel**2 * rows * columns

    def layer(self, *inputs: Shape) -> Layer:
        extra = {"dilation": (self.dilation, 1), "groups": (self.groups, 1)}
        options = {"kernel_size": self.kernel, "stride": self.stride, "padding": self.padding, "bias": self.bias}
        options |= {name: value for name, (value, usual) in extra.items() if value != usual}
        return Layer("nn.Conv2d", (inputs[0][0], self.maps), options)

    def told(self) -> str:
        return f"{self.maps}@{window_told(self.kernel, self.stride)}"


@kind("depthwise-convolution", "マップごとの畳み込み", "Depthwise convolution", group="convolution")
@dataclass(frozen=True, kw_only=True)
class DepthwiseConvolution(Block):
    """Every map is filtered by itself, as in MobileNet."""

    multiplier: Annotated[int, Ge(1), Le(64), Label("マップ 1 枚から作る枚数", "Maps made of each")] = 1
    kernel: Kernel = 3
    stride: Stride = 1
    padding: Padding = 1
    dilation: Dilation = 1
    bias: Bias = True

    def _convolution(self, inputs: tuple[Shape, ...]) -> Convolution:
        need_image(inputs[0])
        channels = inputs[0][0]
        return Convolution(
            maps=channels * self.multiplier, kernel=self.kernel, stride=self.stride, padding=self.padding, dilation=self.dilation,
            groups=channels, bias=self.bias,
        )  # fmt: skip

    def shape(self, *inputs: Shape) -> Shape:
        return self._convolution(inputs).shape(*inputs)

    def parameters(self, *inputs: Shape) -> int:
        return self._convolution(inputs).parameters(*inputs)

    def multiply_adds(self, *inputs: Shape) -> int:
        return self._convolution(inputs).multiply_adds(*inputs)

    def layer(self, *inputs: Shape) -> Layer:
        return self._convolution(inputs).layer(*inputs)

    def told(self) -> str:
        return (f"×{self.multiplier} " if self.multiplier > 1 else "") + window_told(self.kernel, self.stride)


@kind("transposed-convolution", "転置畳み込み", "Transposed convolution", group="convolution")
@dataclass(frozen=True, kw_only=True)
class TransposedConvolution(Block):
    """The way back of a convolution: every value spreads over a window, so that the plane grows by the stride."""

    maps: Maps = 16
    kernel: Kernel = 2
    stride: Stride = 2
    padding: Padding = 0
    extra: Annotated[int, Ge(0), Le(31), Label("右と下に足す画素", "Pixels added right and below", "px")] = 0
    bias: Bias = True

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        if self.extra >= self.stride:
            raise Misfit(
                Text(
                    f"右と下に足す画素 ({self.extra}) は、ストライド ({self.stride}) より小さくなければなりません",
                    f"the pixels added ({self.extra}) must be fewer than the stride ({self.stride})",
                ),
                Cure(Text("足す画素を 0 にする", "Add none"), options={"extra": 0}),
            )
        sides = [(side - 1) * self.stride - 2 * self.padding + self.kernel + self.extra for side in inputs[0][1:]]
        if min(sides) < 1:
            raise Misfit(
                Text(
                    f"余白 {self.padding} が大きすぎて画像が残りません。余白を小さくしてください",
                    f"a padding of {self.padding} leaves no image. Make it smaller",
                ),
                Cure(Text("余白を 0 にする", "Set the padding to 0"), options={"padding": 0}),
            )
        return (self.maps, *sides)

    def parameters(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.maps * self.kernel**2 + self.bias * self.maps

    def multiply_adds(self, *inputs: Shape) -> int:
        channels, rows, columns = inputs[0]
        return channels * self.maps * self.kernel**2 * rows * columns

    def layer(self, *inputs: Shape) -> Layer:
        options = {"kernel_size": self.kernel, "stride": self.stride, "padding": self.padding, "bias": self.bias}
        options |= {"output_padding": self.extra} if self.extra else {}
        return Layer("nn.ConvTranspose2d", (inputs[0][0], self.maps), options)

    def told(self) -> str:
        return f"{self.maps}@{self.kernel}×{self.kernel} ×{self.stride}"


@kind("dense", "全結合", "Dense", group="numbers")
@dataclass(frozen=True, kw_only=True)
class Dense(Block):
    """Every unit is a weighted sum of all numbers before it."""

    units: Annotated[int, Ge(1), Le(65_536), Label("ユニット数", "Units")] = 64
    bias: Bias = True

    def shape(self, *inputs: Shape) -> Shape:
        need_list(inputs[0])
        return (self.units,)

    def parameters(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.units + self.bias * self.units

    def multiply_adds(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.units

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Linear", (inputs[0][0], self.units), {} if self.bias else {"bias": False})

    def told(self) -> str:
        return str(self.units)
