"""The Cox-LASSO: a Cox model with few covariates out of many, its penalty chosen by the cross-validated partial likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from gazo.core.registry import feature
from gazo.core.seeds import derived_seed
from gazo.radiomics.event_folds import event_folds
from gazo.radiomics.risk_model import Bools, Floats, Ints, RiskModel, Scaler, with_baseline
from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import RiskSets, risk_sets

STEPS = 50  # Newton steps at one penalty
SWEEPS = 1000  # over the coordinates within a step
CLOSE = 1e-4  # part of the penalty by which a slope may be off at the end


@dataclass(frozen=True, eq=False)
class LassoPath:
    """Cross-validation over the path: penalties falling, mean partial likelihood of left-out patients with its standard error."""

    strengths: Floats
    likelihood: Floats
    error: Floats
    chosen: float


@feature("Cox-LASSO 法", "Cox-LASSO", booklet=("C7", "B6"))
@dataclass(frozen=True, kw_only=True)
class CoxLasso:
    """Minimise -partial log-likelihood / n + strength (mixing |b| + (1 - mixing) b^2 / 2) on standardised covariates (Tibshirani 1997; Simon 2011).

    Parameters
    ----------
    strength : the penalty; None chooses it by cross-validation over `penalties` values from the smallest that leaves nothing down to
        a share of it: the largest partial likelihood of left-out patients ("min"), or the strongest penalty within one standard error
        of it ("1se") (Verweij & van Houwelingen 1993; Hastie 2009).
    mixing : 1 is the LASSO, less mixes in ridge (elastic net; Zou & Hastie 2005).
    folds : of the inner cross-validation, by patient.
    """

    strength: float | None = None
    mixing: float = 1.0
    rule: Literal["min", "1se"] = "min"
    penalties: int = 25
    folds: int = 5

    def fit(self, x: Floats, time: Floats, event: Bools, *, names: Sequence[str], patients: Ints, seed: int) -> RiskModel:
        """Fit to (n, p) covariates; what the scaling and the penalty need to know comes from these patients only."""
        scale = Scaler.of(x)
        strength = self.strength if self.strength is not None else self.path(x, time, event, patients=patients, seed=seed).chosen
        beta = self._fitted(scale(x), risk_sets(time, event), (strength,))[0]
        kept = np.flatnonzero(beta)
        used = tuple((names[j], float(beta[j])) for j in kept[np.argsort(-np.abs(beta[kept]))])

        def log_risk(rows: Floats) -> Floats:
            return np.asarray(scale(rows) @ beta)

        return with_baseline(log_risk, x, time, event, used=used, told=(("strength", float(strength)),))

    def path(self, x: Floats, time: Floats, event: Bools, *, patients: Ints, seed: int) -> LassoPath:
        """Partial likelihood of left-out patients, l(all, b) - l(without them, b) for b fitted without them, at each penalty."""
        whole, sets = Scaler.of(x)(x), risk_sets(time, event)
        top = self._empty_at(whole, sets)
        lowest = 0.05 if len(time) > x.shape[1] else 0.1
        strengths = top * lowest ** np.linspace(0, 1, self.penalties)
        scores = []
        for train in inner_folds(event, patients, self.folds, seed):
            scale = Scaler.of(x[train])
            part = risk_sets(time[train], event[train])
            betas = self._fitted(scale(x[train]), part, strengths)
            left = [
                partial_likelihood(sets, scale(x) @ b).value - partial_likelihood(part, scale(x[train]) @ b).value for b in betas
            ]
            scores.append(np.array(left) / max(1, int(event.sum() - event[train].sum())))
        mean, error = np.mean(scores, 0), np.std(scores, 0, ddof=1) / np.sqrt(len(scores))
        best = int(np.argmax(mean))
        place = best if self.rule == "min" else int(np.flatnonzero(mean >= mean[best] - error[best])[0])
        return LassoPath(strengths, mean, error, float(strengths[place]))

    def _empty_at(self, x: Floats, sets: RiskSets) -> float:
        """The smallest penalty at which every coefficient is 0."""
        start = partial_likelihood(sets, np.zeros(len(x)))
        return float(np.abs(start.gradient(x)).max()) / len(x) / max(self.mixing, 1e-3)

    def _fitted(self, x: Floats, sets: RiskSets, strengths: Sequence[float] | Floats) -> list[Floats]:
        """Coefficients at each penalty, each begun at the one before."""
        beta, found = np.zeros(x.shape[1]), []
        for strength in strengths:
            beta = self._descended(x, sets, beta, float(strength))
            found.append(beta)
        return found

    def _descended(self, x: Floats, sets: RiskSets, beta: Floats, strength: float) -> Floats:
        """Newton steps on the covariates that are in or want in, each a small LASSO of its own solved by coordinate descent (Simon 2011)."""
        n, sparse, ridge = len(x), strength * self.mixing, strength * (1 - self.mixing)

        def cost(b: Floats) -> float:
            return -partial_likelihood(sets, x @ b).value / n + sparse * float(np.abs(b).sum()) + ridge / 2 * float(b @ b)

        for _ in range(STEPS):
            here = partial_likelihood(sets, x @ beta)
            slope = -here.gradient(x) / n + ridge * beta
            off = np.where(beta != 0, np.abs(slope + sparse * np.sign(beta)), np.maximum(np.abs(slope) - sparse, 0))
            if float(off.max()) < CLOSE * sparse + 1e-9:
                break
            work = np.flatnonzero((beta != 0) | (off > CLOSE * sparse))
            part = x[:, work]
            curve = here.information(part, here.means(part)) / n + (ridge + 1e-9) * np.eye(len(work))
            step = np.zeros(len(beta))
            step[work] = _small_lasso()(curve, slope[work], beta[work], sparse)
            now = cost(beta)
            for halving in range(20):
                tried = beta + 0.5**halving * step
                if cost(tried) <= now + 1e-12:
                    break
            beta = tried
        return beta


@cache
def _small_lasso() -> Any:
    """The d that minimises slope'd + d'curve d / 2 + sparse |beta + d|, one coordinate after the other; compiled when first used."""
    import numba

    @numba.njit(cache=True)
    def solve(curve, slope, beta, sparse):  # type: ignore[no-untyped-def]
        d, pulled = np.zeros(len(beta)), slope.copy()
        for _ in range(SWEEPS):
            largest = 0.0
            for j in range(len(d)):
                here = beta[j] + d[j]
                raw = here - pulled[j] / curve[j, j]
                new = np.sign(raw) * max(abs(raw) - sparse / curve[j, j], 0.0)
                if new != here:
                    pulled += curve[j] * (new - here)
                    d[j] += new - here
                    largest = max(largest, abs(new - here))
            if largest < 1e-8:
                break
        return d

    return solve


def inner_folds(event: Bools, patients: Ints, folds: int, seed: int) -> list[Ints]:
    """Training rows of each fold, patients kept together, events spread evenly."""
    wanted = max(2, min(folds, len(np.unique(patients)), len(np.unique(patients[event]))))
    return [train for train, _ in event_folds(event, patients, wanted, derived_seed(seed, "survival folds"))]
