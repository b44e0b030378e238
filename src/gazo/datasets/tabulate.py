"""Columns of a set as numbers or as categories, whichever they are; tables come as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.datasets.strata import is_missing

_MANY = 10
_NAMED = {
    "age": r"age|patient.?age|年齢|age_?years",
    "sex": r"sex|gender|patient.?(sex|gender)|性別",
}
_ACQUISITION = re.compile(
    r"spacing|pixel.?size|width|height|rows|columns|bits|modality|manufacturer|model|device|scanner|station|hospital|site|institution"
    r"|kvp|mas\b|exposure|kernel|view|position|projection|photometric|compression|装置|施設|病院|機種|撮影|メーカー|画素|管電圧|モダリティ",
    re.IGNORECASE,
)


def other_columns(images: ImageSet) -> list[str]:
    """The columns that describe patients or acquisition: without a role (a value and a split count too), and no identifiers."""
    playing = {name for role, name in images.roles.items() if role not in ("value", "split")}
    return [name for name in images.columns if name not in playing and not _identifies(images, name)]


def is_named(column: str, what: str) -> bool:
    """Whether a column is called age or sex, in English or Japanese."""
    return re.fullmatch(_NAMED[what], unicodedata.normalize("NFKC", column).strip().replace(" ", "_"), re.IGNORECASE) is not None


def is_acquisition(column: str) -> bool:
    """Whether a column tells by its name how an image was taken, not whom it shows."""
    return _ACQUISITION.search(column) is not None


def as_numbers(cells: Iterable[Any]) -> NDArray[np.float64] | None:
    """The cells as numbers, NaN where empty, ages such as "058Y" in years; None when they are categories."""
    numbers = [np.nan if is_missing(cell) else _number(cell) for cell in cells]
    if any(number is None for number in numbers):
        return None
    values = np.array(numbers, float)
    return values if len(np.unique(values[~np.isnan(values)])) > _MANY else None


def as_categories(cells: Iterable[Any]) -> list[str | None]:
    """The cells as stripped texts, None where empty."""
    return [None if is_missing(cell) else str(cell).strip() for cell in cells]


def first_rows(images: ImageSet) -> NDArray[np.int64]:
    """One row a patient (the first), because rows of one patient are no independent cases; all rows without patients."""
    from gazo.datasets.strata import kept_together

    return np.unique(kept_together(images), return_index=True)[1]


def _number(cell: Any) -> float | None:
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    try:
        return float(text.removesuffix("Y").removesuffix("歳"))
    except ValueError:
        return None


def _identifies(images: ImageSet, name: str) -> bool:
    """True for a column that cannot be counted: arrays, or texts of which more than half are different."""
    cells = [cell for cell in images.columns[name] if not is_missing(cell)]
    if any(isinstance(cell, np.ndarray | tuple | list | dict) for cell in cells):
        return True
    return as_numbers(cells) is None and len(set(map(str, cells))) > max(_MANY, len(cells) / 2)
