"""Where small regions of one image stand in another: normalised cross-correlation, found from coarse to fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.process.shifts import Array, ShiftField, Spacing, Vectors, fitted, map_of, rigid, sampled

LEAST_CORRELATION = 0.5  # weaker matches are not used (Kano's rule as given in the literature, recalled)


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass of local matching: pixel, half width of a region, reach of the search and step in mm; order of the fit."""

    pixel_mm: float
    half_mm: float
    reach_mm: float
    step_mm: float
    order: int


def matched(
    fixed: Array, moving: Array, spacing_mm: Spacing, start: ShiftField, passes: Sequence[Pass], mask: Array | None = None
) -> ShiftField:
    """The field s with moving(x + s(x)) like fixed(x), refined pass by pass from a start.

    Every pass moves `moving` by the field so far, finds the shift of each region against `fixed`, adds it to the field there and
    fits the whole anew. Where too few regions are found, the field stays as it is.

    Parameters
    ----------
    mask : float32, above 0.5 where the centres of regions may lie; everywhere when None.
    """
    field = start
    for step in passes:
        small, spacing = reduced(fixed, spacing_mm, step.pixel_mm)
        other, _ = reduced(moving, spacing_mm, step.pixel_mm)
        now = sampled(other, spacing, map_of(field.places, small.shape, spacing))
        allowed = np.ones_like(small) if mask is None else reduced(mask, spacing_mm, step.pixel_mm)[0]
        found = _vectors(_detail(small, spacing, step.half_mm), _detail(now, spacing, step.half_mm), allowed, spacing, step)
        if len(found.places) < (step.order + 1) * (step.order + 2):
            continue
        total = Vectors(found.places, found.shifts + field.at(found.places + found.shifts), found.information)
        field = fitted(total, step.order, field.half_mm)
    return field


def rigid_match(
    fixed: Array, moving: Array, spacing_mm: Spacing, *, reach_mm: float, turn_deg: float
) -> tuple[ShiftField, float]:
    """Shift and turn about the centre that bring `moving` over `fixed`, and the correlation then: blurred, 4 mm pixels, all turns tried."""
    import cv2

    half = half_frame(fixed.shape, spacing_mm)
    small, spacing = reduced(fixed, spacing_mm, 4.0)
    other, _ = reduced(moving, spacing_mm, 4.0)
    small, other = (cv2.GaussianBlur(image, (0, 0), 1.0) for image in (small, other))
    reach = [int(np.clip(round(reach_mm / d), 1, n // 4)) for d, n in zip(spacing, small.shape, strict=True)]
    inner = small[reach[0] : -reach[0], reach[1] : -reach[1]]
    best, angle, found = -2.0, 0.0, rigid(0, 0, 0, half)
    for step in (turn_deg / 6, turn_deg / 36):
        for trial in angle + step * np.arange(-6, 7):
            turned = sampled(other, spacing, map_of(rigid(trial, 0, 0, half).places, other.shape, spacing), sharp=False)
            score, shift, _ = peak(cv2.matchTemplate(turned, inner, cv2.TM_CCOEFF_NORMED))
            if score > best:
                # found in the turned image: moving(R (x + d)) = fixed(x), so the shift after the turn is R d
                best, angle = score, float(trial)
                down, right = (shift - reach) * spacing
                cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
                found = rigid(angle, cos * down + sin * right, cos * right - sin * down, half)
    return found, best


def reduced(image: Array, spacing_mm: Spacing, pixel_mm: float) -> tuple[Array, Spacing]:
    """The image on pixels of about `pixel_mm`, never finer than it is; its spacing then. The frame stays the same."""
    import cv2

    counts = [max(8, min(n, round(n * d / pixel_mm))) for n, d in zip(image.shape, spacing_mm, strict=True)]
    small = cv2.resize(image, (counts[1], counts[0]), interpolation=cv2.INTER_AREA)
    return small, tuple(n * d / c for n, d, c in zip(image.shape, spacing_mm, counts, strict=True))


def half_frame(shape: tuple[int, ...], spacing_mm: Spacing) -> tuple[float, float]:
    """Half the height and width of an image in mm."""
    return shape[0] * spacing_mm[0] / 2, shape[1] * spacing_mm[1] / 2


def _detail(image: Array, spacing_mm: Spacing, half_mm: float) -> Array:
    """What is finer than a region: broad differences of density would otherwise decide the correlation."""
    import cv2

    sigma = [half_mm / d for d in spacing_mm]
    blur = cv2.GaussianBlur(image, (0, 0), sigma[1], sigmaY=sigma[0], borderType=cv2.BORDER_REFLECT)
    return cv2.GaussianBlur(image - blur, (0, 0), 0.7, borderType=cv2.BORDER_REFLECT)


def _vectors(fixed: Array, moving: Array, allowed: Array, spacing: Spacing, how: Pass) -> Vectors:
    """Shift of each region of `fixed` within `moving`, with the curvature of the correlation as its information."""
    import cv2

    half, reach, step = (
        np.maximum(np.round(np.array(mm) / spacing), 1).astype(int) for mm in (how.half_mm, how.reach_mm, how.step_mm)
    )
    margin = half + reach
    least = 0.02 * float(fixed.std())
    places, shifts, information = [], [], []
    for row in range(margin[0], fixed.shape[0] - margin[0], step[0]):
        for column in range(margin[1], fixed.shape[1] - margin[1], step[1]):
            if allowed[row, column] <= 0.5:
                continue
            here = fixed[row - half[0] : row + half[0] + 1, column - half[1] : column + half[1] + 1]
            if cv2.meanStdDev(here)[1][0, 0] <= least:
                continue
            around = moving[row - margin[0] : row + margin[0] + 1, column - margin[1] : column + margin[1] + 1]
            score, shift, bend = peak(cv2.matchTemplate(around, here, cv2.TM_CCOEFF_NORMED))
            if score >= LEAST_CORRELATION and bend is not None:
                places.append((row, column))
                shifts.append(shift - reach)
                information.append(bend * score / (1 - min(score, 0.98) ** 2))
    centre = (np.array(fixed.shape) - 1) / 2
    scale = np.array(spacing)
    return Vectors(
        (np.array(places).reshape(-1, 2) - centre) * scale,
        np.array(shifts).reshape(-1, 2) * scale,
        np.array(information).reshape(-1, 2, 2) / np.outer(scale, scale),
    )


def peak(score: Array) -> tuple[float, NDArray[np.float64], NDArray[np.float64] | None]:
    """Highest value of a correlation map, its place between the pixels, and minus its second derivative (None at the rim)."""
    row, column = np.unravel_index(int(np.argmax(score)), score.shape)
    best, place = float(score[row, column]), np.array([row, column], float)
    if not (0 < row < score.shape[0] - 1 and 0 < column < score.shape[1] - 1):
        return best, place, None
    near = score[row - 1 : row + 2, column - 1 : column + 2].astype(float)
    slope = np.array([near[2, 1] - near[0, 1], near[1, 2] - near[1, 0]]) / 2
    mixed = (near[2, 2] - near[2, 0] - near[0, 2] + near[0, 0]) / 4
    down, right = near[0, 1] + near[2, 1] - 2 * best, near[1, 0] + near[1, 2] - 2 * best
    bend = -np.array([[down, mixed], [mixed, right]])
    if bend[0, 0] <= 0 or np.linalg.det(bend) <= 0:
        return best, place, None
    return best, place + np.clip(np.linalg.solve(bend, slope), -1, 1), bend
