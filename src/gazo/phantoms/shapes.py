"""Thickness of simple bodies along parallel rays: ellipsoids, overlaps, and tubes laid along curves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Interval = tuple[Array, Array]


def half_chord(x: Array, y: Array, radii_mm: tuple[float, float, float], tilt_deg: float = 0.0) -> Array:
    """Half the path through an ellipsoid at distance (x, y) from its centre; its first axis is turned by `tilt_deg`.

    Parameters
    ----------
    radii_mm : along its first and second axis in the plane, and along the ray.
    """
    turn = np.deg2rad(tilt_deg)
    along = (x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))) / np.float32(radii_mm[0])
    across = (y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))) / np.float32(radii_mm[1])
    return np.float32(radii_mm[2]) * np.sqrt(np.maximum(0, 1 - along * along - across * across))


def around(centre_mm: float, half: Array) -> Interval:
    """The piece of each ray within `half` of a depth; empty pieces (half = 0) have no length."""
    return np.float32(centre_mm) - half, np.float32(centre_mm) + half


def covered(pieces: Sequence[Interval], limits: Interval) -> Array:
    """Length of the union of pieces of a ray inside `limits`: lengths less overlaps of two plus overlaps of three ..."""
    total = np.zeros(np.broadcast_shapes(limits[0].shape, *(p[0].shape for p in pieces)), np.float32)
    for count in range(1, len(pieces) + 1):
        for chosen in combinations(pieces, count):
            low = reduce(np.maximum, (p[0] for p in chosen), limits[0])
            high = reduce(np.minimum, (p[1] for p in chosen), limits[1])
            total += (-1) ** (count + 1) * np.maximum(0, high - low)
    return total


def smooth_step(x: Array, width: float) -> Array:
    """0 below -width, 1 above +width, a smooth cubic between."""
    t = np.clip(x / np.float32(2 * width) + np.float32(0.5), 0, 1)
    result: Array = t * t * (3 - 2 * t)
    return result


def lay(points_mm: NDArray[Any], volumes_mm3: NDArray[Any], pixel_mm: float, size: int) -> Array:
    """Thickness (mm) of volumes put at points (n, 2: x, y from the centre), shared among the four nearest pixels."""
    places = points_mm / pixel_mm + (size - 1) / 2
    corner = np.floor(places).astype(int)
    share = places - corner
    total = np.zeros(size * size)
    for right in (0, 1):
        for down in (0, 1):
            column, row = corner[:, 0] + right, corner[:, 1] + down
            weight = np.abs(1 - right - share[:, 0]) * np.abs(1 - down - share[:, 1]) * volumes_mm3
            inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
            total += np.bincount((row * size + column)[inside], weight[inside], size * size)
    return (total / pixel_mm**2).reshape(size, size).astype(np.float32)


def ring(radius_mm: float, wall_mm: float, pixel_mm: float) -> Array:
    """Kernel of unit sum that turns a laid line into the shadow of a tube: bright margins, a paler middle.

    A ring moved along a line projects like a thin-walled cylinder (chord 2 wall / sqrt(1 - x2 / r2)).
    """
    fine = 5
    reach = int(np.ceil(radius_mm / pixel_mm + 0.5))
    axis = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    distance = np.hypot(axis[:, None], axis) * pixel_mm
    inside = (distance <= radius_mm) & (distance >= radius_mm - wall_mm)
    kernel = (inside + 0.25 * (distance <= radius_mm)).reshape(2 * reach + 1, fine, 2 * reach + 1, fine).mean((1, 3))
    return (kernel / kernel.sum()).astype(np.float32)


def tube(
    curve_mm: NDArray[Any], section_mm2: NDArray[Any] | float, length_mm: NDArray[Any], kernel: Array, pixel_mm: float, size: int
) -> Array:
    """Thickness of a tube: its section times the true (3-D) length of each step, laid along the projected curve."""
    import cv2

    return cv2.filter2D(lay(curve_mm, section_mm2 * length_mm, pixel_mm, size), -1, kernel, borderType=cv2.BORDER_CONSTANT)


def steps(curve: NDArray[Any]) -> NDArray[Any]:
    """Length of curve that belongs to each of its points (n, 2 or 3)."""
    gaps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    return np.convolve(gaps, [0.5, 0.5])


def resampled(curve: NDArray[Any], spacing_mm: float) -> NDArray[Any]:
    """The curve with points no further apart than `spacing_mm` (straight between those given)."""
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    count = max(2, int(np.ceil(travelled[-1] / spacing_mm)) + 1)
    at = np.linspace(0, travelled[-1], count)
    return np.stack([np.interp(at, travelled, axis) for axis in curve.T], 1)
