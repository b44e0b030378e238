"""Vessels of the lungs as branching tubes, and the unevenness of tissue: what hides a nodule."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gazo.core.seeds import generator
from gazo.phantoms.anatomy import Body
from gazo.phantoms.organs import Grid, apex
from gazo.phantoms.shapes import Array, lay

CLASSES_MM = (0.0, 1.0, 1.8, 3.0, 99.0)


def tree(body: Body, step_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) along all vessels and their radii (n): each branch parts in two, thinner and shorter by a fifth to a third."""
    rng = generator(body.fine_seed, "vessels")
    points, radii = [], []
    for side in (-1, 1):
        root = np.array([side * 37.0, apex(body) + 0.47 * body.lung_height + (4 if side < 0 else -6), -4.0])
        count = 17
        angle = np.deg2rad(np.linspace(-78, 78, count) + rng.normal(0, 7, count))
        z = rng.normal(0, 0.4, count)
        heading = np.stack([side * np.cos(angle), np.sin(angle) * 1.1, z], 1)
        start = root + np.stack([rng.normal(0, 4, count), 16 * np.sin(angle), rng.normal(0, 8, count)], 1)
        radius = rng.uniform(1.9, 4.1, count) * np.where(angle > 0, 1.12, 0.9)
        length = body.half_width / 138 * rng.uniform(26, 40, count)
        for _ in range(6):
            start, heading, radius, length, walked, width = _grown(rng, start, heading, radius, length, step_mm)
            points.append(walked)
            radii.append(width)
    return np.concatenate(points), np.concatenate(radii)


def _grown(
    rng: np.random.Generator, start: np.ndarray, heading: np.ndarray, radius: np.ndarray, length: np.ndarray, step_mm: float
) -> tuple[np.ndarray, ...]:
    """Walk every branch to its end and part it in two; also the points passed and the radius at each."""
    heading = heading / np.linalg.norm(heading, axis=1, keepdims=True)
    bend = rng.normal(0, 0.16, heading.shape)
    count = np.maximum(2, np.ceil(length / step_mm).astype(int))
    owner = np.repeat(np.arange(len(start)), count)
    t = (np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)) / np.repeat(count, count)
    way = (heading[owner] * t[:, None] + bend[owner] * (t**2)[:, None]) * length[owner, None]
    end = start + (heading + bend) * length[:, None]
    both = np.concatenate([heading + 2 * bend, heading + 2 * bend])
    apart = rng.normal(0, (0.42, 0.42, 0.28), both.shape)
    thinner = rng.uniform(0.66, 0.84, len(both))
    return (
        np.concatenate([end, end]),
        both + apart,
        np.tile(radius, 2) * thinner,
        np.tile(length, 2) * rng.uniform(0.66, 0.95, len(both)),
        start[owner] + way,
        radius[owner] * (1 - 0.2 * t),
    )


def pulmonary_vessels(grid: Grid) -> Array:
    """Thickness of blood in the lung vessels; lying down (AP) the upper ones fill as the lower ones do."""
    import cv2

    step_mm = min(2.0, grid.pixel_mm)
    points, radii = tree(grid.body, step_mm)
    if grid.pose.view == "AP":
        radii = radii * np.where(points[:, 1] < 0, 1.18, 1.0)
    points = points * [1.0, 0.6 + 0.4 * grid.pose.breath, 1.0]
    places = grid.project(points)
    total = np.zeros((grid.size, grid.size), np.float32)
    for low, high in pairwise(CLASSES_MM):
        here = (radii >= low) & (radii < high)
        laid = lay(places[here], np.pi * radii[here] ** 2 * step_mm, grid.pixel_mm, grid.size)
        total += cv2.GaussianBlur(laid, (0, 0), max(0.3, 0.5 * float(radii[here].mean()) / grid.pixel_mm)) if here.any() else 0
    return total


def unevenness(grid: Grid) -> Array:
    """A field of mean 0 and standard deviation 1 whose power falls as f^-3, fixed to the patient, not to the pixels.

    Anatomical noise of radiographs follows such a power law (Burgess, Jacobson, Judy, Med Phys 2001; 28: 419).
    """
    import cv2

    lattice, pitch = 128, 4.0
    rng = generator(grid.body.fine_seed, "tissue")
    u = np.hypot(np.fft.fftfreq(lattice)[:, None], np.fft.rfftfreq(lattice))
    u[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(lattice, lattice))) * u**-1.5, (lattice, lattice))
    field = (field / field.std()).astype(np.float32)
    x, y = grid.at(0)
    centre = np.float32((lattice - 1) / 2)
    return cv2.remap(field, x / pitch + centre, y / pitch + centre, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
