"""Minimum redundancy, maximum relevance: features that tell much of the class and little of one another (Ding & Peng 2005)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazo.core.registry import feature
from gazo.radiomics.redundancy import correlation, ranked
from gazo.stats.inputs import numbers, one_of, same_length

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Criterion = Literal["fcq", "miq"]
SMALLEST = 1e-3  # a redundancy below it counts as this, lest a quotient grow without bound


def f_statistic(features: Floats, truth: Ints) -> Floats:
    """F of the one-way analysis of variance of each column by class; 0 for a constant column."""
    classes = int(truth.max()) + 1
    counts = np.bincount(truth, minlength=classes).astype(np.float64)
    sums = np.stack([features[truth == k].sum(0) for k in range(classes)])
    means = sums / np.maximum(counts, 1)[:, None]
    between = (counts[:, None] * (means - features.mean(0)) ** 2).sum(0) / (classes - 1)
    inside = ((features - means[truth]) ** 2).sum(0) / max(1, len(truth) - classes)
    found: Floats = np.divide(between, inside, out=np.zeros(features.shape[1]), where=inside > 1e-300)
    return found


def kruskal_wallis(features: Floats, truth: Ints) -> Floats:
    """Kruskal & Wallis' H of each column by class (1952), corrected for ties; for two classes it ranks columns by |AUC - 1/2|."""
    ranks = ranked(features)
    total = ((ranks - ranks.mean(0)) ** 2).sum(0) / (len(truth) - 1)
    counts = np.bincount(truth).astype(np.float64)
    means = np.stack([ranks[truth == k].mean(0) if counts[k] else ranks.mean(0) for k in range(len(counts))])
    between = (counts[:, None] * (means - ranks.mean(0)) ** 2).sum(0)
    found: Floats = np.divide(between, total, out=np.zeros(features.shape[1]), where=total > 0)
    return found


def in_three_levels(features: Floats) -> Ints:
    """-1, 0, 1: below, within and above mean +- SD / 2 (Ding & Peng 2005, section 4.2), numbered 0, 1, 2."""
    middle, half = features.mean(0), features.std(0) / 2
    return (features > middle + half).astype(np.int64) - (features < middle - half) + 1


def mutual_information(first: Ints, second: Ints) -> float:
    """Of two columns of levels 0, 1, 2 ..., in nats, from their frequencies."""
    counts = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(counts, (first, second), 1)
    joint = counts / counts.sum()
    apart = joint.sum(1, keepdims=True) * joint.sum(0)
    filled = joint > 0
    return float((joint[filled] * np.log(joint[filled] / apart[filled])).sum())


@feature("mRMR による特徴量の選択", "Selection of features by mRMR", booklet="C6")
def minimum_redundancy(features: ArrayLike, truth: ArrayLike, count: int, *, criterion: Criterion = "fcq") -> Ints:
    """Column numbers in the order in which they are chosen (Ding & Peng 2005, J Bioinform Comput Biol 3:185).

    The first has the highest relevance; each next one the highest quotient of relevance and mean redundancy with those chosen.
    "fcq": F statistic over |Pearson's r|; "miq": mutual information over mutual information, features in three levels.

    Parameters
    ----------
    features : (cases, features), complete; the training part alone.
    truth : (cases,) class numbers from 0.
    count : how many are chosen, at most.
    """
    one_of("criterion", criterion, ("fcq", "miq"))
    values, classes = numbers(features, "features"), np.asarray(truth).astype(np.int64)
    same_length(features=values, truth=classes)
    if criterion == "fcq":
        strength, between = np.abs(correlation(values)), None
        relevance = f_statistic(values, classes)
    else:
        strength, between = None, in_three_levels(values)
        relevance = np.array([mutual_information(column, classes) for column in between.T])
    chosen: list[int] = []
    redundancy, left = np.zeros(len(relevance)), np.ones(len(relevance), bool)
    for turn in range(min(count, len(relevance))):
        quotient = relevance / np.maximum(redundancy / turn, SMALLEST) if turn else relevance
        best = int(np.argmax(np.where(left, quotient, -np.inf)))
        chosen.append(best)
        left[best] = False
        if strength is not None:
            redundancy = redundancy + strength[best]
        elif between is not None:
            redundancy = redundancy + np.array([mutual_information(column, between[:, best]) for column in between.T])
    return np.array(chosen, np.int64)
