"""Subtracting a trend: mean, plane or second-order polynomial by least squares, fitted with orthonormal polynomials of each axis.

On a full grid the least-squares fit separates: with orthonormal columns Q of 1, x, x^2 along each axis the coefficients are
C = Q_y^T f Q_x, those of total degree above the order are dropped, and the fit is Q_y C Q_x^T. Two passes over the pixels.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Trend = Literal["poly2", "plane", "mean", "none"]
ORDERS: dict[str, int] = {"mean": 0, "plane": 1, "poly2": 2}
TREND_WORDS = {
    "poly2": (" 2 次多項式", "a second-order polynomial"),
    "plane": ("平面", "a plane"),
    "mean": ("平均値", "the mean"),
    "none": ("なし", "nothing"),
}


class Detrended:
    """An image whose trend is known, and taken off row by row where the rows are needed: no second image is held.

    Parameters
    ----------
    pixels : (rows, columns) of any real type.
    trend : fitted to all of them.
    dtype : float32 or float64.
    """

    def __init__(self, pixels: NDArray[Any], trend: Trend, dtype: Any) -> None:
        rows, columns = pixels.shape
        self.pixels, self.dtype = pixels, dtype
        self.x = np.linspace(-1, 1, columns).astype(dtype)
        self.fit = np.zeros((rows, 3), dtype)
        if trend != "none":
            moments = np.empty((rows, 3))
            _kernels()[0](pixels, self.x, moments)
            down, from_powers = _polynomials(rows)[0], _polynomials(columns)[1]
            coefficients = (down.T @ (moments @ from_powers)) * _kept(ORDERS[trend])
            self.fit = (down @ coefficients @ from_powers.T).astype(dtype)

    def fill(self, first: int, flat: Floats, weights: NDArray[Any]) -> NDArray[np.float64]:
        """Write the rows from `first` on into `flat`, without their trend; gives the sum of squares of each.

        Parameters
        ----------
        weights : (columns,) of the pixel type: how often each column counts in the sums of squares.
        """
        squares, part = np.empty(len(flat)), slice(first, first + len(flat))
        _kernels()[1](self.pixels[part], self.x, self.fit[part], weights, flat, squares)
        return squares


def without_trend(pixels: NDArray[Any], trend: Trend, dtype: Any) -> Floats:
    """(rows, columns) as float32 or float64 without its trend."""
    flat = np.empty(pixels.shape, dtype)
    Detrended(pixels, trend, dtype).fill(0, flat, np.ones(pixels.shape[1], dtype))
    return flat


def without_trend_3d(volume: NDArray[Any], trend: Trend) -> NDArray[np.float64]:
    """(planes, rows, columns) as float64 without its trend; one fit for the whole volume."""
    values = np.array(volume, np.float64)
    if trend == "none":
        return values
    bases = [_polynomials(n)[0] for n in values.shape]
    degrees = np.add.outer(np.add.outer(np.arange(3), np.arange(3)), np.arange(3))
    coefficients = np.einsum("zyx,za,yb,xc->abc", values, *bases, optimize=True) * (degrees <= ORDERS[trend])
    return values - np.einsum("abc,za,yb,xc->zyx", coefficients, *bases, optimize=True)


@cache
def _polynomials(length: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Orthonormal polynomials of degree 0 to 2 (length, 3) on points from -1 to 1, and the matrix that makes them of powers."""
    powers = np.vander(np.linspace(-1, 1, length), 3, increasing=True)
    orthonormal, triangle = np.linalg.qr(powers)
    return orthonormal, np.linalg.inv(triangle)


def _kept(order: int) -> NDArray[np.bool_]:
    return np.add.outer(np.arange(3), np.arange(3)) <= order


@cache
def _kernels() -> tuple[Any, Any]:
    """Compiled at first use and kept on disk; sums may be reordered, so that they use all lanes of the processor."""
    import numba

    @numba.njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
    def moments_of(pixels, x, moments):  # type: ignore[no-untyped-def]
        for row in range(pixels.shape[0]):
            zero = x[0] * 0
            first, second, third = zero, zero, zero
            for column in range(pixels.shape[1]):
                value = zero + pixels[row, column]
                first += value
                second += value * x[column]
                third += value * x[column] * x[column]
            moments[row, 0], moments[row, 1], moments[row, 2] = first, second, third

    @numba.njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
    def subtracted(pixels, x, fit, weights, flat, squares):  # type: ignore[no-untyped-def]
        for row in range(pixels.shape[0]):
            constant, slope, bend, total = fit[row, 0], fit[row, 1], fit[row, 2], x[0] * 0
            for column in range(pixels.shape[1]):
                value = pixels[row, column] - (constant + x[column] * (slope + x[column] * bend))
                total += weights[column] * value * value
                flat[row, column] = value
            squares[row] = total

    return moments_of, subtracted
