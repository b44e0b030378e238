"""Shapes without the batch, (channels, rows, columns) or (numbers,), and what a block says when a shape does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from gazo.core.language import Text

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Cure:
    """What a button could do about it: set options of the block, or put another block before it."""

    label: Text
    options: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[str, Mapping[str, Any]] | None = None


class Misfit(Exception):
    """Raised by a shape rule: what must hold and what came, without the name of the block. `small`: the image is too small."""

    def __init__(self, text: Text, cure: Cure | None = None, *, small: bool = False) -> None:
        super().__init__(text.en)
        self.text, self.cure, self.small = text, cure, small


def shape_text(shape: Shape) -> str:
    """ "16 × 24 × 24", or "120" for a list of numbers."""
    return " × ".join(map(str, shape))


def size(shape: Shape) -> int:
    """How many numbers an array of this shape holds."""
    return prod(shape)


def need_image(shape: Shape) -> None:
    """Refuse a list of numbers where an image is needed."""
    if len(shape) != 3:
        raise Misfit(
            Text(
                f"画像 (チャンネル × 行 × 列) が必要ですが、{shape[0]} 個の数値の並びが来ています。前に「形の変更」を入れてください",
                f"needs an image (channels × rows × columns), but a list of {shape[0]} numbers comes. Put a reshape block before it",
            ),
            Cure(Text("「形の変更」を前に入れる", "Put a reshape before it"), before=("reshape", {"channels": shape[0]})),
        )


def need_list(shape: Shape) -> None:
    """Refuse an image where a list of numbers is needed."""
    if len(shape) != 1:
        raise Misfit(
            Text(
                f"数値の並びが必要ですが、画像 {shape_text(shape)} が来ています。前に「平坦化」を入れてください",
                f"needs a list of numbers, but an image {shape_text(shape)} comes. Put a flatten block before it",
            ),
            Cure(Text("「平坦化」を前に入れる", "Put a flatten before it"), before=("flatten", {})),
        )


def slid(side: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Places of a window that slides over a side."""
    return (side + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def window_over(shape: Shape, channels: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Shape:
    """The image a sliding window makes; refused where the window is larger than the padded image."""
    sides = [slid(side, kernel, stride, padding, dilation) for side in shape[1:]]
    if min(sides) < 1:
        span, room = dilation * (kernel - 1) + 1, min(shape[1:]) + 2 * padding
        fits = max(1, (room - 1) // dilation + 1)
        raise Misfit(
            Text(
                f"窓 ({span} × {span}) が余白を含めた入力 ({shape[1] + 2 * padding} × {shape[2] + 2 * padding}) より大きくなっています。"
                "窓を小さくするか、前の縮小を減らすか、入力画像を大きくしてください",
                f"its window ({span} × {span}) is larger than the padded input ({shape[1] + 2 * padding} × {shape[2] + 2 * padding}). "
                "Make the window smaller, shrink less before it, or take a larger input image",
            ),
            Cure(Text(f"窓を {fits} × {fits} にする", f"Make the window {fits} × {fits}"), options={"kernel": fits}),
            small=True,
        )
    return (channels, *sides)
