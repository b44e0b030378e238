"""Bones as tubes along curves in the patient: ribs, clavicles, shoulder blades, spine, upper arms. Thickness of compact bone in mm."""

from __future__ import annotations

import numpy as np

from gazo.phantoms.anatomy import Body
from gazo.phantoms.organs import Grid, apex, arm_axis, cage
from gazo.phantoms.shapes import Array, lay, resampled, ring, smooth_step, steps, tube

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
    lengths = np.concatenate([steps(c) for c in curves])
    ends = np.concatenate([np.clip(np.minimum(np.arange(len(c)), np.arange(len(c))[::-1]) * grid.pixel_mm / 12, 0, 1) for c in curves])
    section = 2 * np.pi * body.rib_radius * 0.62 * body.bone
    points = grid.project(np.concatenate(curves))
    return tube(points, section * (0.55 + 0.45 * ends), lengths, ring(body.rib_radius, 1.6, grid.pixel_mm), grid.pixel_mm, grid.size)


def clavicles(grid: Grid) -> Array:
    """Two S-shaped bones from the breast bone to the shoulders; they stand higher in AP."""
    body, lift = grid.body, grid.pose.clavicle_lift
    inner, outer = 20.0, body.shoulder - 22
    t = np.linspace(0, 1, 60)
    total = np.zeros((grid.size, grid.size), np.float32)
    for side in (-1, 1):
        x = inner + (outer - inner) * t
        y = apex(body) + 44 - (38 + lift) * t**0.8 - 7 * np.sin(2 * np.pi * t) - 0.35 * lift * np.sin(np.pi * t)
        curve = resampled(np.stack([side * x, y, 55 - 45 * t], 1), 0.4 * grid.pixel_mm)
        wide = 1 + 0.35 * np.abs(np.linspace(-1, 1, len(curve))) ** 3
        radius = body.rib_radius * 1.0
        kernel = ring(radius, 2.0, grid.pixel_mm)
        total += tube(grid.project(curve), 2 * np.pi * radius * 1.05 * body.bone * wide, steps(curve), kernel, grid.pixel_mm, grid.size)
    return total


def shoulder_blades(grid: Grid) -> Array:
    """A thin plate with a thicker rim and spine; pulled off the lungs in PA, over them in AP."""
    import cv2

    body, out = grid.body, grid.pose.scapula_out
    corner = np.array([(72, 34), (80, 110), (94, 178), (108, 150), (140, 62), (148, 44), (126, 26), (100, 20), (72, 34)], float)
    total = np.zeros((grid.size, grid.size), np.float32)
    for side in (-1, 1):
        place = np.stack([side * (corner[:, 0] + out + 0.10 * (corner[:, 1] - 34) * out / 24 + body.shoulder - 180), corner[:, 1] + apex(body) - 16,
                          np.full(len(corner), -0.85 * body.half_depth)], 1)
        rim = resampled(place, 0.4 * grid.pixel_mm)
        ridge = resampled(place[[0, 5]] + [[0, 18, -8], [0, -22, -8]], 0.4 * grid.pixel_mm)
        plate = np.zeros((grid.size, grid.size), np.float32)
        pixels = (grid.project(place) / grid.pixel_mm + (grid.size - 1) / 2) * 16
        cv2.fillPoly(plate, [np.round(pixels).astype(np.int32)], 1.0, cv2.LINE_8, 4)
        total += 1.0 * body.bone * cv2.GaussianBlur(plate, (0, 0), 1.5 / grid.pixel_mm)
        total += tube(grid.project(rim), 16 * body.bone, steps(rim), ring(2.6, 1.3, grid.pixel_mm), grid.pixel_mm, grid.size)
        total += tube(grid.project(ridge), 34 * body.bone, steps(ridge), ring(4.5, 2.0, grid.pixel_mm), grid.pixel_mm, grid.size)
    return total


def upper_arms(grid: Grid) -> Array:
    """Head and shaft of both upper arm bones."""
    body = grid.body
    total = np.zeros((grid.size, grid.size), np.float32)
    for side in (-1, 1):
        axis = arm_axis(body, grid.pose, side)
        curve = resampled(axis + [[0, 0, 0], [0, 0, 0]], 0.4 * grid.pixel_mm)
        total += tube(grid.project(curve), 2 * np.pi * 10 * 2.6 * body.bone, steps(curve), ring(11, 4, grid.pixel_mm), grid.pixel_mm, grid.size)
        head = grid.project(axis[:1] + [[-side * 4, -4, 0]])
        total += tube(head, 1.0, np.array([9e3 * body.bone]), ring(22, 6, grid.pixel_mm), grid.pixel_mm, grid.size)
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
    rim = np.exp(-(((np.abs(x) - waist + 1.5) / 1.6) ** 2)) + np.exp(-((((0.5 - np.abs(phase - 0.5)) * pitch - 4.2) / 1.5) ** 2)) * inside
    bodies = body.bone * (8.5 * body_part * inside + 2.2 * rim + 3 * inside)
    return (bodies + arches(grid, pitch)).astype(np.float32)


def arches(grid: Grid, pitch: float) -> Array:
    """Pedicles (two rings on each vertebra), transverse and spinous processes."""
    body = grid.body
    levels = apex(body) + pitch * (np.arange(-3, 15) + 0.36)
    depth = np.full(len(levels), -0.75 * body.half_depth)
    total = np.zeros((grid.size, grid.size), np.float32)
    for offset, down, volume, radius in ((-10, 0, 220, 4.2), (10, 0, 220, 4.2), (0, 9, 330, 3.6), (-21, 0, 260, 4), (21, 0, 260, 4)):
        points = grid.project(np.stack([np.full(len(levels), float(offset)), levels + down, depth], 1))
        laid = lay(points, np.full(len(levels), volume * body.bone), grid.pixel_mm, grid.size)
        total += _spread(laid, ring(radius, 1.8, grid.pixel_mm))
    return total


def _spread(laid: Array, kernel: Array) -> Array:
    import cv2

    return cv2.filter2D(laid, -1, kernel, borderType=cv2.BORDER_CONSTANT)


def skeleton(grid: Grid) -> Array:
    """Compact bone along every ray."""
    return ribs(grid) + clavicles(grid) + shoulder_blades(grid) + upper_arms(grid) + spine(grid)
