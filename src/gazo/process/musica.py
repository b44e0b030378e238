"""MUSICA: contrast amplified over a Laplacian pyramid, weak structure more than strong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.kernels import Pixels
from gazo.process.plane import plane

DEEPEST = 12


@operation("マルチスケールコントラスト強調 (MUSICA)", "Multiscale contrast amplification (MUSICA)", booklet="P3")
def musica(
    image: Image,
    *,
    power: Annotated[float, Ge(0.3), Le(1), Label("べき指数", "Power")] = 0.7,
    core: Annotated[
        float, Gt(0), Le(0.1), Label("直線部分の幅 (全幅に対する割合)", "Linear core, share of the full scale")
    ] = 0.005,
    fine_gain: Annotated[float, Ge(0), Le(10), Label("細かい構造の係数", "Gain of fine structure")] = 1.0,
    coarse_gain: Annotated[float, Ge(0), Le(10), Label("大きな濃度差の係数", "Gain of coarse structure")] = 1.0,
    fine_mm: Annotated[float, Gt(0), Le(100), Label("細かい構造の大きさ", "Size of fine structure", "mm")] = 0.3,
    coarse_mm: Annotated[float, Gt(0), Le(500), Label("大きな構造の大きさ", "Size of coarse structure", "mm")] = 20.0,
    full_scale: Annotated[
        float | None, Gt(0), Label("全幅とみなす画素値の差", "Difference of pixel values taken as full scale")
    ] = None,
    noise_sd: Annotated[
        float | None, Ge(0), Label("雑音の標準偏差 (画素値)", "Standard deviation of noise (pixel value)")
    ] = None,
) -> Image:
    r"""Map each coefficient x of a Laplacian pyramid to y(x) = a_k M sgn(x) (|x| / M)^p and build the image up again.

    Below the core x_c = core x M the map is linear, a_k M (x / x_c) (x_c / M)^p, which limits the gain of noise. M is `full_scale`, or the
    range of the image. a_k goes from `fine_gain` at structures of `fine_mm` to `coarse_gain` at `coarse_mm`, evenly over octaves, and
    stays there beyond; the pyramid (5-tap REDUCE and EXPAND of Burt and Adelson) ends at twice `coarse_mm`, and the image left
    there is not changed. power = 1 with both gains 1 returns the image. With `noise_sd` (white noise), amplification is held back
    where the local mean square of a level is that of noise: y <- x + (y - x) max(0, 1 - s_k^2 / <x^2>).
    Vuylsteke and Schoeters, Proc. SPIE 2167 (1994) (recalled, not read); US 5,805,721 and, for noise, US 5,461,655.
    Large structure may come out with lower contrast than fine structure on it. float32; reflected at borders; nothing is clipped.

    Parameters
    ----------
    image : 2-D, any real dtype, pixel spacing known; not modified.
    power : 0.5 to 0.9; the smaller, the more weak contrast is raised against strong.
    core : 0.001 to 0.01.
    fine_gain : above 1 enhances edges.
    coarse_gain : below 1 reduces latitude.
    full_scale : give a number for a series of images, so that all are treated alike.

    Errors: G-PRC-115 (sizes), G-PRC-201 and 202 (no plain grey picture).
    """
    import cv2

    pixels = plane(image, least=1)
    scales = _scales(image, fine_mm, coarse_mm)
    gains = _gains(scales, fine_mm, coarse_mm, fine_gain, coarse_gain)
    low, high, *_ = cv2.minMaxLoc(pixels)
    scale = full_scale if full_scale is not None else high - low
    if scale == 0 or not gains:
        return image.with_pixels(pixels.copy())
    levels = [pixels]
    for _ in gains:
        levels.append(cv2.pyrDown(levels[-1]))
    built: Any = levels[-1]
    for level in range(len(gains) - 1, -1, -1):
        size = levels[level].shape[::-1]
        detail = cv2.subtract(levels[level], cv2.pyrUp(levels[level + 1], dstsize=size))
        stronger = convert(detail, gain=gains[level], scale=scale, power=power, core=core)
        if noise_sd is not None:
            held = _held_back(detail, noise_sd * noise_shares(len(gains))[level])
            stronger = cv2.add(detail, cv2.multiply(cv2.subtract(stronger, detail), held))
        built = cv2.add(cv2.pyrUp(built, dstsize=size), stronger)
    return image.with_pixels(built)


def convert(x: Pixels, *, gain: float, scale: float, power: float, core: float) -> Pixels:
    """y(x) = a x (max(|x|, x_c) / M)^(p - 1): the power law above the core and the straight line below it in one formula."""
    import cv2

    if power == 1:
        return cv2.multiply(x, gain)
    size = np.maximum(np.abs(x), np.float32(core * scale))
    size *= np.float32(1 / scale)
    return cv2.multiply(x, cv2.pow(size, power - 1), scale=gain)


def _scales(image: Image, fine_mm: float, coarse_mm: float) -> list[float]:
    """Size in mm of what each level holds: a level below the image has twice the pixel of the one above."""
    if fine_mm >= coarse_mm:
        raise OptionError(
            "G-PRC-115",
            en=f"fine structure must be smaller than coarse structure; fine_mm={fine_mm:g}, coarse_mm={coarse_mm:g} came. Raise coarse_mm.",
            ja=f"細かい構造は大きな構造より小さくなければなりません。受け取った値: fine_mm={fine_mm:g}、coarse_mm={coarse_mm:g}。coarse_mm を大きくしてください。",
        )
    pitch = float(np.sqrt(np.prod(image.need_spacing())))
    deepest = min(DEEPEST, int(np.log2(max(1, min(image.shape)))))
    return [pitch * 2 ** (k + 1) for k in range(deepest) if pitch * 2 ** (k + 1) <= 2 * coarse_mm]


def _gains(scales: Sequence[float], fine_mm: float, coarse_mm: float, fine: float, coarse: float) -> list[float]:
    places = np.interp(np.log(scales), np.log([fine_mm, coarse_mm]), [fine, coarse]) if scales else []
    return [float(g) for g in places]


def _held_back(detail: Pixels, noise_sd: float) -> Pixels:
    """The share of amplification that is let through: 0 where the local mean square is that of noise, near 1 well above it."""
    import cv2

    power = cv2.GaussianBlur(cv2.multiply(detail, detail), (0, 0), 2.0, borderType=cv2.BORDER_REFLECT)
    return np.maximum(1 - np.float32(noise_sd) ** 2 / np.maximum(power, np.float32(1e-30)), 0)


@cache
def noise_shares(levels: int) -> tuple[float, ...]:
    """Standard deviation, in each level of the pyramid, of white noise of 1 in the image; from the third level on it halves."""
    axis = (np.arange(256) + 0.5) / 512
    u, v = np.meshgrid(axis, axis)
    found, power = [], np.ones_like(u)
    for level in range(min(levels, 3)):
        passed = (np.cos(np.pi * u * 2**level) * np.cos(np.pi * v * 2**level)) ** 8  # REDUCE and EXPAND together
        found.append(float(np.sqrt(np.mean(power * (1 - passed) ** 2))))
        power = power * passed
    return tuple(found + [found[-1] / 2 ** (level - 2) for level in range(3, levels)])
