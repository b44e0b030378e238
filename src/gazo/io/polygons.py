"""Polygons and pixels: which pixels lie inside closed contours, and the contours about the pixels of a mask.

Places are counted in pixels, whole numbers at the centres of pixels, as DICOM counts them: pixel (row 2, column 5) covers rows 1.5 to 2.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def filled(contours: Sequence[Points], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels whose centre lies inside, by the even-odd rule over all contours together.

    So a contour inside another is a hole, whether it stands alone, in XOR (CLOSEDPLANAR_XOR), or is joined by a channel of no width
    (keyhole, DICOM PS3.3 C.8.8.6.3). Vertices may lie anywhere between pixels. A centre exactly on a border belongs to the polygon on its right
    and below, so polygons that share a border share no pixel and leave none out.

    Parameters
    ----------
    contours : each (n, 2) row and column of the corners; the last is joined to the first.
    shape : rows and columns of the image; what lies outside is cut off.
    """
    rows, columns = shape
    crossings = np.zeros((rows, columns + 1), np.uint8)
    for corners in contours:
        row, column = _crossings(np.asarray(corners, np.float64), rows)
        np.add.at(crossings, (row, np.clip(np.ceil(column), 0, columns).astype(int)), 1)
    return np.cumsum(crossings[:, :columns], axis=1, dtype=np.uint32) % 2 == 1


def _crossings(corners: Points, rows: int) -> tuple[NDArray[np.int64], Points]:
    """Where the sides cross the lines through the centres of pixels: the row of the line, and the column."""
    ahead = np.roll(corners, -1, axis=0)
    upward = corners[:, 0] <= ahead[:, 0]
    upper, lower = np.where(upward[:, None], corners, ahead), np.where(upward[:, None], ahead, corners)
    first = np.clip(np.ceil(upper[:, 0]), 0, rows).astype(np.int64)
    after = np.clip(np.ceil(lower[:, 0]), 0, rows).astype(np.int64)
    count = np.maximum(after - first, 0)
    side = np.repeat(np.arange(len(corners)), count)
    row = first[side] + np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
    height = lower[side, 0] - upper[side, 0]
    share = (row - upper[side, 0]) / height
    return row, upper[side, 1] + share * (lower[side, 1] - upper[side, 1])


def outlines(mask: NDArray[Any]) -> list[Points]:
    """Closed contours, halfway between the pixels inside and those outside, that `filled` turns into the same mask again.

    Outer borders and those of holes are contours of their own. Marching squares (Lorensen & Cline 1987 in the plane); corners on a straight
    side are left out.
    """
    from skimage.measure import find_contours

    found = find_contours(np.pad(mask > 0, 1).astype(np.float64), 0.5, fully_connected="low")
    return [_corners(one[:-1] - 1) for one in found]


def _corners(points: Points) -> Points:
    """Without points that lie on the straight line between their neighbours."""
    before, after = np.roll(points, 1, axis=0) - points, np.roll(points, -1, axis=0) - points
    turned = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    kept = np.abs(turned) > 1e-9
    return np.asarray(points[kept])


def area(corners: Points) -> float:
    """Area inside one contour in pixels (shoelace formula)."""
    row, column = np.asarray(corners, np.float64).T
    return float(abs(np.dot(row, np.roll(column, -1)) - np.dot(column, np.roll(row, -1))) / 2)
