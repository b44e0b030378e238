"""Blocks with several inputs."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.language import Text
from gazo.nets.design.kinds import MANY, Block, Layer, kind
from gazo.nets.design.shapes import Misfit, Shape, shape_text


def _listed(inputs: tuple[Shape, ...]) -> str:
    return ", ".join(map(shape_text, inputs))


@kind("add", "加算", "Add", group="joining", inputs=(2, MANY))
@dataclass(frozen=True, kw_only=True)
class Add(Block):
    """The sum of inputs of one shape."""

    def shape(self, *inputs: Shape) -> Shape:
        if len(set(inputs)) > 1:
            raise Misfit(
                Text(
                    f"足し合わせる入力は同じ形でなければなりませんが、{_listed(inputs)} が来ています。1 × 1 畳み込みでマップ数を、ストライドで大きさをそろえてください",
                    f"adds inputs of one shape, but {_listed(inputs)} come. Make the maps equal with a 1 × 1 convolution, the sides with its stride",
                )
            )
        return inputs[0]

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("add")


@kind("multiply", "乗算", "Multiply", group="joining", inputs=(2, MANY))
@dataclass(frozen=True, kw_only=True)
class Multiply(Block):
    """The product of inputs; an input of side 1 or of one channel acts on the whole of the others (attention)."""

    def shape(self, *inputs: Shape) -> Shape:
        sides = list(zip(*inputs, strict=True)) if len({len(shape) for shape in inputs}) == 1 else []
        if not sides or any(len(set(side) - {1}) > 1 for side in sides):
            raise Misfit(
                Text(
                    f"掛け合わせる入力は同じ形か、片方の辺が 1 でなければなりませんが、{_listed(inputs)} が来ています",
                    f"multiplies inputs of one shape, or with a side of 1, but {_listed(inputs)} come",
                )
            )
        return tuple(max(side) for side in sides)

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("multiply")


@kind("concatenate", "連結", "Concatenate", group="joining", inputs=(2, MANY))
@dataclass(frozen=True, kw_only=True)
class Concatenate(Block):
    """The channels (or numbers) of all inputs one after the other."""

    def shape(self, *inputs: Shape) -> Shape:
        if len({shape[1:] for shape in inputs}) > 1 or len({len(shape) for shape in inputs}) > 1:
            raise Misfit(
                Text(
                    f"連結する画像は行数と列数が同じでなければなりませんが、{_listed(inputs)} が来ています。入力画像の一辺を縮小の回数だけ 2 で割り切れる値にするか、切り取ってそろえてください",
                    f"concatenates images of the same rows and columns, but {_listed(inputs)} come. Let the side of the input image be divisible by 2 as often as it is halved, or crop",
                )
            )
        return (sum(shape[0] for shape in inputs), *inputs[0][1:])

    def layer(self, *inputs: Shape) -> Layer:
        return Layer("concatenate")
