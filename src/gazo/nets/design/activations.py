"""Activations, normalisations and dropout: the shape stays."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Annotated

from gazo.core.language import Text
from gazo.core.parameters import Ge, Gt, Label, Le, Lt
from gazo.nets.design.kinds import Block, Layer, kind
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_image, size

ACTIVATIONS = ("relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh", "scaled-tanh", "softmax")


@kind("relu", "ReLU", "ReLU", group="activation")
@dataclass(frozen=True, kw_only=True)
class Relu(Block):
    """max(0, x)."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.ReLU")


@kind("leaky-relu", "Leaky ReLU", "Leaky ReLU", group="activation")
@dataclass(frozen=True, kw_only=True)
class LeakyRelu(Block):
    """x above zero, a small part of it below."""

    slope: Annotated[float, Ge(0), Le(1), Label("負の側の傾き", "Slope below zero")] = 0.01

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.LeakyReLU", (self.slope,))

    def told(self) -> str:
        return f"{self.slope:g}"


@kind("elu", "ELU", "ELU", group="activation")
@dataclass(frozen=True, kw_only=True)
class Elu(Block):
    """x above zero, alpha (exp(x) - 1) below."""

    alpha: Annotated[float, Gt(0), Le(10), Label("負の側の下限", "Depth below zero")] = 1.0

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.ELU", (self.alpha,))


@kind("gelu", "GELU", "GELU", group="activation")
@dataclass(frozen=True, kw_only=True)
class Gelu(Block):
    """x times the normal distribution function of x."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.GELU")


@kind("sigmoid", "シグモイド", "Sigmoid", group="activation")
@dataclass(frozen=True, kw_only=True)
class Sigmoid(Block):
    """1 / (1 + exp(-x)): between 0 and 1."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Sigmoid")


@kind("tanh", "tanh", "tanh", group="activation")
@dataclass(frozen=True, kw_only=True)
class Tanh(Block):
    """Between -1 and 1."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Tanh")


@kind("scaled-tanh", "tanh (LeNet)", "tanh (LeNet)", group="activation")
@dataclass(frozen=True, kw_only=True)
class ScaledTanh(Block):
    """1.7159 tanh(2 x / 3), as in LeNet-5 (LeCun et al. 1998, eq. 6)."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("ScaledTanh")


@kind("softmax", "ソフトマックス", "Softmax", group="activation")
@dataclass(frozen=True, kw_only=True)
class Softmax(Block):
    """Positive numbers with sum 1, over the channels or the list."""

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Softmax", (), {"dim": 1})


@kind("batch-norm", "バッチ正規化", "Batch normalisation", group="normalisation")
@dataclass(frozen=True, kw_only=True)
class BatchNorm(Block):
    """Each map to mean 0 and variance 1 over the batch, then scaled and shifted (Ioffe & Szegedy 2015)."""

    def parameters(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.BatchNorm2d" if len(inputs[0]) == 3 else "nn.BatchNorm1d", (inputs[0][0],))


@kind("layer-norm", "レイヤー正規化", "Layer normalisation", group="normalisation")
@dataclass(frozen=True, kw_only=True)
class LayerNorm(Block):
    """All numbers of one image to mean 0 and variance 1, each then scaled and shifted (Ba et al. 2016)."""

    def parameters(self, *inputs: Shape) -> int:
        return 2 * size(inputs[0])

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.LayerNorm", (inputs[0] if len(inputs[0]) > 1 else inputs[0][0],))


@kind("instance-norm", "インスタンス正規化", "Instance normalisation", group="normalisation")
@dataclass(frozen=True, kw_only=True)
class InstanceNorm(Block):
    """Each map of each image to mean 0 and variance 1, then scaled and shifted (Ulyanov et al. 2016)."""

    def shape(self, *inputs: Shape) -> Shape:
        need_image(inputs[0])
        if inputs[0][1] * inputs[0][2] < 2:
            raise Misfit(
                Text(
                    "1 × 1 の画像では値が 1 つしかなく正規化できません。レイヤー正規化に替えるか、もっと前に置いてください",
                    "an image of 1 × 1 has a single value that cannot be normalised. Use layer normalisation, or place it earlier",
                )
            )
        return inputs[0]

    def parameters(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.InstanceNorm2d", (inputs[0][0],), {"affine": True})


@kind("group-norm", "グループ正規化", "Group normalisation", group="normalisation")
@dataclass(frozen=True, kw_only=True)
class GroupNorm(Block):
    """Groups of maps of one image to mean 0 and variance 1, then scaled and shifted (Wu & He 2018); works with small batches."""

    groups: Annotated[int, Ge(1), Le(1024), Label("グループ数", "Groups")] = 8

    def shape(self, *inputs: Shape) -> Shape:
        channels = inputs[0][0]
        if channels % self.groups:
            fits = gcd(channels, self.groups)
            raise Misfit(
                Text(
                    f"グループ数 {self.groups} はチャンネル数 {channels} を割り切る必要があります",
                    f"its {self.groups} groups must divide the {channels} channels that come",
                ),
                Cure(Text(f"グループ数を {fits} にする", f"Set the groups to {fits}"), options={"groups": fits}),
            )
        return inputs[0]

    def parameters(self, *inputs: Shape) -> int:
        return 2 * inputs[0][0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.GroupNorm", (self.groups, inputs[0][0]))

    def told(self) -> str:
        return str(self.groups)


@kind("dropout", "ドロップアウト", "Dropout", group="numbers")
@dataclass(frozen=True, kw_only=True)
class Dropout(Block):
    """While training, a random part of the numbers is set to 0 (Srivastava et al. 2014)."""

    rate: Annotated[float, Ge(0), Lt(1), Label("0 にする割合", "Part set to 0")] = 0.5
    whole_maps: Annotated[bool, Label("マップ単位で消す", "Drop whole maps")] = False

    def shape(self, *inputs: Shape) -> Shape:
        if self.whole_maps:
            need_image(inputs[0])
        return inputs[0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("nn.Dropout2d" if self.whole_maps else "nn.Dropout", (self.rate,))

    def told(self) -> str:
        return f"{self.rate:g}"
