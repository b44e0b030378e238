"""What the operations on a single radiograph ask of their input, asked at one place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image

LARGEST = 1e12  # pixel value: its square still has a place in float32


def plane(image: Image, *, least: int = 2) -> NDArray[np.float32]:
    """The pixels of one grey picture as float32 (rows, columns), finite, at least `least` pixels along each side."""
    return np.ascontiguousarray(checked(image, least=least), np.float32)


def checked(image: Image, *, least: int = 2) -> NDArray[Any]:
    """The same as they came, in their own type."""
    if image.colour or image.pixels.ndim != 2 or min(image.shape) < least:
        kind_en, kind_ja = ("a colour image", "カラー画像") if image.colour else ("a grey image", "白黒画像")
        raise ImageError(
            "G-PRC-201",
            en=f"this needs one grey picture of at least {least} x {least} pixels; {kind_en} of shape {image.shape} came. "
            "Use `image.grey()` for colour, or give one plane of a stack.",
            ja=f"{least} x {least} 画素以上の白黒画像 1 枚が必要です。受け取ったもの: {kind_ja}、形 {image.shape}。"
            "カラー画像は `image.grey()` で変換し、複数の断面は 1 枚ずつ渡してください。",
        )
    pixels: NDArray[Any] = image.pixels
    if pixels.dtype.kind == "f" and not (float(pixels.min()) >= -LARGEST and float(pixels.max()) <= LARGEST):
        count = int(pixels.size - (np.abs(pixels.astype(np.float64)) <= LARGEST).sum())
        raise ImageError(
            "G-PRC-202",
            en=f"every pixel must be a finite number of at most {LARGEST:g}; {count} of {pixels.size} are NaN, infinite or larger. "
            "Replace them first, for instance as defects with `flat_field_correct`.",
            ja=f"すべての画素が絶対値 {LARGEST:g} 以下の有限の値である必要があります。{pixels.size} 画素中 {count} 画素が NaN、無限大、またはそれより大きな値です。"
            "欠損画素として `flat_field_correct` で補正するなど、先に置き換えてください。",
        )
    return pixels


def same_shape(image: Image, other: Image, *, name_en: str, name_ja: str) -> NDArray[np.float32]:
    """The pixels of a second picture, which must lie on the pixels of the first one."""
    if other.shape != image.shape:
        raise ImageError(
            "G-PRC-203",
            en=f"the {name_en} must have the shape of the image, {image.shape}; {other.shape} came. "
            "Take both from the same detector mode.",
            ja=f"{name_ja}は画像と同じ形 {image.shape} でなければなりません。受け取った形: {other.shape}。同じ検出器モードの画像を使ってください。",
        )
    return plane(other)
