"""What a detector found in a set of images, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.detections import Found

BOX_HEADINGS = (Text("x", "x"), Text("y", "y"), Text("幅", "width"), Text("高さ", "height"))


def findings_table(
    images: ImageSet,
    rows: NDArray[np.integer[Any]],
    found: Sequence[Found],
    *,
    threshold: float,
    passed_over: Sequence[int],
) -> Table:
    """A row a finding: the file (or row), the box in pixels of the image, its score, and whether it is above the threshold.

    Parameters
    ----------
    rows, found : the images that were judged, and what was found in each.
    passed_over : rows that could not be read.
    """
    names = images.role("image").tolist()
    first = Text("ファイル", "file") if all(isinstance(name, str) for name in names) else Text("行", "row")
    headings = (first, *BOX_HEADINGS, Text("スコア", "score"), Text("閾値以上", "above the threshold"))
    listed = tuple(
        (names[row], *map(float, box), float(score), bool(score >= threshold))
        for row, one in zip(rows, found, strict=True)
        for box, score in zip(one.boxes, one.scores, strict=True)
    )
    return Table(Text("検出結果", "Findings"), headings, listed, notes=_notes(threshold, [names[r] for r in passed_over]))


def _notes(threshold: float, passed_over: Sequence[Any]) -> tuple[Text, ...]:
    """The threshold, and the images that could not be read: what a reader of the table must know."""
    cut = f"{threshold:.3f}"
    notes = [
        Text(
            f"閾値 (検証データで画像あたりの偽陽性 1): {cut}",
            f"Threshold (one false positive an image on the validation part): {cut}",
        )
    ]
    if passed_over:
        listed = ", ".join(map(str, passed_over))
        notes.append(Text(f"読めないため除いた画像: {listed}", f"Images passed over because they could not be read: {listed}"))
    return tuple(notes)
