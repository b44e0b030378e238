"""The features that run length, size zone, distance zone and dependence matrices share (IBSI 1, chapters 3.7 to 3.9 and 3.11)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def emphases(matrix: NDArray[np.float64], sizes: NDArray[Any], voxels: float) -> NDArray[np.float64]:
    """16 features and the energy of a matrix s(i, j); NaN when it is empty.

    Parameters
    ----------
    matrix : (grey levels, columns): how many runs, zones or voxels have level i and size j.
    sizes : the size (length, distance, dependence) each column stands for.
    voxels : what the number of entries is a share of.
    """
    return np.asarray(_kernel()(matrix, np.asarray(sizes, np.float64), float(voxels)))


@cache
def _kernel() -> Any:
    """Compiled at first use and kept on disk."""
    import numba

    @numba.njit(cache=True)
    def measure(matrix, sizes, voxels):  # type: ignore[no-untyped-def]
        out = np.zeros(17)
        total = matrix.sum()
        if total == 0:
            out[:] = np.nan
            return out
        by_level, by_size = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
        mean_level, mean_size = 0.0, 0.0
        for i in range(matrix.shape[0]):
            level = (i + 1.0) ** 2
            for k in range(matrix.shape[1]):
                s = matrix[i, k]
                if s == 0:
                    continue
                size = sizes[k] ** 2
                by_level[i] += s
                by_size[k] += s
                out[4] += s / (level * size)  # small low, small high, large low, large high
                out[5] += s * level / size
                out[6] += s * size / level
                out[7] += s * level * size
                p = s / total
                out[15] -= p * np.log2(p)  # entropy
                out[16] += p * p  # energy
        for i in range(matrix.shape[0]):
            level = (i + 1.0) ** 2
            out[2] += by_level[i] / level  # low, high grey levels
            out[3] += by_level[i] * level
            out[8] += by_level[i] ** 2  # non-uniformity of grey levels
            mean_level += (i + 1) * by_level[i] / total
        for k in range(matrix.shape[1]):
            out[0] += by_size[k] / sizes[k] ** 2  # small, large
            out[1] += by_size[k] * sizes[k] ** 2
            out[10] += by_size[k] ** 2  # non-uniformity of sizes
            mean_size += sizes[k] * by_size[k] / total
        for i in range(matrix.shape[0]):
            out[13] += (i + 1 - mean_level) ** 2 * by_level[i] / total  # variances
        for k in range(matrix.shape[1]):
            out[14] += (sizes[k] - mean_size) ** 2 * by_size[k] / total
        for k in range(12):
            out[k] /= total
        out[9] = out[8] / total
        out[11] = out[10] / total
        out[12] = total / voxels
        return out

    return measure
