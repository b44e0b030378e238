"""TIFF: one page or many, 8 to 64 bit, whole numbers and floats."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.io.notes import note_of

Pixels = NDArray[np.generic]
_BITS, _WHITE_IS_ZERO, _PALETTE = 258, 0, 3


def tiff_pixels(content: bytes, name: str, simple: Callable[[bytes], tuple[Pixels, int]]) -> tuple[Pixels, int]:
    """Pixels (planes,) rows, columns (, channels) of a TIFF and its number of channels.

    `simple` decodes what Pillow can: one page with at most 8 bits a channel. The rest goes to tifffile, which keeps all bits,
    and compressed deep pages (LZW, JPEG) to OpenCV.
    """
    import tifffile

    with (
        io.BytesIO(content) as stream,
        tifffile.TiffFile(stream) as file,
    ):  # pages refer to each other and keep the stream for long
        pages = [page for page in file.pages if not page.is_reduced]
        first = pages[0]
        if any((page.shape, page.dtype) != (first.shape, first.dtype) for page in pages):
            raise FileError(
                "G-IO-012",
                en=f"the {len(pages)} pages of '{name}' differ in size or depth, so they are no volume. Save the page you need alone.",
                ja=f"「{name}」の {len(pages)} ページは大きさまたは階調が異なるため、1 つのボリュームになりません。必要なページだけを保存してください。",
            )
        if len(pages) == 1 and first.bitspersample <= 8:
            return simple(content)
        channels = int(first.samplesperpixel)
        pixels = np.stack([_page(page, content) for page in pages]) if len(pages) > 1 else _page(first, content)
    return pixels, channels


def _page(page: Any, content: bytes) -> Pixels:
    try:
        pixels = page.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        return _with_opencv(content, page.index)
    if page.planarconfig == 2 and page.samplesperpixel > 1:
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric == _WHITE_IS_ZERO and pixels.dtype.kind == "u":
        pixels = np.iinfo(pixels.dtype).max - pixels
    if page.photometric == _PALETTE:
        raise ValueError("palette")
    orientation = page.tags.get(274)
    if orientation is not None and orientation.value != 1:
        from gazo.io.pictures import upright

        pixels = upright(pixels, int(orientation.value))
    return pixels


def _with_opencv(content: bytes, page: int) -> Pixels:
    import cv2

    read, pages = cv2.imdecodemulti(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED, range=(page, page + 1))
    if not read:
        raise ValueError("compression")
    pixels = pages[0]
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[-1] == 3 else cv2.COLOR_BGRA2RGBA)
    return pixels


def write_tiff(image: Image, path: Path | str, *, rescale: tuple[float, float] | None = None) -> None:
    """Write an uncompressed TIFF of any real dtype, a volume page by page; spacing, meaning, history and `rescale` as in a PNG."""
    import tifffile

    pixels = np.ascontiguousarray(image.pixels)
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    with replacing(path) as file:
        tifffile.imwrite(
            file,
            pixels,
            photometric="rgb" if image.colour else "minisblack",
            metadata=None,
            description=note_of(image, rescale) or None,
        )
