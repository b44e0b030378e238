"""The line of an edge or a slit, row by row and then robustly through all rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError

Array = NDArray[np.float64]
ROUNDS = 3
SAMPLE_ROWS = 64  # rows that a plateau is taken from


@dataclass(frozen=True)
class Line:
    """column = offset + slope x row, in pixels of the upright region; `slope_se` is the standard error of the slope."""

    slope: float
    offset: float
    slope_se: float
    scatter: float
    low: float
    high: float

    def at(self, rows: Array) -> Array:
        """The column of the line at each row."""
        return np.asarray(self.offset + self.slope * rows)


def edge_line(region: Array) -> Line:
    """The line of the one edge in a region.

    The edge of a row is the centroid of its gradient in a window around the line of the round before; with plateaus a and b of the
    whole region that is sum (b - I) / (b - a) over the window. A line through these by Tukey's biweight, repeated.

    Parameters
    ----------
    region : (rows, columns), the edge upright.
    """
    rows = np.arange(len(region), dtype=np.float64)
    line = _first(region)
    for _ in range(ROUNDS):
        low, high = _plateaus(region, line)
        _need_step(low, high)
        at, use = _edge_of_rows(region, line, low, high)
        line = _through(rows[use], at[use], low, high)
    return line


def slit_line(region: Array) -> Line:
    """The line of a bright slit or wire: centroids of each row above its background, robustly fitted."""
    rows = np.arange(len(region), dtype=np.float64)
    smooth = _smooth(region)
    background = np.median(region)
    line = _through(rows, smooth.argmax(1).astype(np.float64), background, float(smooth.max()))
    for _ in range(ROUNDS):
        half = min(8, region.shape[1] // 4)
        columns = np.rint(line.at(rows))[:, None] + np.arange(-half, half + 1)
        use = (columns[:, 0] >= 0) & (columns[:, -1] < region.shape[1])
        _need_rows(use)
        above = np.take_along_axis(region, np.clip(columns, 0, region.shape[1] - 1).astype(int), 1) - background
        at = (above * columns).sum(1) / np.where(above.sum(1) == 0, np.nan, above.sum(1))
        use &= np.isfinite(at) & (np.abs(at - line.at(rows)) < half)
        _need_rows(use)
        line = _through(rows[use], at[use], background, line.high)
    return line


def _first(region: Array) -> Line:
    """The steepest place of each row of the smoothed region."""
    gradient = np.diff(_smooth(region), axis=1)
    signed = gradient if gradient.sum() > 0 else -gradient
    rows = np.arange(len(region), dtype=np.float64)
    return _through(rows, signed.argmax(1).astype(np.float64), 0.0, 0.0)


def _smooth(region: Array) -> NDArray[np.float32]:
    import cv2

    return np.asarray(
        cv2.GaussianBlur((region - region.mean()).astype(np.float32), (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _plateaus(region: Array, line: Line) -> tuple[float, float]:
    """Median far to the left and far to the right of the line (outer half of each side)."""
    ends = line.at(np.array([0.0, len(region) - 1]))
    left, right = int(max(2, ends.min() / 2)), int(min(region.shape[1] - 2, (ends.max() + region.shape[1]) / 2))
    some = region[:: max(1, len(region) // SAMPLE_ROWS)]
    return float(np.median(some[:, :left])), float(np.median(some[:, right:]))


def _edge_of_rows(region: Array, line: Line, low: float, high: float) -> tuple[Array, NDArray[np.bool_]]:
    """Where each row crosses from `low` to `high`, and which rows have room for the window."""
    width = region.shape[1]
    half = int(min(12, max(4, width // 5)))
    start = np.rint(line.at(np.arange(len(region), dtype=np.float64))).astype(int) - half
    use = (start >= 0) & (start + 2 * half < width)
    _need_rows(use)
    columns = np.clip(start[:, None] + np.arange(2 * half + 1), 0, width - 1)
    share = (high - np.take_along_axis(region, columns, 1)) / (high - low)
    return start - 0.5 + share.sum(1), use


def _need_step(low: float, high: float) -> None:
    if low == high:
        raise DataError(
            "G-QUA-432",
            en=f"both sides of the edge have the same value {low:g}, so this is a line or a strip; take a region with one edge in it.",
            ja=f"エッジの両側の値がともに {low:g} で、エッジではなく線か帯です。エッジが 1 本だけ入る領域を指定してください。",
        )


def _need_rows(use: NDArray[np.bool_]) -> None:
    if use.sum() < max(8, len(use) / 4):
        raise DataError(
            "G-QUA-410",
            en=f"the edge stays inside the region for {use.sum()} of {len(use)} rows only; centre the region on the edge, with at least 8 px on both sides.",
            ja=f"エッジが領域内にあるのは {len(use)} 行のうち {use.sum()} 行だけです。エッジが領域の中央を通り、両側に 8 画素以上あるように領域を直してください。",
        )


def _through(rows: Array, at: Array, low: float, high: float) -> Line:
    """A line by iterated weights (Tukey's biweight, 4.685 times the robust scatter; Beaton & Tukey 1974)."""
    weight = np.ones_like(at)
    slope = offset = scatter = 0.0
    for _ in range(10):
        centre = np.average(rows, weights=weight)
        spread = (weight * (rows - centre) ** 2).sum()
        slope = float((weight * (rows - centre) * at).sum() / spread)
        offset = float(np.average(at, weights=weight) - slope * centre)
        away = at - offset - slope * rows
        before, scatter = scatter, float(1.4826 * np.median(np.abs(away)))
        if scatter < 1e-9 or abs(scatter - before) < 1e-4 * scatter:
            break
        weight = np.clip(1 - (away / (4.685 * scatter)) ** 2, 0, None) ** 2
        weight += 1e-12
    error = float(np.sqrt((weight * away**2).sum() / max(weight.sum() - 2, 1) / spread))
    return Line(slope, offset, error, scatter, low, high)
