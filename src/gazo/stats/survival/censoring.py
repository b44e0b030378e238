"""The Kaplan-Meier curve of censoring, by whose inverse patients are weighted who stand for others that were lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.stats.inputs import Bools, Floats


@dataclass(frozen=True, eq=False)
class CensoringSurvival:
    """G(t), the probability to be still under observation: `value[k]` from `time[k]` on, 1 before."""

    time: Floats
    value: Floats

    def at(self, moments: Floats) -> Floats:
        return self._read(moments, "right")

    def before(self, moments: Floats) -> Floats:
        """G(t-): what held just before t."""
        return self._read(moments, "left")

    def _read(self, moments: Floats, side: str) -> Floats:
        place = np.searchsorted(self.time, moments, side="right" if side == "right" else "left")
        return np.concatenate([[1.0], self.value])[place]


def censoring_survival(time: Floats, event: Bools) -> CensoringSurvival:
    """G by Kaplan and Meier with censoring as the event; a patient who dies at a time is not at risk of being censored at it."""
    moments, place = np.unique(time, return_inverse=True)
    gone = np.bincount(place, minlength=len(moments))
    dead = np.bincount(place[event], minlength=len(moments))
    at_risk = np.cumsum(gone[::-1])[::-1] - dead
    lost = gone - dead
    return CensoringSurvival(moments, np.cumprod(1 - np.divide(lost, at_risk, out=np.zeros(len(lost)), where=at_risk > 0)))
