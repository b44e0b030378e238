"""Do the hazards stay proportional? Schoenfeld residuals and the test of Grambsch and Therneau."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.inputs import Floats, Ints, one_of
from gazo.stats.survival.cox import CoxModel, CoxTest
from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import RiskSets, binned, follow_up, risk_sets

Clock = Literal["km", "identity"]


@result("proportional hazards")
@dataclass(frozen=True, eq=False)
class ProportionalHazards:
    """A test for each covariate and one for all; a small p says that a hazard ratio changes with time.

    Parameters
    ----------
    names : of the covariates; `each` has their tests, `together` the global one.
    event_time : (events,) times of the events in order.
    residual : (events, p) Schoenfeld residuals: the covariate of the patient with the event less the mean of the risk set.
    drifting : (events, p) scaled residuals plus beta; their course over time is that of the coefficient.
    """

    names: tuple[str, ...]
    each: tuple[CoxTest, ...]
    together: CoxTest
    event_time: Floats
    residual: Floats
    drifting: Floats


@feature("比例ハザード性の検定", "Test of proportional hazards", booklet="C7", name="proportional_hazards")
def proportional_hazards(
    model: CoxModel,
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    clock: Clock = "km",
    entry: ArrayLike | None = None,
    strata: Iterable[Any] | None = None,
) -> ProportionalHazards:
    """Score test of a coefficient that drifts as beta + theta g(t) (Grambsch & Therneau 1994, Biometrika 81:515; exact form as in R survival 3).

    Parameters
    ----------
    model : fitted to the same rows.
    clock : g(t): "km" 1 - S(t-), S by Kaplan and Meier, or "identity" t.
    """
    one_of("clock", clock, ("km", "identity"))
    times, events = follow_up(time, event)
    table = np.asarray(x, np.float64).reshape(len(times), -1) - model.mean
    starts = None if entry is None else np.asarray(entry, np.float64)
    sets = risk_sets(times, events, entry=starts, strata=strata, efron=model.ties == "efron")
    found = partial_likelihood(sets, table @ model.beta)
    means = _over_ties(sets, found.means(table))
    g = _clock(sets, clock, risk_sets(times, events, entry=starts))
    g = g - g.mean()
    residual = table[_rows_of_events(sets)] - means
    pull = g @ residual
    inner, mixed, outer = (found.information(table, found.means(table), g**power) for power in (0, 1, 2))
    spread = outer - mixed.T @ np.linalg.solve(inner, mixed)
    each = tuple(_test(np.array([pull[n]]), spread[n : n + 1, n : n + 1]) for n in range(len(pull)))
    drifting = model.beta + len(g) * residual @ np.linalg.inv(inner)
    return ProportionalHazards(model.names, each, _test(pull, spread), sets.event_time[sets.slot], residual, drifting)


def _test(pull: Floats, spread: Floats) -> CoxTest:
    """Where all events come at one time nothing can drift: no degree of freedom, p = 1."""
    from scipy.special import chdtrc

    statistic = float(pull @ np.linalg.pinv(spread, hermitian=True) @ pull)
    degrees = int(np.linalg.matrix_rank(spread, hermitian=True))
    return CoxTest(statistic, degrees, float(chdtrc(degrees, statistic)) if degrees else 1.0)


def _over_ties(sets: RiskSets, means: Floats) -> Floats:
    """The same mean for all events at one time."""
    sums = binned(means, sets.slot, len(sets.tied))
    return np.asarray((sums / sets.tied[:, None])[sets.slot])


def _rows_of_events(sets: RiskSets) -> Ints:
    """Row numbers of the events in the order of `slot`."""
    rows = np.flatnonzero(sets.event)
    return rows[np.argsort(sets.last[rows], kind="stable")]


def _clock(sets: RiskSets, clock: Clock, pooled: RiskSets) -> Floats:
    """g at each event; "km" is taken over all strata together, just before the event."""
    moment = sets.event_time[sets.slot]
    if clock == "identity":
        return moment
    fallen = np.cumprod(1 - pooled.tied / pooled.at_risk(np.ones(len(pooled.event))))
    before = np.concatenate([[1.0], fallen[:-1]])
    return np.asarray(1 - before[np.searchsorted(pooled.event_time, moment)])
