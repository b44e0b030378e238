"""Average precision of boxes: AP at an overlap, AP50 and the mean over overlaps from 0.5 to 0.95, with intervals by patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, result
from gazo.stats.detections import Found, Matched, checked_inputs, matched, patient_weights
from gazo.stats.inputs import Floats, Ints, one_of

Way = Literal["coco", "all-point"]
LIMITS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))  # COCO
RECALLS = np.linspace(0, 1, 101)


@result("detection_precision")
@dataclass(frozen=True, eq=False)
class DetectionPrecision:
    """Average precision of boxes: `ap` at the first limit, `mean` over all `limits`, `by_limit` at each of them.

    `recall` and `precision` are the points of the curve at the first limit, from the highest score down.
    """

    recall: Floats
    precision: Floats
    thresholds: Floats
    limits: tuple[float, ...]
    ap: Estimate
    mean: Estimate
    by_limit: tuple[Estimate, ...]
    lesions: int
    images: int
    title: Text = Text("", "")

    def curve(self) -> Curve:
        """Precision against recall at the first limit."""
        names = (
            Text("再現率 (感度)", "Recall (sensitivity)"),
            Text("適合率 (陽性的中率)", "Precision (positive predictive value)"),
        )
        return Curve(self.recall, self.precision, *names, self.title)


@feature("検出の平均適合率 (AP)", "Average precision of boxes", booklet=("D1", "D2", "D3"))
def average_precision(
    found: Sequence[Found],
    truth: Sequence[ArrayLike],
    *,
    limits: Sequence[float] = LIMITS,
    way: Way = "coco",
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
    title: Text = Text("", ""),
) -> DetectionPrecision:
    """AP at each overlap of `limits` (the first is AP50) and their mean (AP50:95), with percentile intervals by patient.

    From the surest finding on, each takes the free lesion of its image that it overlaps most, if by at least the limit. "coco": the mean
    of the highest precision at or beyond 101 recalls (Lin et al. 2014); "all-point": the area below that staircase
    (VOC 2010, Everingham et al. 2010). Findings of one score are taken together. No limit to the number of findings an image.

    Parameters
    ----------
    found, truth, patients : one entry an image, as in `froc_curve`.
    """
    one_of("way", way, ("coco", "all-point"))
    values, draws, first = [], [], None
    for limit in limits:
        groups = checked_inputs(found, truth, patients, rule="iou", limit=limit, level=level)
        matches = matched(found, truth, groups, "iou", limit)
        first = first or matches
        weights = patient_weights(matches, repeats=repeats, seed=seed)
        values.append(float(_precisions(matches, np.ones((1, matches.patients)), way)[0]))
        draws.append(_precisions(matches, weights, way))
    assert first is not None
    how = f"bootstrap by patient, {repeats} resamples, percentile"

    def estimate(name: str, value: float, drawn: Floats) -> Estimate:
        low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
        return Estimate(Text(name, name), float(value), float(low), float(high), level, how)

    by_limit = tuple(estimate(f"AP{100 * t:g}", v, d) for t, v, d in zip(limits, values, draws, strict=True))
    span = f"AP{100 * limits[0]:g}:{100 * limits[-1]:g}" if len(limits) > 1 else by_limit[0].name.en
    mean = estimate(span, float(np.mean(values)), np.mean(draws, axis=0))
    lesions = len(first.lesion_scores)
    return DetectionPrecision(*_points(first), tuple(limits), by_limit[0], mean, by_limit, lesions, len(found), title)


def _ranked(matches: Matched) -> tuple[Floats, Any, Ints]:
    """All findings from the surest down: scores, whether each hit, patients."""
    hits = np.isfinite(matches.lesion_scores)
    scores = np.concatenate([matches.lesion_scores[hits], matches.false_scores])
    true = np.arange(len(scores)) < hits.sum()
    patients = np.concatenate([matches.lesion_patients[hits], matches.false_patients])
    order = np.argsort(-scores, kind="stable")
    return scores[order], true[order], patients[order]


def _ends(scores: Floats) -> Ints:
    """The last finding of each score."""
    return np.flatnonzero(np.append(np.diff(scores) != 0, True)) if len(scores) else np.zeros(0, np.int64)


def _points(matches: Matched) -> tuple[Floats, Floats, Floats]:
    scores, true, _ = _ranked(matches)
    ends = _ends(scores)
    hits = np.cumsum(true)[ends]
    return hits / len(matches.lesion_scores), hits / (ends + 1), scores[ends]


def _counted(patients: Ints, steps: Ints, size: int, weights: Floats) -> Floats:
    """(resamples, steps): the weighted number of findings up to each step, from the step and the patient of each finding."""
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(steps)), (steps, patients)), shape=(size, weights.shape[1]))
    return np.asarray(np.cumsum(table @ weights.T, axis=0).T)


def _precisions(matches: Matched, weights: Floats, way: Way) -> Floats:
    """(resamples,): the average precision with each patient counted as often as it was drawn.

    Only scores at which something hit can hold the highest precision from a recall on, so findings are counted between those.
    """
    scores, true, patients = _ranked(matches)
    if not true.any():
        return np.zeros(len(weights))
    ends = _ends(scores)
    ends = ends[np.diff(np.cumsum(true)[ends], prepend=0) > 0]
    steps = np.searchsorted(ends, np.arange(ends[-1] + 1), side="left")
    kept, hit = slice(0, ends[-1] + 1), true[: ends[-1] + 1]
    called = _counted(patients[kept], steps, len(ends), weights)
    hits = _counted(patients[kept][hit], steps[hit], len(ends), weights)
    total = weights @ np.bincount(matches.lesion_patients, minlength=matches.patients)
    recall = hits / total[:, None]
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    if way == "all-point":
        return np.asarray((np.diff(recall, axis=1, prepend=0.0) * best).sum(1))
    padded = np.pad(best, ((0, 0), (0, 1)))
    places = [np.searchsorted(own, RECALLS - 1e-12, side="left") for own in recall]
    return np.array([own[place].mean() for own, place in zip(padded, places, strict=True)])
