"""A bank of Gabor filters: how strongly a grating of one frequency is there, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

Part = Literal["magnitude", "bright", "dark"]


@dataclass(frozen=True, eq=False)
class GaborBank:
    """The strongest response over the angles, float32, in the values of the image.

    image : 1 for a grating of amplitude 1 at the frequency and at an angle of the bank.
    angle : of that response in degrees, 0 to 180: 0 when values change from left to right, 90 from top to bottom.
    """

    image: Image
    angle: Image


@operation("ガボールフィルタバンク", "Gabor filter bank", booklet="D4")
def gabor_bank(
    image: Image,
    *,
    frequency_per_px: Annotated[float, Ge(0.01), Le(0.4), Label("空間周波数", "Frequency", "cycles/px")] = 0.1,
    angles: Annotated[int, Ge(1), Le(64), Label("方向の数", "Number of angles")] = 12,
    bandwidth_octaves: Annotated[float, Ge(0.3), Le(3), Label("帯域幅", "Bandwidth", "octaves")] = 1.0,
    aspect: Annotated[float, Gt(0.1), Le(2), Label("縦横比 γ", "Aspect gamma")] = 0.5,
    part: Annotated[Part, Label("応答の種類", "Response")] = "magnitude",
) -> GaborBank:
    """exp(-(x'^2 + g^2 y'^2) / 2 s^2) exp(2 pi i f x'), x' turned by each angle; the highest response over the angles.

    s = sqrt(ln 2 / 2) / pi (2^b + 1) / (2^b - 1) / f for a bandwidth of b octaves at half height (Petkov & Kruizinga, Biol Cybern
    1997; 76: 83). The mean of the real kernel under its envelope is taken away, so a constant gives 0. Computed in float32,
    mirrored at the border.

    Parameters
    ----------
    image : 2-D; frequency in cycles per pixel, since pictures such as fundus photographs have no spacing.
    frequency_per_px : a bright line or spot of width w answers most near 1 / (2 w).
    aspect : gamma; 0.5 prefers lines twice as long as their envelope is wide, 1 is round.
    part : "magnitude" of the complex response, "bright" its real part (bright lines and spots on the pixel), "dark" minus that.
    """
    import cv2

    pixels = plane(image)
    pixels = pixels - np.float32(pixels.mean(dtype=np.float64))
    best, angle = np.full(pixels.shape, -np.inf, np.float32), np.zeros(pixels.shape, np.float32)
    for degrees in np.arange(angles) * 180.0 / angles:
        even, odd = _kernels(frequency_per_px, np.deg2rad(degrees), bandwidth_octaves, aspect)
        response = cv2.filter2D(pixels, cv2.CV_32F, even, borderType=cv2.BORDER_REFLECT)
        if part == "magnitude":
            response = cv2.magnitude(response, cv2.filter2D(pixels, cv2.CV_32F, odd, borderType=cv2.BORDER_REFLECT))
        elif part == "dark":
            response = -response
        stronger = response > best
        angle[stronger] = degrees
        np.maximum(best, response, out=best)
    strength = image.with_pixels(best, meaning="quantity", window=None)
    return GaborBank(strength, image.with_pixels(angle, meaning="quantity", unit="deg", window=(90.0, 180.0)))


def _kernels(f: float, angle: float, octaves: float, aspect: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Even and odd kernel; a grating cos(2 pi f x') of amplitude 1 gives 1 in the even one."""
    sigma = np.sqrt(np.log(2) / 2) / np.pi * (2**octaves + 1) / (2**octaves - 1) / f
    reach = int(np.ceil(3 * sigma * max(1, 1 / aspect)))
    axis = np.arange(-reach, reach + 1)
    along = axis[None, :] * np.cos(angle) + axis[:, None] * np.sin(angle)
    across = axis[:, None] * np.cos(angle) - axis[None, :] * np.sin(angle)
    envelope = np.exp(-(along**2 + (aspect * across) ** 2) / (2 * sigma**2))
    even, odd = envelope * np.cos(2 * np.pi * f * along), envelope * np.sin(2 * np.pi * f * along)
    even -= envelope * (even.sum() / envelope.sum())
    scale = (even * np.cos(2 * np.pi * f * along)).sum()
    return (even / scale).astype(np.float32), (odd / scale).astype(np.float32)
