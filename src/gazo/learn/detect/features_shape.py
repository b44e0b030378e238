"""Shape of a candidate: the region about it at half its height."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHAPE = (
    "area", "effective diameter", "circularity", "width over length", "solidity", "mean height", "greatest height",
    "mean edge gradient", "height over background SD",
)  # fmt: skip


def region(patch: NDArray[Any], radius: float) -> NDArray[np.bool_]:
    """The connected region about the middle whose pixels exceed the mean of centre and surroundings (the median at 2 to 4 radii).

    Parameters
    ----------
    patch : square, odd side, the candidate in the middle, spots bright.
    """
    import cv2

    reach = patch.shape[0] // 2
    near = max(1, round(0.3 * radius))
    centre = float(patch[reach - near : reach + near + 1, reach - near : reach + near + 1].mean())
    level = (centre + float(np.median(patch[_ring(patch.shape[0], radius)]))) / 2
    above = (patch > level).astype(np.uint8)
    above[reach, reach] = 1
    _, labels = cv2.connectedComponents(above, connectivity=4)
    return np.asarray(labels == labels[reach, reach])


def shape_of(patch: NDArray[Any], radius: float) -> Floats:
    """Nine numbers in the order of `SHAPE`; lengths and areas in units of the expected radius.

    Effective diameter 2 sqrt(area / pi); circularity 4 pi area / perimeter^2 (1 for a disc, perimeter through pixel centres with half a
    pixel added); solidity: area over that of the convex hull.
    """
    import cv2

    here = region(patch, radius)
    area = float(here.sum())
    outline = max(cv2.findContours(here.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)
    perimeter = cv2.arcLength(outline, True) + np.pi  # half a pixel outwards all around
    width, length = sorted(cv2.minAreaRect(outline)[1])
    hull = cv2.convexHull(outline)
    hull_area = cv2.contourArea(hull) + cv2.arcLength(hull, True) / 2 + np.pi / 4
    ring = patch[_ring(patch.shape[0], radius)]
    height = patch[here] - np.median(ring)
    x, y = cv2.Sobel(patch, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(patch, cv2.CV_32F, 0, 1) / 8
    edge = outline[:, 0, ::-1]
    slope = np.hypot(x, y)[tuple(edge.T)].mean()
    return np.array(
        [
            area / radius**2, 2 * np.sqrt(area / np.pi) / radius, min(1.0, 4 * np.pi * area / perimeter**2), (width + 1) / (length + 1),
            min(1.0, area / hull_area), height.mean(), height.max(), slope * radius, height.mean() / (ring.std() + 0.1),
        ], np.float64,
    )  # fmt: skip


def _ring(side: int, radius: float) -> NDArray[np.bool_]:
    reach = side // 2
    row, column = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(row, column)
    return np.asarray((away > 2 * radius) & (away <= 4 * radius))
