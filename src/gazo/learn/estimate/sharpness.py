"""How sharp an image is: width of its edges, power at each frequency, energy of its second derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Surface
from gazo.quality.wiener_sections import radial_nps

Floats = NDArray[np.floating[Any]]

TILE_PX = 64
EDGES, APART_PX, REACH_PX, STEP_PX = 60, 9, 6, 0.1
LEAST_CONTRAST = 0.1  # of the range of the image: fainter edges are lost in the noise


def laplacian_energy(plane: Floats) -> float:
    """Mean square of the four-neighbour Laplacian: how much fine detail, and noise, an image holds."""
    from scipy.ndimage import laplace

    return float(np.mean(laplace(np.asarray(plane, np.float64)) ** 2))


def radial_power(plane: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies in cycles/pixel and the mean power at each: |FFT|^2 of half-overlapping squares of 64 pixels (Welch 1967), averaged over rings.

    Each square has its mean taken off and is tapered by a Hann window. An image with a side below 64 pixels has no spectrum: NaN.
    """
    window = np.outer(*(np.hanning(TILE_PX + 2)[1:-1],) * 2)
    starts = [range(0, length - TILE_PX + 1, TILE_PX // 2) for length in plane.shape]
    tiles = [plane[r : r + TILE_PX, c : c + TILE_PX] for r in starts[0] for c in starts[1]]
    power = np.zeros((TILE_PX, TILE_PX))
    for tile in tiles:
        power += np.abs(np.fft.fft2((tile - tile.mean()) * window)) ** 2
    f = np.fft.fftshift(np.fft.fftfreq(TILE_PX))
    mean = np.fft.fftshift(power) / max(1, len(tiles)) / np.sum(window**2)
    words = Text("空間周波数", "Spatial frequency"), Text("パワー", "Power")
    curve = radial_nps(Surface(f, f, mean, words[0], words[0], words[1], x_unit="cycles/px", y_unit="cycles/px")).curve
    return np.asarray(curve.x), np.asarray(curve.y) if tiles else np.full(len(curve.y), np.nan)


def edge_places(truth: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strongest edges of an image, at most 60 and 9 pixels apart: places (n, 2) row, column, and unit vectors (n, 2) across them."""
    from scipy.ndimage import gaussian_filter, maximum_filter

    smooth = np.asarray(truth, np.float64)
    down, right = (gaussian_filter(smooth, 1.0, order=order) for order in ((1, 0), (0, 1)))
    strength = np.hypot(down, right)
    border = REACH_PX + 1
    strength[:border] = strength[-border:] = strength[:, :border] = strength[:, -border:] = 0
    peaks = np.argwhere((strength == maximum_filter(strength, APART_PX)) & (strength > 0))
    order = np.argsort(-strength[tuple(peaks.T)], kind="stable")[:EDGES]
    places = peaks[order].astype(np.float64)
    at = tuple(peaks[order].T)
    return places, np.stack([down[at], right[at]], 1) / strength[at][:, None]


def edge_widths(plane: Floats, places: NDArray[np.float64], across: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way in pixels from 10 % to 90 % of each edge, along a profile of 6 pixels to each side; NaN for a faint or broken edge.

    The plateaus are the lowest value before and the highest after the middle, each within the reach; the crossings are those nearest to the middle.
    """
    from scipy.ndimage import map_coordinates

    steps = np.arange(-REACH_PX, REACH_PX + STEP_PX / 2, STEP_PX)
    lines = places[:, :, None] + across[:, :, None] * steps
    profiles = map_coordinates(np.asarray(plane, np.float64), np.moveaxis(lines, 1, 0), order=3, mode="nearest")
    return np.array([_width(profile) for profile in profiles])


def _width(profile: NDArray[np.float64]) -> float:
    middle = len(profile) // 2
    low, high = profile[: middle + 1].min(), profile[middle:].max()
    if high - low < LEAST_CONTRAST:
        return float("nan")
    share = (profile - low) / (high - low)
    centre = int(np.argmin(np.abs(share - 0.5) + 0.02 * np.abs(np.arange(len(profile)) - middle) * STEP_PX))
    below, above = np.flatnonzero(share[: centre + 1] <= 0.1), centre + np.flatnonzero(share[centre:] >= 0.9)
    if not len(below) or not len(above) or above[0] == 0 or below[-1] + 1 >= len(share):
        return float("nan")
    return (_crossing(share, 0.9, int(above[0])) - _crossing(share, 0.1, int(below[-1]) + 1)) * STEP_PX


def _crossing(share: NDArray[np.float64], level: float, after: int) -> float:
    """Where between the samples `after` - 1 and `after` the level is met."""
    before = float(share[after - 1])
    return after - 1 + (level - before) / (float(share[after]) - before)
