"""The nonparametric theory of the area under the ROC curve: placements, their covariance, intervals.

Sources: DeLong, DeLong & Clarke-Pearson 1988 (Biometrics 44:837); Sun & Xu 2014 (IEEE SPL 21:1389) for midranks in
O(n log n); Obuchowski 1997 (Biometrics 53:567) for several rows of one patient; Newcombe 2006 (Stat Med 25:559), method 5,
where the variance vanishes. High scores speak for the positive class; the direction is never guessed.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from gazo.stats.inputs import Bools, Floats, Ints, repeated

Interval = Literal["logit", "wald"]


def midranks(values: Floats) -> Floats:
    """Ranks 1 ... n; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def placements(truth: Bools, scores: Floats) -> Floats:
    """For each row the share of the other class that it stands on the right side of, ties half (V10 and V01 of DeLong).

    The mean over the positive rows, and the mean over the negative rows, are both the AUC.
    """
    ranks, placed = midranks(scores), np.empty(len(scores))
    positives = int(truth.sum())
    negatives = len(truth) - positives
    placed[truth] = (ranks[truth] - midranks(scores[truth])) / negatives
    placed[~truth] = 1 - (ranks[~truth] - midranks(scores[~truth])) / positives
    return placed


def auc_value(truth: Bools, scores: Floats) -> float:
    """The area alone, without its variance: quick enough for a bootstrap. NaN when a class is absent."""
    positives, negatives = scores[truth], np.sort(scores[~truth])
    if not len(positives) or not len(negatives):
        return math.nan
    below = np.searchsorted(negatives, positives, "left").sum() + np.searchsorted(negatives, positives, "right").sum()
    return float(below) / (2 * len(positives) * len(negatives))


def auc_covariance(truth: Bools, placed: Floats, groups: Ints) -> Floats:
    """Covariance of k areas on the same rows, (k, k), from their placements (k, n).

    With one row a patient this is DeLong's; otherwise Obuchowski's, eq. for S10, S01 and S11, which adds up the rows of a patient.
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    deviations = placed - placed[:, truth].mean(axis=1, keepdims=True)
    hits = _summed(np.where(truth, deviations, 0.0), groups) / positives
    misses = _summed(np.where(truth, 0.0, deviations), groups) / negatives
    cross = _unbiased(len(np.unique(groups))) * (hits @ misses.T)
    own_hits = _unbiased(len(np.unique(groups[truth]))) * (hits @ hits.T)
    own_misses = _unbiased(len(np.unique(groups[~truth]))) * (misses @ misses.T)
    covariance: Floats = own_hits + own_misses + cross + cross.T
    return covariance


def _summed(rows: Floats, groups: Ints) -> Floats:
    return np.stack([np.bincount(groups, weights=row) for row in rows])


def _unbiased(clusters: int) -> float:
    return clusters / (clusters - 1) if clusters > 1 else 0.0


def auc_limits(
    value: float, variance: float, positives: int, negatives: int, level: float, interval: Interval
) -> tuple[float, float, str]:
    """Lower and upper limit of an area, and how they were made.

    logit: on ln(A / (1 - A)) with the delta method, so that it stays inside 0 ... 1; wald: A +- z SE, cut at 0 and 1.
    Where the variance is 0 (A is 0 or 1, all scores equal) or cannot be had (one case of a class), both would have no width:
    Newcombe's score interval is given instead.

    Parameters
    ----------
    positives, negatives : numbers of patients of each class, used by the score interval only.
    """
    from scipy.special import expit, logit, ndtri

    if variance < 1e-12 or min(positives, negatives) < 2 or not 0 < value < 1:
        return (*newcombe_limits(value, positives, negatives, level), "Newcombe 2006 score")
    reach = float(ndtri((1 + level) / 2)) * math.sqrt(variance)
    if interval == "wald":
        return max(0.0, value - reach), min(1.0, value + reach), "Wald"
    centre, reach = float(logit(value)), reach / (value * (1 - value))
    return float(expit(centre - reach)), float(expit(centre + reach)), "logit"


def variance_name(groups: Ints) -> str:
    """Whose variance is used."""
    return "Obuchowski 1997 (by patient)" if repeated(groups) else "DeLong 1988"


def newcombe_limits(value: float, positives: int, negatives: int, level: float) -> tuple[float, float]:
    """The areas t with (A - t)^2 = z^2 V(t), V being Hanley & McNeil's variance with both class sizes at their mean.

    Newcombe 2006, method 5: V(t) = t (1 - t) (1 + N (1 - t) / (2 - t) + N t / (1 + t)) / (m n), N = (m + n) / 2 - 1.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z2, n = float(ndtri((1 + level) / 2)) ** 2, (positives + negatives) / 2 - 1

    def excess(t: float) -> float:
        variance = t * (1 - t) * (1 + n * (1 - t) / (2 - t) + n * t / (1 + t)) / (positives * negatives)
        return (value - t) ** 2 - z2 * variance

    # A root at t = A itself (when A is 0 or 1) is not the one looked for, so the search starts beside it.
    low = 0.0 if value <= 0 else float(brentq(excess, 0.0, value - 1e-9))
    high = 1.0 if value >= 1 else float(brentq(excess, value + 1e-9, 1.0))
    return low, high
