"""Cox's partial likelihood: its value, first and second derivatives, and what residuals are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.stats.inputs import Floats
from gazo.stats.survival.times import RiskSets, binned


@dataclass(frozen=True, eq=False)
class PartialLikelihood:
    """The partial likelihood at one linear predictor (Cox 1975; ties as the risk sets say: Efron 1977 or Breslow 1974).

    Parameters
    ----------
    value : log-likelihood.
    relative : (n,) exp(linear predictor - its largest value); `shift` is that value.
    total : (events,) sum of `relative` over the risk set of each event, less the tied ones that went before.
    hazard : (m,) jumps of the cumulative baseline hazard at each event time, in units of `relative`.
    expected : (n,) expected events of each row; event - expected is its martingale residual.
    """

    sets: RiskSets
    value: float
    shift: float
    relative: Floats
    total: Floats
    hazard: Floats
    expected: Floats

    def means(self, x: Floats) -> Floats:
        """(events, p) weighted mean of the covariates over the risk set of each event."""
        sets, weighted = self.sets, self.relative[:, None] * x
        sums = sets.at_risk(weighted)[sets.slot] - sets.share[:, None] * sets.at_event(weighted)[sets.slot]
        return np.asarray(sums / self.total[:, None])

    def gradient(self, x: Floats) -> Floats:
        return np.asarray(x.T @ (self.sets.event - self.expected))

    def information(self, x: Floats, means: Floats, factor: Floats | None = None) -> Floats:
        """(p, p) sum over the events of the weighted covariance of x in the risk set, each event times `factor`."""
        kept = np.ones(len(self.total)) if factor is None else factor
        expected = self.expected if factor is None else exposed(self.sets, self.relative, self.total, kept)
        return np.asarray((x * expected[:, None]).T @ x - (means * kept[:, None]).T @ means)


def partial_likelihood(sets: RiskSets, eta: Floats) -> PartialLikelihood:
    """The partial likelihood of the linear predictor eta (n,)."""
    shift = float(eta.max())
    relative = np.exp(eta - shift)
    total = sets.at_risk(relative)[sets.slot] - sets.share * sets.at_event(relative)[sets.slot]
    value = float((eta - shift)[sets.event].sum() - np.log(total).sum())
    hazard = binned(1 / total, sets.slot, len(sets.tied))
    expected = exposed(sets, relative, total, np.ones(len(total)))
    return PartialLikelihood(sets, value, shift, relative, total, hazard, expected)


def exposed(sets: RiskSets, relative: Floats, total: Floats, factor: Floats) -> Floats:
    """(n,) sum over the events at which a row is at risk of factor x its share of the risk; tied rows leave step by step (Efron)."""
    jump = binned(factor / total, sets.slot, len(sets.tied))
    left = binned(factor * sets.share / total, sets.slot, len(sets.tied))
    found = sets.exposure(jump)
    found[sets.event] -= left[sets.last[sets.event] - 1]
    return np.asarray(relative * found)
