"""Bones as tubes along curves in the patient: ribs, clavicles, shoulder blades, spine, upper arms. Thickness of compact bone in mm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gazo.phantoms.anatomy import Body
from gazo.phantoms.organs import Grid, apex, arm_axis, cage
from gazo.phantoms.shapes import Array, half_chord, lay, resampled, ring, smooth_step, steps, tube

RIBS = 11


def rib(body: Body, number: int, side: int) -> np.ndarray:
    """Centre line (n, 3) of a rib (0 is the first), from the spine round the chest wall to where cartilage begins."""
    t = number / (RIBS - 1)
    length = (100, 118, 126, 130, 132, 132, 130, 126, 116, 100, 84)[number]
    angle = np.deg2rad(np.linspace(9, length, 70))
    start = apex(body) - 6 + body.lung_height * (0.035 + 0.90 * t)
    fall = body.lung_height * (0.13 + 0.30 * min(1.0, t * 1.6)) * body.rib_slope
    lift = -6 * np.exp(-(((np.rad2deg(angle) - 28) / 14) ** 2))
    y = start + fall * (1 - np.cos(angle * 0.88)) / 2 * (1 + 0.25 * np.sin(angle) ** 2) + lift
    width, depth = cage(body, np.maximum(y, apex(body) + 16).astype(np.float32))
    width = np.maximum(width + 4, 50 + 0 * width)
    x = side * (np.sin(angle) ** 0.8 * (width - 4) + 4)
    return np.stack([x, y, -np.cos(angle) * (depth + 4)], 1)


def ribs(grid: Grid) -> Array:
    """All ribs; where a rib runs along the ray at the side of the chest its shadow becomes dense."""
    body = grid.body
    curves = [resampled(rib(body, n, side), 0.4 * grid.pixel_mm) for n in range(RIBS) for side in (-1, 1)]
    to_end = [np.minimum(np.arange(len(c)), np.arange(len(c))[::-1]) * 0.4 * grid.pixel_mm for c in curves]
    section = 2 * np.pi * body.rib_radius * 0.95 * body.bone
    return tubes(grid, curves, section * (0.55 + 0.45 * np.clip(np.concatenate(to_end) / 5, 0, 1)), body.rib_radius, 1.6)


def clavicles(grid: Grid) -> Array:
    """Two S-shaped bones from the breast bone to the shoulders; they stand higher in AP."""
    body, lift = grid.body, grid.pose.clavicle_lift
    t = np.linspace(0, 1, 60)
    x = 20 + (body.shoulder - 42) * t
    y = apex(body) + 44 - (38 + lift) * t**0.8 - 7 * np.sin(2 * np.pi * t) - 0.35 * lift * np.sin(np.pi * t)
    curves = [resampled(np.stack([side * x, y, 55 - 45 * t], 1), 0.4 * grid.pixel_mm) for side in (-1, 1)]
    wide = [1 + 0.35 * np.abs(np.linspace(-1, 1, len(curve))) ** 3 for curve in curves]
    section = 2 * np.pi * body.rib_radius * 1.9 * body.bone
    return tubes(grid, curves, section * np.concatenate(wide), body.rib_radius, 2.0)


def tubes(grid: Grid, curves: Sequence[np.ndarray], section_mm2: np.ndarray | float, radius_mm: float, wall_mm: float) -> Array:
    """Tubes of one kind along several curves (n, 3)."""
    lengths = np.concatenate([steps(curve) for curve in curves])
    kernel = ring(radius_mm, wall_mm, grid.pixel_mm)
    return tube(grid.project(np.concatenate(curves)), section_mm2, lengths, kernel, grid.pixel_mm, grid.size)


def shoulder_blades(grid: Grid) -> Array:
    """A thin plate with a thicker rim and spine; pulled off the lungs in PA, over them in AP."""
    import cv2

    body = grid.body
    plate = np.zeros((grid.size, grid.size), np.float32)
    rims = [_blade(grid, side) for side in (-1, 1)]
    for rim in rims:
        pixels = (grid.project(rim) / grid.pixel_mm + (grid.size - 1) / 2) * 16
        cv2.fillPoly(plate, [np.round(pixels).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    plate = np.float32(1.7 * body.bone) * cv2.GaussianBlur(plate, (0, 0), 1.5 / grid.pixel_mm)
    ridges = [rim[[0, 5]] + [[0, 18, -8], [0, -22, -8]] for rim in rims]
    fine = 0.4 * grid.pixel_mm
    edge = tubes(grid, [resampled(rim, fine) for rim in rims], 24 * body.bone, 2.6, 1.3)
    return plate + edge + tubes(grid, [resampled(ridge, fine) for ridge in ridges], 50 * body.bone, 4.5, 2.0)


def _blade(grid: Grid, side: int) -> np.ndarray:
    """Outline (n, 3) of a shoulder blade; its lower corner swings out further than its upper one."""
    x, y = np.array([(72, 34), (80, 110), (94, 178), (108, 150), (140, 62), (148, 44), (126, 26), (100, 20), (72, 34)], float).T
    out = grid.pose.scapula_out * (1 + (y - 34) / 240) + grid.body.shoulder - 180
    return np.stack([side * (x + out), y + apex(grid.body) - 16, np.full(len(x), -0.85 * grid.body.half_depth)], 1)


def upper_arms(grid: Grid) -> Array:
    """Head and shaft of both upper arm bones; the head is a shell of 2 mm filled with spongy bone."""
    body = grid.body
    x, y = grid.at(-5)
    axes = [arm_axis(body, grid.pose, side) for side in (-1, 1)]
    total = tubes(grid, [resampled(axis, 0.4 * grid.pixel_mm) for axis in axes], 138 * body.bone, 11, 4)
    for side, axis in zip((-1, 1), axes, strict=True):
        dx, dy = x - np.float32(axis[0, 0] - 5 * side), y - np.float32(axis[0, 1] - 5)
        shell, core = half_chord(dx, dy, (23, 23, 23)), half_chord(dx, dy, (21, 21, 21))
        total += np.float32(body.bone) * (np.float32(0.8) * (shell - core) + np.float32(0.22) * core)
    return total


def spine(grid: Grid) -> Array:
    """Vertebral bodies with discs between them, their arches and spinous processes; spongy bone counted as compact bone."""
    body = grid.body
    x, y = grid.at(-0.62 * body.half_depth)
    pitch = body.lung_height / 11.3
    s = (y - apex(body)) / body.lung_height
    width = np.clip(15 + 6 * s, 12, 24)
    phase = np.mod((y - apex(body)) / pitch, 1)
    body_part = smooth_step((0.5 - np.abs(phase - 0.5)) * pitch - 2.2, 1.8)
    waist = width - 2.2 * np.cos((phase - 0.5) * 2 * np.pi)
    inside = smooth_step(waist - np.abs(x), 1.6)
    rim = (
        np.exp(-(((np.abs(x) - waist + 1.5) / 1.6) ** 2))
        + np.exp(-((((0.5 - np.abs(phase - 0.5)) * pitch - 4.2) / 1.5) ** 2)) * inside
    )
    bodies = np.float32(body.bone) * (2.6 * body_part * inside + 1.2 * rim + 1.0 * inside)
    return (bodies + arches(grid, pitch)).astype(np.float32)


def arches(grid: Grid, pitch: float) -> Array:
    """Pedicles (two rings on each vertebra), transverse and spinous processes."""
    import cv2

    body = grid.body
    levels = apex(body) + pitch * (np.arange(-2, 15) + 0.36)
    parts = [(offset, level + down) for level in levels for offset, down in ((-10, 0), (10, 0), (0, 9), (-20, 1), (20, 1))]
    points = grid.project(np.array([(x, y, -0.75 * body.half_depth) for x, y in parts]))
    laid = lay(points, np.full(len(points), 130 * body.bone), grid.pixel_mm, grid.size)
    return cv2.filter2D(laid, -1, ring(4.6, 4.6, grid.pixel_mm), borderType=cv2.BORDER_CONSTANT)


def skeleton(grid: Grid) -> Array:
    """Compact bone along every ray."""
    return ribs(grid) + clavicles(grid) + shoulder_blades(grid) + upper_arms(grid) + spine(grid)
