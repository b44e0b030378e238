"""How well a risk orders patients: Harrell's and Uno's C with intervals by patient, and the paired comparison of two risks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.stats.inputs import Bools, Floats, Ints, groups_of, numbers, one_of, same_length, within
from gazo.stats.paired import PairedComparison
from gazo.stats.survival.censoring import censoring_survival
from gazo.stats.survival.times import follow_up

Kind = Literal["harrell", "uno"]
ROWS = 500  # of the matrix of pairs that are in memory at a time
NAMES = {"harrell": Text("Harrell の C", "Harrell's C"), "uno": Text("Uno の C", "Uno's C")}


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Weighted sums over the pairs that can be compared: in all, and of each row (n,)."""

    right: Floats
    all: Floats

    @property
    def value(self) -> float:
        return float(self.right.sum() / self.all.sum())

    @property
    def influence(self) -> Floats:
        """(n,) by how much each row moves C (infinitesimal jackknife); each pair belongs to two rows."""
        return np.asarray(2 * (self.right - self.value * self.all) / self.all.sum())


@feature("生存時間の一致度 C", "Concordance index C", booklet="C7", name="survival_concordance")
def survival_concordance(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    *,
    method: Kind = "harrell",
    until: float | None = None,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of comparable pairs in which the patient with the earlier event has the higher risk; equal risks count half.

    A pair is comparable when the earlier time is an event; at equal times an event precedes a censoring, two events are not compared
    (Harrell 1982, JAMA 247:2543). Uno 2011 (Stat Med 30:1105) weighs each pair by 1/G(t-)^2, G the Kaplan-Meier curve of censoring,
    so that C does not depend on how long patients were followed. Limits on the logit scale from the infinitesimal jackknife over patients.

    Parameters
    ----------
    risk : (n,) higher means an earlier event.
    until : only events before this time count; None is all.
    patients : (n,) rows that belong together; None takes each row alone.
    """
    pairs, groups = _counted(time, event, (risk,), method, until, patients, level)
    return _estimate(NAMES[method], pairs[0].value, _error(pairs[0].influence, groups), level)


@feature("2 つの C の比較", "Comparison of two C", booklet="C7", name="compare_concordance")
def compare_concordance(
    time: ArrayLike,
    event: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    method: Kind = "harrell",
    until: float | None = None,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    names: tuple[Text, Text] = (Text("A", "A"), Text("B", "B")),
) -> PairedComparison:
    """first - second on the same patients, with the variance of the difference from the infinitesimal jackknife (Wald)."""
    from scipy.special import ndtr, ndtri

    (a, b), groups = _counted(time, event, (first, second), method, until, patients, level)
    each = [_estimate(n, p.value, _error(p.influence, groups), level) for n, p in zip(names, (a, b), strict=True)]
    error, gap = _error(a.influence - b.influence, groups), a.value - b.value
    reach = float(ndtri((1 + level) / 2)) * error
    how = "infinitesimal jackknife by patient, Wald"
    difference = Estimate(Text("差", "Difference"), gap, gap - reach, gap + reach, level, how)
    p = 2 * float(ndtr(-abs(gap) / error)) if error > 0 else 1.0
    return PairedComparison(each[0], each[1], difference, p, f"{how}, paired")


def concordance_value(time: Floats, event: Bools, risk: Floats) -> float:
    """Harrell's C alone, NaN without a comparable pair: for resamples and inner folds."""
    pairs = _pairs(time, event, risk, event.astype(np.float64))
    return pairs.value if pairs.all.sum() > 0 else math.nan


def _counted(
    time: ArrayLike,
    event: ArrayLike,
    risks: tuple[ArrayLike, ...],
    method: Kind,
    until: float | None,
    patients: Iterable[Any] | None,
    level: float,
) -> tuple[tuple[_Pairs, ...], Ints]:
    one_of("method", method, ("harrell", "uno"))
    within("level", level, 0, 1)
    times, events = follow_up(time, event)
    groups = groups_of(patients, len(times))
    weight = events.astype(np.float64)
    if until is not None:
        weight = weight * (times < until)
    if method == "uno":
        weight[events] /= censoring_survival(times, events).before(times[events]) ** 2
    found = []
    for risk in risks:
        values = numbers(risk, "risks")
        same_length(time=times, risk=values, patients=groups)
        found.append(_pairs(times, events, values, weight))
    if not found[0].all.sum() > 0:
        raise DataError(
            "G-SURV-007",
            en=f"no two of the {len(times)} patients can be compared: nobody was followed longer than a patient with an event. "
            "Follow longer, or choose a later limit of time.",
            ja=f"{len(times)} 例の中に比較できる 2 例の組がありません (イベントのあった患者より長く観察された患者がいません)。"
            "追跡期間を延ばすか、時間の上限を大きくしてください。",
        )
    return tuple(found), groups


def _pairs(time: Floats, event: Bools, risk: Floats, weight: Floats) -> _Pairs:
    """Blocks of rows against all: O(n^2) time, little memory."""
    right, every = np.zeros(len(time)), np.zeros(len(time))
    for start in range(0, len(time), ROWS):
        rows = slice(start, start + ROWS)
        later = (time[None] > time[rows, None]) | ((time[None] == time[rows, None]) & ~event[None])
        pair = later * weight[rows, None]
        won = pair * ((risk[rows, None] > risk[None]) + 0.5 * (risk[rows, None] == risk[None]))
        for total, part in ((right, won), (every, pair)):
            total[rows] += part.sum(1) / 2
            total += part.sum(0) / 2
    return _Pairs(right, every)


def _error(influence: Floats, groups: Ints) -> float:
    return math.sqrt(float((np.bincount(groups, influence) ** 2).sum()))


def _estimate(name: Text, value: float, error: float, level: float) -> Estimate:
    from scipy.special import ndtri

    if not 0 < value < 1 or error == 0:
        return Estimate(name, value, None, None, level, "none: all pairs are ordered alike")
    middle, reach = math.log(value / (1 - value)), float(ndtri((1 + level) / 2)) * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-(middle + side * reach))) for side in (-1, 1))
    return Estimate(name, value, low, high, level, "infinitesimal jackknife by patient, logit")
