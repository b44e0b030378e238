"""Shrinking and enlarging by cubic convolution, as the super-resolution papers do it (MATLAB's `imresize`)."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.registry import feature

A = -0.5  # of Keys' kernel: the one value with third-order precision


def keys_kernel(x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Cubic convolution (Keys 1981, IEEE TASSP 29:1153, eq. 15 with a = -1/2)."""
    d = np.abs(np.asarray(x, np.float64))
    near = (A + 2) * d**3 - (A + 3) * d**2 + 1
    far = A * (d**3 - 5 * d**2 + 8 * d - 4)
    return np.where(d <= 1, near, np.where(d <= 2, far, 0.0))


@feature("3 次畳み込み補間による拡大縮小", "Resizing by cubic convolution")
def cubic_resize(pixels: NDArray[np.generic], scale: Fraction | int) -> NDArray[np.float32]:
    """Rows and columns times `scale`, rounded up; when shrinking the kernel is stretched, so that nothing is aliased.

    Pixel centres lie at half numbers, so that both images cover the same area; the border pixels go on
    outside. Rounded after each axis it gives the published small images of Set5 (made by MATLAB) to the last bit; here nothing is
    rounded or clipped.

    Parameters
    ----------
    pixels : (rows, columns) or (rows, columns, colours).
    """
    found = np.asarray(pixels, np.float32)
    for axis in (0, 1):
        found = resized_along(found, Fraction(scale), axis)
    return np.ascontiguousarray(found)


def resized_along(pixels: NDArray[np.generic], scale: Fraction, axis: int) -> NDArray[np.float32]:
    """`cubic_resize` along one axis only."""
    places, weights = _taps(pixels.shape[axis], scale)
    moved = np.moveaxis(np.asarray(pixels, np.float32), axis, 0)
    made = np.zeros((len(places), *moved.shape[1:]), np.float32)
    for tap in range(places.shape[1]):
        made += moved[places[:, tap]] * weights[:, tap].reshape(-1, *[1] * (moved.ndim - 1))
    return np.moveaxis(made, 0, axis)


@lru_cache(maxsize=64)
def _taps(length: int, scale: Fraction) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each new pixel the old ones it is made of and their weights, which add up to 1: two arrays (new length, taps)."""
    stretch = min(float(scale), 1.0)
    reach = 2 / stretch
    new = ceil(length * scale)
    centre = (np.arange(new) + 0.5) / float(scale) - 0.5
    places = np.floor(centre - reach)[:, None].astype(np.int64) + np.arange(ceil(2 * reach) + 2)
    weights = keys_kernel((centre[:, None] - places) * stretch)
    weights /= weights.sum(1, keepdims=True)
    used = np.flatnonzero(np.any(weights != 0, axis=0))
    return np.clip(places[:, used], 0, length - 1), weights[:, used].astype(np.float32)


def cropped(pixels: NDArray[Any], factor: int) -> NDArray[Any]:
    """Rows and columns cut to multiples of `factor`, so that shrinking and enlarging give the size back."""
    rows, columns = (length - length % factor for length in pixels.shape[:2])
    return pixels[:rows, :columns]


def bicubic(truth: NDArray[np.floating[Any]], factor: int) -> NDArray[np.float32]:
    """What is left of an image after shrinking by `factor` and enlarging again: the input of the networks, and their baseline."""
    return cubic_resize(cubic_resize(truth, Fraction(1, factor)), factor)
