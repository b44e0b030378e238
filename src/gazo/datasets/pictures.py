"""Photographs that scikit-image carries: something to learn from where nothing else is at hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.registry import feature

# Those that come inside the package (no download), without drawings and tiny ones.
NAMES = (
    "astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "hubble_deep_field", "immunohistochemistry",
    "moon", "page", "rocket", "stereo_motorcycle",
)  # fmt: skip


@dataclass(frozen=True)
class PictureLoader:
    """Opens a picture by its name in `skimage.data`."""

    def __call__(self, reference: Any) -> Image:
        from skimage import data

        found = getattr(data, str(reference))()
        pixels = found[0] if isinstance(found, tuple) else found
        return Image(pixels, colour=pixels.ndim == 3)

    def digest(self, reference: Any) -> str:
        pixels = np.ascontiguousarray(self(reference).pixels)
        return hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()


@feature("scikit-image 付属の写真", "Pictures that scikit-image ships", booklet="E2")
def pictures() -> ImageSet:
    """Fourteen pictures of 8 bits, colour and grey, 303 to 1,411 pixels wide; each stands for itself."""
    return ImageSet({"picture": np.array(NAMES, object)}, {"image": "picture"}, PictureLoader(), name="scikit-image")
