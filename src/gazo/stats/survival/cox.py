"""Cox's proportional hazards model: fit, hazard ratios, tests, and the predicted curve of a patient with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, result
from gazo.stats.inputs import Floats, Ints, groups_of, numbers, repeated, same_length, within
from gazo.stats.survival.partial import PartialLikelihood, partial_likelihood
from gazo.stats.survival.times import RiskSets, binned, follow_up, risk_sets

Ties = Literal["efron", "breslow"]
ROUNDS = 30  # Newton needs 4 to 8; more means that a coefficient runs away
SMALL_STEP = 1e-9  # of a coefficient per standard deviation
WIDEST = 300.0  # difference of two linear predictors; e^300 is no hazard ratio


@result("cox test")
@dataclass(frozen=True)
class CoxTest:
    """A test of all coefficients together: chi-square, degrees of freedom, p."""

    statistic: float
    degrees: int
    p: float


@result("cox model")
@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted model: hazard(t | x) = baseline(t) exp(beta'(x - mean)).

    Parameters
    ----------
    names : of the p covariates; `beta` (p,), `covariance` (p, p), `mean` (p,) of them.
    null, value : log-likelihood at beta = 0 and at its maximum.
    likelihood_ratio, wald, score : tests of all coefficients together.
    robust : the covariance is the sandwich over patients (Lin & Wei 1989).
    event_time, stratum : (m,) event times in order, and the stratum of each.
    jump, spread, drift : (m,), (m,), (m, p) what the baseline, its variance and its covariance with beta gain at each event time.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    mean: Floats
    null: float
    value: float
    likelihood_ratio: CoxTest
    wald: CoxTest
    score: CoxTest
    patients: int
    events: int
    ties: str
    robust: bool
    event_time: Floats
    stratum: Ints
    jump: Floats
    spread: Floats
    drift: Floats

    @property
    def standard_error(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def p_values(self) -> Floats:
        """Two-sided p of each coefficient (Wald)."""
        from scipy.special import ndtr

        return np.asarray(2 * ndtr(-np.abs(self.beta / self.standard_error)))

    def hazard_ratios(self, *, level: float = 0.95) -> tuple[Estimate, ...]:
        """exp(beta) of each covariate with exp of the Wald limits."""
        from scipy.special import ndtri

        within("level", level, 0, 1)
        reach = float(ndtri((1 + level) / 2)) * self.standard_error
        how = "Wald, sandwich by patient" if self.robust else "Wald"
        limits = zip(self.names, self.beta, np.exp(self.beta - reach), np.exp(self.beta + reach), strict=True)
        return tuple(
            Estimate(Text(f"ハザード比: {n}", f"hazard ratio: {n}"), math.exp(b), float(lo), float(hi), level, how)
            for n, b, lo, hi in limits
        )

    def linear(self, x: ArrayLike) -> Floats:
        """(n,) log hazard of each row relative to that of the mean patient; higher means earlier events."""
        return np.asarray((np.asarray(x, np.float64) - self.mean) @ self.beta)

    def survival(self, x: ArrayLike, times: ArrayLike, *, stratum: int = 0, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """(n, times) predicted survival with its limits (log-log) for each row of x.

        exp(-H), H = exp(beta'(x - mean)) H0(t), H0 by Breslow or Efron; var H = r^2 (sum 1/S0^2 + q'V q), q the sum of (x - mean of the
        risk set) / S0 over the events until t (Tsiatis 1981; Link 1984).
        """
        from scipy.special import ndtri

        rows = np.atleast_2d(np.asarray(x, np.float64))
        here = self.stratum == stratum
        until = np.searchsorted(self.event_time[here], np.asarray(times, np.float64), side="right")
        hazard, spread, drift = (_steps(part[here])[until] for part in (self.jump, self.spread, self.drift))
        relative = np.exp(self.linear(rows))[:, None]
        cumulative = relative * hazard
        q = relative[..., None] * ((rows - self.mean)[:, None, :] * hazard[None, :, None] - drift[None])
        variance = relative**2 * spread + np.einsum("ntp,pq,ntq->nt", q, self.covariance, q)
        scale = np.divide(np.sqrt(variance), cumulative, out=np.zeros_like(cumulative), where=cumulative > 0)
        reach = np.exp(float(ndtri((1 + level) / 2)) * scale)
        return np.exp(-cumulative), np.exp(-cumulative * reach), np.exp(-cumulative / reach)


@feature("Cox 比例ハザードモデル", "Cox proportional hazards model", booklet="C7", name="cox_model")
def cox_model(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    names: Sequence[str] = (),
    ties: Ties = "efron",
    entry: ArrayLike | None = None,
    strata: Iterable[Any] | None = None,
    patients: Iterable[Any] | None = None,
) -> CoxModel:
    """Maximise the partial likelihood (Cox 1972, JRSS B 34:187; ties: Efron 1977, JASA 72:557) by Newton's method with halved steps.

    Parameters
    ----------
    time, event, x : (n,), (n,), (n, p).
    entry : (n,) time at which each row comes under observation (counting process); None is 0.
    strata : (n,) each has a baseline hazard of its own.
    patients : (n,) rows of one patient, for a covariance that does not take them as independent (Lin & Wei 1989).
    """
    times, events = follow_up(time, event, least_events=2)
    table = numbers(x, "covariates")
    table = table[:, None] if table.ndim == 1 else table
    called = tuple(names) or tuple(f"x{n}" for n in range(1, table.shape[1] + 1))
    starts = None if entry is None else _entries(entry, times)
    same_length(time=times, covariates=table, entry=starts)
    sets = risk_sets(times, events, entry=starts, strata=strata, efron=ties == "efron")
    mean, sd = table.mean(0), table.std(0)
    _need_variety(table, sd, called)
    scaled = (table - mean) / sd
    start = partial_likelihood(sets, np.zeros(len(times)))
    gradient = start.gradient(scaled)
    score = float(gradient @ np.linalg.solve(start.information(scaled, start.means(scaled)), gradient))
    beta, found = _maximum(sets, scaled, start, called)
    means = found.means(scaled)
    covariance = np.linalg.inv(found.information(scaled, means))
    wald = float(beta @ np.linalg.solve(covariance, beta))
    groups = groups_of(patients, len(times))
    if robust := repeated(groups):
        left_out = binned(score_residuals(found, scaled), groups, int(groups.max()) + 1)
        bread = left_out @ covariance
        covariance = bread.T @ bread
        wald = float(beta @ np.linalg.solve(covariance, beta))
    p = len(beta)
    jump, spread, drift = _baseline(found, means)
    scale = math.exp(-found.shift)
    return CoxModel(
        called, beta / sd, covariance / np.outer(sd, sd), mean, start.value, found.value,
        _test(2 * (found.value - start.value), p), _test(wald, p), _test(score, p),
        len(times), int(events.sum()), ties, robust, sets.event_time, sets.stratum,
        jump * scale, spread * scale**2, drift * scale * sd,
    )  # fmt: skip


def score_residuals(found: PartialLikelihood, x: Floats) -> Floats:
    """(n, p) what each row adds to the score (Therneau & Grambsch 2000, section 4.6); ties as the risk sets say."""
    sets, means = found.sets, found.means(x)
    size, shared = len(sets.tied), means / found.total[:, None]
    of_event = binned(means, sets.slot, size) / sets.tied[:, None]
    jump, left = binned(shared, sets.slot, size), binned(shared * sets.share[:, None], sets.slot, size)
    drawn = sets.exposure(jump)
    own = sets.last[sets.event] - 1
    drawn[sets.event] -= left[own]
    residual = -(x * found.expected[:, None]) + found.relative[:, None] * drawn
    residual[sets.event] += x[sets.event] - of_event[own]
    return residual


def _maximum(sets: RiskSets, x: Floats, start: PartialLikelihood, names: tuple[str, ...]) -> tuple[Floats, PartialLikelihood]:
    beta, found = np.zeros(x.shape[1]), start
    for _ in range(ROUNDS):
        information = found.information(x, found.means(x))
        if np.linalg.cond(information) > 1e13:
            break
        step = np.asarray(np.linalg.solve(information, found.gradient(x)), np.float64)
        if float(np.abs(step).max()) < SMALL_STEP:
            return beta, found
        beta, found = _uphill(sets, x, beta, step, found)
    raise DataError(
        "G-SURV-006",
        en=f"the Cox model has no finite estimate: '{names[int(np.abs(beta).argmax())]}' separates patients with an event from those without "
        "(its hazard ratio grows without limit). Merge its categories, leave it out, or use the Cox-LASSO.",
        ja=f"Cox モデルの推定値が有限になりません。「{names[int(np.abs(beta).argmax())]}」がイベントのあった患者となかった患者を完全に分けています "
        "(ハザード比が際限なく大きくなります)。カテゴリをまとめるか、その変数を除くか、Cox-LASSO を使ってください。",
    )


def _uphill(sets: RiskSets, x: Floats, beta: Floats, step: Floats, before: PartialLikelihood) -> tuple[Floats, PartialLikelihood]:
    """The step, halved until the likelihood does not fall and no two patients differ by more than e^WIDEST."""
    for halving in range(20):
        tried = beta + step * 0.5**halving
        eta = x @ tried
        if float(np.ptp(eta)) > WIDEST:
            continue
        found = partial_likelihood(sets, eta)
        if found.value >= before.value - 1e-10 * abs(before.value):
            return tried, found
    return beta, before


def _baseline(found: PartialLikelihood, means: Floats) -> tuple[Floats, Floats, Floats]:
    slots, size = found.sets.slot, len(found.sets.tied)
    spread = binned(1 / found.total**2, slots, size)
    drift = binned(means / found.total[:, None], slots, size)
    return found.hazard, spread, drift


def _steps(part: Floats) -> Floats:
    return np.concatenate([np.zeros((1, *part.shape[1:])), np.cumsum(part, axis=0)])


def _test(statistic: float, degrees: int) -> CoxTest:
    from scipy.special import chdtrc

    return CoxTest(statistic, degrees, float(chdtrc(degrees, max(statistic, 0.0))))


def _entries(entry: ArrayLike, times: Floats) -> Floats:
    starts = numbers(entry, "entry times")
    same_length(time=times, entry=starts)
    late = starts >= times
    if late.any():
        row = int(np.flatnonzero(late)[0])
        raise DataError(
            "G-SURV-004",
            en=f"a patient must enter before the end of the follow-up; row {row + 1} enters at {starts[row]:g} and ends at {times[row]:g}. Correct the times.",
            ja=f"観察の開始は終了より前でなければなりません。{row + 1} 行目: 開始 {starts[row]:g}、終了 {times[row]:g}。時刻を直してください。",
        )
    return starts


def _need_variety(x: Floats, sd: Floats, names: tuple[str, ...]) -> None:
    flat = sd <= 1e-12 * np.maximum(1, np.abs(x).max(0))
    scaled = (x - x.mean(0)) / np.where(flat, 1, sd)
    if not flat.any() and np.linalg.matrix_rank(scaled) == x.shape[1]:
        return
    ranks = [np.linalg.matrix_rank(scaled[:, : n + 1]) for n in range(x.shape[1])]
    guilty = next(name for n, name in enumerate(names) if ranks[n] <= (ranks[n - 1] if n else 0))
    raise DataError(
        "G-SURV-005",
        en=f"each covariate must say something of its own; '{guilty}' is constant or follows from the ones before it ({len(x)} rows). Leave it out.",
        ja=f"共変量はそれぞれ独自の情報を持つ必要があります。「{guilty}」は一定か、前の変数から計算できてしまいます ({len(x)} 行)。除いてください。",
    )
