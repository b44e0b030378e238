"""Texture of a candidate: how grey levels stand beside each other (Haralick et al. 1973)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TEXTURE = ("GLCM contrast", "GLCM homogeneity", "GLCM energy", "GLCM correlation", "GLCM entropy")
LEVELS, RANGE = 12, 4.0  # grey levels over -4 to 4 local standard deviations


def texture_of(patch: NDArray[Any], radius: float) -> Floats:
    """Five numbers in the order of `TEXTURE` from the symmetric co-occurrence at one pixel, mean of four directions.

    Of the square of two radii to each side, 12 levels. Contrast sum (i - j)^2 p, homogeneity sum p / (1 + (i - j)^2), energy
    sqrt(sum p^2), correlation, entropy -sum p ln p (Haralick et al., IEEE Trans SMC 1973; 3: 610).
    """
    reach = min(patch.shape[0] // 2, round(2 * radius))
    middle = patch.shape[0] // 2
    square = patch[middle - reach : middle + reach + 1, middle - reach : middle + reach + 1]
    levels = np.clip((square + RANGE) / (2 * RANGE) * LEVELS, 0, LEVELS - 1).astype(np.int64)
    return measures(cooccurrence(levels, LEVELS))


def cooccurrence(levels: NDArray[np.integer[Any]], count: int) -> Floats:
    """Shares (count, count) of neighbours at one pixel in four directions, both ways."""
    pairs = (
        (levels[:, :-1], levels[:, 1:]),
        (levels[:-1], levels[1:]),
        (levels[:-1, :-1], levels[1:, 1:]),
        (levels[1:, :-1], levels[:-1, 1:]),
    )
    joint = sum(np.bincount((a * count + b).ravel(), minlength=count * count) for a, b in pairs)
    square = np.asarray(joint, np.float64).reshape(count, count)
    both = square + square.T
    return np.asarray(both / both.sum())


def measures(shares: Floats) -> Floats:
    """Contrast, homogeneity, energy, correlation and entropy of a co-occurrence matrix."""
    i, j = np.indices(shares.shape)
    mean = (i * shares).sum()
    spread = ((i - mean) ** 2 * shares).sum()
    together = ((i - mean) * (j - mean) * shares).sum()
    correlation = together / spread if spread > 1e-12 else 1.0
    some = shares[shares > 0]
    apart = (i - j) ** 2
    return np.array(
        [
            (apart * shares).sum(),
            (shares / (1 + apart)).sum(),
            np.sqrt((shares**2).sum()),
            correlation,
            -(some * np.log(some)).sum(),
        ]
    )
