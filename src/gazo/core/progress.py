"""How long work tells where it is: events that a bar, a log file or a web page may show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gazo.core.language import Text

Item = TypeVar("Item")


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    `done` of `total` units of `stage` are finished; `facts` carries numbers worth keeping, `note` a sentence for the user.
    """

    stage: Text
    done: int = 0
    total: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    note: Text | None = None


class Cancelled(BaseException):
    """Somebody wants the work to end. A listener raises it; like Ctrl-C it passes what handles faults of single images."""


OnEvent = Callable[[Event], None]


def quiet(event: Event) -> None:
    """Listen and say nothing."""


def counted(items: Sequence[Item], stage: Text, on_event: OnEvent) -> Iterator[Item]:
    """Pass items on and report each; a list of 10,000 gives at most a hundred events."""
    total = len(items)
    step = max(1, total // 100)
    for number, item in enumerate(items, 1):
        yield item
        if number % step == 0 or number == total:
            on_event(Event(stage, number, total))
