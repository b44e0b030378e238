"""What a data set holds, told column by column and class by class; no file name stands in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.datasets.strata import class_names, is_missing
from gazo.datasets.tabulate import as_numbers
from gazo.runs.sets_table import BOXES, FILE

_LEVELS = 40


@dataclass(frozen=True)
class ColumnFacts:
    """One column.

    Parameters
    ----------
    role : the part it plays, or empty.
    kind : numbers (more than ten different), categories, texts (more than 40 different), or boxes.
    filled, different : cells that are not empty, and how many of those differ.
    levels : the most frequent values with their counts (categories only).
    low, high : of numbers.
    """

    name: str
    role: str
    kind: Literal["number", "category", "text", "boxes"]
    filled: int
    different: int
    levels: tuple[tuple[str, int], ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ClassFacts:
    """One class: its images and its patients (None where no patient is known)."""

    name: str
    images: int
    patients: int | None


def shown_columns(images: ImageSet) -> list[str]:
    """The columns a page may show: not files and masks (their names mean nothing), not the corners of boxes."""
    hidden = {FILE, *BOXES, "boxes", "box_labels", images.roles.get("mask", FILE)}
    return [name for name in images.columns if name not in hidden]


def column_facts(images: ImageSet) -> list[ColumnFacts]:
    """All columns of a set but the files."""
    part = {column: str(role) for role, column in images.roles.items()}
    return [
        _column(name, part.get(name, ""), images.columns[name]) for name in images.columns if name not in (FILE, "box_labels")
    ]


def _column(name: str, role: str, cells: NDArray[Any]) -> ColumnFacts:
    if role == "boxes":
        return ColumnFacts(name, role, "boxes", sum(len(boxes) > 0 for boxes in cells), 0)
    full = [cell for cell in cells if not is_missing(cell)]
    counts = Counter(str(cell).strip() for cell in full)
    values = as_numbers(cells)
    if values is not None and role not in ("patient", "mask"):
        known = values[~np.isnan(values)]
        return ColumnFacts(name, role, "number", len(full), len(counts), (), float(known.min()), float(known.max()))
    if len(counts) > _LEVELS or role in ("patient", "mask"):
        return ColumnFacts(name, role, "text", len(full), len(counts))
    return ColumnFacts(name, role, "category", len(full), len(counts), tuple(counts.most_common()))


def balance(images: ImageSet) -> list[ClassFacts]:
    """The classes of a set, the largest first; images without label come last under an empty name."""
    if not images.has("label"):
        return []
    patients = images.role("patient") if images.has("patient") else None
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(images.role("label")):
        for name in class_names(label) if not is_missing(label) else ("",):
            rows.setdefault(name, []).append(row)
    made = [ClassFacts(name, len(own), None if patients is None else _people(patients, own)) for name, own in rows.items()]
    return sorted(made, key=lambda one: (one.name == "", -one.images, one.name))


def people(images: ImageSet) -> int | None:
    """How many patients there are; None where nobody says."""
    return _people(images.role("patient"), range(len(images))) if images.has("patient") else None


def _people(patients: NDArray[Any], rows: Sequence[int] | range) -> int:
    known = {str(patients[row]) for row in rows if not is_missing(patients[row])}
    return len(known) + sum(is_missing(patients[row]) for row in rows)


def cells_of(images: ImageSet, row: int, names: Sequence[str]) -> Mapping[str, str]:
    """Some cells of one row as text."""
    found = {name: images.columns[name][row] for name in names}
    return {name: "" if is_missing(cell) else _plain(cell) for name, cell in found.items()}


def _plain(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float | np.floating) else str(cell)
