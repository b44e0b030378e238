"""What every prognosis model gives once it is fitted: a log risk and, with the baseline hazard of its patients, predicted survival."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import risk_sets

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RiskModel:
    """A fitted model with proportional hazards: S(t | x) = exp(-H0(t) exp(log risk)).

    Parameters
    ----------
    log_risk : function of (n, p) covariates; 0 is the mean patient it was fitted to.
    event_time, hazard : (m,) times and cumulative baseline hazard (Breslow 1974; ties after Efron) at and after each.
    used : names and weights of the covariates that matter, or empty where the model has none.
    told : settings found in the fit, such as the penalty.
    """

    log_risk: Callable[[Floats], Floats]
    event_time: Floats
    hazard: Floats
    used: tuple[tuple[str, float], ...] = ()
    told: tuple[tuple[str, float], ...] = ()

    def survival(self, x: Floats, times: Floats) -> Floats:
        """(n, times) predicted survival."""
        steps = np.concatenate([[0.0], self.hazard])
        until = steps[np.searchsorted(self.event_time, times, side="right")]
        return np.asarray(np.exp(-np.exp(np.clip(self.log_risk(x), -50, 50))[:, None] * until))


def with_baseline(
    log_risk: Callable[[Floats], Floats],
    x: Floats,
    time: Floats,
    event: Bools,
    *,
    used: tuple[tuple[str, float], ...] = (),
    told: tuple[tuple[str, float], ...] = (),
) -> RiskModel:
    """The model with the baseline hazard of the patients x, time, event."""
    sets = risk_sets(time, event)
    found = partial_likelihood(sets, np.clip(log_risk(x), -50, 50))
    return RiskModel(log_risk, sets.event_time, np.cumsum(found.hazard) * np.exp(-found.shift), used, told)


@dataclass(frozen=True, eq=False)
class Scaler:
    """Mean and standard deviation of the training patients; a missing value becomes their median, a constant column 0."""

    middle: Floats
    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, x: Floats) -> Scaler:
        known = np.where(np.isnan(x).all(0), 0.0, x)
        middle = np.nanmedian(known, axis=0)
        filled = np.where(np.isnan(x), middle, x)
        sd = filled.std(0)
        return cls(middle, filled.mean(0), np.where(sd > 1e-12 * np.maximum(1, np.abs(filled).max(0)), sd, np.inf))

    def __call__(self, x: Floats) -> Floats:
        return np.asarray((np.where(np.isnan(x), self.middle, x) - self.mean) / self.sd)
