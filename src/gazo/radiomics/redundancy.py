"""Features that say the same: groups of high rank correlation, of which one is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.registry import feature
from gazo.stats.delong import midranks
from gazo.stats.inputs import numbers, same_length, within

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def ranked(features: Floats) -> Floats:
    """Midranks of each column."""
    return np.column_stack([midranks(column) for column in features.T]) if features.shape[1] else features


def correlation(columns: Floats) -> Floats:
    """Pearson's r between all columns; 0 with a constant one, 1 of a column with itself."""
    centred = columns - columns.mean(0)
    length = np.sqrt((centred**2).sum(0))
    standard = centred / np.where(length > 0, length, 1)
    found: Floats = np.clip(standard.T @ standard, -1, 1)
    np.fill_diagonal(found, 1.0)
    return found


@feature("重複する特徴量のグループ", "Groups of redundant features", booklet="C6")
def redundant_groups(features: ArrayLike, worth: ArrayLike, *, limit: float = 0.9) -> NDArray[np.int64]:
    """For each feature the one that stands for it: the best feature with which |Spearman's rho| is above the limit, or itself.

    From the worthiest feature on: it is kept, and all that correlate with it above the limit join its group. No two kept features
    correlate above the limit, and none is worth less than what it stands for.

    Parameters
    ----------
    features : (cases, features), complete; to be called with the training part alone.
    worth : (features,), such as the ICC or the AUC of each; of equal ones the first is kept.
    """
    within("limit", limit, 0, 1.000001)
    values, worths = numbers(features, "features"), numbers(worth, "worth")
    same_length(features=values.T, worth=worths)
    high = np.abs(correlation(ranked(values))) > limit
    leader = np.full(len(worths), -1, np.int64)
    for one in np.argsort(-worths, kind="stable"):
        if leader[one] < 0:
            leader[high[one] & (leader < 0)] = one
            leader[one] = one
    return leader
