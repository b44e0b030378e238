"""Grey level run length (IBSI 1, chapter 3.7): runs of voxels with the same level along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.aggregate import by_aggregation
from gazo.radiomics.emphasis import emphases
from gazo.radiomics.names import tags_of


def glrlm_features(levels: NDArray[np.int32], count: int, aggregations: Sequence[str]) -> dict[str, float]:
    """The 16 features for each aggregation; `levels` as for `glcm_features`."""
    longest = max(levels.shape) - 2
    lengths = np.arange(1, longest + 1)

    def matrices(directions: NDArray[np.int64], first: int, last: int) -> NDArray[np.float64]:
        return np.asarray(_kernel()(levels, directions, first, last, count, longest))

    def measured(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return emphases(matrix, lengths, float((matrix * lengths).sum()))[:16]

    return by_aggregation(tags_of("glrlm"), matrices, measured, levels.shape[0], aggregations)


@cache
def _kernel() -> Any:
    """Compiled at first use and kept on disk."""
    import numba

    @numba.njit(cache=True)
    def tally(levels, directions, first, last, count, longest):  # type: ignore[no-untyped-def]
        found = np.zeros((directions.shape[0], count, longest))
        for d in range(directions.shape[0]):
            dz, dy, dx = directions[d, 0], directions[d, 1], directions[d, 2]
            for z in range(first, last):
                for y in range(1, levels.shape[1] - 1):
                    for x in range(1, levels.shape[2] - 1):
                        level = levels[z, y, x]
                        if level == 0 or levels[z - dz, y - dy, x - dx] == level:
                            continue  # outside, or inside a run that began before
                        length = 1
                        while levels[z + length * dz, y + length * dy, x + length * dx] == level:
                            length += 1
                        found[d, level - 1, length - 1] += 1
        return found

    return tally
