"""Ratings as runs of one truth: what a parametric ROC curve is fitted to, and which data no curve can be fitted to.

Sorted ratings are grouped by value, and neighbouring groups that hold only cases without (or only cases with) disease are joined: the
corners of the empirical curve stay, and the likelihood loses nothing (truth-state runs, LABROC4; Metz, Herman & Shen 1998,
Stat Med 17:1033).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.stats.inputs import Floats, binary, both_classes, numbers, same_length


@dataclass(frozen=True, eq=False)
class Runs:
    """Cases without (`negative`) and with (`positive`) disease in each category, (k + 1,), by rising rating."""

    negative: Floats
    positive: Floats

    @property
    def fpf(self) -> Floats:
        """(k,) share of the negative cases above each threshold, thresholds rising."""
        return _above(self.negative)

    @property
    def tpf(self) -> Floats:
        """(k,) the same of the positive cases."""
        return _above(self.positive)

    @property
    def interior(self) -> int:
        """How many points lie off the edges of the unit square. Without one no curve is determined; with one, one parameter is."""
        f, t = self.fpf, self.tpf
        return int(((f > 0) & (f < 1) & (t > 0) & (t < 1)).sum())

    @property
    def area(self) -> float:
        """The empirical area, ties half."""
        below = np.cumsum(self.negative) - self.negative / 2
        return float(self.positive @ below / (self.negative.sum() * self.positive.sum()))

    @property
    def best_log_likelihood(self) -> float:
        """What a curve through every point would reach."""
        counts = [counts[counts > 0] for counts in (self.negative, self.positive)]
        return float(sum(some @ np.log(some / some.sum()) for some in counts))

    @property
    def limit(self) -> float | None:
        """Without a point inside the square: the area that the likelihood of any model tends to, 1 above chance, 0 below, else 0.5."""
        return 0.5 + 0.5 * float(np.sign(self.area - 0.5)) if self.interior == 0 else None


def runs_of(truth: ArrayLike, ratings: ArrayLike) -> Runs:
    """The runs of one reader under one test; infinite ratings count as the lowest or highest, NaN is refused."""
    positive, values = binary(truth), numbers(ratings, "ratings")
    same_length(truth=positive, ratings=values)
    both_classes(positive)
    levels, place = np.unique(values, return_inverse=True)
    n = np.bincount(place, weights=~positive, minlength=len(levels))
    m = np.bincount(place, weights=positive, minlength=len(levels))
    kind = np.where(m == 0, 0, np.where(n == 0, 1, 2))
    starts = np.flatnonzero(np.append(True, (kind[1:] != kind[:-1]) | (kind[1:] == 2)))
    return Runs(np.add.reduceat(n, starts), np.add.reduceat(m, starts))


def runs_of_counts(negative: ArrayLike, positive: ArrayLike) -> Runs:
    """The same from a table of counts in each category of a rating scale, from the surest "no" to the surest "yes"."""
    n, m = numbers(negative, "counts").astype(np.int64), numbers(positive, "counts").astype(np.int64)
    same_length(negative=n, positive=m)
    if min(n.min(), m.min()) < 0 or not n.sum() or not m.sum():
        raise DataError(
            "G-ROC-001",
            en=f"the counts of the categories must not be negative and both classes need cases; {int(n.sum())} negative and "
            f"{int(m.sum())} positive came. Correct the table.",
            ja=f"各カテゴリの度数は 0 以上で、陰性・陽性とも症例が必要です。受け取った数: 陰性 {int(n.sum())}、陽性 {int(m.sum())}。"
            "表を直してください。",
        )
    scale = np.arange(len(n))
    truth = np.repeat([False, True], [n.sum(), m.sum()])
    return runs_of(truth, np.concatenate([np.repeat(scale, n), np.repeat(scale, m)]))


def _above(counts: Floats) -> Floats:
    found: Floats = counts[::-1].cumsum()[::-1][1:] / counts.sum()
    return found
