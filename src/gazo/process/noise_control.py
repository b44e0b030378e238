"""Flexible noise control: noise is looked for in the bands between masks, and what looks like noise is taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.process.density import TABLE, curve_points
from gazo.process.kernels import add_noise_like, looked_up
from gazo.process.masks import Blurred, Grid, blurred, enlarged
from gazo.process.plane import plane

BLOCK_PX = 8  # side of the blocks noise is measured in, in sigmas of the finer mask (at least 1 pixel each)
GROUPS, LEAST_BLOCKS, MOST_BLOCKS = 16, 32, 16384  # levels of density at which noise is measured; blocks for each, and in all
REDDEST = 3.0  # times what white noise has in a coarser band against the finest: more is structure (design value)
QUARTER = 0.875  # lower quartile of the mean square in such blocks over its mean, white noise (simulated)


Samples = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True, eq=False)
class NoiseReduced:
    """The image with less noise, and what was taken off.

    Parameters
    ----------
    image : S - g N.
    noise : g N; edges seen in it are structure that was lost.
    noise_sd : standard deviation of the noise against pixel value, one curve a band, finest first.
    """

    image: Image
    noise: Image
    noise_sd: tuple[Curve, ...]


@operation("ノイズ抑制処理 (FNC)", "Flexible noise control (FNC)", booklet="P4")
def flexible_noise_control(
    image: Image,
    noise_curve: Curve | None = None,
    *,
    strength: Annotated[float, Ge(0), Le(1), Label("抑制の強さ", "Strength")] = 0.5,
    bands: Annotated[int, Ge(1), Le(6), Label("帯域の数", "Number of bands")] = 3,
    threshold_sd: Annotated[
        float, Gt(0), Le(10), Label("ノイズとみなす振幅 (標準偏差の倍数)", "Amplitude taken as noise, in its SDs")
    ] = 3.0,
) -> NoiseReduced:
    r"""Collect the noise of several bands and subtract it: S' = S - g N, N = sum w_k F_k(S_(k-1) - S_k).

    S_k: Gaussian masks of 1, 2, 4 .. pixels: noise begins at the pixel, so no length in mm enters. F_k(b) = b up to
    |b| = T s_k, falling to 0 at 2 T s_k; w = 1 / (1 + max(e - 1.5, 0)^2), e = mean of b^2 in the neighbourhood over s_k^2, so that edges
    and structure above the noise are left. s_k is measured in the image itself, for the finest band density by density
    (lower quartile of the mean square in small blocks), for the others by their least ratio to it, and so follows dose and the
    processing before; with `noise_curve`, it is that curve times the share of white noise in the band. Structure as described for
    FUJIFILM's FNC (booklet); F, w are our design. Faint structure that looks like noise is taken off too: look at `noise`, and
    at `difference_image`. Tune it together with the other processing, since enhancement before it raises the noise it finds. float32; reflected at borders; nothing is clipped.

    Parameters
    ----------
    image : 2-D, any real dtype; not modified.
    noise_curve : standard deviation of the noise in one pixel against pixel value, white, such as from `noise_components`.
    threshold_sd : T.

    Errors: G-PRC-103 (curve), G-PRC-201 and 202 (no plain grey picture).
    """
    import cv2

    pixels = plane(image, least=1)
    masks, grid = blurred(pixels, [(2.0**k, 2.0**k) for k in range(bands)], narrowest_px=1.0)
    split = _split([Blurred(pixels, 0), *masks], grid)
    squares = [Blurred(cv2.multiply(band.pixels, band.pixels), band.level) for band in split]
    curves = _measured(squares, masks[-1]) if noise_curve is None else _modelled(noise_curve, squares)
    total = Blurred(np.zeros_like(masks[-1].pixels), masks[-1].level)
    for k in range(bands - 1, -1, -1):
        level = split[k].level
        deviation = enlarged(_deviation(masks[-1], *curves[k]), grid, level)
        activity = squares[k].pixels
        cv2.boxFilter(activity, -1, (_window(k, level),) * 2, dst=activity, borderType=cv2.BORDER_REFLECT)
        total = Blurred(enlarged(total, grid, level), level)
        add_noise_like(total.pixels, split[k].pixels, activity, deviation, threshold_sd)
    noise = cv2.multiply(total.pixels, strength, dst=total.pixels)
    return NoiseReduced(
        image=image.with_pixels(cv2.subtract(pixels, noise)),
        noise=image.with_pixels(noise, window=None),
        noise_sd=tuple(_as_curve(x, y * white_share(k) / white_share(k, split[k].level)) for k, (x, y) in enumerate(curves)),
    )


def _split(chain: Sequence[Blurred], grid: Grid) -> list[Blurred]:
    """The bands between neighbours of a chain of masks, each on the grid of its finer image; uses up the masks but the last."""
    import cv2

    found = []
    for finer, coarser in reversed(list(pairwise(chain))):  # a mask is overwritten only after the band below it was made
        below = enlarged(coarser, grid, finer.level)
        below = below.copy() if coarser is chain[-1] and below is coarser.pixels else below
        found.append(Blurred(cv2.subtract(finer.pixels, below, dst=below), finer.level))
    return found[::-1]


def _window(k: int, level: int) -> int:
    """Side of the neighbourhood in which the activity of a band is judged, in pixels of its grid."""
    return 2 * 2 ** (k - level) + 1


def _deviation(density: Blurred, x: NDArray[np.float64], y: NDArray[np.float64]) -> Blurred:
    """The curve read at each density, on the grid of the density."""
    low, high = float(density.pixels.min()), float(density.pixels.max())
    table = np.interp(np.linspace(low, high, TABLE), x, y).astype(np.float32)
    return Blurred(looked_up(density.pixels, table, low, (high - low) / (TABLE - 1)), density.level)


def _measured(squares: Sequence[Blurred], density: Blurred) -> list[Samples]:
    """Standard deviations of the noise against density.

    The finest band is measured at each density. In coarser ones anatomy is often everywhere, so only their ratio to the finest is
    taken, where it is smallest (10th percentile over densities): noise has the same colour at all densities, structure has not.
    """
    x, y = _of_band(squares[0], density, 0)
    found = [(x, y)]
    for k, square in enumerate(squares[1:], 1):
        at, sd = _of_band(square, density, k)
        fine = np.interp(at, x, y)
        sound = fine > 0.1 * np.median(y)
        white = white_share(k, square.level) / white_share(0)
        ratio = float(np.quantile(sd[sound] / fine[sound], 0.1)) if sound.any() else white
        found.append((x, y * min(ratio, REDDEST * white)))
    return found


def _of_band(square: Blurred, density: Blurred, k: int) -> Samples:
    """Densities and standard deviations there: lower quartile over blocks of like density."""
    import cv2

    rows, columns = (max(1, n // (BLOCK_PX * 2 ** (k - square.level))) for n in square.pixels.shape)
    shared = 2 ** (density.level - square.level)  # pixels of the band in one of the density
    covered = np.ascontiguousarray(density.pixels[: -(-square.pixels.shape[0] // shared), : -(-square.pixels.shape[1] // shared)])
    power, height = (cv2.resize(a, (columns, rows), interpolation=cv2.INTER_AREA).ravel() for a in (square.pixels, covered))
    sample = slice(None, None, -(-power.size // MOST_BLOCKS))
    power, height = power[sample], height[sample]
    groups = np.array_split(np.argsort(height, kind="stable"), int(np.clip(power.size // LEAST_BLOCKS, 1, GROUPS)))
    at = np.array([height[g].mean() for g in groups], np.float64)
    variance = np.array([np.quantile(power[g], 0.25) for g in groups], np.float64) / QUARTER
    at, first = np.unique(at, return_index=True)
    return at, np.sqrt(variance[first])


def _modelled(curve: Curve, squares: Sequence[Blurred]) -> list[Samples]:
    x, y = curve_points(curve)
    return [(x, np.maximum(y, 0) * white_share(k, square.level)) for k, square in enumerate(squares)]


@cache
def white_share(k: int, level: int = 0) -> float:
    """Standard deviation of white noise of 1 in band k (from 0): sigma 2^(k-1) against 2^k pixels, the image itself against 1.

    On a reduced grid the band is held sharper by what the way up, cos^4(pi u) a level, will smooth.
    """
    u = (np.arange(256) + 0.5) / 512 / 2**level
    square = np.add.outer(u**2, u**2)
    finer, coarser = (np.exp(-2 * np.pi**2 * s**2 * square) for s in (0.0 if k == 0 else 2.0 ** (k - 1), 2.0**k))
    up = np.prod([np.cos(np.pi * u * 2**i) ** 4 for i in range(level)], axis=0) * np.ones_like(u)
    return float(np.sqrt(np.mean(((finer - coarser) / np.multiply.outer(up, up)) ** 2)) / 2**level)


def _as_curve(x: NDArray[np.float64], y: NDArray[np.float64]) -> Curve:
    title = Text("帯域のノイズ", "Noise of a band")
    names = Text("画素値", "Pixel value"), Text("標準偏差 (画素値)", "Standard deviation (pixel value)")
    return Curve(np.asarray(x), np.asarray(y), *names, title)
