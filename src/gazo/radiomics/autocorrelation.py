"""Moran's I and Geary's C over all pairs of voxels, exact, by Fourier transform (IBSI 1, chapter 3.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def moran_geary(volume: NDArray[Any], mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> tuple[float, float]:
    """I = N / W sum w_kl (x_k - m)(x_l - m) / sum (x_k - m)², C = (N - 1) / (2 W) sum w_kl (x_k - x_l)² / sum (x_k - m)², w = 1 / distance.

    The sums over pairs are convolutions with 1 / distance on a grid of twice the size, so all N² pairs count (Moran 1950, Geary 1954).
    Equal values have no spread: NaN for both.
    """
    from scipy.fft import next_fast_len, rfftn

    near = _box(mask)
    inside = mask[near]
    x = np.where(inside, volume[near], 0.0)
    n = int(inside.sum())
    away = np.where(inside, x - x.sum() / n, 0.0)
    spread = float((away**2).sum())
    if n < 2 or spread <= 1e-12 * float((x**2).sum()):
        return float("nan"), float("nan")
    shape = [next_fast_len(2 * length - 1, real=True) for length in inside.shape]
    kernel = rfftn(_inverse_distance(shape, spacing_mm))
    region, once, twice = (rfftn(a, shape) for a in (inside.astype(np.float64), away, away**2))

    def pairs(one: NDArray[Any], other: NDArray[Any]) -> float:
        """Sum over pairs of w times the product of two images (Parseval; a real transform holds half of the columns)."""
        parts = (kernel.real * (one * other.conj()).real).sum(axis=(0, 1))
        doubled = 2 * parts.sum() - parts[0] - (parts[-1] if shape[-1] % 2 == 0 else 0)
        return float(doubled / np.prod(shape))

    total, product, square = pairs(region, region), pairs(once, once), pairs(twice, region)
    return n / total * product / spread, (n - 1) / (2 * total) * 2 * (square - product) / spread


def _box(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    """The smallest box around the region."""
    places = [np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis))) for axis in range(mask.ndim)]
    return tuple(slice(int(p[0]), int(p[-1]) + 1) for p in places)


def _inverse_distance(shape: list[int], spacing_mm: tuple[float, float, float]) -> NDArray[np.float64]:
    """1 / distance from the first voxel on a grid that closes on itself, 0 for the voxel itself."""
    steps = [np.minimum(np.arange(n), n - np.arange(n)) * s for n, s in zip(shape, spacing_mm, strict=True)]
    square = steps[0][:, None, None] ** 2 + steps[1][:, None] ** 2 + steps[2] ** 2
    square[0, 0, 0] = np.inf
    return np.asarray(1 / np.sqrt(square))
