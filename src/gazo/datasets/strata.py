"""What a split has to respect: which rows belong together (one patient, one set of copies) and which class each row has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet

VALUE_BINS = 5


def is_missing(value: Any) -> bool:
    """True for an empty cell: None, NaN or a text of blanks."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def numbered(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.int64]:
    """A number for each row, the same for equal values; an empty cell gets a number of its own."""
    keys = [("row", str(row)) if is_missing(value) else ("key", str(value).strip()) for row, value in enumerate(values)]
    seen: dict[tuple[str, str], int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], np.int64)


def kept_together(images: ImageSet, groups: Sequence[Any] | NDArray[Any] | None = None) -> NDArray[np.int64]:
    """A number for each row; rows that share a patient or a group, directly or over others, have the same one.

    Parameters
    ----------
    images : the role `patient` is used where there is one; a row without patient stands for itself.
    groups : one value a row, such as `Copies.groups`; rows of equal value stay together.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = len(images)
    patients = numbered(images.role("patient")) if images.has("patient") else np.arange(rows)
    if groups is None:
        return patients
    if len(groups) != rows:
        raise DataError(
            "G-DATA-101",
            en=f"groups needs one value for each of the {rows} images; {len(groups)} came. Give the groups found in this very set.",
            ja=f"groups には {rows} 枚の画像それぞれに 1 つの値が必要ですが、{len(groups)} 個でした。この画像セットから求めたグループを渡してください。",
        )
    others = numbered(groups)
    size = int(patients.max(initial=0)) + 1
    total = size + int(others.max(initial=0)) + 1
    links = coo_array((np.ones(rows), (patients, size + others)), shape=(total, total))
    return np.asarray(connected_components(links, directed=False)[1][patients], np.int64)


def class_names(label: Any) -> tuple[str, ...]:
    """The classes named in one cell: ``"Mass|Nodule"`` names two."""
    return tuple(part.strip() for part in str(label).split("|") if part.strip())


def labelled(images: ImageSet) -> tuple[list[str], NDArray[np.float64]]:
    """Names of the classes, sorted, and an array (rows, classes) of 0 and 1; an error when a label is missing."""
    labels = images.role("label")
    empty = [row for row, label in enumerate(labels) if is_missing(label)]
    if empty:
        shown = ", ".join(str(row) for row in empty[:5]) + (" ..." if len(empty) > 5 else "")
        raise DataError(
            "G-DATA-102",
            en=f"every image needs a label; {len(empty)} have none (rows {shown}, counted from 0). Fill them in or leave these rows out.",
            ja=f"すべての画像にラベルが必要ですが、{len(empty)} 枚にありません (0 から数えて {shown} 行)。ラベルを補うか、これらの行を除いてください。",
        )
    named = [class_names(label) for label in labels]
    names = sorted({name for cell in named for name in cell})
    place = {name: number for number, name in enumerate(names)}
    members = np.zeros((len(named), len(names)))
    for row, cell in enumerate(named):
        members[row, [place[name] for name in cell]] = 1
    return names, members


def value_bins(images: ImageSet) -> NDArray[np.float64]:
    """An array (rows, bins) of 0 and 1: the fifth of the values in which each row lies (empty cells in none)."""
    values = np.array([np.nan if is_missing(v) else float(v) for v in images.role("value")])
    cuts = np.linspace(0, 1, VALUE_BINS + 1)[1:-1] if np.isfinite(values).any() else np.zeros(0)
    edges = np.unique(np.nanquantile(values, cuts))
    bins = np.searchsorted(edges, values, side="right")
    members: NDArray[np.float64] = (bins[:, None] == np.arange(len(edges) + 1)).astype(np.float64)
    members[np.isnan(values)] = 0
    return members
