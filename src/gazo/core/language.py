"""Japanese or English: which one is spoken now, and a pair of texts that holds both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

Language = Literal["ja", "en"]

_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


class Text(NamedTuple):
    """One text in both languages; `str(text)` is the one spoken now."""

    ja: str
    en: str

    def __str__(self) -> str:
        return self.ja if language() == "ja" else self.en


def language() -> Language:
    """The language chosen with `speaking`, else by GAZO_LANG, else by the locale; English when nothing asks for Japanese."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    for name in ("GAZO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


@contextmanager
def speaking(chosen: Language | None) -> Iterator[None]:
    """Speak `chosen` inside the block; None leaves the language as it is."""
    token = _chosen.set(chosen if chosen is not None else _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)
