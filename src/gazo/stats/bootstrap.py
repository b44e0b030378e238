"""The bootstrap over whole patients: percentile and BCa intervals, and the paired comparison of two figures of merit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate
from gazo.core.seeds import generator
from gazo.stats.inputs import Floats, Ints, groups_of, one_of, same_length, within
from gazo.stats.paired import PairedComparison

Method = Literal["percentile", "bca"]


@feature("患者単位のブートストラップ区間", "Bootstrap interval by patient")
def bootstrap(
    statistic: Callable[..., float],
    *arrays: ArrayLike,
    groups: Iterable[Any] | None = None,
    repeats: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    method: Method = "percentile",
    strata: ArrayLike | None = None,
) -> tuple[float, float]:
    """Limits of a statistic from resamples of whole groups, drawn with replacement (Efron & Tibshirani 1993).

    Resamples for which the statistic is NaN (a class is absent) are left out; more than half of them is an error.

    Parameters
    ----------
    statistic : called as ``statistic(*arrays)`` with the rows of a resample.
    arrays : each (n, ...), cut along the first axis together.
    groups : (n,) patient of each row; None takes every row as another patient.
    method : "percentile", or "bca": bias-corrected and accelerated (Efron 1987, JASA 82:171), jackknife over groups.
    strata : (n,) kinds of patients that are drawn apart; a patient is of the kind of its first row.
    """
    one_of("method", method, ("percentile", "bca"))
    within("level", level, 0, 1)
    parts = [np.asarray(a) for a in arrays]
    same_length(**{f"array {number}": part for number, part in enumerate(parts, 1)})
    labels = groups_of(groups, len(parts[0]))
    same_length(arrays=parts[0], groups=labels)
    kinds = None if strata is None else np.asarray(strata)
    draws = resamples(labels, repeats=repeats, seed=seed, strata=kinds)
    values = _defined(np.array([statistic(*(p[rows] for p in parts)) for rows in draws], np.float64))
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _bca_tails(tails, values, float(statistic(*parts)), _jackknife(statistic, parts, labels))
    low, high = np.quantile(values, tails)
    return float(low), float(high)


@feature("患者単位の対応のあるブートストラップ", "Paired bootstrap by patient")
def paired_bootstrap(
    statistic: Callable[..., float],
    truth: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: Iterable[Any] | None = None,
    repeats: int = 2000,
    seed: int = 0,
    level: float = 0.95,
    strata: ArrayLike | None = None,
    names: tuple[Text, Text] = (Text("A", "A"), Text("B", "B")),
) -> PairedComparison:
    """Difference statistic(truth, first) - statistic(truth, second), both taken from the same resamples of patients.

    Percentile intervals; p is twice the smaller share of resamples on one side of 0, with one added above and below, so never 0.

    Parameters
    ----------
    statistic : called as ``statistic(truth, values)``.
    truth, first, second, groups : each (n, ...), as in `bootstrap`.
    """
    within("level", level, 0, 1)
    parts = [np.asarray(a) for a in (truth, first, second)]
    labels = groups_of(groups, len(parts[0]))
    same_length(truth=parts[0], first=parts[1], second=parts[2], groups=labels)
    draws = resamples(labels, repeats=repeats, seed=seed, strata=None if strata is None else np.asarray(strata))
    pairs = np.array([[statistic(parts[0][rows], part[rows]) for part in parts[1:]] for rows in draws], np.float64)
    observed = [float(statistic(parts[0], part)) for part in parts[1:]]
    how = f"bootstrap by patient, {repeats} resamples" if groups is not None else f"bootstrap, {repeats} resamples"

    def estimate(name: Text, value: float, values: Floats) -> Estimate:
        low, high = np.quantile(_defined(values), ((1 - level) / 2, (1 + level) / 2))
        return Estimate(name, value, float(low), float(high), level, f"{how}, percentile")

    differences = _defined(pairs[:, 0] - pairs[:, 1])
    nothing = 1e-12  # equal figures may differ in their last digit
    side = min(int((differences <= nothing).sum()), int((differences >= -nothing).sum()))
    return PairedComparison(
        estimate(names[0], observed[0], pairs[:, 0]),
        estimate(names[1], observed[1], pairs[:, 1]),
        estimate(Text("差", "Difference"), observed[0] - observed[1], differences),
        min(1.0, 2 * (side + 1) / (len(differences) + 1)),
        f"{how}, paired",
    )


def resamples(groups: Ints, *, repeats: int, seed: int, strata: NDArray[Any] | None = None) -> Iterator[Ints]:
    """Row numbers of each resample; the rows of a group (0, 1, 2 ...) come and go together."""
    rng = generator(seed, "bootstrap")
    members = _members(groups)
    first_rows = np.array([rows[0] for rows in members])
    kinds = np.zeros(len(members)) if strata is None else np.unique(strata, return_inverse=True)[1][first_rows]
    pools = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)]
    single = len(members) == len(groups)
    for _ in range(repeats):
        drawn = np.concatenate([pool[rng.integers(len(pool), size=len(pool))] for pool in pools])
        yield first_rows[drawn] if single else np.concatenate([members[group] for group in drawn])


def _members(groups: Ints) -> list[Ints]:
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)


def _defined(values: Floats) -> Floats:
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < len(values):
        raise DataError(
            "G-STAT-008",
            en=f"a bootstrap needs a statistic that exists in most resamples; it was undefined in {len(values) - len(defined)} of "
            f"{len(values)}. There are too few patients of some class: add patients or merge classes.",
            ja=f"ブートストラップでは、大半の再標本で統計量が定義される必要があります。{len(values)} 回のうち "
            f"{len(values) - len(defined)} 回で定義されませんでした。患者数の少ないクラスがあります。患者を増やすか、クラスをまとめてください。",
        )
    return defined


def _jackknife(statistic: Callable[..., float], parts: list[NDArray[Any]], groups: Ints) -> Floats:
    """The statistic without each group in turn."""
    values = np.array([statistic(*(p[groups != group] for p in parts)) for group in range(int(groups.max()) + 1)], np.float64)
    return values[np.isfinite(values)]


def _bca_tails(tails: Floats, values: Floats, observed: float, left_out: Floats) -> Floats:
    """Efron 1987, eq. (2.3): Phi(z0 + (z0 + z) / (1 - a (z0 + z))); plain tails where bias or acceleration do not exist."""
    from scipy.special import ndtr, ndtri

    share = (np.mean(values < observed) + np.mean(values <= observed)) / 2
    deviations = left_out.mean() - left_out
    spread = float((deviations**2).sum())
    if not 0 < share < 1 or spread == 0:
        return tails
    acceleration = float((deviations**3).sum()) / (6 * spread**1.5)
    shifted = ndtri(share) + ndtri(tails)
    corrected: Floats = ndtr(ndtri(share) + shifted / (1 - acceleration * shifted))
    return corrected
