"""Gaussian masks of any width at the price of narrow ones: wide masks are worked out on reduced grids.

OpenCV's kernel [1 4 6 4 1]/16 leads down to a grid of half as many pixels and up again; its transfer, cos^4(pi u), is known, so
the kernel used on the reduced grid is designed such that the way down, the kernel and the way up together are the Gaussian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image

Pixels = NDArray[np.float32]
Sigma = tuple[float, float]

NARROWEST_PX = 2.0  # sigma kept on a reduced grid; what folds over or is left out of place then stays below 1e-3 of a wave
REACH = 4.0  # of a kernel, in sigmas
STRIP = 256  # rows, an even number


@dataclass(frozen=True)
class Grid:
    """Shapes of the full grid (level 0) and of those below it, each with half as many pixels a side as the one before.

    Level 1 and what lies below carry on beyond the right and lower border, reflected, by the reach of the widest mask: their pixels
    need not lie on the border, so that a deeper one could not be reflected where the image ends.
    """

    shapes: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Blurred:
    """A blurred image on the grid that suffices for it: `level` halvings below the full one."""

    pixels: Pixels
    level: int


def sigma_px(image: Image, sigma_mm: float) -> Sigma:
    """A length in mm in pixels along rows and columns (G-IMG-003 without spacing)."""
    down, along = image.need_spacing()[-2:]
    return sigma_mm / down, sigma_mm / along


def blurred(pixels: Pixels, sigmas: Sequence[Sigma], narrowest_px: float = NARROWEST_PX) -> tuple[list[Blurred], Grid]:
    """S_1, S_2 ...: the image behind Gaussian masks, narrow to wide, each on its own grid; reflected at the borders.

    A mask stands on the grid that `level_of` names.
    """
    import cv2

    levels = [level_of(sigma, narrowest_px) for sigma in sigmas]
    found: list[Blurred] = []
    reduced, shapes = pixels, [pixels.shape]
    for sigma, wanted in zip(sigmas, levels, strict=True):
        while len(shapes) <= wanted:
            reduced = cv2.pyrDown(reduced)
            if len(shapes) == 1:
                reduced = _carried_on(
                    reduced, pixels.shape, [REACH * max(s) / 2 + 2 ** max(levels) for s in zip(*sigmas, strict=True)]
                )
            shapes.append(reduced.shape)
        level = len(shapes) - 1
        down, along = (_taps(s, level) for s in sigma)
        found.append(Blurred(cv2.sepFilter2D(reduced, -1, along, down, borderType=cv2.BORDER_REFLECT_101), level))
    return found, Grid(tuple((rows, columns) for rows, columns in shapes))


def enlarged(coarse: Blurred, grid: Grid, level: int = 0) -> Pixels:
    """The same on a finer grid."""
    import cv2

    pixels: Any = coarse.pixels
    for finer in range(coarse.level - 1, max(level, 1) - 1, -1):
        rows, columns = grid.shapes[finer]
        pixels = cv2.pyrUp(pixels, dstsize=(columns, rows))
    if level == 0 and coarse.level > 0:
        pixels = full_rows(pixels, grid, slice(0, grid.shapes[0][0]))
    return np.ascontiguousarray(pixels)


def full_rows(half: Pixels, grid: Grid, rows: slice) -> Pixels:
    """Rows of the full grid, the first one even, from an image on level 1."""
    import cv2

    # OpenCV repeats the last pixel, which is the reflection where the full grid has an even number of them
    height, width = (n // 2 + n % 2 * 2 for n in grid.shapes[0])
    first, last = max(0, rows.start // 2 - 1), min(height, rows.stop // 2 + 2)
    found = cv2.pyrUp(np.ascontiguousarray(half[first:last, :width]))
    return np.ascontiguousarray(found[rows.start - 2 * first : rows.stop - 2 * first, : grid.shapes[0][1]])


def masked_rows(pixels: Pixels, sigma: Sigma, rows: slice) -> Pixels:
    """Rows of the image behind a narrow Gaussian mask, from those rows and what the mask reaches beyond."""
    import cv2

    down, along = (_taps(s, 0) for s in sigma)
    first, last = max(0, rows.start - down.size // 2), min(pixels.shape[0], rows.stop + down.size // 2)
    found = cv2.sepFilter2D(pixels[first:last], -1, along, down, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(found[rows.start - first : rows.stop - first])


def strips(shape: tuple[int, ...]) -> list[slice]:
    """The rows of an image in parts that stay in the processor's cache."""
    return [slice(start, min(start + STRIP, shape[0])) for start in range(0, shape[0], STRIP)]


def level_of(sigma: Sigma, narrowest_px: float = NARROWEST_PX) -> int:
    """The coarsest grid on which the sigma of a mask is still `narrowest_px` pixels."""
    return max(0, int(np.log2(max(min(sigma), 1e-9) / narrowest_px) + 1e-9))


def inside(coarse: Blurred, grid: Grid) -> Pixels:
    """The part of a blurred image that lies on the image, without what is carried on beyond its borders."""
    rows, columns = (-(-n // 2**coarse.level) for n in grid.shapes[0])
    return np.ascontiguousarray(coarse.pixels[:rows, :columns])


def gaussian(pixels: Pixels, sigma: Sigma) -> Pixels:
    """The image behind one Gaussian mask, exp(-2 pi^2 sigma^2 u^2)."""
    (found,), grid = blurred(pixels, [sigma])
    return enlarged(found, grid)


def _carried_on(reduced: Any, shape: tuple[int, ...], beyond: Sequence[float]) -> Any:
    """Level 1 with its reflection beyond the right and lower border of the full grid, which lies on its last pixel or half a pixel after."""
    import cv2

    for axis in (0, 1):
        more = min(reduced.shape[axis] - 1, int(beyond[axis]) + 1)
        kind = cv2.BORDER_REFLECT_101 if shape[axis] % 2 else cv2.BORDER_REFLECT
        reduced = cv2.copyMakeBorder(reduced, 0, more * (axis == 0), 0, more * (axis == 1), kind)
    return reduced


@lru_cache(maxsize=256)
def _taps(sigma: float, level: int) -> NDArray[np.float32]:
    """The kernel on grid `level` for a Gaussian of `sigma` pixels of the full grid."""
    width = sigma / 2**level
    reach = max(1, int(np.ceil(REACH * width)))
    if level == 0:
        taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(width, 1e-6)) ** 2)
        return (taps / taps.sum()).astype(np.float32)
    u = np.linspace(0, 0.5, 8 * reach + 1)  # cycles per pixel of this grid
    ways = np.prod([np.cos(np.pi * u / 2 ** (level - i)) ** 8 for i in range(level)], axis=0)
    half = np.fft.irfft(np.exp(-2 * (np.pi * width * u) ** 2) / ways)[: reach + 1]
    taps = np.concatenate([half[:0:-1], half])
    return (taps / taps.sum()).astype(np.float32)
