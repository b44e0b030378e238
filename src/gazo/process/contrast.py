"""What a comparison of two pictures asks of each beyond being one grey picture: that there is something in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.process.plane import plane


def contrasted(image: Image, *, least: int = 16) -> NDArray[np.float32]:
    """The pixels of one grey picture as float32, of `least` pixels each way, not all alike."""
    pixels = plane(image, least=least)
    if float(pixels.min()) == float(pixels.max()):
        raise ImageError(
            "G-PRC-301",
            en=f"every pixel of the image has the value {float(pixels[0, 0]):g}, so there is nothing to match; check that the right file was read.",
            ja=f"画像の全画素が同じ値 {float(pixels[0, 0]):g} なので、照合できるものがありません。正しいファイルを読み込んだか確認してください。",
        )
    return pixels
