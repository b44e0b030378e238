"""The log of a run: one JSON line an event, appended by the worker, followed by whoever looks on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from gazo.core.files import storage_error
from gazo.core.language import Text
from gazo.core.progress import Event
from gazo.core.results import from_json, to_json


class EventLog:
    """Appends events to ``events.jsonl``; use it as a context and call it with events."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "events.jsonl"
        self._open: IO[str] | None = None

    def __enter__(self) -> EventLog:
        self._open = open(self.file, "a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()

    def __call__(self, event: Event) -> None:
        """Append one event; what is written survives the death of the process."""
        line = {"time": round(time.time(), 3), "stage": event.stage, "done": event.done, "total": event.total}
        facts = {key: value for key, value in event.facts.items() if value == value}  # NaN has no place in JSON
        line |= {"facts": facts, "note": event.note}
        assert self._open is not None
        try:
            self._open.write(json.dumps(to_json(line), ensure_ascii=False) + "\n")
            self._open.flush()
        except OSError as error:
            raise storage_error(error, self.file) from None


def read_events(folder: Path) -> list[Event]:
    """All events of a run so far."""
    return list(follow(folder, lambda: False))


def follow(folder: Path, goes_on: Callable[[], bool], *, start: int = 0) -> Iterator[Event]:
    """Events as they are written, until `goes_on` says no and the log is read to its end.

    `start` is the position in the file to begin at, so that a resumed run does not repeat its past.
    """
    file, rest = folder / "events.jsonl", b""
    position = start
    while True:
        more = goes_on()
        if file.exists():
            with open(file, "rb") as log:
                log.seek(position)
                content = log.read()
            position += len(content)
            *lines, rest = (rest + content).split(b"\n")
            yield from (event for event in map(_event, lines) if event is not None)
        if not more:
            return
        time.sleep(0.2)


def _event(line: bytes) -> Event | None:
    """The event of a line; a line that a killed worker left half written is passed over."""
    try:
        return event_of(from_json(json.loads(line)))
    except ValueError:
        return None


def event_of(stored: dict[str, Any]) -> Event:
    """The event of a line that was parsed."""
    stage = stored["stage"]
    return Event(
        stage if isinstance(stage, Text) else Text("", ""), stored["done"], stored["total"], stored["facts"], stored["note"]
    )
