"""Bilateral filter: averages neighbours that are near in place and in value; exact, or on a coarse grid for wide ones."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

FEW, MANY = (1.5, 2.5), (2.0, 4.0)  # cells of the grid a sigma, in place and in value
MOST_CELLS = 2e8  # 0.8 GB
PAD = 6  # cells around, so that the blur never reaches another row


@operation("バイラテラルフィルタ", "Bilateral filter")
def bilateral(
    image: Image,
    *,
    sigma_px: Annotated[float, Ge(0.3), Le(100), Label("空間方向の標準偏差", "Sigma in place", "px")] = 3.0,
    sigma_value: Annotated[float, Gt(0), Label("画素値方向の標準偏差", "Sigma in value")] = 50.0,
    way: Annotated[Literal["auto", "exact", "grid"], Label("計算法", "Way")] = "auto",
    reach_sigma: Annotated[
        float, Ge(1), Le(4), Label("窓の半径 (標準偏差の倍数、exact のみ)", "Radius of the window in sigmas (exact)")
    ] = 3.0,
) -> Image:
    """sum of I(y) g(|x - y| / sigma_px) g((I(x) - I(y)) / sigma_value) over the sum of the weights, g a Gaussian.

    exact: OpenCV, circular window (Tomasi & Manduchi, ICCV 1998). grid: weights and values are laid on a three-dimensional grid,
    two or more cells a sigma, blurred there and read off (Paris & Durand, ECCV 2006; Chen et al., SIGGRAPH 2007); the blur is narrowed by what
    laying and reading widen. auto: the grid from 4 px on. Borders are reflected. float32.

    Parameters
    ----------
    image : 2-D.
    sigma_value : in the unit of the pixels.

    Errors: G-PRC-231 (grid too large).
    """
    pixels = plane(image)
    spread = float(pixels.max()) - float(pixels.min())
    if spread == 0:
        return image.with_pixels(pixels)
    places = np.prod([n * MANY[0] / sigma_px + 2 * PAD + 6 * MANY[0] for n in image.shape])
    cells = 2 * places * (MANY[1] * spread / sigma_value + 30)
    if way == "grid" and cells > MOST_CELLS:
        raise OptionError(
            "G-PRC-231",
            en=f"the grid would need {4e-9 * cells:.1f} GB, because sigma_value is small against the range of the image, {spread:g}; "
            f"{sigma_value:g} came. Use the way 'exact' or larger sigmas.",
            ja=f"sigma_value が画像の値の範囲 {spread:g} に比べて小さいため、格子に {4e-9 * cells:.1f} GB が必要です。"
            f"受け取った値: {sigma_value:g}。計算法 exact を使うか、標準偏差を大きくしてください。",
        )
    gridded = way == "grid" or (way == "auto" and sigma_px >= 4 and cells < MOST_CELLS)
    return image.with_pixels(
        on_grid(pixels, sigma_px, sigma_value) if gridded else _exact(pixels, sigma_px, sigma_value, reach_sigma)
    )


def _exact(pixels: NDArray[np.float32], sigma_px: float, sigma_value: float, reach: float) -> NDArray[np.float32]:
    import cv2

    diameter = 2 * max(1, round(reach * sigma_px)) + 1
    return cv2.bilateralFilter(pixels, diameter, sigma_value, sigma_px, borderType=cv2.BORDER_REFLECT)


def on_grid(pixels: NDArray[np.float32], sigma_px: float, sigma_value: float) -> NDArray[np.float32]:
    """The same by a grid of (rows, columns, 2, levels): for each place the sums of values, then of weights, at each level."""
    import cv2

    edge = round(3 * sigma_px)
    low = pixels.min()
    above = cv2.copyMakeBorder(pixels, edge, edge, edge, edge, cv2.BORDER_REFLECT) - low
    wide = above.max() < 8 * sigma_value  # its errors weigh more in the range, and its cells are few
    in_place, in_value = MANY if wide else FEW
    step, deep = np.float32(max(sigma_px / in_place, 1)), round(3 * in_value)
    levels = above * np.float32(in_value / sigma_value) + np.float32(deep)
    shape = [int((n - 1) / step) + 2 + 2 * PAD for n in above.shape]
    grid = np.zeros((*shape, 2, int(levels.max()) + 2 + deep), np.float32)
    lay, read = _compiled()
    lay(above, levels, 1 / step, grid)
    found = read(_blurred(grid, _taps(sigma_px / float(step), PAD), _taps(in_value, deep)), levels, 1 / step)
    return found[edge:-edge, edge:-edge] + low


def _blurred(grid: NDArray[np.float32], place: NDArray[np.float32], level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two passes of OpenCV over the grid as a picture: along rows and levels, then along columns. Cells around are empty."""
    import cv2

    rows, columns = grid.shape[:2]
    once = cv2.sepFilter2D(grid.reshape(rows, -1), -1, level, place, borderType=cv2.BORDER_CONSTANT)
    one = np.ones(1, np.float32)
    twice = cv2.sepFilter2D(once.reshape(rows * columns, -1), -1, one, place, borderType=cv2.BORDER_CONSTANT)
    return twice.reshape(grid.shape)


def _taps(sigma: float, reach: int) -> NDArray[np.float32]:
    """A Gaussian less what laying and reading with linear weights widen it: a variance of 1/6 cell2 each."""
    at = np.arange(-reach, reach + 1)
    taps = np.exp(-0.5 * at**2 / max(sigma**2 - 1 / 3, 0.01))
    return (taps / taps.sum()).astype(np.float32)


@cache
def _compiled() -> Any:
    from numba import njit

    return njit(cache=True, nogil=True)(_lay), njit(cache=True, nogil=True)(_read)


def _lay(above: Any, levels: Any, per_px: Any, grid: Any) -> None:
    """Share each pixel among the eight cells around it."""
    for row in range(above.shape[0]):
        y = row * per_px
        r = int(y)
        down = y - r
        for column in range(above.shape[1]):
            x = column * per_px
            c, k = int(x), int(levels[row, column])
            right, up, value = x - c, levels[row, column] - k, above[row, column]
            for i in range(2):
                for j in range(2):
                    weight = (down if i else 1 - down) * (right if j else 1 - right)
                    lower, upper = weight * (1 - up), weight * up
                    grid[r + PAD + i, c + PAD + j, 0, k] += lower * value
                    grid[r + PAD + i, c + PAD + j, 1, k] += lower
                    grid[r + PAD + i, c + PAD + j, 0, k + 1] += upper * value
                    grid[r + PAD + i, c + PAD + j, 1, k + 1] += upper


def _read(grid: Any, levels: Any, per_px: Any) -> Any:
    """Interpolate both sums at the place and value of each pixel; their ratio."""
    found, between = np.empty(levels.shape, np.float32), np.empty(grid.shape[1:], np.float32)
    for row in range(levels.shape[0]):
        y = row * per_px
        r = int(y)
        down = y - r
        for c in range(between.shape[0]):
            for part in range(2):
                for k in range(between.shape[2]):
                    between[c, part, k] = (1 - down) * grid[r + PAD, c, part, k] + down * grid[r + PAD + 1, c, part, k]
        for column in range(levels.shape[1]):
            x = column * per_px
            c, k = int(x), int(levels[row, column])
            right, up = x - c, levels[row, column] - k
            w00, w01, w10, w11 = (1 - right) * (1 - up), (1 - right) * up, right * (1 - up), right * up
            near, far = c + PAD, c + PAD + 1
            value = w00 * between[near, 0, k] + w01 * between[near, 0, k + 1]
            value += w10 * between[far, 0, k] + w11 * between[far, 0, k + 1]
            total = w00 * between[near, 1, k] + w01 * between[near, 1, k + 1]
            total += w10 * between[far, 1, k] + w11 * between[far, 1, k + 1]
            found[row, column] = value / total
    return found
