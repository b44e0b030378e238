"""The one plane of an image on which super-resolution works: luminance of colour images, grey values of the others, as 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image

# ITU-R BT.601 in studio range: Y from 16 to 235, Cb and Cr from 16 to 240 around 128. The papers judge on this Y, with 255 as the peak.
TO_YCBCR = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]) / 255
OFFSET = np.array([16.0, 128.0, 128.0])
TO_RGB = np.linalg.inv(TO_YCBCR)

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Plane:
    """Grey values from 0 to 1 (rows, columns); `low` and `high` are the pixel values that 0 and 1 stand for."""

    pixels: Floats
    low: float
    high: float

    def values(self, pixels: NDArray[np.floating[Any]]) -> Floats:
        """Grey values of the plane as pixel values of the image."""
        return (np.asarray(pixels, np.float32) * (self.high - self.low) + self.low).astype(np.float32)


def plane_of(image: Image) -> Plane:
    """The plane on which a network works and is judged.

    Colour (8 bits): Y of BT.601 over 255. Grey values of 8 bits over 255; all others from the least to the greatest of the image.
    """
    _need_flat(image)
    if image.colour:
        return Plane((ycbcr(image)[..., 0] / 255).astype(np.float32), 0.0, 255.0)
    pixels = np.asarray(image.pixels, np.float32)
    if not np.isfinite(pixels).all():
        raise ImageError(
            "G-EST-002",
            en="an image holds pixels that are no numbers (NaN or infinite). Repair the image or leave it out.",
            ja="画像に数値でない画素 (NaN または無限大) があります。画像を修正するか除いてください。",
        )
    low, high = (0.0, 255.0) if image.pixels.dtype == np.uint8 else (float(pixels.min()), float(pixels.max()))
    if not high > low:
        raise ImageError(
            "G-EST-003",
            en=f"an image must hold more than one grey value; every pixel is {low:g}. Leave it out.",
            ja=f"画像には 2 つ以上の画素値が必要ですが、すべて {low:g} です。この画像を除いてください。",
        )
    return Plane((pixels - low) / (high - low), low, high)


def ycbcr(image: Image) -> Floats:
    """Y, Cb and Cr (rows, columns, 3) of a colour image of 8 bits, not rounded."""
    if image.pixels.dtype != np.uint8:
        raise ImageError(
            "G-EST-004",
            en=f"colour images must have 8 bits a channel; {image.pixels.dtype} came. Convert the image to 8 bits or to grey values.",
            ja=f"カラー画像は各色 8 ビットでなければなりません。受け取った型: {image.pixels.dtype}。8 ビットかグレースケールに変換してください。",
        )
    planes: NDArray[np.float64] = image.pixels.astype(np.float64) @ TO_YCBCR.T + OFFSET
    return planes.astype(np.float32)


def rgb(planes: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """The 8-bit colour image of Y, Cb and Cr (rows, columns, 3)."""
    colours = (np.asarray(planes, np.float64) - OFFSET) @ TO_RGB.T
    return np.asarray(np.clip(np.rint(colours), 0, 255), np.uint8)


def _need_flat(image: Image) -> None:
    if len(image.shape) != 2:
        raise DataError(
            "G-EST-001",
            en=f"super-resolution takes flat images (rows, columns); an image of shape {image.shape} came. Choose slices first.",
            ja=f"超解像は 2 次元画像 (行, 列) を扱います。形 {image.shape} の画像が渡されました。先に断面を選んでください。",
        )
