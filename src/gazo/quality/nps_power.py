"""Periodograms of many regions: |DFT|^2 summed, the fast way, and the axes that belong to them.

OpenCV's real DFT keeps a region's spectrum packed in an array of its own size; squares are summed packed and sorted once at the
end. A region costs one transform and one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.quality.nps_detrend import Detrended, Trend, without_trend

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strip:
    """Regions side by side: first row, how many, summed squares of their packed DFTs (rows, columns) and of their pixels.

    `packed` holds the squares until the next strip is asked for.
    """

    row: int
    count: int
    packed: NDArray[Any]
    squares: float


def strips(
    pixels: NDArray[Any],
    roi: tuple[int, int],
    rows: Sequence[int],
    columns: Sequence[int],
    *,
    trend: Trend,
    over_image: bool,
    dtype: Any,
) -> Iterator[Strip]:
    """Summed periodograms, one strip of regions after the other.

    Parameters
    ----------
    pixels : (rows, columns) of any real type; computed in `dtype`, float32 or float64.
    roi : rows and columns of a region; `rows` and `columns` are where they begin.
    trend : subtracted once from the image (`over_image`) or from each region.
    """
    import cv2

    image = Detrended(pixels, trend, dtype) if over_image else None
    covered = coverage(pixels.shape[1], roi[1], columns, dtype)
    # Row y lies in slot y mod roi: a region turned round itself has the same |DFT|^2, so rows stay where they are
    flat, packed, power = np.empty((roi[0], pixels.shape[1]), dtype), np.empty(roi, dtype), np.empty(roi, dtype)
    row_squares, done = np.zeros(roi[0]), rows[0]
    for row in rows:
        power[:], squares = 0, 0.0
        if image is not None:
            for first, last in _runs(max(done, row), row + roi[0], roi[0]):
                slots = slice(first % roi[0], first % roi[0] + last - first)
                row_squares[slots] = image.fill(first, flat[slots], covered)
            done, squares = row + roi[0], float(row_squares.sum())
        for column in columns:
            part = flat[:, column : column + roi[1]]
            if image is None:
                part = without_trend(pixels[row : row + roi[0], column : column + roi[1]], trend, dtype)
                squares += cv2.norm(part, cv2.NORM_L2SQR)
            cv2.accumulateSquare(cv2.dft(part, packed), power)
        yield Strip(row, len(columns), power, squares)


def _runs(first: int, last: int, length: int) -> Iterator[tuple[int, int]]:
    """first to last, cut at multiples of the length."""
    while first < last:
        end = min(last, (first // length + 1) * length)
        yield first, end
        first = end


def coverage(columns: int, roi: int, starts: Sequence[int], dtype: Any) -> NDArray[Any]:
    """How many of the regions that begin at `starts` cover each column."""
    covered = np.zeros(columns, dtype)
    for start in starts:
        covered[start : start + roi] += 1
    return covered


def unpacked(squares: NDArray[Any]) -> Floats:
    """|F(v, u)|^2 for u from 0 to half the width, of the squared numbers of OpenCV's packed real DFT (CCS layout).

    Column 0 holds u = 0 as Re(0), Re(1), Im(1), Re(2) ... down the rows; columns 2u - 1 and 2u hold Re and Im of u; with an even
    width the last column holds the highest u as column 0 does.
    """
    rows, columns = squares.shape
    half = np.empty((rows, columns // 2 + 1))
    half[:, 0] = edge(squares[:, 0])
    middle = (columns - 1) // 2
    half[:, 1 : middle + 1] = squares[:, 1 : 2 * middle : 2].astype(np.float64) + squares[:, 2 : 2 * middle + 1 : 2]
    if columns % 2 == 0:
        half[:, -1] = edge(squares[:, -1])
    return half


def whole(half: Floats, columns: int) -> Floats:
    """The half plane as the full plane in the order of the DFT: |F(-v, -u)| = |F(v, u)| for real images."""
    rows = half.shape[0]
    full = np.empty((rows, columns))
    full[:, : half.shape[1]] = half
    mirrored = np.arange(columns - half.shape[1], 0, -1)
    full[:, half.shape[1] :] = half[-np.arange(rows) % rows][:, mirrored]
    return full


def frequencies(count: int, spacing: float) -> Floats:
    """Frequencies of a DFT of `count` points that lie `spacing` apart, rising from the most negative."""
    return np.asarray(np.fft.fftshift(np.fft.fftfreq(count, spacing)), np.float64)


def packed_places(roi: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Of each number of a packed array: v and u, counted from the origin, and how many points of the plane its point stands for."""
    rows, columns = roi
    down, across = (np.arange(n) for n in roi)
    signed = np.minimum(down, rows - down)
    v = np.repeat(signed[:, None], columns, axis=1)
    u = np.broadcast_to((across + 1) // 2, roi)
    stands_for = np.full(roi, 2)
    for edge_column in (0, columns - 1)[: 2 - columns % 2]:
        v[:, edge_column] = (down + 1) // 2
        stands_for[[0, rows - 1][: 2 - rows % 2], edge_column] = 1
    return v, u, stands_for


def edge(column: NDArray[Any]) -> Floats:
    """|F(v)|^2 of both signs of v along the last axis, of the packed numbers of columns that are real in the other direction."""
    rows = column.shape[-1]
    middle = (rows - 1) // 2
    found = np.empty(column.shape)
    found[..., 0] = column[..., 0]
    both = column[..., 1 : 2 * middle : 2].astype(np.float64) + column[..., 2 : 2 * middle + 1 : 2]
    found[..., 1 : middle + 1] = both
    found[..., rows - middle :] = both[..., ::-1]
    if rows % 2 == 0:
        found[..., rows // 2] = column[..., -1]
    return found
