"""The table that opens a paper: who and what is in the set, class by class ("Table 1")."""

from __future__ import annotations

from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.datasets.strata import is_missing, kept_together
from gazo.datasets.tabulate import as_categories, as_numbers, is_named, other_columns

_LEVELS = 12


@feature("データの要約表", "Summary of a set", booklet="D14")
def describe(images: ImageSet) -> Table:
    """Counts of images and patients, ages, sex and the other columns for each class and in all.

    Numbers stand as median (least-most), categories as count (per cent of the cells that are filled). Each image is a row here;
    columns that identify (more than half of the texts differ) are left out.
    """
    labels = as_categories(images.role("label")) if images.has("label") else [None] * len(images)
    names = sorted({label for label in labels if label is not None})
    groups = [np.flatnonzero([label == name for label in labels]) for name in names] + [np.arange(len(images))]
    rows: list[tuple[Any, ...]] = [(Text("画像数", "Images"), *(str(len(g)) for g in groups))]
    if images.has("patient"):
        patients = kept_together(images)
        each = [np.bincount(patients[g])[np.unique(patients[g])] if len(g) else np.zeros(0) for g in groups]
        rows.append((Text("患者数", "Patients"), *(str(len(counts)) for counts in each)))
        rows.append((Text("患者あたり画像数", "Images per patient"), *(_median(counts) for counts in each)))
    for column in sorted(other_columns(images), key=lambda c: (not is_named(c, "age"), not is_named(c, "sex"))):
        rows += _lines(images, column, groups)
    headings = (Text("項目", "Item"), *(Text(name, name) for name in names), Text("全体", "All"))
    return Table(Text("データの要約", "Summary of the data"), headings, tuple(rows))


def _lines(images: ImageSet, column: str, groups: list[Any]) -> list[tuple[Any, ...]]:
    cells = images.columns[column]
    numbers = as_numbers(cells)
    if numbers is not None:
        lines = [(column, *(_median(numbers[g]) for g in groups))]
    else:
        texts = np.array(as_categories(cells), dtype=object)
        levels, counts = np.unique([t for t in texts if t is not None], return_counts=True)
        if len(levels) < 2 or len(levels) > _LEVELS:
            return []
        lines = [
            (f"{column}: {level}", *(_share(texts[g], level) for g in groups))
            for level in levels[np.argsort(-counts, kind="stable")]
        ]
    empty = [int(sum(is_missing(cells[row]) for row in g)) for g in groups]
    return [*lines, (Text(f"{column}: 欠測", f"{column}: missing"), *map(str, empty))] if empty[-1] else lines


def _median(values: Any) -> str:
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    return f"{np.median(known):.4g} ({known.min():.4g}-{known.max():.4g})" if known.size else "-"


def _share(texts: Any, level: str) -> str:
    known = [text for text in texts if text is not None]
    count = sum(text == level for text in known)
    return f"{count} ({100 * count / len(known):.1f} %)" if known else "-"
