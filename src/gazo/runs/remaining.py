"""How long a run will still take, told alike by the terminal and the workbench."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

from gazo.core.language import Text
from gazo.core.progress import Event

EPOCHS_LOOKED_AT = 5


class Remaining:
    """Hears the events of a run with their times and says how many seconds are left.

    While something learns: the median of the last five epoch times x the epochs left, over all folds and networks that the events
    count; the median, because the first epoch and one in which the machine was busy are no measure of the others. In the
    first epoch, and in any other stage, the pace since the stage began.
    """

    def __init__(self) -> None:
        self._stage, self._done, self._total = "", 0, 0
        self._begun = 0.0  # when the stage began
        self._last: float | None = None  # when something was heard
        self._first = 0  # what was done when the stage began
        self._ends: deque[float] = deque(maxlen=EPOCHS_LOOKED_AT + 1)
        self._epochs_left = 0

    def hear(self, event: Event, at: float) -> None:
        """Take note of an event at a time in seconds."""
        if event.total:
            learning = "epoch" in event.facts
            stage = "learning" if learning else event.stage.en
            if stage != self._stage or (event.done < self._done and event.total == self._total):
                self._begin(stage, event, at)
            self._done, self._total = event.done, event.total
            if learning and "batch" not in event.facts:
                self._epoch_ended(event, at)
        self._last = at

    def seconds(self, now: float) -> float | None:
        """Seconds that are left at the time `now`; None while nothing can be said."""
        if len(self._ends) > 1:
            ends = list(self._ends)
            one = median(later - earlier for earlier, later in pairwise(ends))
            gone = min(now - ends[-1], one)  # an epoch that takes longer than usual does not eat up the others
            return max(0.0, one * self._epochs_left - gone)
        worked = self._done - self._first
        if worked <= 0 or self._last is None or self._last <= self._begun:
            return None
        pace = (self._last - self._begun) / worked
        return max(0.0, pace * (self._total - self._done) - (now - self._last))

    def _begin(self, stage: str, event: Event, at: float) -> None:
        """Another stage, or the same one gone on with after a stop: what was measured before does not count."""
        self._stage, self._begun = stage, at if self._last is None else self._last
        self._first = 0 if stage != "learning" or not self._resumed(event) else event.done
        self._ends.clear()
        self._ends.append(self._begun)

    def _resumed(self, event: Event) -> bool:
        """Whether the first event of a stage tells of work that was done before it began."""
        batch, epoch = event.facts.get("batch"), event.facts["epoch"]
        return epoch > (0 if batch is not None else 1) or "fold" in event.facts

    def _epoch_ended(self, event: Event, at: float) -> None:
        self._epochs_left = event.total - event.done
        self._ends.append(at)


def time_text(seconds: float) -> Text:
    """A length of time in words."""
    whole = max(0, round(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return Text(f"{hours} 時間 {minutes} 分", f"{hours} h {minutes} min")
    if minutes:
        return Text(f"{minutes} 分 {whole % 60} 秒", f"{minutes} min {whole % 60} s")
    return Text(f"{whole} 秒", f"{whole} s")
