"""Proportions with intervals that hold for small numbers and for 0 and 100 %, and the paired test of two proportions."""

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
from gazo.core.results import Estimate, result
from gazo.stats.inputs import Bools, Ints, binary, groups_of, one_of, repeated, same_length, within

PROPORTION = Text("割合", "Proportion")


@result("paired_test")
@dataclass(frozen=True)
class PairedTest:
    """How often two readings of the same cases are right: together, apart, never; the difference A - B and its test."""

    both: int
    only_a: int
    only_b: int
    neither: int
    difference: Estimate
    p: float
    method: str


@feature("割合と信頼区間", "Proportion with its interval")
def proportion(
    successes: int,
    total: int,
    *,
    level: float = 0.95,
    method: Literal["wilson", "exact"] = "wilson",
    name: Text = PROPORTION,
) -> Estimate:
    """A proportion of independent trials.

    "wilson": score interval (Wilson 1927, JASA 22:209); "exact": Clopper & Pearson 1934 (Biometrika 26:404), never below its level.
    """
    one_of("method", method, ("wilson", "exact"))
    within("level", level, 0, 1)
    if not 0 <= successes <= total or total < 1:
        raise DataError(
            "G-STAT-009",
            en=f"a proportion needs at least one trial and no more successes than trials; {successes} of {total} came. Check both counts.",
            ja=f"割合の計算には 1 以上の試行数と、試行数以下の成功数が必要です。受け取った値: {total} 回中 {successes} 回。数を確かめてください。",
        )
    limits = wilson_limits if method == "wilson" else exact_limits
    how = "Wilson 1927" if method == "wilson" else "Clopper-Pearson 1934"
    return Estimate(name, successes / total, *limits(successes, total, level), level, how)


def share_of(hits: ArrayLike, *, patients: Iterable[Any] | None = None, level: float = 0.95, name: Text = PROPORTION) -> Estimate:
    """The share of rows that are hits, where a patient may have several rows.

    Wilson's interval with the number of rows divided by the design effect (Rao & Scott 1992, Biometrics 48:577): the variance of the
    ratio estimator over patients against the binomial one, at least 1. Where all rows are hits, or none, the number of patients counts.
    """
    rows = binary(hits)
    groups = groups_of(patients, len(rows))
    same_length(hits=rows, patients=groups)
    if not repeated(groups):
        return proportion(int(rows.sum()), len(rows), level=level, name=name)
    trials = effective_rows(rows, groups)
    value = float(rows.mean())
    limits = wilson_limits(value * trials, trials, level)
    return Estimate(name, value, *limits, level, "Wilson 1927, Rao-Scott 1992 (by patient)")


def effective_rows(hits: Bools, groups: Ints) -> float:
    """How many independent rows tell as much as these."""
    share = float(hits.mean())
    sizes = np.bincount(groups)
    sizes = sizes[sizes > 0]
    deviations = np.bincount(groups, weights=hits - share)
    patients = len(sizes)
    if share in (0.0, 1.0) or patients < 2:
        return float(patients)
    variance = patients / (patients - 1) * float((deviations**2).sum()) / len(hits) ** 2
    return min(len(hits), share * (1 - share) / variance) if variance > 0 else float(len(hits))


def wilson_limits(successes: float, total: float, level: float) -> tuple[float, float]:
    """(p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), Wilson 1927."""
    from scipy.special import ndtri

    z, p = float(ndtri((1 + level) / 2)), successes / total
    centre = p + z**2 / (2 * total)
    reach = z * math.sqrt(p * (1 - p) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    low = 0.0 if successes == 0 else (centre - reach) / scale
    return low, 1.0 if successes == total else (centre + reach) / scale


def exact_limits(successes: int, total: int, level: float) -> tuple[float, float]:
    """Quantiles of two beta distributions, Clopper & Pearson 1934."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(successes, total - successes + 1, tail))
    high = 1.0 if successes == total else float(betaincinv(successes + 1, total - successes, 1 - tail))
    return low, high


@feature("McNemar 検定", "McNemar's test")
def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike, *, level: float = 0.95) -> PairedTest:
    """Are two classifiers right equally often on the same cases? McNemar 1947 (Psychometrika 12:153), exact.

    p is the two-sided binomial probability of the discordant pairs. The difference of the two proportions has the adjusted Wald
    interval of Bonett & Price 2012 (J Educ Behav Stat 37:479), one pair added to either kind of discordance.
    Cases must be independent (one row a patient); otherwise use `paired_bootstrap`.

    Parameters
    ----------
    correct_a, correct_b : (n,) True where the case was judged rightly.
    """
    from scipy.special import bdtr

    within("level", level, 0, 1)
    a, b = binary(correct_a), binary(correct_b)
    same_length(correct_a=a, correct_b=b)
    only_a, only_b, both = int((a & ~b).sum()), int((b & ~a).sum()), int((a & b).sum())
    discordant = only_a + only_b
    p = min(1.0, 2 * float(bdtr(min(only_a, only_b), discordant, 0.5))) if discordant else 1.0
    low, high = _bonett_price(only_a, only_b, len(a), level)
    name = Text("正解率の差", "Difference of accuracy")
    difference = Estimate(name, (only_a - only_b) / len(a), low, high, level, "Bonett & Price 2012")
    return PairedTest(both, only_a, only_b, len(a) - both - discordant, difference, p, "McNemar 1947, exact binomial")


def _bonett_price(only_a: int, only_b: int, pairs: int, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    first, second = (only_a + 1) / (pairs + 2), (only_b + 1) / (pairs + 2)
    reach = float(ndtri((1 + level) / 2)) * math.sqrt((first + second - (first - second) ** 2) / (pairs + 2))
    return max(-1.0, first - second - reach), min(1.0, first - second + reach)
