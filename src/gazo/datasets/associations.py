"""Does a column give the label away? A network would learn the scanner instead of the disease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.imageset import ImageSet
from gazo.datasets.strata import is_missing
from gazo.datasets.tabulate import as_categories, as_numbers, first_rows, other_columns

_CLASSES = 20


@dataclass(frozen=True)
class Association:
    """Label against one column. `strength` runs from 0 to 1: Cramér's V for categories, rank epsilon (square root) for numbers."""

    column: str
    strength: float
    p: float
    cases: int


def associations(images: ImageSet, extra: dict[str, NDArray[Any]]) -> list[Association]:
    """Each column (and each of `extra`, one value a row) against the label, one row a patient; empty without usable labels.

    Categories: chi-square test of independence; Cramér's V with the bias correction of Bergsma (J Korean Stat Soc 42:323, 2013).
    Numbers: Kruskal-Wallis H; strength sqrt(H / (n - 1)), which is the rank epsilon-squared's root (Kelley 1935).
    """
    if not images.has("label"):
        return []
    rows = np.array([row for row in first_rows(images) if not is_missing(images.role("label")[row])], int)
    labels = np.array(as_categories(images.role("label")[rows]), dtype=object)
    if not 2 <= len(set(labels)) <= _CLASSES:
        return []
    columns = {name: images.columns[name] for name in other_columns(images) if name != images.roles.get("split")} | extra
    found = (_against(name, labels, np.asarray(column)[rows]) for name, column in columns.items())
    return sorted((a for a in found if a is not None), key=lambda a: -a.strength)


def _against(name: str, labels: NDArray[Any], cells: NDArray[Any]) -> Association | None:
    numbers = as_numbers(cells)
    if numbers is not None:
        known = ~np.isnan(numbers)
        return _ranked(name, labels[known], numbers[known])
    texts = np.array(as_categories(cells), dtype=object)
    known = np.array([text is not None for text in texts], bool)
    return _counted(name, labels[known], texts[known])


def _ranked(name: str, labels: NDArray[Any], numbers: NDArray[np.float64]) -> Association | None:
    from scipy.stats import kruskal

    groups = [numbers[labels == label] for label in sorted(set(labels))]
    if len(groups) < 2 or np.ptp(numbers) == 0:
        return None
    h, p = kruskal(*groups)
    return Association(name, float(np.sqrt(min(1.0, h / (len(numbers) - 1)))), float(p), len(numbers))


def _counted(name: str, labels: NDArray[Any], texts: NDArray[Any]) -> Association | None:
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import crosstab

    if len(set(texts)) < 2 or len(set(labels)) < 2:
        return None
    table = crosstab(labels.astype(str), texts.astype(str)).count
    n, (r, k) = len(labels), table.shape
    chi2, p, _, _ = chi2_contingency(table, correction=False)
    phi = max(0.0, chi2 / n - (r - 1) * (k - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return Association(name, float(np.sqrt(min(1.0, phi / least))) if least > 0 else 0.0, float(p), n)
