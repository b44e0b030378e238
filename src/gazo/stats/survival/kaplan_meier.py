"""The Kaplan-Meier estimate with its interval, the median, and the number at risk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, result
from gazo.stats.inputs import Floats, Ints, within
from gazo.stats.survival.times import follow_up

TIE = 1e-9  # two survival probabilities closer than this are equal


@result("survival curve")
@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A falling staircase: `survival[k]` holds from `time[k]` on; before the first time it is 1.

    Parameters
    ----------
    time : (m,) every distinct time at which an event came or a patient was censored.
    survival, low, high : (m,) probability and limits; NaN limits where none exist (survival 0).
    at_risk, events, censored : (m,) patients.
    level : of the limits.
    name : of the group.
    """

    time: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    level: float = 0.95
    name: Text = Text("全例", "all")

    @property
    def patients(self) -> int:
        return int(self.at_risk[0])

    def at(self, moment: float) -> Estimate:
        """Survival at a time; NaN beyond the last follow-up unless everybody had the event."""
        name = Text(f"{moment:g} における生存率", f"survival at {moment:g}")
        place = int(np.searchsorted(self.time, moment, side="right")) - 1
        if place < 0:
            return Estimate(name, 1.0, None, None, self.level, "no event yet")
        if moment > self.time[-1] and self.survival[-1] > 0:
            return Estimate(name, math.nan, None, None, self.level, "beyond the last follow-up")
        low, high = (None if math.isnan(v[place]) else float(v[place]) for v in (self.low, self.high))
        return Estimate(name, float(self.survival[place]), low, high, self.level, METHOD)

    def still_at_risk(self, moment: float) -> int:
        """Patients under observation just before a time."""
        place = int(np.searchsorted(self.time, moment, side="left"))
        return int(self.at_risk[place]) if place < len(self.time) else 0

    def median(self, *, unit: str = "", share: float = 0.5) -> Estimate:
        """The time at which survival falls to `share`, with the limits of Brookmeyer and Crowley (1982); infinite where it is not reached."""
        found, low, high = (_crossing(self.time, y, share) for y in (self.survival, self.low, self.high))
        name = Text(f"生存期間中央値 ({self.name.ja})", f"median survival ({self.name.en})")
        limits = (None, None) if math.isinf(low) else (low, high)
        return Estimate(name, found, limits[0], limits[1], self.level, "Brookmeyer-Crowley, log-log", unit)


METHOD = "Greenwood, log-log"


@feature("カプラン・マイヤー推定", "Kaplan-Meier estimate", booklet="C7", name="kaplan_meier_curve")
def kaplan_meier_curve(
    time: ArrayLike, event: ArrayLike, *, level: float = 0.95, name: Text = Text("全例", "all")
) -> SurvivalCurve:
    """S(t) = product over event times of 1 - d / n (Kaplan & Meier 1958, JASA 53:457).

    Variance by Greenwood (1926), limits S^exp(+-z se / |log S|) on the scale log(-log S) (Kalbfleisch & Prentice 1980): they stay
    within 0 and 1 and are good with few patients. An event at the time of a censoring precedes it.

    Parameters
    ----------
    time, event : (n,) one row a patient; event 1, censored 0.
    """
    within("level", level, 0, 1)
    times, events = follow_up(time, event, least_events=0)
    moments, place = np.unique(times, return_inverse=True)
    deaths = np.bincount(place[events], minlength=len(moments))
    leaving = np.bincount(place, minlength=len(moments))
    at_risk = np.cumsum(leaving[::-1])[::-1]
    survival = np.asarray(np.cumprod(1 - deaths / at_risk), np.float64)
    low, high = _limits(survival, deaths, at_risk, level)
    return SurvivalCurve(moments, survival, low, high, at_risk, deaths, leaving - deaths, level, name)


def _limits(survival: Floats, deaths: Ints, at_risk: Ints, level: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    left = at_risk - deaths
    greenwood = np.cumsum(np.divide(deaths, at_risk * left, out=np.zeros(len(left)), where=left > 0))
    inside = (survival > 0) & (survival < 1)
    log = np.log(survival, out=np.full(len(survival), -1.0), where=inside)
    reach = np.exp(float(ndtri((1 + level) / 2)) * np.sqrt(greenwood) / np.abs(log))
    edge = np.where(survival >= 1, 1.0, np.nan)
    return np.where(inside, survival**reach, edge), np.where(inside, survival ** (1 / reach), edge)


def _crossing(time: Floats, values: Floats, share: float) -> float:
    """First time at which values reach `share`; the middle of the step where they lie on it (as survfit does)."""
    known = ~np.isnan(values)
    time, values = time[known], values[known]
    reached = np.flatnonzero(values <= share + TIE)
    if not len(reached):
        return math.inf
    on = np.flatnonzero(np.abs(values - share) < TIE)
    beyond = np.flatnonzero(values < share - TIE)
    if len(on) and len(beyond):
        return float(time[on[0]] + time[beyond[0]]) / 2
    return float(time[reached[0]])
