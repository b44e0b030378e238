"""A smooth shift field as two polynomials, fitted to measured vectors; and pixels moved by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Spacing = tuple[float, ...]


@dataclass(frozen=True)
class Vectors:
    """Shifts measured at places; all lengths in mm from the centre of the frame, down and right.

    places, shifts : (n, 2). information : (n, 2, 2), the inverse covariance of each shift up to a common factor.
    """

    places: NDArray[np.float64]
    shifts: NDArray[np.float64]
    information: NDArray[np.float64]


@dataclass(frozen=True)
class ShiftField:
    """s(y, x) = sum c_ij P_i(y / h) P_j(x / w), i + j <= order, P the Legendre polynomials, h and w half the frame.

    coefficients : (2, terms) in mm: down, right. half_mm : half the frame in mm.
    """

    coefficients: NDArray[np.float64]
    half_mm: tuple[float, float]

    @property
    def order(self) -> int:
        """The highest sum of degrees."""
        return round((np.sqrt(8 * self.coefficients.shape[1] + 1) - 3) / 2)

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The shift (n, 2) at places (n, 2)."""
        return legendre(places, self.half_mm, self.order) @ self.coefficients.T

    def places(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the shift leads from places (n, 2)."""
        return places + self.at(places)


def rigid(turn_deg: float, down_mm: float, right_mm: float, half_mm: tuple[float, float]) -> ShiftField:
    """The field of a turn about the centre (clockwise) and a shift after it."""
    angle = np.deg2rad(turn_deg)
    h, w = half_mm
    down = [down_mm, np.sin(angle) * w, (np.cos(angle) - 1) * h]  # terms in the order of `_degrees(1)`: 1, x, y
    right = [right_mm, (np.cos(angle) - 1) * w, -np.sin(angle) * h]
    return ShiftField(np.array([down, right]), half_mm)


def fitted(vectors: Vectors, order: int, half_mm: tuple[float, float], stiffness: float = 0.05) -> ShiftField:
    """The polynomial field nearest to the vectors; each counts by its information, the odd ones less and less.

    Weighted least squares with Cauchy weights, repeated; high degrees are held down a little (`stiffness`, a bending energy
    that grows with the fourth power of the degree) so that the field stays quiet where there are no vectors.
    """
    basis = legendre(vectors.places, half_mm, order)
    terms = basis.shape[1]
    bending = np.array([(i + j) ** 4 for i, j in _degrees(order)], float) / max(order, 1) ** 4
    weights = np.ones(len(basis))
    for _ in range(6):
        known = np.einsum("n,nab,ni,nj->aibj", weights, vectors.information, basis, basis, optimize=True)
        target = np.einsum("n,nab,nb,ni->ai", weights, vectors.information, vectors.shifts, basis, optimize=True)
        known = known.reshape(2 * terms, 2 * terms)
        known[np.diag_indices(2 * terms)] += stiffness * np.trace(known) / (2 * terms) * (np.tile(bending, 2) + 1e-6)
        coefficients = np.linalg.solve(known, target.reshape(-1)).reshape(2, terms)
        left = vectors.shifts - basis @ coefficients.T
        distance = np.einsum("na,nab,nb->n", left, vectors.information, left)
        weights = 1 / (1 + distance / (4 * max(float(np.median(distance)), 1e-12)))
    return ShiftField(coefficients, half_mm)


def legendre(places: NDArray[np.float64], half_mm: tuple[float, float], order: int) -> NDArray[np.float64]:
    """Products of Legendre polynomials (n, terms) at places in mm; beyond the frame the value of its edge."""
    down, right = np.clip(np.asarray(places) / half_mm, -1, 1).T
    rows, columns = (np.polynomial.legendre.legvander(a, order) for a in (down, right))
    return np.stack([rows[:, i] * columns[:, j] for i, j in _degrees(order)], 1)


def map_of(to: Callable[[NDArray[np.float64]], NDArray[np.float64]], shape: tuple[int, ...], spacing_mm: Spacing) -> Array:
    """`to` of every pixel (2, rows, columns), in mm: computed at every 16th pixel, between them by cubic splines."""
    coarse = [np.linspace(0, n - 1, max(5, -(-n // 16))) for n in shape]
    axes = [(c - (n - 1) / 2) * d for c, n, d in zip(coarse, shape, spacing_mm, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    values = to(grid.reshape(-1, 2)).reshape(grid.shape)
    down, right = (_spline(c, n) for c, n in zip(coarse, shape, strict=True))
    return np.stack([(down @ values[..., axis]).astype(np.float32) @ right.T.astype(np.float32) for axis in (0, 1)])


def _spline(at: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The matrix (count, len(at)) that turns values at `at` into those at 0, 1 ... count - 1."""
    from scipy.interpolate import make_interp_spline

    matrix: NDArray[np.float64] = make_interp_spline(at, np.eye(len(at)), k=3)(np.arange(count))
    return matrix


def sampled(pixels: Array, spacing_mm: Spacing, places_mm: Array, *, sharp: bool = True) -> Array:
    """The image at places (2, rows, columns: mm from its centre): cubic (or linear); beyond the frame its mirror image."""
    import cv2

    down, right = (
        place / np.float32(d) + np.float32((n - 1) / 2) for place, d, n in zip(places_mm, spacing_mm, pixels.shape, strict=True)
    )
    return cv2.remap(pixels, right, down, cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _degrees(order: int) -> list[tuple[int, int]]:
    return [(i, n - i) for n in range(order + 1) for i in range(n + 1)]
