"""Where the runs of a workspace are, from their folders alone: state, progress, time left, best and last values, events."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import Event
from gazo.core.results import Estimate, Measurement, from_json
from gazo.runs.events import event_of
from gazo.runs.measurement_sections import estimates_of
from gazo.runs.ownership import UNDER_WAY, read_status
from gazo.runs.remaining import Remaining

FALLING = ("loss", "error", "distance")  # a value with such a word in its name is better when it is lower
_WATCHED = ("validation_loss", "loss")
_REMEMBERED = 500  # runs
_COUNTS = ("epoch", "epochs", "fold")  # where a training is, not how well it does
_IN_A_LIST = 3  # numbers of a result

Told = tuple[float, Event]  # when, and what


@dataclass(frozen=True)
class Value:
    """A number that was measured after every epoch: the best one, the epoch it came from (from 1), and the last one."""

    name: str
    best: float
    best_epoch: int
    last: float


@dataclass
class Progress:
    """What the events of a run tell so far; reads on where it stopped when it is asked again."""

    folder: Path
    position: int = 0
    event: Event | None = None  # the last one that counts something
    begun: float | None = None
    last: float = 0.0
    remaining: Remaining = field(default_factory=Remaining)
    series: dict[tuple[str, int], list[dict[str, float]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read_on(self) -> None:
        """Take in what was written since."""
        with self.lock:
            told, self.position = events_since(self.folder, self.position)
            for at, event in told:
                self._take(event, at)

    def _take(self, event: Event, at: float) -> None:
        self.begun = at if self.begun is None else self.begun
        self.last = at
        self.remaining.hear(event, at)
        if event.total:
            self.event = event
        facts = event.facts
        if "epoch" in facts and "batch" not in facts:
            key = str(facts.get("network", "")), int(facts.get("fold", 0))
            row = {name: float(v) for name, v in facts.items() if isinstance(v, int | float) and name not in _COUNTS}
            rows = self.series.setdefault(key, [])
            del rows[max(0, int(facts["epoch"]) - 1) :]  # epochs that a resumed run went through again
            rows.append(row)

    def values(self) -> list[Value]:
        """Best and last value of each number, averaged over folds; with several networks, of the best of them."""
        networks = list(dict.fromkeys(network for network, _ in self.series))
        found = [self._of(network) for network in networks]
        return min(found, key=_watched) if found else []

    def _of(self, network: str) -> list[Value]:
        folds = [rows for (name, _), rows in self.series.items() if name == network and rows]
        names = dict.fromkeys(name for rows in folds for row in rows for name in row if name != "learning_rate")
        return [value for name in names if (value := _value(name, folds)) is not None]


def progress_of(folder: Path) -> Progress:
    """What the events of a run tell so far. Remembered, so that only what is new is read."""
    with _lock:
        found = _known.pop(str(folder), None) or Progress(folder)
        _known[str(folder)] = found
        while len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    log = folder / "events.jsonl"
    if not log.exists() or log.stat().st_size < found.position:  # another run under the same name
        found = _known[str(folder)] = Progress(folder)
    found.read_on()
    return found


_known: OrderedDict[str, Progress] = OrderedDict()
_lock = threading.Lock()


def events_since(folder: Path, since: int) -> tuple[list[Told], int]:
    """The events of the whole lines of the log from a position on, and the position after them."""
    try:
        with open(folder / "events.jsonl", "rb") as log:
            log.seek(since)
            content = log.read()
    except OSError:
        return [], since
    whole = content[: content.rfind(b"\n") + 1]
    return [told for raw in whole.splitlines() if (told := _parsed(raw)) is not None], since + len(whole)


def telling_since(folder: Path, since: int) -> tuple[list[Told], int]:
    """As `events_since`, without the events inside epochs but for the last, so that a long run is told in few words."""
    told, position = events_since(folder, since)
    inside = [number for number, (_, event) in enumerate(told) if "batch" in event.facts]
    passed = set(inside[:-1])
    return [one for number, one in enumerate(told) if number not in passed], position


def standing(folder: Path, *, now: float | None = None) -> dict[str, Any]:
    """The status of a run with its progress: `share` of the present stage, and `left_s` while something can be said."""
    status, progress = read_status(folder), progress_of(folder)
    going = status["state"] in UNDER_WAY
    event = progress.event if going or status["state"] in ("stopped", "cancelled", "failed") else None
    left = progress.remaining.seconds(now or time.time()) if status["state"] == "running" else None
    facts = event.facts if event is not None else {}
    return {
        "state": status["state"],
        "code": status.get("code", ""),
        "error": Text(*status["error"]) if status.get("error") else None,
        "silent_s": status.get("silent_s"),
        "started": progress.begun,
        "seconds": seconds_of(status, progress, now or time.time()),
        "stage": event.stage if event is not None else None,
        "share": event.done / event.total if event is not None and event.total else None,
        "epoch": _epoch(facts),
        "epochs": facts.get("epochs"),
        "fold": facts.get("fold"),
        "network": facts.get("network", ""),
        "left_s": left,
    }


def headline_of(outcome: Any) -> tuple[Estimate, ...]:
    """The numbers that stand for a result in a list of runs."""
    found = estimates_of(outcome) if isinstance(outcome, Measurement) else getattr(outcome, "metrics", ())
    return tuple(one for one in found if isinstance(one, Estimate))[:_IN_A_LIST]


def seconds_of(status: dict[str, Any], progress: Progress, now: float) -> float | None:
    """How long a run worked so far, or in all."""
    if status.get("seconds") is not None:
        return float(status["seconds"])
    if progress.begun is None:
        return None
    end = now if status["state"] == "running" else progress.last
    return max(0.0, end - float(status.get("started") or progress.begun))


def _epoch(facts: dict[str, Any]) -> int | None:
    """The epoch that is worked on, from 1."""
    if "epoch" not in facts:
        return None
    return int(facts["epoch"]) + ("batch" in facts)


def _value(name: str, folds: list[list[dict[str, float]]]) -> Value | None:
    best = min if any(word in name for word in FALLING) else max
    found: list[tuple[float, int, float]] = []
    for rows in folds:
        numbers = [(row[name], epoch) for epoch, row in enumerate(rows, 1) if name in row]
        if numbers:
            value, epoch = best(numbers, key=lambda pair: pair[0])
            found.append((value, epoch, numbers[-1][0]))
    if not found:
        return None
    count = len(found)
    return Value(
        name, sum(f[0] for f in found) / count, round(sum(f[1] for f in found) / count), sum(f[2] for f in found) / count
    )


def _watched(values: list[Value]) -> float:
    by_name = {value.name: value.best for value in values}
    return next((by_name[name] for name in _WATCHED if name in by_name), float("inf"))


def _parsed(raw: bytes) -> Told | None:
    """The event of a line; a line that a killed worker left half written is passed over."""
    try:
        stored = from_json(json.loads(raw))
        return float(stored["time"]), event_of(stored)
    except (ValueError, KeyError, TypeError):
        return None
