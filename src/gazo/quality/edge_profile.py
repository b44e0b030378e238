"""From a slanted edge or slit to one finely sampled profile: pixels projected on the normal of the line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.quality.edge_line import Line

Array = NDArray[np.float64]
SEGMENTS = 10


@dataclass(frozen=True)
class Profile:
    """Values at distances from the line: `x` (bins) in mm, `values` of all pixels, `parts` (segments, bins) along the line."""

    x: Array
    values: Array
    parts: Array
    bin_mm: float


def projected(region: Array, line: Line, spacing: tuple[float, float], bins_per_px: int) -> Profile:
    """Mean of the pixels in bins of distance from the line, measured along its normal.

    Each bin's mean is moved to the centre of the bin by the slope of the profile, as its pixels do not lie evenly in it.

    Parameters
    ----------
    region : (rows, columns), the line upright.
    line : in pixels of the region.
    spacing : mm along rows and columns of the upright region.
    bins_per_px : bins for the width of one pixel.
    """
    rows, columns = region.shape
    along, across = spacing
    tangent = line.slope * across / along
    _need_angle(abs(line.slope) * rows, bins_per_px)
    bin_mm = across / bins_per_px
    scale = 1 / (np.hypot(1, tangent) * bin_mm)
    starts = -line.at(np.arange(rows, dtype=np.float64)) * across * scale  # distance of column 0, in bins
    step = across * scale
    first, last = int(np.ceil(starts.max())), int(np.floor(starts.min() + (columns - 1) * step))
    segments = int(np.clip(min(abs(line.slope) * rows, rows / 8), 1, SEGMENTS))
    count = last - first
    place = starts[:, None] + step * np.arange(columns) - first
    index = np.floor(place).astype(np.int32)
    inside = (index >= 0) & (index < count)
    place -= index  # now the place inside the bin, 0 to 1
    index += (np.arange(rows, dtype=np.int32) * segments // rows * count)[:, None]
    index = np.where(inside, index, segments * count).ravel()
    size = segments * count + 1
    shape = (segments, count)
    n = np.bincount(index, minlength=size)[:-1].reshape(shape).astype(np.float64)
    total = np.bincount(index, region.ravel(), minlength=size)[:-1].reshape(shape)
    middle = np.bincount(index, place.ravel(), minlength=size)[:-1].reshape(shape)
    x = (first + 0.5 + np.arange(count)) * bin_mm
    whole = _centred(x, n.sum(0), total.sum(0), middle.sum(0), None)
    parts = np.stack([_centred(x, *each, whole) for each in zip(n, total, middle, strict=True)])
    return Profile(x, whole, parts, bin_mm)


def _centred(x: Array, n: Array, total: Array, middle: Array, known: Array | None) -> Array:
    """Means at the centres of the bins; bins without pixels are filled between their neighbours."""
    filled = n > 0
    values = np.interp(x, x[filled], total[filled] / n[filled])
    off = np.where(filled, middle / np.maximum(n, 1) - 0.5, 0)
    return np.asarray(values - off * np.gradient(values if known is None else known))


def _need_angle(shift: float, bins_per_px: int) -> None:
    if shift < 1:
        raise DataError(
            "G-QUA-411",
            en=f"the edge moves by {shift:.2f} px over the region, but it must cross at least one pixel to be sampled {bins_per_px} times a pixel; turn the edge by 1.5 to 3 degrees, or take a longer region.",
            ja=f"領域内でエッジは {shift:.2f} 画素しかずれませんが、1 画素を {bins_per_px} 分割して標本化するには 1 画素以上のずれが必要です。エッジを 1.5〜3 度傾けるか、領域を長くしてください。",
        )
