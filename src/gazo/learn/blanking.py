"""Learning from a marked region alone: everything outside the mask becomes black before the network sees the image.

The detection article advises it for lesions; with an organ as mask the same is the second choice. The same must then be done to every
image that is predicted, so a mask is needed there too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.imageset import ImageSet
from gazo.core.parameters import Ge, Label, Le
from gazo.core.registry import feature
from gazo.learn.truth import mask_of

Kept = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Blanking:
    """What of an image a network may see."""

    blank: Annotated[
        Literal["none", "mask", "margin"],
        Label("マスクの外を黒 (画素値 0) にする", "Blank what lies outside the mask (pixel value 0)"),
    ] = "none"
    blank_margin_mm: Annotated[
        float,
        Ge(0),
        Le(500),
        Label("マスクの周りに残す幅 (0 なら画素で指定)", "Margin kept around the mask (0: given in pixels)", "mm"),
    ] = 0.0
    blank_margin_px: Annotated[float, Ge(0), Le(1000), Label("マスクの周りに残す幅", "Margin kept around the mask", "px")] = 5.0

    def check_masks(self, images: ImageSet) -> None:
        """Refuse a set without masks where they are needed. Reads no image."""
        if self.blank != "none" and not images.has("mask"):
            raise DataError(
                "G-LEARN-061",
                en=f"blanking outside the mask needs a mask for each image; no column of '{images.name}' is named as mask. Name one with --mask, or use --blank none.",
                ja=f"マスクの外を黒にするには画像ごとのマスクが必要ですが、「{images.name}」にはマスクの列が指定されていません。--mask で指定するか、--blank none にしてください。",
            )

    def kept_of(self, images: ImageSet) -> Callable[[int, Image], Kept] | None:
        """What is kept of each image of a set (row, image), for `gazo.training.pixels.prepare`; None where all of it is."""
        if self.blank == "none":
            return None
        self.check_masks(images)
        margin_px, margin_mm = (self.blank_margin_px, self.blank_margin_mm) if self.blank == "margin" else (0.0, 0.0)

        def kept(row: int, image: Image) -> Kept:
            mask = mask_of(images, row, shape=image.shape)
            if not mask.any():
                raise ImageError(
                    "G-LEARN-062",
                    en=f"the mask of row {row} is empty: nothing of the image would be left, and that alone would tell its class. Give it a mask, or leave it out.",
                    ja=f"行 {row} のマスクが空です。画像に何も残らず、それだけでクラスがわかってしまいます。マスクを用意するか、この画像を除いてください。",
                )
            return widened(mask > 0, image.spacing_mm, margin_px=margin_px, margin_mm=margin_mm)

        return kept


@feature("マスクの拡張", "Mask with a margin", booklet="D6")
def widened(mask: Any, spacing_mm: tuple[float, ...] | None = None, *, margin_px: float = 0.0, margin_mm: float = 0.0) -> Kept:
    """The mask and every pixel whose centre is at most the margin away from the centre of a pixel of it.

    Parameters
    ----------
    mask : (rows, columns), 0 outside.
    spacing_mm : distances of pixels along each axis; needed for a margin in mm.
    margin_mm : counts where it is not 0; else `margin_px`.
    """
    from scipy.ndimage import distance_transform_edt

    inside = np.asarray(mask) > 0
    if margin_mm and spacing_mm is None:
        raise ImageError(
            "G-LEARN-063",
            en="a margin in mm needs images that know their pixel spacing; this one does not. Give the margin in pixels (--blank-margin-px) or set the spacing.",
            ja="mm で幅を指定するには画素間隔が必要ですが、この画像にはありません。--blank-margin-px で画素数を指定するか、画素間隔を設定してください。",
        )
    reach = margin_mm or margin_px
    if not reach:
        return inside
    steps = None if not margin_mm else spacing_mm
    return np.asarray(distance_transform_edt(~inside, sampling=steps) <= reach)
