"""Follow-up data: how long each patient was watched, and whether the event came; and the risk sets made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.stats.inputs import Bools, Floats, Ints, binary, groups_of, numbers, same_length


def follow_up(time: ArrayLike, event: ArrayLike, *, least_events: int = 1) -> tuple[Floats, Bools]:
    """Times as float64 and events as booleans, checked: finite times of at least 0, and enough events to say anything."""
    times, events = numbers(time, "follow-up times"), binary(event)
    same_length(time=times, event=events)
    wrong = ~(np.isfinite(times) & (times >= 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(
            "G-SURV-001",
            en=f"a follow-up time must be a finite number of at least 0; row {row + 1} holds {times[row]:g}. Correct the dates or leave the row out.",
            ja=f"観察期間は 0 以上の有限の数でなければなりません。{row + 1} 行目の値: {times[row]:g}。日付を直すか、その行を除いてください。",
        )
    if events.sum() < least_events:
        raise DataError(
            "G-SURV-002",
            en=f"survival analysis learns from events; at least {least_events} needed, {int(events.sum())} came among {len(events)} patients. "
            "Check which value of the event column means an event, or wait for a longer follow-up.",
            ja=f"生存時間解析にはイベントが {least_events} 件以上必要です。{len(events)} 例中のイベント数: {int(events.sum())}。"
            "イベントの列でどの値がイベント発生を表すかを確認するか、追跡期間を延ばしてください。",
        )
    return times, events


def event_quartiles(time: Floats, event: Bools) -> tuple[float, ...]:
    """Quartiles of the event times to three digits, where the rounded time still lies within the follow-up."""
    exact = np.quantile(time[event], (0.25, 0.5, 0.75))
    round_ones = (float(f"{v:.3g}") for v in exact)
    kept = [r if time[event].min() <= r < time.max() else float(v) for r, v in zip(round_ones, exact, strict=True)]
    return tuple(dict.fromkeys(kept))


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Who is at risk at each of the m distinct event times; strata have event times of their own.

    Row j is at risk at the event times first[j] <= k < last[j]; a row with an event has it at k = last[j] - 1. `slot` and `share` have an
    entry for each event: the event time, and the share of the tied events that has left the risk set before (Efron 1977: 0, 1/d, 2/d ...;
    Breslow 1974: 0).
    """

    event: Bools
    first: Ints
    last: Ints
    tied: Ints
    slot: Ints
    share: Floats
    event_time: Floats
    stratum: Ints

    def at_risk(self, weight: Floats) -> Floats:
        """(m, ...) sums of a weight (n, ...) over the rows at risk at each event time."""
        return np.asarray(self._beyond(weight, self.last) - self._beyond(weight, self.first), np.float64)

    def at_event(self, weight: Floats) -> Floats:
        """(m, ...) sums of a weight over the rows whose event comes at each event time."""
        return binned(weight[self.event], self.last[self.event] - 1, len(self.tied))

    def exposure(self, jump: Floats) -> Floats:
        """(n, ...) sums of jumps at the event times (m, ...) over the times at which each row is at risk."""
        total = np.concatenate([np.zeros((1, *jump.shape[1:])), np.cumsum(jump, axis=0)])
        return np.asarray(total[self.last] - total[self.first], np.float64)

    def _beyond(self, weight: Floats, place: Ints) -> Floats:
        counts = binned(weight, place, len(self.tied) + 1)[1:]
        return np.asarray(np.cumsum(counts[::-1], axis=0)[::-1], np.float64)


def risk_sets(
    time: Floats, event: Bools, *, entry: Floats | None = None, strata: Iterable[Any] | None = None, efron: bool = True
) -> RiskSets:
    """The risk sets of times with delayed entry and strata; events at a time precede censoring and entry at it."""
    group = np.zeros(len(time), np.int64) if strata is None else groups_of(strata, len(time))
    values = np.unique(time if entry is None else np.concatenate([time, entry]))
    span = len(values) + 1
    key = group * span + np.searchsorted(values, time) + 1
    start = group * span + (0 if entry is None else np.searchsorted(values, entry) + 1)
    moments, tied = np.unique(key[event], return_counts=True)
    within = np.arange(int(tied.sum())) - np.repeat(np.cumsum(tied) - tied, tied)
    slot = np.repeat(np.arange(len(moments)), tied)
    return RiskSets(
        event,
        np.searchsorted(moments, start, side="right"),
        np.searchsorted(moments, key, side="right"),
        tied,
        slot,
        within / tied[slot] if efron else np.zeros(len(slot)),
        values[moments % span - 1],
        moments // span,
    )


def binned(weight: Floats, place: Ints, size: int) -> Floats:
    """(size, ...) sums of the rows of a weight (n, ...) that have each place."""
    if weight.ndim == 1:
        return np.asarray(np.bincount(place, weight, minlength=size), np.float64)
    return np.stack([np.bincount(place, column, minlength=size) for column in weight.T], axis=1).astype(np.float64)
