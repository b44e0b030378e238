"""Intervals of what is measured on images: Student's t over repeats, Welch's for differences, bootstrap over tiles of a region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.core.seeds import generator

Floats = NDArray[np.float64]
LARGEST = (
    100_000  # pixels a bootstrap works on; a regular part of a larger region stands for it (its interval is a little too wide)
)


def of_repeats(name: Text, values: Any, *, unit: str = "", level: float = 0.95) -> Estimate:
    """Mean of independent repeats with Student's t interval; one repeat has none."""
    found = np.asarray(values, np.float64)
    half = t_half(found, level)
    mean = float(found.mean())
    if half is None:
        return Estimate(name, mean, None, None, level, "single measurement", unit)
    return Estimate(name, mean, mean - half, mean + half, level, f"t, {len(found)} repeats", unit)


def t_half(values: Floats, level: float) -> float | None:
    """Half the width of Student's t interval of a mean; None for fewer than two values."""
    from scipy.special import stdtrit

    if len(values) < 2:
        return None
    return float(stdtrit(len(values) - 1, (1 + level) / 2) * values.std(ddof=1) / np.sqrt(len(values)))


def welch(name: Text, first: Floats, second: Floats, *, level: float, unit: str, method: str = "Welch") -> Estimate:
    """mean(first) - mean(second) with the interval of Welch (1947) and Satterthwaite's degrees of freedom."""
    from scipy.special import stdtrit

    difference = float(first.mean() - second.mean())
    if min(len(first), len(second)) < 2:
        return Estimate(name, difference, None, None, level, "single measurement", unit)
    parts = np.array([first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)])
    total = float(parts.sum())
    if total == 0:
        return Estimate(name, difference, difference, difference, level, method, unit)
    degrees = total**2 / float((parts**2 / (np.array([len(first), len(second)]) - 1)).sum())
    half = float(stdtrit(degrees, (1 + level) / 2)) * np.sqrt(total)
    return Estimate(name, difference, difference - half, difference + half, level, method, unit)


def tiles(mask: NDArray[np.bool_], side_px: int | None = None) -> NDArray[np.int64]:
    """Number of the square tile that each marked pixel lies in; without a side, about 60 tiles cover the region."""
    side = side_px or max(2, round(np.sqrt(mask.sum() / 60)))
    rows, columns = np.nonzero(mask)
    width = -(-mask.shape[1] // side)
    return np.unique(rows // side * width + columns // side, return_inverse=True)[1].astype(np.int64)


def by_tiles(
    name: Text,
    statistic: Callable[..., float],
    arrays: tuple[Floats, ...],
    owners: NDArray[np.int64],
    *,
    seed: int,
    unit: str = "",
    repeats: int = 300,
    level: float = 0.95,
) -> Estimate:
    """A statistic of the pixels of a region with the percentile interval of a bootstrap over tiles.

    Neighbouring pixels are alike (blur, structure), so whole tiles are drawn with replacement, not pixels.

    Parameters
    ----------
    arrays : each (n,), pixels of the region; `statistic` is called with them.
    owners : (n,) tile of each pixel, from `tiles`.
    """
    if not len(owners):
        raise DataError(
            "G-QUA-343",
            en=f"the region of '{name.en}' holds no pixel. Give a larger region, or check the pixel spacing.",
            ja=f"「{name.ja}」の領域に画素がありません。領域を広げるか、画素間隔を確認してください。",
        )
    value = float(statistic(*arrays))
    step = -(-len(owners) // LARGEST)
    order = np.argsort(owners[::step], kind="stable")
    cuts = np.flatnonzero(np.diff(owners[::step][order])) + 1
    members = [np.split(a[::step][order], cuts) for a in arrays]
    count = len(cuts) + 1
    if count < 4:
        return Estimate(name, value, None, None, level, "region too small for an interval", unit)
    rng = generator(seed, "tiles", name.en)
    found = np.empty(repeats)
    for number in range(repeats):
        drawn = rng.integers(count, size=count)
        found[number] = statistic(*(np.concatenate([parts[tile] for tile in drawn]) for parts in members))
    low, high = np.quantile(found[np.isfinite(found)], ((1 - level) / 2, (1 + level) / 2))
    how = f"bootstrap over {count} tiles of the region, {repeats} resamples, percentile"
    return Estimate(name, value, float(low), float(high), level, how, unit)


def of_median(name: Text, values: Any, *, unit: str = "", level: float = 0.95) -> Estimate:
    """Median with the interval between two order statistics (exact binomial coverage of at least `level`, no distribution assumed)."""
    from scipy.stats import binom

    found = np.sort(np.asarray(values, np.float64))
    n = len(found)
    rank = int(binom.ppf((1 - level) / 2, n, 0.5))  # the largest r with P(B <= r - 1) below the tail
    if rank < 1:
        return Estimate(name, float(np.median(found)), None, None, level, "fewer than six values have no such interval", unit)
    return Estimate(
        name, float(np.median(found)), float(found[rank - 1]), float(found[n - rank]), level, "order statistics, binomial", unit
    )
