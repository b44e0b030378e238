"""The midline of a chest radiograph: half way between the edges of the rib cage, then where the image is most like its mirror."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.process.matching import reduced, rigid_match
from gazo.process.shifts import Array, ShiftField, Spacing, map_of, sampled

FLIP = np.diag([1.0, -1.0])


@dataclass(frozen=True)
class Midline:
    """A straight line through (0, right_mm) from the centre of the image, leaning right at its top by `tilt_deg`."""

    tilt_deg: float
    right_mm: float

    @property
    def turn(self) -> NDArray[np.float64]:
        """The matrix from the upright frame (down, right of the line) to the image."""
        cos, sin = np.cos(np.deg2rad(self.tilt_deg)), np.sin(np.deg2rad(self.tilt_deg))
        return np.array([[cos, sin], [-sin, cos]])

    def from_upright(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (n, 2) of the upright frame stand in the image, mm from its centre."""
        return places @ self.turn.T + [0.0, self.right_mm]

    def to_upright(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of `from_upright`."""
        return (places - [0.0, self.right_mm]) @ self.turn

    def mirrored(self, places: NDArray[np.float64], field: ShiftField | None = None) -> NDArray[np.float64]:
        """The place opposite each place of the image; the field, if any, is added in the upright frame before the mirror."""
        upright = self.to_upright(places)
        return self.from_upright((upright if field is None else field.places(upright)) @ FLIP)


def found_midline(pixels: Array, spacing_mm: Spacing, max_tilt_deg: float) -> Midline:
    """Two first lines are tried, from the edges of the rib cage and central; each is moved to where the image is most like its
    mirror image, and the better one is taken."""
    small, spacing = reduced(pixels, spacing_mm, 2.0)
    best, found = -2.0, Midline(0.0, 0.0)
    for line in (_from_edges(small, spacing, max_tilt_deg), Midline(0.0, 0.0)):
        for limit in (max_tilt_deg, 3.0, 1.0):
            upright, opposite = upright_pair(small, spacing, line)
            match, score = rigid_match(upright, opposite, spacing, reach_mm=40.0, turn_deg=limit)
            line = _moved(line, match)
        if score > best:
            best, found = score, line
    return found


def upright_pair(pixels: Array, spacing_mm: Spacing, line: Midline) -> tuple[Array, Array]:
    """The image turned and moved so that the midline is its middle column, and the mirror image of that."""
    upright = sampled(pixels, spacing_mm, map_of(line.from_upright, pixels.shape, spacing_mm))
    return upright, np.ascontiguousarray(upright[:, ::-1])


def _moved(line: Midline, match: ShiftField) -> Midline:
    """The axis of the reflection "match, then mirror": it passes through the middle between the centre and its image."""
    at = match.places(np.array([[0.0, 0.0], [1.0, 0.0]]))
    isometry = (at[1] - at[0]) @ FLIP  # where a step down leads
    lean = np.arctan2(isometry[1], isometry[0]) / 2  # right per step down of the axis
    middle = line.from_upright((at[:1] @ FLIP) / 2)[0]
    tilt = line.tilt_deg - np.rad2deg(lean)
    return Midline(float(tilt), float(middle[1] + middle[0] * np.tan(np.deg2rad(tilt))))


def _from_edges(small: Array, spacing: Spacing, max_tilt_deg: float) -> Midline:
    """The line through the middles between the outer edges of the lungs, row by row; level and central when they disagree."""
    import cv2

    smooth = cv2.GaussianBlur(small, (0, 0), 2.0, borderType=cv2.BORDER_REFLECT)
    rows, columns = smooth.shape
    middle = slice(int(0.25 * rows), max(int(0.65 * rows), int(0.25 * rows) + 4))
    band = smooth[middle]
    centre = np.median(band[:, int(0.45 * columns) : int(0.55 * columns) + 1])
    sides = np.median(band[:, [*range(int(0.2 * columns), int(0.35 * columns)), *range(int(0.65 * columns), int(0.8 * columns))]])
    slope = np.gradient(band, axis=1) * (1 if centre > sides else -1)  # lungs are made darker than the middle
    left, right = int(0.02 * columns), columns - int(0.02 * columns)
    left_edge = left + np.argmin(slope[:, left : int(0.42 * columns)], axis=1)
    right_edge = int(0.58 * columns) + np.argmax(slope[:, int(0.58 * columns) : right], axis=1)
    x = ((left_edge + right_edge) / 2 - (columns - 1) / 2) * spacing[1]
    y = (np.arange(rows)[middle] - (rows - 1) / 2) * spacing[0]
    weights = np.ones(len(x))
    for _ in range(10):
        lean, right_mm = np.polyfit(y, x, 1, w=np.sqrt(weights))
        distance = np.abs(x - lean * y - right_mm)
        weights = 1 / (1 + (distance / max(2.0, float(np.median(distance)))) ** 2)
    tilt = -np.rad2deg(np.arctan(lean))
    plain = abs(tilt) > max_tilt_deg or abs(right_mm) > 0.2 * columns * spacing[1]
    return Midline(0.0, 0.0) if plain else Midline(float(tilt), float(right_mm))
