"""The empirical ROC curve, its area with an interval, and the paired comparison of two areas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Curve, Estimate, result
from gazo.stats.bootstrap import resamples
from gazo.stats.delong import Interval, auc_covariance, auc_limits, placements, variance_name
from gazo.stats.inputs import Bools, Floats, Ints, binary, both_classes, groups_of, numbers, one_of, repeated, same_length, within
from gazo.stats.paired import PairedComparison
from gazo.stats.planning import hanley_mcneil_se
from gazo.stats.proportions import wilson_limits

AUC = Text("AUC", "AUC")


@result("roc_curve")
@dataclass(frozen=True, eq=False)
class RocCurve:
    """An empirical ROC curve: `tpr` against `fpr` at `thresholds` (a case is called positive at or above one).

    The first threshold is infinite (nobody positive). Points on a straight line between their neighbours are left out.
    `low` and `high` are the pointwise band of the sensitivity on `grid`, an even grid of false positive fractions.
    """

    fpr: Floats
    tpr: Floats
    thresholds: Floats
    grid: Floats
    low: Floats
    high: Floats
    auc: Estimate
    positives: int
    negatives: int
    level: float = 0.95
    title: Text = Text("", "")

    def curve(self) -> Curve:
        """The sensitivity on the even grid with its band."""
        return Curve(
            self.grid,
            np.interp(self.grid, self.fpr, self.tpr),
            Text("偽陽性率 (1 - 特異度)", "False positive fraction (1 - specificity)"),
            Text("真陽性率 (感度)", "True positive fraction (sensitivity)"),
            self.title,
            low=self.low,
            high=self.high,
            level=self.level,
        )


@feature("AUC と信頼区間", "AUC with its interval")
def auc(
    truth: ArrayLike,
    scores: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    interval: Interval = "logit",
    name: Text = AUC,
) -> Estimate:
    """Area under the empirical ROC curve: the chance that a positive case scores above a negative one, ties counted half.

    Variance of DeLong et al. 1988, or of Obuchowski 1997 when a patient has several rows. Midranks (Sun & Xu 2014), O(n log n).

    Parameters
    ----------
    truth : (n,) 0 or 1.
    scores : (n,) higher speaks for 1; the direction is never turned. Infinite scores are allowed, NaN is refused.
    patients : (n,) who each row belongs to; None takes every row as another patient.
    interval : "logit" (default; stays inside 0 ... 1) or "wald" (as pROC prints). At an area of 0 or 1, or with one case of a class,
        where neither exists, Newcombe's score interval (2006) is given and named in `method`.
    """
    one_of("interval", interval, ("logit", "wald"))
    positive, values, groups = _checked(truth, scores, patients, level)
    return _estimate(positive, placements(positive, values), groups, level, interval, name)


@feature("2 つの AUC の対応のある比較", "Paired comparison of two AUCs")
def compare_aucs(
    truth: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    names: tuple[Text, Text] = (Text("AUC (A)", "AUC (A)"), Text("AUC (B)", "AUC (B)")),
) -> PairedComparison:
    """Difference A - B of two areas on the same cases, z = difference / SE and p (DeLong et al. 1988; by patient: Obuchowski 1997).

    When both rank every case alike the difference is exactly 0 and p is 1. When DeLong's variance is 0 otherwise (both areas 0, 1 or
    without ranking), the two are taken as independent with Hanley & McNeil's variance, which is conservative; `method` says so.

    Parameters
    ----------
    truth, scores_a, scores_b : (n,) as in `auc`.
    """
    positive, a, groups = _checked(truth, scores_a, patients, level)
    b = _checked(truth, scores_b, patients, level)[1]
    placed = np.stack([placements(positive, a), placements(positive, b)])
    estimates = [_estimate(positive, p, groups, level, "logit", n) for p, n in zip(placed, names, strict=True)]
    contrast = np.array([1.0, -1.0])
    variance = float(contrast @ auc_covariance(positive, placed, groups) @ contrast)
    method = f"{variance_name(groups)}, paired"
    if variance < 1e-12 and not np.array_equal(placed[0], placed[1]):
        middle = (estimates[0].value + estimates[1].value) / 2
        variance = 2 * hanley_mcneil_se(middle, *_patients_of_each_class(positive, groups)) ** 2
        method = "Hanley & McNeil 1982, unpaired (conservative: the paired variance is 0)"
    return _compared(estimates[0], estimates[1], variance, level, method)


def _compared(first: Estimate, second: Estimate, variance: float, level: float, method: str) -> PairedComparison:
    from scipy.special import ndtr, ndtri

    difference, se = first.value - second.value, math.sqrt(max(variance, 0.0))
    z = difference / se if se > 0 else 0.0
    reach = float(ndtri((1 + level) / 2)) * se
    low, high = max(-1.0, difference - reach), min(1.0, difference + reach)
    estimate = Estimate(Text("AUC の差", "Difference of AUC"), difference, low, high, level, method)
    return PairedComparison(first, second, estimate, float(2 * ndtr(-abs(z))), method, z)


@feature("ROC 曲線", "ROC curve")
def roc_curve(
    truth: ArrayLike,
    scores: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
    title: Text = Text("", ""),
) -> RocCurve:
    """Empirical ROC curve with a pointwise band and its area.

    The band is the percentile interval of the sensitivity at each false positive fraction, over `repeats` resamples of whole patients
    (those with positive rows, with negative rows and with both are drawn apart, so no resample lacks a class). For a perfect
    curve, where all resamples agree, it is Wilson's interval of the sensitivity, with patients as the number of trials.

    Parameters
    ----------
    truth, scores, patients : (n,) as in `auc`.
    """
    positive, values, groups = _checked(truth, scores, patients, level)
    order = np.argsort(-values, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))
    fpr, tpr = _rates(positive[order], np.ones(len(order)), ends)
    area = _estimate(positive, placements(positive, values), groups, level, "logit", AUC)
    grid = np.linspace(0, 1, 101)
    draws = resamples(groups, repeats=repeats, seed=seed, strata=class_pattern(positive, groups))
    curves = np.stack([np.interp(grid, *_rates(positive[order], rows[order], ends)) for rows in _weights(draws, len(order))])
    low, high = np.quantile(curves, ((1 - level) / 2, (1 + level) / 2), axis=0)
    if area.value in (0.0, 1.0):
        trials = _patients_of_each_class(positive, groups)[0]
        low[:-1], high[:-1] = wilson_limits(area.value * trials, trials, level)
    kept = _corners(fpr, tpr)
    thresholds = np.append(np.inf, values[order][ends])
    positives = int(positive.sum())
    return RocCurve(
        fpr[kept], tpr[kept], thresholds[kept], grid, low, high, area, positives, len(values) - positives, level, title
    )


def class_pattern(truth: Bools, groups: Ints) -> Ints:
    """For each row what its patient has: 1 negative rows only, 2 positive rows only, 3 both."""
    negative = np.bincount(groups, weights=~truth) > 0
    positive = np.bincount(groups, weights=truth) > 0
    pattern: Ints = (negative + 2 * positive).astype(np.int64)[groups]
    return pattern


def _checked(truth: ArrayLike, scores: ArrayLike, patients: Iterable[Any] | None, level: float) -> tuple[Bools, Floats, Ints]:
    within("level", level, 0, 1)
    positive, values = binary(truth), numbers(scores)
    groups = groups_of(patients, len(positive))
    same_length(truth=positive, scores=values, patients=groups)
    both_classes(positive)
    return positive, values, groups


def _estimate(truth: Bools, placed: Floats, groups: Ints, level: float, interval: Interval, name: Text) -> Estimate:
    value = float(placed[truth].mean())
    variance = float(auc_covariance(truth, placed[None], groups)[0, 0])
    low, high, how = auc_limits(value, variance, *_patients_of_each_class(truth, groups), level, interval)
    return Estimate(name, value, low, high, level, how if "score" in how else f"{variance_name(groups)}, {how}")


def _patients_of_each_class(truth: Bools, groups: Ints) -> tuple[int, int]:
    if not repeated(groups):
        return int(truth.sum()), int((~truth).sum())
    return len(np.unique(groups[truth])), len(np.unique(groups[~truth]))


def _rates(truth: Bools, weights: Floats, ends: Ints) -> tuple[Floats, Floats]:
    """False and true positive fractions from (0, 0) on, rows sorted by falling score, at the last row of each threshold."""
    true, false = np.cumsum(weights * truth)[ends], np.cumsum(weights * ~truth)[ends]
    return np.append(0.0, false / false[-1]), np.append(0.0, true / true[-1])


def _weights(draws: Iterable[Ints], rows: int) -> Iterable[Floats]:
    return (np.bincount(drawn, minlength=rows).astype(np.float64) for drawn in draws)


def _corners(fpr: Floats, tpr: Floats) -> Ints:
    """The points where the curve turns, and both ends."""
    turns = np.diff(fpr)[:-1] * np.diff(tpr)[1:] - np.diff(fpr)[1:] * np.diff(tpr)[:-1]
    return np.concatenate([[0], np.flatnonzero(np.abs(turns) > 1e-15) + 1, [len(fpr) - 1]])
