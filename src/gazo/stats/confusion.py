"""The table of true against predicted classes and what follows from it alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table, result
from gazo.stats.inputs import Floats, Ints, same_length


@result("confusion")
@dataclass(frozen=True, eq=False)
class Confusion:
    """`counts[i, j]` rows are of class i and were taken for class j."""

    counts: Ints
    classes: tuple[str, ...]
    title: Text = Text("", "")

    @property
    def row_percent(self) -> Floats:
        """Percent of each true class; NaN in the row of a class that has no cases."""
        totals = self.counts.sum(axis=1, keepdims=True).astype(np.float64)
        percent: Floats = 100 * np.divide(self.counts, totals, out=np.full(self.counts.shape, np.nan), where=totals > 0)
        return percent

    def table(self) -> Table:
        """True classes down, predicted classes across."""
        headings = (Text("真のクラス＼予測", "True \\ predicted"), *(Text(name, name) for name in self.classes))
        rows = tuple((name, *row) for name, row in zip(self.classes, self.counts.tolist(), strict=True))
        return Table(self.title, headings, rows)


@feature("混同行列", "Confusion matrix")
def confusion(
    truth_index: ArrayLike, predicted_index: ArrayLike, classes: Sequence[str], *, title: Text = Text("", "")
) -> Confusion:
    """Count true against predicted class numbers.

    Parameters
    ----------
    truth_index, predicted_index : (n,) 0 ... len(classes) - 1.
    """
    truth, predicted = class_numbers(truth_index, len(classes)), class_numbers(predicted_index, len(classes))
    same_length(truth_index=truth, predicted_index=predicted)
    return Confusion(confusion_counts(truth, predicted, len(classes)), tuple(map(str, classes)), title)


def confusion_counts(truth: Ints, predicted: Ints, classes: int) -> Ints:
    """The bare (classes, classes) table."""
    counts: Ints = np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)
    return counts


def class_numbers(index: ArrayLike, classes: int) -> Ints:
    """Whole class numbers from 0 to classes - 1."""
    values = np.asarray(index)
    if values.dtype.kind not in "iub" or (values.size and not 0 <= int(values.min()) <= int(values.max()) < classes):
        raise DataError(
            "G-STAT-013",
            en=f"classes must be whole numbers from 0 to {classes - 1}; {_span(values)} came. Number the classes in the order of their names.",
            ja=f"クラスは 0 から {classes - 1} までの整数で指定してください。受け取った値: {_span(values)}。クラス名の順に番号を付けてください。",
        )
    return values.astype(np.int64)


def matthews(counts: Ints) -> float:
    """Correlation of truth and prediction (Matthews 1975; for several classes Gorodkin 2004); NaN when either has one class only."""
    total, right = float(counts.sum()), float(np.trace(counts))
    true, called = counts.sum(axis=1).astype(np.float64), counts.sum(axis=0).astype(np.float64)
    scale = (total**2 - float(called @ called)) * (total**2 - float(true @ true))
    return (right * total - float(true @ called)) / math.sqrt(scale) if scale > 0 else math.nan


def kappa(counts: Ints) -> float:
    """Cohen's kappa, (observed - chance) / (1 - chance) agreement (Cohen 1960); NaN when chance agreement is complete."""
    total = float(counts.sum())
    chance = float(counts.sum(axis=1) @ counts.sum(axis=0)) / total**2
    return (float(np.trace(counts)) / total - chance) / (1 - chance) if chance < 1 else math.nan


def _span(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    return f"{values.min()} ... {values.max()}" if values.size and values.dtype.kind in "iubf" else str(values.dtype)
