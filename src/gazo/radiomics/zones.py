"""Zones of connected voxels of one grey level, and the distance of each voxel from the border of the region."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Zones = NDArray[np.int64]


def zones(levels: NDArray[np.int32], distances: NDArray[np.int32], first: int, last: int, *, planar: bool) -> Zones:
    """(n, 3): grey level, number of voxels and least distance of each zone of the planes `first` to `last` - 1.

    Voxels touch through faces, edges and corners (26 neighbours, 8 in a plane). Both arrays have a border of 0.
    """
    return np.asarray(_kernels()[0](levels, distances, first, last, planar))


def border_distances(mask: NDArray[np.bool_], *, planar: bool) -> NDArray[np.int32]:
    """Steps through faces until the outside is reached, 1 at the border (IBSI 1, chapter 3.9); the mask has a border of False."""
    return np.asarray(_kernels()[1](np.ascontiguousarray(mask), planar))


def zone_matrix(found: Zones, column: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How many zones have level i and size (column 1) or distance (column 2) j; only sizes that occur have a column."""
    sizes, place = np.unique(found[:, column], return_inverse=True)
    cells = np.bincount((found[:, 0] - 1) * sizes.size + place, minlength=count * sizes.size)
    return cells.reshape(count, sizes.size).astype(np.float64), sizes


@cache
def _kernels() -> tuple[Any, Any]:
    """Compiled at first use and kept on disk."""
    import numba

    @numba.njit(cache=True)
    def fill(levels, distances, first, last, planar):  # type: ignore[no-untyped-def]
        rows, columns = levels.shape[1], levels.shape[2]
        inside = 0
        for z in range(first, last):
            for y in range(1, rows - 1):
                for x in range(1, columns - 1):
                    inside += levels[z, y, x] > 0
        found = np.empty((inside, 3), np.int64)
        stack = np.empty(inside, np.int64)
        seen = np.zeros((last - first, rows, columns), np.bool_)
        reach = 0 if planar else 1
        number = 0
        for z0 in range(first, last):
            for y0 in range(1, rows - 1):
                for x0 in range(1, columns - 1):
                    level = levels[z0, y0, x0]
                    if level == 0 or seen[z0 - first, y0, x0]:
                        continue
                    size, nearest, height = 0, distances[z0, y0, x0], 1
                    stack[0] = (z0 * rows + y0) * columns + x0
                    seen[z0 - first, y0, x0] = True
                    while height > 0:
                        height -= 1
                        place = stack[height]
                        x, y, z = place % columns, place // columns % rows, place // (columns * rows)
                        size += 1
                        nearest = min(nearest, distances[z, y, x])
                        for c in range(max(z - reach, first), min(z + reach + 1, last)):
                            for b in range(y - 1, y + 2):
                                for a in range(x - 1, x + 2):
                                    if levels[c, b, a] == level and not seen[c - first, b, a]:
                                        seen[c - first, b, a] = True
                                        stack[height] = (c * rows + b) * columns + a
                                        height += 1
                    found[number, 0], found[number, 1], found[number, 2] = level, size, nearest
                    number += 1
        return found[:number]

    @numba.njit(cache=True)
    def steps(mask, planar):  # type: ignore[no-untyped-def]
        planes, rows, columns = mask.shape
        out = np.zeros(mask.shape, np.int32)
        for z in range(1, planes - 1):  # forth: least of what lies behind, then back: of what lies ahead
            for y in range(1, rows - 1):
                for x in range(1, columns - 1):
                    if mask[z, y, x]:
                        least = min(out[z, y - 1, x], out[z, y, x - 1])
                        out[z, y, x] = 1 + (least if planar else min(least, out[z - 1, y, x]))
        for z in range(planes - 2, 0, -1):
            for y in range(rows - 2, 0, -1):
                for x in range(columns - 2, 0, -1):
                    if mask[z, y, x]:
                        least = min(out[z, y + 1, x], out[z, y, x + 1])
                        least = least if planar else min(least, out[z + 1, y, x])
                        out[z, y, x] = min(out[z, y, x], 1 + least)
        return out

    return fill, steps
