"""From a label column to class numbers, and from probabilities to a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet


def class_names(images: ImageSet, positive: str = "") -> tuple[str, ...]:
    """The classes of the label column in order; the positive one last. At least two must be there."""
    names = sorted({_name(label) for label in images.role("label")})
    if len(names) < 2:
        raise DataError(
            "G-LEARN-004",
            en=f"classification needs at least two classes; the label column holds only {names}. Choose another --label or more images.",
            ja=f"分類には 2 つ以上のクラスが必要ですが、ラベル列には {names} しかありません。別の --label を指定するか、画像を増やしてください。",
        )
    if positive and positive not in names:
        raise DataError(
            "G-LEARN-005",
            en=f"the positive class '{positive}' is not among the labels: {', '.join(names)}. Name one of them.",
            ja=f"陽性クラス「{positive}」はラベルにありません。ラベル: {', '.join(names)}。いずれかを指定してください。",
        )
    return tuple(sorted(names, key=lambda name: name == positive))


def class_numbers(images: ImageSet, classes: Sequence[str]) -> NDArray[np.int64]:
    """The label of each row as a number into `classes`."""
    number = {name: i for i, name in enumerate(classes)}
    unknown = sorted({_name(label) for label in images.role("label")} - set(number))
    if unknown:
        raise DataError(
            "G-LEARN-006",
            en=f"the labels {', '.join(unknown)} were not among the classes learned ({', '.join(classes)}). Leave those images out.",
            ja=f"ラベル {', '.join(unknown)} は学習したクラス ({', '.join(classes)}) にありません。それらの画像を除いてください。",
        )
    return np.array([number[_name(label)] for label in images.role("label")], np.int64)


def _name(label: Any) -> str:
    """A label as text; a whole number has no decimals."""
    return str(int(label)) if isinstance(label, float | np.floating) and float(label).is_integer() else str(label)
