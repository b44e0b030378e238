"""Exact null distributions of rank sums, ties included, and normal approximations corrected for ties."""

from __future__ import annotations

import math

import numpy as np

from gazo.stats.inputs import Floats, Ints

MOST_EXACT = 50  # as R: below this number of patients the exact distribution is used where there are no ties


def midranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), np.float64)


def tied(values: Floats) -> bool:
    """Whether some values are equal."""
    return len(np.unique(values)) < len(values)


def tie_sum(values: Floats) -> float:
    """Sum of t^3 - t over groups of t equal values."""
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((counts**3 - counts).sum())


def rank_sum_chances(ranks: Floats, chosen: int) -> Floats:
    """Chance that `chosen` of these ranks, drawn blindly, sum to s / 2, for s = 0, 1, 2 ...

    Counted by adding one rank after the other (the shift algorithm of Streitberg & Roehmel 1986, Stat Software Newsl 12:10); midranks
    are halves, so they are doubled.
    """
    doubled: Ints = np.rint(2 * ranks).astype(np.int64)
    ways = np.zeros((chosen + 1, int(np.sort(doubled)[::-1][:chosen].sum()) + 1))
    ways[0, 0] = 1
    for rank in doubled:
        for count in range(chosen, 0, -1):
            ways[count, rank:] += ways[count - 1, : ways.shape[1] - rank]
    chances: Floats = ways[chosen] / ways[chosen].sum()
    return chances


def signed_rank_chances(ranks: Floats) -> Floats:
    """Chance that the ranks with a positive sign sum to s / 2 when each sign is a coin toss."""
    doubled: Ints = np.rint(2 * ranks).astype(np.int64)
    chances = np.zeros(int(doubled.sum()) + 1)
    chances[0] = 1
    for rank in doubled:
        shifted = np.zeros_like(chances)
        shifted[rank:] = chances[: len(chances) - rank]
        chances = (chances + shifted) / 2
    return chances


def two_sided(chances: Floats, total: float) -> float:
    """Twice the smaller tail, the observed rank sum included."""
    place = round(2 * total)
    return float(min(1.0, 2 * min(chances[: place + 1].sum(), chances[place:].sum())))


def lower_steps(chances: Floats, level: float) -> int:
    """How many of the ordered differences may be left out at each end; 0 where even their whole range does not hold the level.

    The smallest count c with P(count <= c) >= tail (as R's qwilcox and qsignrank). `chances` go in steps of a half.
    """
    counts = np.cumsum(chances[np.flatnonzero(chances)[0] :: 2])
    tail = (1 - level) / 2
    return int(np.searchsorted(counts, tail * (1 - 1e-9)))


def normal_two_sided(deviation: float, spread: float, *, corrected: bool = True) -> float:
    """p from the normal distribution with the continuity correction of one half."""
    from scipy.special import ndtr

    shift = 0.5 * np.sign(deviation) if corrected else 0.0
    return float(2 * ndtr(-abs((deviation - shift) / spread)))


def normal_steps(mean: float, spread: float, level: float) -> int:
    """`lower_steps` by the normal distribution."""
    from scipy.special import ndtri

    return max(0, math.floor(mean - float(ndtri((1 + level) / 2)) * spread))
