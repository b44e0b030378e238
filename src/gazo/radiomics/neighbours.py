"""Grey level and its neighbourhood: tone difference (NGTDM) and dependence (NGLDM) of IBSI 1, chapters 3.10 and 3.11."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.aggregate import by_dimension
from gazo.radiomics.emphasis import emphases
from gazo.radiomics.names import Family, tags_of

DEPENDENCES = np.arange(1, 28)  # the voxel itself and up to 26 neighbours
MOST_COARSE = 1e6  # coarseness of a flat region (IBSI 1)


def neighbour_features(
    levels: NDArray[np.int32], count: int, wanted: Sequence[str], families: Sequence[Family]
) -> dict[str, float]:
    """Features of both families, whose neighbourhoods are the same: distance 1, equal levels only (coarseness 0).

    Parameters
    ----------
    levels : as for `glcm_features`.
    wanted : of "2D", "2_5D", "3D".
    """
    tags = [tag for family in families for tag in tags_of(family)]

    def measured(ranges: Sequence[tuple[int, int]], planar: bool) -> NDArray[np.float64]:
        tone, dependence = np.zeros((2, count)), np.zeros((count, 27))
        for first, last in ranges:
            _kernel()(levels, first, last, planar, tone, dependence)
        values = {"ngtdm": tone_differences, "ngldm": _dependences}
        return np.concatenate([values[family](tone if family == "ngtdm" else dependence) for family in families])

    return by_dimension(tags, measured, levels.shape[0], wanted)


def _dependences(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return emphases(matrix, DEPENDENCES, max(float(matrix.sum()), 1.0))


def tone_differences(tone: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coarseness, contrast, busyness, complexity, strength from n_i and s_i (2, levels); NaN when no voxel has a neighbour."""
    here = tone[0] > 0
    voxels, levels = tone[0].sum(), np.flatnonzero(here) + 1.0
    if voxels == 0:
        return np.full(5, np.nan)
    p, s = tone[0, here] / voxels, tone[1, here]
    apart = levels[:, None] - levels
    fine, n = float((p * s).sum()), levels.size
    contrast = (p[:, None] * p * apart**2).sum() / (n * (n - 1)) * s.sum() / voxels if n > 1 else 0.0
    below = np.abs((levels * p)[:, None] - levels * p).sum()
    complexity = (np.abs(apart) * (p * s + (p * s)[:, None]) / (p + p[:, None])).sum() / voxels
    strength = ((p + p[:, None]) * apart**2).sum() / s.sum() if s.sum() > 0 else 0.0
    return np.array(
        [1 / fine if fine > 0 else MOST_COARSE, contrast, fine / below if n > 1 and below > 0 else 0.0, complexity, strength]
    )


@cache
def _kernel() -> Any:
    """Compiled at first use and kept on disk."""
    import numba

    @numba.njit(cache=True)
    def look_around(levels, first, last, planar, tone, dependence):  # type: ignore[no-untyped-def]
        reach = 0 if planar else 1
        for z in range(first, last):
            for y in range(1, levels.shape[1] - 1):
                for x in range(1, levels.shape[2] - 1):
                    level = levels[z, y, x]
                    if level == 0:
                        continue
                    total, around, same = 0, -1, 0  # the voxel itself is no neighbour
                    for c in range(z - reach, z + reach + 1):
                        for b in range(y - 1, y + 2):
                            for a in range(x - 1, x + 2):
                                other = levels[c, b, a]
                                total += other
                                around += other > 0
                                same += other == level
                    dependence[level - 1, same - 1] += 1
                    if around > 0:
                        tone[0, level - 1] += 1
                        tone[1, level - 1] += abs(level - (total - level) / around)

    return look_around
