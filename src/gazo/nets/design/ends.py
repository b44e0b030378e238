"""Where a network begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.nets.design.kinds import Block, kind
from gazo.nets.design.shapes import Cure, Misfit, Shape, need_list, shape_text


@kind("input", "入力画像", "Input image", group="ends", inputs=(0, 0))
@dataclass(frozen=True, kw_only=True)
class ImageInput(Block):
    """The image that comes in."""

    channels: Annotated[int, Ge(1), Le(64), Label("チャンネル数", "Channels")] = 1
    rows: Annotated[int, Ge(1), Le(4096), Label("行数", "Rows", "px")] = 96
    columns: Annotated[int, Ge(1), Le(4096), Label("列数", "Columns", "px")] = 96

    def shape(self, *inputs: Shape) -> Shape:
        return (self.channels, self.rows, self.columns)


@kind("vector-input", "入力ベクトル", "Input vector", group="ends", inputs=(0, 0))
@dataclass(frozen=True, kw_only=True)
class VectorInput(Block):
    """Numbers that come in, such as the random numbers of a generator."""

    numbers: Annotated[int, Ge(1), Le(65_536), Label("数値の個数", "Numbers")] = 100

    def shape(self, *inputs: Shape) -> Shape:
        return (self.numbers,)


@kind("output", "出力", "Output", group="ends")
@dataclass(frozen=True, kw_only=True)
class Output(Block):
    """What the network says: a number for each class (before softmax), an image, or any list of numbers."""

    purpose: Annotated[Literal["classes", "image", "vector"], Label("出力の種類", "What comes out")] = "classes"
    count: Annotated[
        int, Ge(1), Le(65_536), Label("クラス数 (画像: チャンネル数、ベクトル: 個数)", "Classes (channels of an image, numbers)")
    ] = 2

    def shape(self, *inputs: Shape) -> Shape:
        (came,) = inputs
        if self.purpose == "image":
            if len(came) != 3 or came[0] != self.count:
                raise Misfit(
                    Text(
                        f"{self.count} チャンネルの画像を出力する設定ですが、{shape_text(came)} が来ています。直前の層のマップ数かこの設定を合わせてください",
                        f"is to give an image of {self.count} channels, but {shape_text(came)} comes. Make the maps of the layer before it fit, or this option",
                    ),
                    Cure(Text(f"{came[0]} チャンネルにする", f"Set it to {came[0]} channels"), options={"count": came[0]})
                    if len(came) == 3
                    else None,
                )
            return came
        need_list(came)
        if came[0] != self.count:
            what = Text("クラス数", "classes") if self.purpose == "classes" else Text("個数", "numbers")
            raise Misfit(
                Text(
                    f"{what.ja} {self.count} に対して {came[0]} 個の値が来ています。直前の全結合層のユニット数を {self.count} にしてください",
                    f"expects {self.count} {what.en}, but {came[0]} values come. Set the units of the last dense layer to {self.count}",
                )
            )
        return came

    def told(self) -> str:
        return str(self.count)
