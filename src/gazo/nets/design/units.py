"""Blocks of several layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.language import Text
from gazo.core.parameters import Choices, Ge, Label, Le, Lt
from gazo.nets.design.kinds import Block, Layer, kind
from gazo.nets.design.layers import Convolution, Maps, Stride, window_told
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_image, need_list, shape_text, size
from gazo.nets.design.zoo_counts import zoo_multiply_adds, zoo_parameters
from gazo.nets.zoo import network, network_names

UnitNorm = Literal["batch", "instance", "group", "none"]
UnitActivation = Literal["relu", "leaky-relu", "elu", "gelu", "tanh"]


@kind("convolution-unit", "畳み込みユニット", "Convolution unit", group="unit")
@dataclass(frozen=True, kw_only=True)
class ConvolutionUnit(Block):
    """Convolution, normalisation and activation, several times; the size of the plane stays."""

    maps: Maps = 32
    kernel: Annotated[int, Ge(1), Le(31), Label("窓の一辺 (奇数)", "Side of the window (odd)", "px")] = 3
    repeats: Annotated[int, Ge(1), Le(64), Label("くり返し", "Times")] = 2
    normalisation: Annotated[UnitNorm, Label("正規化", "Normalisation")] = "batch"
    activation: Annotated[UnitActivation, Label("活性化関数", "Activation")] = "relu"

    def _convolutions(self, shape: Shape) -> list[tuple[Convolution, Shape]]:
        need_image(shape)
        one = Convolution(maps=self.maps, kernel=self.kernel, padding=self.kernel // 2, bias=self.normalisation == "none")
        return [(one, shape if number == 0 else (self.maps, *shape[1:])) for number in range(self.repeats)]

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        if self.kernel % 2 == 0:
            raise Misfit(
                Text(
                    f"窓の一辺は奇数でなければなりませんが、{self.kernel} です",
                    f"needs an odd side of its window; it is {self.kernel}",
                ),
                Cure(Text(f"{self.kernel + 1} にする", f"Make it {self.kernel + 1}"), options={"kernel": self.kernel + 1}),
            )
        if self.normalisation == "instance" and inputs[0][1] * inputs[0][2] < 2:
            raise Misfit(
                Text("1 × 1 の画像はインスタンス正規化できません", "an image of 1 × 1 cannot be normalised by instance"),
                Cure(Text("バッチ正規化にする", "Take batch normalisation"), options={"normalisation": "batch"}),
            )
        return (self.maps, *inputs[0][1:])

    def parameters(self, *inputs: Shape) -> int:
        norm = 0 if self.normalisation == "none" else 2 * self.maps
        return sum(convolution.parameters(came) + norm for convolution, came in self._convolutions(inputs[0]))

    def multiply_adds(self, *inputs: Shape) -> int:
        return sum(convolution.multiply_adds(came) for convolution, came in self._convolutions(inputs[0]))

    def activations(self, *inputs: Shape) -> int:
        steps = self.repeats * (2 if self.normalisation == "none" else 3) - 1
        return steps * size((self.maps, *inputs[0][1:]))

    def layer(self, *inputs: Shape) -> Layer:
        options = {"kernel": self.kernel, "repeats": self.repeats, "normalisation": self.normalisation}
        return Layer("ConvolutionUnit", (inputs[0][0], self.maps), {**options, "activation": self.activation})

    def told(self) -> str:
        return f"{self.maps}@{window_told(self.kernel, 1)}" + (f" ×{self.repeats}" if self.repeats > 1 else "")


@kind("residual", "残差ブロック", "Residual block", group="unit")
@dataclass(frozen=True, kw_only=True)
class Residual(Block):
    """Two 3x3 convolutions (or 1x1, 3x3, 1x1) with a way around them (He et al. 2016)."""

    maps: Annotated[int, Ge(4), Le(8192), Label("特徴マップ数", "Feature maps")] = 64
    stride: Stride = 1
    bottleneck: Annotated[bool, Label("1×1 で絞る形にする", "Bottleneck of 1×1")] = False

    def _convolutions(self, shape: Shape) -> list[tuple[Convolution, Shape]]:
        need_image(shape)
        channels, middle = shape[0], self.maps // 4 if self.bottleneck else self.maps
        rows, columns = (-(-side // self.stride) for side in shape[1:])
        narrow = Convolution(maps=middle, kernel=1, padding=0, bias=False)
        step = Convolution(maps=middle, kernel=3, stride=self.stride, bias=False)
        last = Convolution(maps=self.maps, kernel=1 if self.bottleneck else 3, padding=0 if self.bottleneck else 1, bias=False)
        found = [(narrow, shape), (step, (middle, *shape[1:]))] if self.bottleneck else [(step, shape)]
        found.append((last, (middle, rows, columns)))
        if self.stride > 1 or channels != self.maps:
            found.append((Convolution(maps=self.maps, kernel=1, padding=0, stride=self.stride, bias=False), shape))
        return found

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        return (self.maps, *(-(-side // self.stride) for side in inputs[0][1:]))

    def parameters(self, *inputs: Shape) -> int:
        return sum(one.parameters(came) + 2 * one.maps for one, came in self._convolutions(inputs[0]))

    def multiply_adds(self, *inputs: Shape) -> int:
        return sum(one.multiply_adds(came) for one, came in self._convolutions(inputs[0]))

    def activations(self, *inputs: Shape) -> int:
        return sum(2 * size(one.shape(came)) for one, came in self._convolutions(inputs[0]))

    def layer(self, *inputs: Shape) -> Layer:
        options = {"stride": self.stride, "bottleneck": self.bottleneck}
        return Layer("ResidualBlock", (inputs[0][0], self.maps), options)

    def told(self) -> str:
        return f"{self.maps}" + (f" /{self.stride}" if self.stride > 1 else "")


@kind("squeeze-excitation", "チャンネル注意 (SE)", "Squeeze and excitation", group="unit")
@dataclass(frozen=True, kw_only=True)
class SqueezeExcitation(Block):
    """Maps weighted by what two dense layers make of their means (Hu et al. 2018)."""

    reduction: Annotated[int, Ge(1), Le(256), Label("圧縮率", "Reduction")] = 16

    def _middle(self, shape: Shape) -> int:
        need_image(shape)
        return max(1, shape[0] // self.reduction)

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        return inputs[0]

    def parameters(self, *inputs: Shape) -> int:
        channels, middle = inputs[0][0], self._middle(inputs[0])
        return 2 * channels * middle + channels + middle

    def multiply_adds(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0] * self._middle(inputs[0])

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("SqueezeExcitation", (inputs[0][0], self._middle(inputs[0])))

    def told(self) -> str:
        return f"/{self.reduction}"


@kind(
    "sampling",
    "潜在変数のサンプリング",
    "Latent sampling",
    group="unit",
    inputs=(2, 2),
    ports=(Text("平均", "Mean"), Text("対数分散", "Log variance")),
)
@dataclass(frozen=True, kw_only=True)
class Sampling(Block):
    """A random draw around the mean while training, the mean itself afterwards (variational autoencoder)."""

    def shape(self, *inputs: Shape) -> Shape:
        for came in inputs:
            need_list(came)
        if inputs[0] != inputs[1]:
            raise Misfit(
                Text(
                    f"平均と対数分散は同じ個数でなければなりませんが、{shape_text(inputs[0])} と {shape_text(inputs[1])} が来ています。2 つの全結合層のユニット数をそろえてください",
                    f"needs as many means as log variances, but {shape_text(inputs[0])} and {shape_text(inputs[1])} come. Give both dense layers the same units",
                )
            )
        return inputs[0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("Sampling")


@kind("network", "既存のネットワーク", "Known network", group="unit")
@dataclass(frozen=True, kw_only=True)
class KnownNetwork(Block):
    """A whole network by name, such as ResNet-50, as one block; a list of numbers leaves it."""

    network: Annotated[str, Choices(network_names), Label("ネットワーク", "Network")] = "resnet18"
    units: Annotated[int, Ge(1), Le(65_536), Label("出力の個数", "Numbers that leave it")] = 2
    drop: Annotated[float, Ge(0), Lt(1), Label("ドロップアウト率", "Dropout before the last layer")] = 0.0

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        known, (_, rows, columns) = network(self.network), inputs[0]
        if rows != columns:
            raise Misfit(
                Text(
                    f"{known.name} には正方形の画像が必要ですが、{rows} × {columns} が来ています",
                    f"{known.name} needs a square image, but {rows} × {columns} comes",
                )
            )
        if rows < known.min_size_px or rows % known.step_px:
            step = Text(f"、{known.step_px} の倍数" if known.step_px > 1 else "", f" and a multiple of {known.step_px}" if known.step_px > 1 else "")  # fmt: skip
            raise Misfit(
                Text(
                    f"{known.name} には一辺 {known.min_size_px} px 以上{step.ja}の画像が必要ですが、{rows} px が来ています。入力画像の大きさを変えてください",
                    f"{known.name} needs a side of at least {known.min_size_px} px{step.en}, but {rows} px come. Change the size of the input image",
                )
            )
        return (self.units,)

    def parameters(self, *inputs: Shape) -> int:
        return zoo_parameters(self.network, classes=self.units, channels=inputs[0][0], size_px=inputs[0][1])

    def multiply_adds(self, *inputs: Shape) -> int:
        return zoo_multiply_adds(self.network, size_px=inputs[0][1])

    def layer(self, *inputs: Shape) -> Layer:
        options = {"classes": self.units, "channels": inputs[0][0], "size_px": inputs[0][1], "drop": self.drop}
        return Layer("zoo", (self.network,), options)

    def told(self) -> str:
        return network(self.network).label.en
