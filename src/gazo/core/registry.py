"""What gazo can do: every operation, method, network, reader and proof stands here under its room and name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from gazo.core.language import Text

Kind = Literal["operation", "method", "feature", "proof"]
Target = TypeVar("Target", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """One thing in the catalog. `target` is the callable that users import under `dotted`."""

    kind: Kind
    room: str
    name: str
    label: Text
    target: Any
    booklet: tuple[str, ...] = ()
    version: int = 1

    @property
    def dotted(self) -> str:
        """Where the thing lives, such as ``gazo.learn.classify.classifier.Classifier``."""
        return f"{self.target.__module__}.{self.target.__qualname__}"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.room, self.name


_entries: dict[tuple[str, str, str], Entry] = {}


def register(entry: Entry) -> None:
    """Put an entry into the catalog; a second thing with the same name is refused."""
    there = _entries.get(entry.key)
    if there is not None and there.dotted != entry.dotted:
        raise ValueError(f"{entry.key} is already {there.dotted}; {entry.dotted} needs another name")
    _entries[entry.key] = entry


def entries(kind: Kind | None = None, room: str | None = None) -> list[Entry]:
    """The entries registered so far (see `gazo.runs.catalog.discover`), sorted by room and name."""
    found: Iterable[Entry] = _entries.values()
    return sorted((e for e in found if kind in (None, e.kind) and room in (None, e.room)), key=lambda e: (e.room, e.kind, e.name))


def room_of(target: Any) -> str:
    """The room a function or class stands in: ``gazo.process.filters`` is in ``process``."""
    parts = target.__module__.split(".")
    return parts[1] if parts[0] == "gazo" and len(parts) > 1 else "user"


def tags(booklet: str | Iterable[str]) -> tuple[str, ...]:
    """Booklet ids as a tuple, whether one or several were given."""
    return (booklet,) if isinstance(booklet, str) else tuple(booklet)


def feature(ja: str, en: str, *, booklet: str | Iterable[str] = (), name: str | None = None) -> Callable[[Target], Target]:
    """Put a public function or class that is neither operation nor method into the catalog, unchanged."""

    def add(target: Target) -> Target:
        words = (name or target.__name__).replace("_", "-").lower()
        register(Entry("feature", room_of(target), words, Text(ja, en), target, tags(booklet)))
        return target

    return add
