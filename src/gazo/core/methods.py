"""`@method`: a frozen dataclass of options that learns. The specification never changes; `fit` returns another object."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from gazo.core.language import Text
from gazo.core.operations import command
from gazo.core.parameters import checked
from gazo.core.registry import Entry, register, room_of, tags

Class = TypeVar("Class", bound=type)


def method(
    task: str, ja: str, en: str, *, name: str | None = None, booklet: str | Iterable[str] = (), version: int = 1
) -> Callable[[Class], Class]:
    """Register a frozen, keyword-only dataclass whose annotated fields are its options; they are checked when it is made.

    Parameters
    ----------
    task : the family it belongs to ("classify", "segment" ...).
    ja, en : its name in both languages.
    name : its command; by default the class name in small letters.
    booklet, version : as in `gazo.core.operations.operation`.
    """

    def wrap(kind: Class) -> Class:
        make: Any = vars(kind)["__init__"]

        def init(self: Any, **options: Any) -> None:
            make(self, **checked(kind, options))

        init.__signature__ = _signature(kind)  # type: ignore[attr-defined]
        init.__wrapped__ = make  # type: ignore[attr-defined]
        kind.__init__ = init  # type: ignore[misc]
        kind.task = task  # type: ignore[attr-defined]
        kind.version = version  # type: ignore[attr-defined]
        label = Text(ja, en)
        register(Entry("method", room_of(kind), name or command(kind.__name__), label, kind, tags(booklet), version))
        return kind

    return wrap


def options_of(spec: Any) -> dict[str, Any]:
    """The options of a method as plain values, for a recipe."""
    return {f.name: getattr(spec, f.name) for f in dataclasses.fields(spec)}


def _signature(kind: type) -> Any:
    import inspect

    return inspect.signature(kind.__init__)  # type: ignore[misc]
