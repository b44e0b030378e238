"""Intraclass correlation: how alike several ratings of the same subjects are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, result
from gazo.stats.inputs import numbers, within


@result("intraclass correlation")
@dataclass(frozen=True)
class IntraclassCorrelation:
    """The six forms of McGraw & Wong, of a single rating and of the mean of k, and the mean squares they are made of.

    Parameters
    ----------
    one_way, agreement, consistency : ICC(1), ICC(A,1), ICC(C,1); with `_mean` ICC(k), ICC(A,k), ICC(C,k).
    between_subjects, within_subjects, between_raters, rest : mean squares of the analysis of variance.
    """

    one_way: Estimate
    agreement: Estimate
    consistency: Estimate
    one_way_mean: Estimate
    agreement_mean: Estimate
    consistency_mean: Estimate
    between_subjects: float
    within_subjects: float
    between_raters: float
    rest: float


@feature("級内相関係数 (ICC)", "Intraclass correlation (ICC)")
def intraclass_correlation(ratings: ArrayLike, *, level: float = 0.95) -> IntraclassCorrelation:
    """All forms from one table, with intervals from F (Shrout & Fleiss 1979, Psychol Bull 86:420; McGraw & Wong 1996, Psychol Methods 1:30).

    One-way: each subject has raters of its own. Agreement: the same raters, whose differences count. Consistency: the same raters,
    whose differences do not count.

    Parameters
    ----------
    ratings : (subjects, raters), complete.
    """
    within("level", level, 0, 1)
    x = numbers(ratings, "ratings")
    if x.ndim != 2 or min(x.shape) < 2:
        raise DataError(
            "G-EST-021",
            en=f"an intraclass correlation needs a table of at least 2 subjects and 2 raters; the shape {x.shape} came. Give one row a subject.",
            ja=f"級内相関係数には 2 例以上・評価者 2 人以上の表が必要です。受け取った形: {x.shape}。1 例を 1 行にしてください。",
        )
    n, k = x.shape
    rows, columns = x.mean(1, keepdims=True), x.mean(0, keepdims=True)
    between = k * float(((rows - x.mean()) ** 2).sum()) / (n - 1)
    inside = float(((x - rows) ** 2).sum()) / (n * (k - 1))
    raters = n * float(((columns - x.mean()) ** 2).sum()) / (k - 1)
    rest = float(((x - rows - columns + x.mean()) ** 2).sum()) / ((n - 1) * (k - 1))
    if between + inside == 0:
        raise DataError(
            "G-EST-022",
            en="an intraclass correlation needs ratings that differ; all of them are equal. Check the column.",
            ja="級内相関係数には異なる評価値が必要ですが、すべて同じ値です。列を確認してください。",
        )
    values = _ratio(between, inside, k), _agreement(between, raters, rest, n, k), _ratio(between, rest, k)
    limits = (
        _ratio_limits(between, inside, n, k, n * (k - 1), level),
        _agreement_limits(values[1], between, raters, rest, n, k, level),
        _ratio_limits(between, rest, n, k, (n - 1) * (k - 1), level),
    )
    one_way, agreement, consistency = (
        _estimate(name, value, *ends, level)
        for name, value, ends in zip(("ICC(1)", "ICC(A,1)", "ICC(C,1)"), values, limits, strict=True)
    )
    return IntraclassCorrelation(
        one_way, agreement, consistency, _of_mean(one_way, k), _of_mean(agreement, k), _of_mean(consistency, k),
        between, inside, raters, rest,
    )  # fmt: skip


def _estimate(name: str, value: float, low: float, high: float, level: float) -> Estimate:
    return Estimate(Text(name, name), value, low, high, level, "F distribution")


def _ratio(between: float, error: float, k: int) -> float:
    return (between - error) / (between + (k - 1) * error)


def _agreement(between: float, raters: float, rest: float, n: int, k: int) -> float:
    return (between - rest) / (between + (k - 1) * rest + k * (raters - rest) / n)


def _of_mean(one: Estimate, k: int) -> Estimate:
    """Spearman-Brown: from the ICC of one rating, and its limits, to that of the mean of k."""
    value, low, high = (k * x / (1 + (k - 1) * x) for x in (one.value, one.low or 0.0, one.high or 0.0))
    return _estimate(one.name.en.replace("1", "k"), value, low, high, one.level)


def _ratio_limits(between: float, error: float, n: int, k: int, free: int, level: float) -> tuple[float, float]:
    """McGraw & Wong 1996, table 7, for ICC(1) and ICC(C,1)."""
    from scipy.stats import f

    if error == 0:
        return 1.0, 1.0
    tail = (1 + level) / 2
    low, high = between / error / f.ppf(tail, n - 1, free), between / error * f.ppf(tail, free, n - 1)
    return float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1))


def _agreement_limits(
    value: float, between: float, raters: float, rest: float, n: int, k: int, level: float
) -> tuple[float, float]:
    """McGraw & Wong 1996, table 7, for ICC(A,1); degrees of freedom after Satterthwaite."""
    from scipy.stats import f

    if value >= 1:
        return 1.0, 1.0
    a, b = k * value / (n * (1 - value)), 1 + k * value * (n - 1) / (n * (1 - value))
    free = (a * raters + b * rest) ** 2 / max(
        (a * raters) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1)), np.finfo(float).tiny
    )
    tail, noise = (1 + level) / 2, k * raters + (k * n - k - n) * rest
    below, above = f.ppf(tail, n - 1, free), f.ppf(tail, free, n - 1)
    low = n * (between - below * rest) / (below * noise + n * between)
    high = n * (above * between - rest) / (noise + n * above * between)
    return float(low), float(high)
