"""The precision-recall curve with a band and the average precision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, result
from gazo.stats.auc import class_pattern
from gazo.stats.bootstrap import resamples
from gazo.stats.inputs import Bools, Floats, Ints, binary, both_classes, groups_of, numbers, same_length, within


@result("precision_recall_curve")
@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision (positive predictive value) against recall (sensitivity), with a pointwise band of the precision on `grid`.

    The curve is a staircase: at a recall between two points the precision of the next point holds. `prevalence` is the level of chance.
    """

    recall: Floats
    precision: Floats
    thresholds: Floats
    grid: Floats
    low: Floats
    high: Floats
    average_precision: Estimate
    prevalence: float
    level: float = 0.95
    title: Text = Text("", "")

    def curve(self) -> Curve:
        """The precision on the even grid of recall with its band."""
        return Curve(
            self.grid,
            _staircase(self.grid, self.recall, self.precision),
            Text("再現率 (感度)", "Recall (sensitivity)"),
            Text("適合率 (陽性的中率)", "Precision (positive predictive value)"),
            self.title,
            low=self.low,
            high=self.high,
            level=self.level,
        )


@feature("適合率-再現率曲線", "Precision-recall curve")
def precision_recall_curve(
    truth: ArrayLike,
    scores: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
    title: Text = Text("", ""),
) -> PrecisionRecallCurve:
    """Precision and recall at every distinct score from the highest down, and the average precision.

    AP = sum (R_k - R_(k-1)) P_k, without interpolation (trapezoids would flatter: Davis & Goadrich 2006). Band and interval: percentile
    bootstrap over patients, those with positive, with negative and with both kinds of rows drawn apart.
    """
    within("level", level, 0, 1)
    positive, values = binary(truth), numbers(scores)
    groups = groups_of(patients, len(positive))
    same_length(truth=positive, scores=values, patients=groups)
    both_classes(positive)
    order = np.argsort(-values, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))
    recall, precision = _points(positive[order], np.ones(len(order)), ends)
    grid = np.linspace(0, 1, 101)
    areas, curves = [], []
    for rows in resamples(groups, repeats=repeats, seed=seed, strata=class_pattern(positive, groups)):
        weights = np.bincount(rows, minlength=len(order))[order].astype(np.float64)
        points = _points(positive[order], weights, ends)
        areas.append(_average(*points))
        curves.append(_staircase(grid, *points))
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(np.stack(curves), tails, axis=0)
    area_low, area_high = np.quantile(areas, tails)
    how = f"bootstrap by patient, {repeats} resamples, percentile"
    name = Text("平均適合率 (AP)", "Average precision (AP)")
    area = Estimate(name, _average(recall, precision), float(area_low), float(area_high), level, how)
    share = float(positive.mean())
    return PrecisionRecallCurve(recall, precision, values[order][ends], grid, low, high, area, share, level, title)


def _points(truth: Bools, weights: Floats, ends: Ints) -> tuple[Floats, Floats]:
    """Recall and precision at the last row of each threshold from which on anything is called positive."""
    true, called = np.cumsum(weights * truth)[ends], np.cumsum(weights)[ends]
    some = called > 0
    return true[some] / true[-1], true[some] / called[some]


def _average(recall: Floats, precision: Floats) -> float:
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _staircase(grid: Floats, recall: Floats, precision: Floats) -> Floats:
    """The precision at the first point that reaches each recall."""
    steps: Floats = precision[np.minimum(np.searchsorted(recall, grid - 1e-12), len(recall) - 1)]
    return steps
