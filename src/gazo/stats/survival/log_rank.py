"""The log-rank test: two or more groups, within strata, for trend, and pair by pair with Holm's correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.inputs import Bools, Floats, Ints, groups_of, same_length
from gazo.stats.small.testing import holm
from gazo.stats.survival.times import RiskSets, follow_up, risk_sets


@result("log-rank test")
@dataclass(frozen=True, eq=False)
class LogRank:
    """Observed and expected events of each group, and the chi-square of their difference.

    Parameters
    ----------
    groups : names in order; `patients`, `observed`, `expected` belong to them.
    covariance : (groups, groups) of observed - expected.
    statistic, degrees, p : chi-square, its degrees of freedom, two-sided p.
    """

    groups: tuple[str, ...]
    patients: Ints
    observed: Floats
    expected: Floats
    covariance: Floats
    statistic: float
    degrees: int
    p: float


@feature("ログランク検定", "Log-rank test", booklet="C7", name="log_rank")
def log_rank(
    time: ArrayLike, event: ArrayLike, group: Iterable[Any], *, strata: Iterable[Any] | None = None, rho: float = 0.0
) -> LogRank:
    """(O - E)' V^- (O - E) with the hypergeometric V (Mantel 1966; Peto & Peto 1972), sums taken within strata.

    Parameters
    ----------
    group, strata : (n,) names; groups stand in sorted order.
    rho : events weigh S(t-)^rho (Harrington & Fleming 1982, Biometrika 69:553): 0 log-rank, 1 gives early events more weight.
    """
    times, events, names, place = _grouped(time, event, group)
    sets = risk_sets(times, events, strata=strata, efron=False)
    observed, expected, covariance = _differences(sets, place, len(names), rho)
    statistic, degrees = _quadratic(observed - expected, covariance)
    patients = np.bincount(place, minlength=len(names))
    return LogRank(names, patients, observed, expected, covariance, statistic, degrees, _chi_square_p(statistic, degrees))


@feature("ログランクの傾向検定", "Log-rank test for trend", booklet="C7", name="log_rank_trend")
def log_rank_trend(
    time: ArrayLike,
    event: ArrayLike,
    group: Iterable[Any],
    *,
    scores: ArrayLike | None = None,
    strata: Iterable[Any] | None = None,
) -> tuple[float, float]:
    """Chi-square with one degree of freedom, (w'(O - E))^2 / w'V w (Tarone 1975), and its p; w = 0, 1, 2 ... for the sorted groups."""
    found = log_rank(time, event, group, strata=strata)
    weights = np.arange(len(found.groups), dtype=np.float64) if scores is None else np.asarray(scores, np.float64)
    same_length(scores=weights, groups=found.observed)
    spread = float(weights @ found.covariance @ weights)
    statistic = float(weights @ (found.observed - found.expected)) ** 2 / spread if spread > 0 else 0.0
    return statistic, _chi_square_p(statistic, 1)


@feature("ログランク検定の対比較", "Log-rank test of each pair", booklet="C7", name="log_rank_pairs")
def log_rank_pairs(
    time: ArrayLike, event: ArrayLike, group: Iterable[Any], *, strata: Iterable[Any] | None = None
) -> tuple[tuple[str, str, float, float, float], ...]:
    """First and second group, chi-square, p, and p by Holm (1979) over all pairs; each test uses the patients of its two groups."""
    times, events, names, place = _grouped(time, event, group)
    layers = groups_of(strata, len(times)) if strata is not None else np.zeros(len(times), np.int64)
    pairs = list(combinations(range(len(names)), 2))
    tested = []
    for a, b in pairs:
        rows = (place == a) | (place == b)
        sets = risk_sets(times[rows], events[rows], strata=layers[rows].tolist(), efron=False)
        observed, expected, covariance = _differences(sets, (place[rows] == b).astype(np.int64), 2, 0.0)
        tested.append(_quadratic(observed - expected, covariance)[0])
    p = [_chi_square_p(x, 1) for x in tested]
    corrected = holm(p)
    return tuple((names[a], names[b], x, q, h) for (a, b), x, q, h in zip(pairs, tested, p, corrected, strict=True))


def _grouped(time: ArrayLike, event: ArrayLike, group: Iterable[Any]) -> tuple[Floats, Bools, tuple[str, ...], Ints]:
    times, events = follow_up(time, event)
    labels = [str(name) for name in group]
    same_length(time=times, group=np.asarray(labels, object))
    names, place = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        raise DataError(
            "G-SURV-003",
            en=f"a log-rank test compares two groups or more; all {len(labels)} patients are in group '{names[0]}'. Choose another group column.",
            ja=f"ログランク検定には 2 群以上が必要ですが、{len(labels)} 例すべてが群「{names[0]}」に属しています。群の列を選び直してください。",
        )
    return times, events, tuple(map(str, names)), place


def _differences(sets: RiskSets, place: Ints, groups: int, rho: float) -> tuple[Floats, Floats, Floats]:
    members = np.eye(groups)[place]
    at_risk, deaths = sets.at_risk(members), sets.at_event(members)
    n, d = at_risk.sum(1), deaths.sum(1)
    weight = np.ones(len(n)) if rho == 0 else _survival_before(sets, n, d) ** rho
    share = at_risk / n[:, None]
    spread = weight**2 * d * np.divide(n - d, n - 1, out=np.zeros(len(n)), where=n > 1)
    covariance = np.diag((spread[:, None] * share).sum(0)) - (spread[:, None] * share).T @ share
    return weight @ deaths, (weight * d) @ share, covariance


def _survival_before(sets: RiskSets, n: Floats, d: Floats) -> Floats:
    """Kaplan-Meier survival of all groups together just before each event time, in each stratum."""
    survival = np.ones(len(n))
    for stratum in np.unique(sets.stratum):
        here = sets.stratum == stratum
        survival[here] = np.concatenate([[1.0], np.cumprod(1 - d[here] / n[here])[:-1]])
    return survival


def _quadratic(difference: Floats, covariance: Floats) -> tuple[float, int]:
    """The form with a generalised inverse; groups that are never at risk beside another one take no degree of freedom."""
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-10 * max(1.0, float(np.abs(covariance).max())), hermitian=True))
    return float(difference @ inverse @ difference), rank


def _chi_square_p(statistic: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic)) if degrees else 1.0
