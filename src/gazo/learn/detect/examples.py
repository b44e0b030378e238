"""Images with true and found boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Panels
from gazo.learn.detect.cases import Cases, to_square
from gazo.stats.detections import Found, matched

Rows = NDArray[np.integer[Any]]


def panels_of(cases: Cases, rows: Rows, found: Sequence[Found], threshold: float, title: Text) -> Panels:
    """One panel an image: true boxes, and what was found with at least the threshold as score."""
    images, captions, frames = [], [], []
    for row, one in zip(rows, found, strict=True):
        planes = cases.pixels.read([int(row)])[0].numpy()
        grey = planes[0] if len(planes) == 1 else np.moveaxis(planes, 0, -1)
        sure = one.scores >= threshold
        images.append(np.rint(grey * 255).astype(np.uint8))
        frames.append(
            np.concatenate([_framed(cases, int(row), cases.truth[int(row)], 0), _framed(cases, int(row), one.boxes[sure], 1)])
        )
        captions.append(_caption(int(row), one.scores[sure]))
    return Panels(title, tuple(images), tuple(captions), boxes=tuple(frames))


def telling_examples(
    cases: Cases, rows: Rows, found: Sequence[Found], threshold: float, spec: Any, *, each: int = 6
) -> tuple[Panels, ...]:
    """Images in which lesions were found, and those with a lesion missed or a false finding, the surest faults first."""
    right, wrong = [], []
    for place, (row, one) in enumerate(zip(rows, found, strict=True)):
        truth = cases.truth[int(row)]
        shown = Found(one.boxes[one.scores >= threshold], one.scores[one.scores >= threshold])
        judged = matched([shown], [truth], np.zeros(1, np.int64), spec.hit, spec.limit)
        missed = bool(np.isinf(judged.lesion_scores).any())
        if missed or len(judged.false_scores):
            wrong.append((-1.0 if missed else -float(judged.false_scores.max()), place))
        elif len(truth):
            right.append((-float(judged.lesion_scores.max()), place))
    kinds = (
        (right, Text("検出された病変", "Lesions found")),
        (wrong, Text("見落としと偽陽性", "Missed lesions and false positives")),
    )
    chosen = [([place for _, place in sorted(kind)[:each]], title) for kind, title in kinds]
    return tuple(panels_of(cases, rows[p], [found[i] for i in p], threshold, title) for p, title in chosen if p)


def _framed(cases: Cases, row: int, boxes: NDArray[np.float64], kind: int) -> NDArray[np.float64]:
    corners = to_square(boxes, cases.shapes[row], cases.size_px, cases.fit)
    return np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2], np.full(len(boxes), float(kind))])


def _caption(row: int, scores: NDArray[np.float64]) -> Text:
    listed = ", ".join(f"{score:.2f}" for score in scores[:4]) or "–"
    return Text(f"行 {row}: スコア {listed}", f"row {row}: scores {listed}")
