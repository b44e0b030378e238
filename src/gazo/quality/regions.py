"""Regions and lines drawn on an image: which pixels they hold, what these are on the average, and how values run along a line.

Coordinates are x (column) and y (row) in pixels; the centre of the first pixel is (0, 0), as in `gazo.quality.circles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.results import Curve

AREAS = ("rectangle", "ellipse", "polygon")
LINES = ("line", "edge")
# How many points each kind of shape has, at least.
POINTS = {"rectangle": 2, "ellipse": 2, "polygon": 3, "line": 2, "edge": 2, "angle": 3, "point": 1}
Points = NDArray[np.float64]
Spacing = tuple[float, float]


@dataclass(frozen=True)
class RegionStatistics:
    """What the pixels of a region are like; `sd` divides by n - 1, `area_mm2` is None where the spacing is not known."""

    n: int
    mean: float
    sd: float
    minimum: float
    maximum: float
    median: float
    area_mm2: float | None


def points_of(kind: str, points: Sequence[Sequence[float]]) -> Points:
    """The points of a shape as an array (n, 2) of x and y, checked for the kind of shape they belong to."""
    if kind not in POINTS:
        raise OptionError(
            "G-VIW-001",
            en=f"a shape is one of {', '.join(POINTS)}; '{kind[:40]}' came. Draw one of these.",
            ja=f"図形は {', '.join(POINTS)} のいずれかです。受け取ったもの: 「{kind[:40]}」。いずれかを描いてください。",
        )
    found = np.array([tuple(p)[:2] if len(p) > 1 else (np.nan, np.nan) for p in points], np.float64).reshape(-1, 2)
    if len(found) < POINTS[kind] or not np.isfinite(found).all():
        raise OptionError(
            "G-VIW-002",
            en=f"a shape of kind '{kind}' needs at least {POINTS[kind]} points [x, y] of finite numbers; {len(found)} came. Draw it again.",
            ja=f"図形「{kind}」には有限の数の点 [x, y] が {POINTS[kind]} 個以上必要です。受け取った数: {len(found)}。描き直してください。",
        )
    return found


def inside(kind: str, points: Sequence[Sequence[float]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels (rows, columns) whose centre lies in a rectangle, an ellipse (both given by two corners) or a polygon (even-odd)."""
    corners = points_of(kind, points)
    if kind not in AREAS:
        raise OptionError(
            "G-VIW-003",
            en=f"an area is needed: {', '.join(AREAS)}; a shape of kind '{kind}' came. Draw an area.",
            ja=f"面積を持つ図形 ({', '.join(AREAS)}) が必要です。受け取ったもの: 「{kind}」。領域を描いてください。",
        )
    mask = np.zeros(shape, bool)
    rows, columns = _box(corners, shape)
    if rows.size and columns.size:
        x, y = columns[None, :].astype(float), rows[:, None].astype(float)
        part = _even_odd(corners, x, y) if kind == "polygon" else _two_corners(kind, corners, x, y)
        mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = part
    return mask


def _box(corners: Points, shape: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows and columns that a shape can reach."""
    low = np.clip(np.ceil(corners.min(0)), 0, None)
    high = np.clip(np.floor(corners.max(0)), None, (shape[1] - 1, shape[0] - 1))
    return np.arange(low[1], high[1] + 1, dtype=int), np.arange(low[0], high[0] + 1, dtype=int)


def _two_corners(kind: str, corners: Points, x: Points, y: Points) -> NDArray[np.bool_]:
    if kind == "rectangle":
        return np.ones((y.size, x.size), bool)
    (middle_x, middle_y), (half_x, half_y) = corners[:2].mean(0), np.maximum(np.abs(corners[1] - corners[0]) / 2, 1e-12)
    return np.asarray(((x - middle_x) / half_x) ** 2 + ((y - middle_y) / half_y) ** 2 <= 1)


def _even_odd(corners: Points, x: Points, y: Points) -> NDArray[np.bool_]:
    """Crossings of a ray to the left counted side by side of the polygon; an odd number means inside."""
    found = np.zeros((y.size, x.size), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, 0), strict=True):
        if y0 == y1:
            continue
        spans = (y >= min(y0, y1)) & (y < max(y0, y1))
        found ^= spans & (x > x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return found


def region_statistics(pixels: NDArray[Any], mask: NDArray[np.bool_], spacing_mm: Spacing | None = None) -> RegionStatistics:
    """Number, mean, standard deviation, range and median of the values under a mask; values that are no numbers are left out."""
    values = np.asarray(pixels[mask], np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        raise OptionError(
            "G-VIW-004",
            en="the region holds no pixel of the image. Draw it larger, or inside the image.",
            ja="領域の中に画素がありません。もっと大きく描くか、画像の内側に描いてください。",
        )
    area = None if spacing_mm is None else int(mask.sum()) * spacing_mm[0] * spacing_mm[1]
    return RegionStatistics(
        n=values.size,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)) if values.size > 1 else 0.0,
        minimum=float(values.min()),
        maximum=float(values.max()),
        median=float(np.median(values)),
        area_mm2=area,
    )


def line_profile(
    pixels: NDArray[Any],
    points: Sequence[Sequence[float]],
    *,
    spacing_mm: Spacing | None = None,
    width_px: int = 1,
    unit: str = "",
) -> Curve:
    """Values along a line from its first to its last point, bilinear, about one sample a pixel; x in mm, or in pixels without spacing.

    Parameters
    ----------
    pixels : (rows, columns).
    points : two or more x, y; the line goes through all of them.
    spacing_mm : of rows and columns.
    width_px : so many parallel lines, one pixel apart, are averaged.
    """
    from scipy.ndimage import map_coordinates

    x, y, along = _samples(points_of("line", points))
    sideways = np.arange(width_px) - (width_px - 1) / 2
    across = _normals(x, y)
    places = [y + across[1] * sideways[:, None], x + across[0] * sideways[:, None]]
    values = map_coordinates(np.asarray(pixels, np.float64), places, order=1, mode="nearest").mean(0)
    if spacing_mm is not None:
        steps = np.hypot(np.diff(x) * spacing_mm[1], np.diff(y) * spacing_mm[0])
        along = np.concatenate([[0.0], np.cumsum(steps)])
    length = "px" if spacing_mm is None else "mm"
    return Curve(along, values, Text("距離", "distance"), Text("画素値", "pixel value"), x_unit=length, y_unit=unit)


def _samples(corners: Points) -> tuple[Points, Points, Points]:
    """x, y and the way in pixels of evenly spaced places along a line of several points."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    along = np.linspace(0, way[-1], max(2, round(way[-1]) + 1))
    return np.interp(along, way, corners[:, 0]), np.interp(along, way, corners[:, 1]), along


def _normals(x: Points, y: Points) -> tuple[Points, Points]:
    """Unit steps across the line at each sample."""
    dx, dy = np.gradient(x), np.gradient(y)
    length = np.maximum(np.hypot(dx, dy), 1e-12)
    return -dy / length, dx / length


def length_mm(points: Sequence[Sequence[float]], spacing_mm: Spacing) -> float:
    """Length of a line through points, in mm."""
    steps = np.diff(points_of("line", points), axis=0) * (spacing_mm[1], spacing_mm[0])
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def angle_deg(points: Sequence[Sequence[float]], spacing_mm: Spacing = (1.0, 1.0)) -> float:
    """Angle at the second of three points, 0 to 180 degrees, on the patient when the spacing is given."""
    corners = points_of("angle", points)[:3] * (spacing_mm[1], spacing_mm[0])
    first, second = corners[0] - corners[1], corners[2] - corners[1]
    turned = first[0] * second[1] - first[1] * second[0]
    return float(np.degrees(np.arctan2(abs(turned), first @ second)))
