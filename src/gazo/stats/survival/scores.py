"""How good predicted survival is: the area under the curve at a time, the Brier score over time, and calibration at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, result
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Bools, Floats, groups_of, numbers, same_length, within
from gazo.stats.survival.censoring import censoring_survival
from gazo.stats.survival.kaplan_meier import kaplan_meier_curve
from gazo.stats.survival.times import follow_up


@feature("時間依存 AUC", "Time-dependent AUC", booklet="C7", name="survival_auc")
def survival_auc(
    time: ArrayLike,
    event: ArrayLike,
    risk: ArrayLike,
    moment: float,
    *,
    patients: Iterable[Any] | None = None,
    repeats: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """P(risk of a patient with the event by t > risk of one without), events weighed by 1/G(T) (cumulative/dynamic; Uno 2007, Hung & Chiang 2010).

    Limits from the bootstrap over patients, weights made anew in each resample; `repeats` 0 gives none.
    """
    times, events = follow_up(time, event)
    values = numbers(risk, "risks")
    same_length(time=times, risk=values)
    name = Text(f"AUC ({moment:g} 時点)", f"AUC at {moment:g}")
    found = auc_value(times, events, values, moment)
    if math.isnan(found):
        raise DataError(
            "G-SURV-008",
            en=f"an area at {moment:g} needs patients with the event until then and patients still watched after it; the last follow-up is at {times.max():g}. Choose another time.",
            ja=f"{moment:g} 時点の AUC には、それまでにイベントのあった患者と、その後も観察中の患者の両方が必要です。最長の観察期間: {times.max():g}。別の時点を選んでください。",
        )
    return _bootstrapped(
        name, found, lambda t, e, r: auc_value(t, e, r, moment), (times, events, values), patients, repeats, seed, level
    )


def auc_value(time: Floats, event: Bools, risk: Floats, moment: float) -> float:
    """The area alone, NaN where one side is empty."""
    case, control = event & (time <= moment), time > moment
    if not case.any() or not control.any():
        return math.nan
    weight = 1 / censoring_survival(time, event).before(time[case])
    order = np.sort(risk[control])
    below = np.searchsorted(order, risk[case], side="left") + np.searchsorted(order, risk[case], side="right")
    return float(weight @ (below / (2 * len(order))) / weight.sum())


@result("brier score over time")
@dataclass(frozen=True, eq=False)
class BrierCurve:
    """Brier score at each time of the predictions and of the Kaplan-Meier curve of all, and their means over the span.

    Parameters
    ----------
    time, score, reference : (times,).
    integrated, integrated_reference : means over time; `skill` is 1 - the first / the second: 0 knows no more than the curve of all.
    """

    time: Floats
    score: Floats
    reference: Floats
    integrated: Estimate
    integrated_reference: Estimate
    skill: Estimate


@feature("生存予測の Brier スコア", "Brier score of predicted survival", booklet="C7", name="survival_brier")
def survival_brier(
    time: ArrayLike,
    event: ArrayLike,
    survival: ArrayLike,
    moments: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    repeats: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> BrierCurve:
    """Mean of S(t|x)^2 1(T <= t, event)/G(T-) + (1 - S(t|x))^2 1(T > t)/G(t) (Graf 1999, Stat Med 18:2529), integrated over t by trapezoids.

    Parameters
    ----------
    survival : (n, times) predicted probability to be free of the event at each of the `moments`, which rise.
    """
    times, events = follow_up(time, event)
    at = np.atleast_1d(numbers(moments, "times"))
    predicted = _probabilities(survival).reshape(len(times), -1)
    same_length(times=at, columns_of_survival=predicted.T)
    _need_inside(at, times)
    plain = np.tile([kaplan_meier_curve(times, events).at(t).value for t in at], (len(times), 1))
    score, reference = (brier_values(times, events, p, at) for p in (predicted, plain))
    arrays = (times, events, predicted, plain)

    def estimate(name: Text, value: Callable[[float, float], float]) -> Estimate:
        def again(t: Floats, e: Bools, p: Floats, q: Floats) -> float:
            return value(_mean_over(at, brier_values(t, e, p, at)), _mean_over(at, brier_values(t, e, q, at)))

        return _bootstrapped(name, again(*arrays), again, arrays, patients, repeats, seed, level)

    return BrierCurve(
        at,
        score,
        reference,
        estimate(Text("積分 Brier スコア", "integrated Brier score"), lambda a, b: a),
        estimate(Text("積分 Brier スコア (全例の生存曲線)", "integrated Brier score of the Kaplan-Meier curve"), lambda a, b: b),
        estimate(Text("Brier スコアの改善度 (1 − 比)", "Brier skill (1 - ratio)"), lambda a, b: 1 - a / b),
    )


def _probabilities(survival: ArrayLike) -> Floats:
    values = numbers(survival, "predicted survival")
    if ((values < 0) | (values > 1)).any():
        raise DataError(
            "G-SURV-016",
            en=f"predicted survival must lie between 0 and 1; values from {values.min():g} to {values.max():g} came. Divide percentages by 100, or name other columns.",
            ja=f"予測生存率は 0 以上 1 以下でなければなりません。受け取った値は {values.min():g} ～ {values.max():g} です。% は 100 で割るか、別の列を指定してください。",
        )
    return values


def brier_values(time: Floats, event: Bools, survival: Floats, moments: Floats) -> Floats:
    """(times,) the score at each time."""
    censoring = censoring_survival(time, event)
    before = censoring.before(time)
    gone = np.divide(1.0, before, out=np.zeros(len(time)), where=event & (before > 0))
    now = censoring.at(moments)
    here = np.divide(1.0, now, out=np.full(len(now), np.nan), where=now > 0)
    past = time[:, None] <= moments
    loss = np.where(past, survival**2 * gone[:, None], (1 - survival) ** 2 * here)
    return np.asarray(loss.mean(0))


def _mean_over(at: Floats, values: Floats) -> float:
    return float(np.trapezoid(values, at) / (at[-1] - at[0])) if len(at) > 1 else float(values[0])


def _need_inside(at: Floats, times: Floats) -> None:
    if (at >= times.max()).any() or (np.diff(at) <= 0).any():
        raise DataError(
            "G-SURV-009",
            en=f"times of a Brier score must rise and lie before the last follow-up ({times.max():g}); they reach to {at.max():g}. Choose earlier times.",
            ja=f"Brier スコアの時点は小さい順で、最長の観察期間 ({times.max():g}) より前でなければなりません。指定の最大: {at.max():g}。早い時点を選んでください。",
        )


@result("survival calibration")
@dataclass(frozen=True, eq=False)
class SurvivalCalibration:
    """Predicted and observed survival at a time in groups of rising risk; `ratio` is observed over expected events of all patients."""

    moment: float
    patients: Floats
    predicted: Floats
    observed: tuple[Estimate, ...]
    ratio: Estimate


@feature("生存予測の較正", "Calibration of predicted survival", booklet="C7", name="survival_calibration")
def survival_calibration(
    time: ArrayLike, event: ArrayLike, survival: ArrayLike, moment: float, *, groups: int = 4, level: float = 0.95
) -> SurvivalCalibration:
    """Mean predicted survival at t against Kaplan-Meier in groups of equal size; observed / expected = (1 - KM) / mean(1 - S) over all.

    The ratio has the limits of the Kaplan-Meier estimate over the expected share, which is taken as fixed.
    """
    times, events = follow_up(time, event)
    predicted = _probabilities(survival)
    same_length(time=times, survival=predicted)
    parts = np.array_split(np.argsort(-predicted, kind="stable"), min(groups, len(times)))
    observed = tuple(kaplan_meier_curve(times[rows], events[rows], level=level).at(moment) for rows in parts)
    whole = kaplan_meier_curve(times, events, level=level).at(moment)
    expected = max(float(1 - predicted.mean()), 1e-12)
    low, high = (None if v is None else (1 - v) / expected for v in (whole.high, whole.low))
    name = Text(f"観測 / 予測イベント比 ({moment:g} 時点)", f"observed over expected events at {moment:g}")
    ratio = Estimate(name, (1 - whole.value) / expected, low, high, level, whole.method)
    return SurvivalCalibration(
        moment,
        np.array([len(rows) for rows in parts], float),
        np.array([predicted[rows].mean() for rows in parts]),
        observed,
        ratio,
    )


def _bootstrapped(
    name: Text,
    value: float,
    statistic: Callable[..., float],
    arrays: tuple[Any, ...],
    patients: Iterable[Any] | None,
    repeats: int,
    seed: int,
    level: float,
) -> Estimate:
    within("level", level, 0, 1)
    if not repeats:
        return Estimate(name, value, None, None, level, "none asked for")
    groups = groups_of(patients, len(arrays[0]))
    low, high = bootstrap(statistic, *arrays, groups=groups, repeats=repeats, seed=seed, level=level)
    return Estimate(name, value, low, high, level, f"bootstrap by patient, {repeats} resamples, percentile")
