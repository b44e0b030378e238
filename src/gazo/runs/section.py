"""A part of a report: sentences, tables and figures under one heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gazo.core.language import Text
from gazo.core.results import Table


@dataclass(frozen=True)
class Picture:
    """Something `gazo.figure` can draw, its caption, and how wide it stands on the page."""

    drawn: Any
    caption: Text
    name: str
    width_mm: float = 85


@dataclass(frozen=True)
class Section:
    """One heading of a report. `key` names the files of its tables."""

    key: str
    title: Text
    sentences: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    whole_table: bool = True  # False: a long table, of which the page shows the beginning
