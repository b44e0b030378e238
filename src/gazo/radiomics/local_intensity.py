"""Local and global intensity peak (IBSI 1, chapter 3.2): means over a ball of 1 cm³."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.prepare import Prepared

RADIUS_MM = 10 * (3 / (4 * np.pi)) ** (1 / 3)  # 6.2 mm: a ball of 1 cm³


def local_intensity_features(region: Prepared) -> dict[str, float]:
    """Peak around the largest value of the region (the highest of several), and the highest peak anywhere in it.

    The ball holds the voxels whose centre is at most its radius away, in the region or not; what lies outside the image does not count.
    """
    means = ball_means(region.volume, region.intensity_mask, region.spacing_mm)
    values = region.volume[region.intensity_mask]
    return {"loc_peak_loc": float(means[values == values.max()].max()), "loc_peak_glob": float(means.max())}


def ball_means(
    volume: NDArray[np.float64], mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> NDArray[np.float64]:
    """The mean over the ball around each voxel of the region, in the order of `volume[mask]`."""
    planes, rows = (int(RADIUS_MM // s) for s in spacing_mm[:2])
    offsets = [
        (z, y, int(np.sqrt(max(0.0, RADIUS_MM**2 - (z * spacing_mm[0]) ** 2 - (y * spacing_mm[1]) ** 2)) / spacing_mm[2]))
        for z in range(-planes, planes + 1)
        for y in range(-rows, rows + 1)
        if (z * spacing_mm[0]) ** 2 + (y * spacing_mm[1]) ** 2 <= RADIUS_MM**2
    ]
    sums = np.zeros((*volume.shape[:2], volume.shape[2] + 1))
    np.cumsum(volume, axis=2, out=sums[..., 1:])
    return np.asarray(_kernel()(sums, np.argwhere(mask), np.array(offsets)))


@cache
def _kernel() -> Any:
    """Compiled at first use and kept on disk; a row of the ball is the difference of two running sums."""
    import numba

    @numba.njit(cache=True)
    def run(sums, places, offsets):  # type: ignore[no-untyped-def]
        planes, rows, columns = sums.shape[0], sums.shape[1], sums.shape[2] - 1
        out = np.empty(places.shape[0])
        for n in range(places.shape[0]):
            total, count = 0.0, 0
            for k in range(offsets.shape[0]):
                z, y = places[n, 0] + offsets[k, 0], places[n, 1] + offsets[k, 1]
                if 0 <= z < planes and 0 <= y < rows:
                    first = max(places[n, 2] - offsets[k, 2], 0)
                    last = min(places[n, 2] + offsets[k, 2] + 1, columns)
                    total += sums[z, y, last] - sums[z, y, first]
                    count += last - first
            out[n] = total / count
        return out

    return run
