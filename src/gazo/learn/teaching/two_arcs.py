"""Two classes of which everything is known: points around two interlocking arcs, with their density and the best decision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLOBS = 9  # normal distributions strung along each arc


def draw(rng: np.random.Generator, per_class: int, spread: float) -> tuple[Floats, NDArray[np.int64]]:
    """Points (2 n, 2) and their classes (0, then 1): each is a place on the arc of its class plus N(0, spread^2)."""
    classes = np.repeat([0, 1], per_class)
    places = np.stack([_centres(c)[rng.integers(BLOBS)] for c in classes])
    return places + rng.normal(0, spread, places.shape), classes


def best_decision(points: Floats, spread: float) -> NDArray[np.int64]:
    """The class of the higher density (Bayes): nobody can be right more often."""
    densities = [_density(points, _centres(c), spread) for c in (0, 1)]
    return (densities[1] > densities[0]).astype(np.int64)


def _centres(number: int) -> Floats:
    """Half circles of radius 1, moved so that the end of each lies in the middle of the other; mean 0 in both directions."""
    angle = np.linspace(0, np.pi, BLOBS)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)
    return upper if number == 0 else -upper


def _density(points: Floats, centres: Floats, spread: float) -> Floats:
    """Up to a factor that both classes share."""
    away = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-away / (2 * spread**2)).sum(axis=1))
