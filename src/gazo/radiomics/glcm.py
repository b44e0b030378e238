"""Grey level co-occurrence (IBSI 1, chapter 3.6): how often two levels stand at neighbouring voxels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.aggregate import PLANAR, SPATIAL, by_aggregation
from gazo.radiomics.names import tags_of

Counts = NDArray[np.float64]


def glcm_features(levels: NDArray[np.int32], count: int, aggregations: Sequence[str]) -> dict[str, float]:
    """The 25 features for each aggregation, by tag and aggregation; neighbours at distance 1, both orders counted.

    Parameters
    ----------
    levels : (planes, rows, columns), 0 outside the region, with a border of 0 around.
    count : number of grey levels.
    """
    tally, measure = _kernels()

    def matrices(directions: NDArray[np.int64], first: int, last: int) -> Counts:
        return np.asarray(tally(levels, directions, first, last, count))

    def measured(matrix: Counts) -> NDArray[np.float64]:
        return np.asarray(measure(matrix))

    return by_aggregation(tags_of("glcm"), matrices, measured, levels.shape[0], aggregations)


def cooccurrence(levels: NDArray[np.int32], count: int, *, planar: bool = False) -> Counts:
    """The matrices themselves, (directions, count, count), of all planes together, for lessons and figures."""
    bordered = np.pad(np.asarray(levels, np.int32), 1)
    return np.asarray(_kernels()[0](bordered, PLANAR if planar else SPATIAL, 1, bordered.shape[0] - 1, count))


@cache
def _kernels() -> tuple[Any, Any]:
    """Compiled at first use and kept on disk."""
    import numba

    @numba.njit(cache=True)
    def tally(levels, directions, first, last, count):  # type: ignore[no-untyped-def]
        found = np.zeros((directions.shape[0], count, count))
        for z in range(first, last):
            for y in range(1, levels.shape[1] - 1):
                for x in range(1, levels.shape[2] - 1):
                    here = levels[z, y, x]
                    if here == 0:
                        continue
                    for d in range(directions.shape[0]):
                        there = levels[z + directions[d, 0], y + directions[d, 1], x + directions[d, 2]]
                        if there > 0:
                            found[d, here - 1, there - 1] += 1
                            found[d, there - 1, here - 1] += 1
        return found

    @numba.njit(cache=True)
    def measure(matrix):  # type: ignore[no-untyped-def]
        n = matrix.shape[0]
        out = np.zeros(25)
        total = matrix.sum()
        if total == 0:
            out[:] = np.nan
            return out
        single, apart, together = np.zeros(n), np.zeros(n), np.zeros(2 * n + 1)
        for i in range(n):
            for j in range(n):
                p = matrix[i, j] / total
                if p == 0:
                    continue
                single[i] += p
                k = abs(i - j)
                apart[k] += p
                together[i + j + 2] += p
                out[0] = max(out[0], p)  # joint maximum
                out[3] -= p * np.log2(p)  # joint entropy
                out[10] += p * p  # angular second moment
                out[19] += (i + 1) * (j + 1) * p  # autocorrelation
        mean = 0.0
        for i in range(n):
            mean += (i + 1) * single[i]
        out[1] = mean
        entropy = 0.0
        for i in range(n):
            out[2] += (i + 1 - mean) ** 2 * single[i]  # joint variance
            if single[i] > 0:
                entropy -= single[i] * np.log2(single[i])
        for k in range(n):
            p = apart[k]
            if p == 0:
                continue
            out[4] += k * p  # difference average, which is also the dissimilarity
            out[6] -= p * np.log2(p)  # difference entropy
            out[11] += k * k * p  # contrast
            out[13] += p / (1 + k)  # inverse difference
            out[14] += p / (1 + k / n)
            out[15] += p / (1 + k * k)  # inverse difference moment
            out[16] += p / (1 + (k / n) ** 2)
            if k > 0:
                out[17] += p / (k * k)  # inverse variance
        out[12] = out[4]
        out[5] = out[11] - out[4] ** 2  # difference variance
        for k in range(2, 2 * n + 1):
            p = together[k]
            if p == 0:
                continue
            out[7] += k * p  # sum average
            out[9] -= p * np.log2(p)  # sum entropy
            away = k - 2 * mean
            out[20] += away**2 * p  # cluster tendency, shade, prominence
            out[21] += away**3 * p
            out[22] += away**4 * p
        out[8] = out[20]  # sum variance: the sum average is twice the mean of a symmetric matrix
        out[18] = (out[19] - mean * mean) / out[2] if out[2] > 1e-12 else 1.0  # correlation
        # of a symmetric matrix HXY1 = HXY2 = 2 HX
        out[23] = (out[3] - 2 * entropy) / entropy if entropy > 1e-12 else 0.0
        out[24] = np.sqrt(max(0.0, 1 - np.exp(-2 * (2 * entropy - out[3]))))
        return out

    return tally, measure
