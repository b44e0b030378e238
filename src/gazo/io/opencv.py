"""Images to and from OpenCV: the same values, colours in its order (blue, green, red), memory of its own that may be written on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.registry import feature

KINDS = ("uint8", "int8", "uint16", "int16", "int32", "float32", "float64")  # what an array of OpenCV can hold


@feature("OpenCV の配列へ", "Array for OpenCV", booklet="B8")
def to_opencv(image: Image) -> NDArray[Any]:
    """A copy of the pixels of a 2-D image as OpenCV takes them: (rows, columns) or (rows, columns, 3) with blue first.

    Masks (bool) become 0 and 255. Spacing, meaning and history stay with the image: hand it to `from_opencv` for them.

    Raises
    ------
    ImageError : a volume, or a kind of number OpenCV has no array for.
    """
    if len(image.shape) != 2:
        raise ImageError(
            "G-IO-170",
            en=f"OpenCV takes images of rows and columns; a shape of {image.shape} came. Take one plane: image.pixels[n].",
            ja=f"OpenCV で扱えるのは行と列の画像です。受け取った形: {image.shape}。1 枚の断面 (image.pixels[n]) を取り出してください。",
        )
    pixels = image.pixels.astype(np.uint8) * 255 if image.pixels.dtype == bool else image.pixels
    if pixels.dtype.name not in KINDS:
        raise ImageError(
            "G-IO-171",
            en=f"OpenCV has no array of {pixels.dtype.name}. Convert the pixels first, to float32 or float64: image.pixels.astype('float64').",
            ja=f"OpenCV には {pixels.dtype.name} の配列がありません。先に float32 か float64 に変換してください: image.pixels.astype('float64')。",
        )
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=True)
    return np.ascontiguousarray(native[..., ::-1]) if image.colour else np.ascontiguousarray(native)


@feature("OpenCV の配列から", "Image from OpenCV", booklet="B8")
def from_opencv(pixels: NDArray[Any], like: Image | None = None) -> Image:
    """An image of an array of OpenCV, (rows, columns) or (rows, columns, 3) with blue first; the array is copied.

    Parameters
    ----------
    like : the image the array was made of. Spacing, place, patient and modality are its own, as long as the size has not changed.

    Raises
    ------
    ImageError : the array has another shape, or another size than `like`.
    """
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    if pixels.ndim != 2 and not colour:
        raise ImageError(
            "G-IO-172",
            en=f"an array of OpenCV has rows and columns, or these and 3 colours; the shape {pixels.shape} came.",
            ja=f"OpenCV の配列は (行, 列) か (行, 列, 3) でなければなりません。受け取った形: {pixels.shape}。",
        )
    values = np.array(pixels[..., ::-1] if colour else pixels, order="C")
    if like is None:
        return Image(values, colour=colour)
    if like.shape != values.shape[:2]:
        raise ImageError(
            "G-IO-173",
            en=f"the array is {values.shape[:2]}, the image it should be like {like.shape}: its spacing would be wrong. Leave out `like` and set the spacing.",
            ja=f"配列の大きさ {values.shape[:2]} が元の画像 {like.shape} と異なり、画素間隔が合いません。like を省き、画素間隔を指定してください。",
        )
    return like.with_pixels(values, colour=colour)
