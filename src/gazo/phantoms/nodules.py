"""Nodules: spheres of soft tissue in the lung, and where a reader could see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.phantoms.organs import Grid, Soft, soft_parts
from gazo.phantoms.shapes import Array

FIELD_LUNG_MM, FIELD_OTHER_MM = 20.0, 12.0
PLACING_SIZE = 128


@dataclass(frozen=True, kw_only=True)
class Nodule:
    """A sphere. `x_mm`, `y_mm` run right and down from the centre of the upright picture, in the detector plane.

    `contrast` is the share of its volume that is soft tissue, 1 for a solid nodule; the rest stays lung.
    """

    x_mm: float
    y_mm: float
    diameter_mm: float
    contrast: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place in the lungs that is about the same in every exposure of a patient: quantiles of the lung field."""

    left: bool
    down: float
    across: float


def lung_field(soft: Soft) -> NDArray[np.bool_]:
    """The lungs as drawn by hand: at least 20 mm of lung, and less than 12 mm of heart, vessels of the middle or diaphragm."""
    hidden = np.maximum.reduce([soft.heart, soft.mediastinum, soft.diaphragm])
    return (soft.lung >= FIELD_LUNG_MM) & (hidden < FIELD_OTHER_MM)


def draw_spot(rng: np.random.Generator) -> Spot:
    """Somewhere in the lung field, either side."""
    left, down, across = rng.random(3)
    return Spot(left=bool(left < 0.5), down=float(down), across=float(across))


def placed(spots: Sequence[Spot], diameters_mm: Sequence[float], contrast: float, grid: Grid) -> tuple[Nodule, ...]:
    """Nodules at spots, wholly inside the visible lung field of this exposure.

    The field is always looked at on the same coarse grid, so the place does not depend on the pixels of the image.
    """
    coarse = Grid(grid.body, grid.pose, PLACING_SIZE, grid.field_mm)
    field = lung_field(soft_parts(coarse))
    return tuple(_at(spot, d, contrast, coarse, field) for spot, d in zip(spots, diameters_mm, strict=True))


def _at(spot: Spot, diameter_mm: float, contrast: float, grid: Grid, field: NDArray[np.bool_]) -> Nodule:
    import cv2

    magnified = diameter_mm * grid.pose.magnification(0, grid.body.half_depth)
    framed = np.pad(field, 1).astype(np.uint8)
    room = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1] * grid.pixel_mm >= magnified / 2 + grid.pixel_mm
    middle = grid.at(0)[0] > 0
    free = room & (middle if spot.left else ~middle)
    free = free if free.any() else room
    if not free.any():
        raise DataError(
            "G-PHA-001",
            en=f"a nodule must fit into the visible lung; one of {diameter_mm:g} mm does not. Choose a smaller nodule_diameter_mm or a wider field_mm.",
            ja=f"結節は見えている肺野に収まる必要がありますが、直径 {diameter_mm:g} mm の結節は収まりません。nodule_diameter_mm を小さくするか field_mm を広げてください。",
        )
    rows = free.sum(1).cumsum()
    row = int(np.searchsorted(rows, spot.down * rows[-1], side="right"))
    columns = np.flatnonzero(free[row])
    column = columns[min(int(spot.across * len(columns)), len(columns) - 1)]
    centre = (grid.size - 1) / 2
    return Nodule(
        x_mm=float((column - centre) * grid.pixel_mm),
        y_mm=float((row - centre) * grid.pixel_mm),
        diameter_mm=float(diameter_mm),
        contrast=contrast,
    )


def chord(nodule: Nodule, grid: Grid) -> Array:
    """Path of each ray through the sphere: 2 sqrt(r2 - distance2), the distance taken back to the plane of the lungs."""
    scale = grid.pose.magnification(0, grid.body.half_depth)
    axis = (np.arange(grid.size) - (grid.size - 1) / 2) * grid.pixel_mm
    squared = ((axis - nodule.x_mm)[None, :] ** 2 + (axis - nodule.y_mm)[:, None] ** 2) / scale**2
    return (2 * np.sqrt(np.maximum(0, (nodule.diameter_mm / 2) ** 2 - squared))).astype(np.float32)


def box(nodule: Nodule, grid: Grid, size: int) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around the shadow in pixels of an image of `size`; pixel 0 reaches from 0 to 1."""
    pixel = grid.field_mm / size
    radius = nodule.diameter_mm / 2 * grid.pose.magnification(0, grid.body.half_depth)
    x, y = nodule.x_mm + grid.field_mm / 2, nodule.y_mm + grid.field_mm / 2
    return (x - radius) / pixel, (y - radius) / pixel, (x + radius) / pixel, (y + radius) / pixel
