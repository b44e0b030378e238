"""Regions drawn on an image as a mask that operations take: an image file of its own, ``file:ID``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.files import storage_error
from gazo.core.image import Image
from gazo.io.files import write
from gazo.quality.regions import inside
from gazo.web.pixels import kept_image, plane_of

Drawn = tuple[str, Sequence[Sequence[float]]]


def keep_mask(address: str, shapes: Sequence[Drawn], place: Path, *, plane: int = 0) -> str:
    """Store the union of the shapes (kind and corners in pixels) as a mask of the size of the image; its address.

    Equal masks get the same address. No name of the image stands in it.
    """
    image = kept_image(address, place)
    size = plane_of(image, plane).shape[:2]
    mask = np.zeros(size, bool)
    for kind, points in shapes:
        mask |= inside(kind, points, (size[0], size[1]))
    if not mask.any():
        raise OptionError(
            "G-LIV-040",
            en=f"the {len(shapes)} shapes drawn hold no pixel of the image. Draw a rectangle, an ellipse or a polygon on it.",
            ja=f"描かれた図形 {len(shapes)} 個に画素が含まれていません。画像の上に矩形、楕円または多角形を描いてください。",
        )
    spacing = None if image.spacing_mm is None else image.spacing_mm[-2:]
    key = hashlib.sha256(f"{size} {spacing}".encode() + np.packbits(mask).tobytes()).hexdigest()[:16]
    folder = place / "data" / "files" / key
    if not folder.is_dir():
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise storage_error(error, folder) from None
        write(Image(mask.astype(np.uint8), spacing_mm=spacing, meaning="mask"), folder / "mask.tif")
    return f"file:{key}"
