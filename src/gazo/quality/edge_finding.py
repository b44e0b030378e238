"""Where the edge is: found in the whole image, or inside a region given by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError

Array = NDArray[np.float64]
COARSE = 256  # pixels along the longer side while looking for the edge
STRONG = 0.3  # of the steepest a step of the full range can be after smoothing
SMOOTH = 1.5  # coarse pixels
STEEPEST = 1 / (SMOOTH * np.sqrt(2 * np.pi))
HALF_WIDTH_MM, LENGTH_MM = 25.0, 100.0  # the region of IEC 62220-1: 50 mm across the edge, 100 mm along it (recalled, not read)
LEAST_PX = 8


@dataclass(frozen=True)
class Region:
    """Rows and columns of an image; `upright` where the edge runs along the columns, so that the profile runs along a row."""

    top: int
    left: int
    height: int
    width: int
    upright: bool
    others: int = 0

    def cut(self, pixels: Array) -> Array:
        """The region with the edge upright."""
        part = pixels[self.top : self.top + self.height, self.left : self.left + self.width]
        return part if self.upright else part.T


@dataclass(frozen=True)
class Step:
    """A straight step on the coarse grid, upright: column = offset + slope x row from `first` to `last`; `change` across it."""

    slope: float
    offset: float
    first: float
    last: float
    change: float
    upright: bool

    @property
    def strength(self) -> float:
        """Length times height."""
        return (self.last - self.first) * abs(self.change)

    @property
    def score(self) -> float:
        """Long and strong steps come first; those along the pixels (collimators) last, they have no angle to sample with."""
        tilt = abs(np.degrees(np.arctan(self.slope)))
        return self.strength * (1.0 if 0.5 < tilt < 20 else 0.2)


def found_region(pixels: Array, spacing: tuple[float, float], direction: str) -> Region:
    """The region around the best edge of an image, as free of other structures as the image allows.

    Parameters
    ----------
    pixels : (rows, columns).
    spacing : mm along rows and columns.
    direction : "u" for a profile along the rows (edge upright), "v" along the columns, "any" for the better one.
    """
    coarse, factor = _coarse(pixels)
    steps = _steps(coarse, direction)
    if not steps:
        raise DataError(
            "G-QUA-405",
            en="no straight edge was found; check that the image shows the edge device with a contrast well above the noise, or give the region by hand (top_px, left_px, height_px, width_px).",
            ja="直線状のエッジが見つかりませんでした。雑音より十分高いコントラストでエッジが写っているか確認するか、領域を手動 (top_px, left_px, height_px, width_px) で指定してください。",
        )
    best = steps[0]
    rivals = sum(s.score > 0.5 * best.score for s in steps[1:])
    return _around(best, coarse, factor, pixels.shape, spacing, rivals)


def checked_region(pixels: Array, box: tuple[int, int, int, int], direction: str) -> Region:
    """A region given by hand, with the one edge inside it.

    Parameters
    ----------
    pixels : (rows, columns).
    box : top, left, height, width in pixels.
    direction : as in `found_region`.
    """
    top, left, height, width = box
    rows, columns = pixels.shape
    if top + height > rows or left + width > columns or min(height, width) < 2 * LEAST_PX:
        raise DataError(
            "G-QUA-406",
            en=f"the region of {height} x {width} px at row {top}, column {left} must lie inside the image of {rows} x {columns} px and be at least {2 * LEAST_PX} px wide; move it or make it smaller or larger.",
            ja=f"領域 ({height} × {width} 画素、位置: 行 {top}・列 {left}) は {rows} × {columns} 画素の画像の内側にあり、幅が {2 * LEAST_PX} 画素以上でなければなりません。位置や大きさを直してください。",
        )
    coarse, _ = _coarse(pixels[top : top + height, left : left + width])
    steps = _steps(coarse, direction)
    if not steps:
        raise DataError(
            "G-QUA-407",
            en="there is no straight edge in the region given; move it so that one edge runs through it from side to side.",
            ja="指定された領域に直線状のエッジがありません。1 本のエッジが領域を横切るように位置を直してください。",
        )
    if any(step.strength > 0.3 * steps[0].strength for step in steps[1:]):
        raise DataError(
            "G-QUA-408",
            en=f"{len(steps)} edges lie in the region given, so the profile would hold more than one step; make the region smaller until one edge is left.",
            ja=f"指定された領域に {len(steps)} 本のエッジがあり、プロファイルに複数の段差が入ります。エッジが 1 本になるまで領域を小さくしてください。",
        )
    return Region(top, left, height, width, steps[0].upright)


def _coarse(pixels: Array) -> tuple[NDArray[np.float32], float]:
    """Block means of at most `COARSE` pixels a side, smoothed; and how many pixels make one."""
    import cv2

    factor = max(1.0, max(pixels.shape) / COARSE)
    size = [max(8, round(n / factor)) for n in pixels.shape]
    small = cv2.resize((pixels - pixels.mean()).astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), SMOOTH, borderType=cv2.BORDER_REPLICATE), factor


def _steps(coarse: NDArray[np.float32], direction: str) -> list[Step]:
    """Straight steps, the best first."""
    found = []
    for upright in (True, False):
        if direction in ("any", "u" if upright else "v"):
            found += _upright_steps(coarse if upright else coarse.T, upright)
    return sorted(found, key=lambda s: -s.score)


def _upright_steps(coarse: NDArray[np.float32], upright: bool) -> list[Step]:
    """Connected places of steep change along the rows that lie on a line and are at least a quarter of the image long."""
    import cv2

    across, along = np.gradient(coarse, axis=1), np.gradient(coarse, axis=0)
    bottom, top = np.percentile(coarse[::2, ::2], (1, 99))
    found = []
    for sign in (1, -1):
        steep = (sign * across > STRONG * STEEPEST * (top - bottom)) & (np.abs(across) >= np.abs(along))
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(steep.astype(np.uint8), connectivity=8)
        for i in range(1, count):
            if boxes[i, cv2.CC_STAT_HEIGHT] >= max(4, coarse.shape[0] / 4):
                step = _straight(coarse, across, labels == i, upright)
                found += [step] if step is not None and abs(step.change) > 0.4 * (top - bottom) else []
    return found


def _straight(coarse: NDArray[np.float32], across: NDArray[np.float32], where: NDArray[np.bool_], upright: bool) -> Step | None:
    """A line through the places of one connected step; None where they do not lie on one, or where it drowns in noise."""
    weight = np.where(where, np.abs(across), 0)
    rows = np.flatnonzero(where.any(1))
    at = (weight[rows] * np.arange(coarse.shape[1])).sum(1) / weight[rows].sum(1)
    slope, offset = np.polyfit(rows, at, 1)
    away = np.abs(at - offset - slope * rows)
    if np.median(away) > 1 or abs(slope) > 1.05:
        return None
    columns = np.rint(offset + slope * rows).astype(int)
    aside = [coarse[rows, np.clip(columns + d, 0, coarse.shape[1] - 1)] for d in (-4, 4)]
    change, noise = float(np.median(aside[1] - aside[0])), float(max(np.std(np.diff(side)) for side in aside))
    return (
        Step(float(slope), float(offset), float(rows[0]), float(rows[-1]), change, upright) if abs(change) > 5 * noise else None
    )


def _around(
    step: Step,
    coarse: NDArray[np.float32],
    factor: float,
    shape: tuple[int, ...],
    spacing: tuple[float, float],
    rivals: int,
) -> Region:
    """The region of a step in pixels of the image: 90 % of its length, and across it up to the next structure or the border."""
    rows_px, columns_px = shape if step.upright else shape[::-1]
    along_mm, across_mm = spacing if step.upright else spacing[::-1]
    before, after = _free(coarse if step.upright else coarse.T, step)
    middle, half = (step.first + step.last + 1) / 2 * factor, 0.45 * (step.last - step.first + 1) * factor
    half = min(half, LENGTH_MM / along_mm / 2)
    low, high = max(0, int(middle - half)), min(rows_px, int(np.ceil(middle + half)))
    ends = [(step.offset + 0.5) * factor + step.slope * y for y in (low, high)]
    reach = HALF_WIDTH_MM / across_mm
    left = max(0, int(max(min(ends) - reach, max(ends) - before * factor)))
    right = min(columns_px, int(min(max(ends) + reach, min(ends) + after * factor)))
    if min(min(ends) - left, right - max(ends)) < LEAST_PX:
        raise DataError(
            "G-QUA-409",
            en=f"beside the edge found there are fewer than {LEAST_PX} px before the next edge or the border; use a larger edge device, or give the region by hand.",
            ja=f"見つかったエッジの横に、次のエッジまたは画像の端まで {LEAST_PX} 画素以上の平坦部がありません。より大きいエッジを使うか、領域を手動で指定してください。",
        )
    box = (low, left, high - low, right - left) if step.upright else (left, low, right - left, high - low)
    return Region(*box, step.upright, rivals)


def _free(coarse: NDArray[np.float32], step: Step) -> tuple[float, float]:
    """Coarse pixels without another structure before and after the line of a step."""
    rows = np.arange(int(step.first), int(step.last) + 1)[:, None]
    away = np.arange(coarse.shape[1]) - (step.offset + step.slope * rows)
    part = coarse[int(step.first) : int(step.last) + 1]
    steep = np.hypot(np.gradient(part, axis=1), np.gradient(part, axis=0) if len(part) > 1 else 0)
    steep = steep > STRONG * STEEPEST * abs(step.change)
    trim = max(1, len(rows) // 20)  # the ends of an edge are corners of the plate
    steep[:trim], steep[-trim:] = False, False
    other = steep & (np.abs(away) > 4 * SMOOTH)
    margin = 3 * SMOOTH
    before = -away[other & (away < 0)].max(initial=-np.inf) - margin
    after = away[other & (away > 0)].min(initial=np.inf) - margin
    return float(before), float(after)
