"""Single values of an image, and numbers as JSON takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.web.pixels import plane_of, spacing_of


def plain_number(value: float | int | None) -> float | int | None:
    """A number, None for what is no number."""
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def value_at(image: Image, row: int, column: int, plane: int, axis: int) -> dict[str, Any]:
    """The value of a pixel (three of a colour pixel), its unit, and the place of its centre from the first pixel's in mm."""
    pixels = plane_of(image, plane, axis)
    if not (0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]):
        raise OptionError(
            "G-VIW-022",
            en=f"the plane has {pixels.shape[0]} rows and {pixels.shape[1]} columns, from 0; row {row}, column {column} was asked for. Point inside it.",
            ja=f"この断面は {pixels.shape[0]} 行 × {pixels.shape[1]} 列 (0 から数える) です。行 {row}、列 {column} はありません。画像の内側を指してください。",
        )
    found = pixels[row, column]
    spacing = spacing_of(image, axis)
    return {
        "value": [plain_number(v.item()) for v in found] if image.colour else plain_number(found.item()),
        "unit": image.unit,
        "mm": None if spacing is None else [column * spacing[1], row * spacing[0]],
    }


def need_inside(points: Sequence[Sequence[float]], shape: Sequence[int]) -> None:
    """Refuse a line of which a point lies far outside the image, where it would only sample the border."""
    reach = 4 * max(shape[:2])
    if any(abs(number) > reach for point in points for number in point):
        raise OptionError(
            "G-VIW-023",
            en=f"the line leaves the image of {shape[1]} x {shape[0]} pixels too far. Draw it inside the image.",
            ja=f"線が画像 ({shape[1]} × {shape[0]} 画素) から大きくはみ出しています。画像の内側に描いてください。",
        )
