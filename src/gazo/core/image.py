"""An image: pixels with what makes them medical."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.history import Step

Meaning = Literal["unknown", "linear exposure", "log exposure", "HU", "display", "stored", "mask", "quantity"]


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels with spacing, orientation, meaning and history. Immutable: operations return new images.

    Parameters
    ----------
    pixels : (rows, columns), (planes, rows, columns) or either with a last axis of 3 colours; any real dtype.
    spacing_mm : distance of pixel centres along (planes,) rows and columns; None when not known.
    colour : the last axis holds red, green, blue.
    meaning : what a pixel value stands for.
    unit : of the pixel values, such as "HU"; empty when they have none.
    modality : DICOM modality ("DX", "CT" ...) or empty.
    orientation : direction cosines of rows and columns in patient coordinates (DICOM 0020,0037); None when not known.
    origin_mm : centre of the first pixel in patient coordinates (DICOM 0020,0032); None when not known.
    patient : key that keeps images of one patient together; never a name.
    window : centre and width for display, None when nothing suggests one.
    inverted : low values are to be shown white (MONOCHROME1); the pixels themselves are as stored.
    history : the steps that led here.
    """

    pixels: NDArray[np.generic]
    spacing_mm: tuple[float, ...] | None = None
    colour: bool = False
    meaning: Meaning = "unknown"
    unit: str = ""
    modality: str = ""
    orientation: tuple[float, ...] | None = None
    origin_mm: tuple[float, ...] | None = None
    patient: str = ""
    window: tuple[float, float] | None = None
    inverted: bool = False
    history: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        axes = pixels.ndim - self.colour
        if axes not in (2, 3) or pixels.size == 0 or (self.colour and pixels.shape[-1] != 3):
            raise ImageError(
                "G-IMG-001",
                en=f"an image has 2 or 3 axes with at least one pixel, a colour image one more of length 3; the shape {pixels.shape} came.",
                ja=f"画像は 2 または 3 軸 (カラーでは最後に長さ 3 の軸) で画素を持つ必要があります。受け取った形: {pixels.shape}。",
            )
        if self.spacing_mm is not None and (len(self.spacing_mm) != axes or not all(s > 0 for s in self.spacing_mm)):
            raise ImageError(
                "G-IMG-002",
                en=f"pixel spacing needs {axes} lengths above 0 mm; {self.spacing_mm} came.",
                ja=f"画素間隔には 0 mm より大きい値が {axes} 個必要です。受け取った値: {self.spacing_mm}。",
            )
        view = pixels.view()
        view.flags.writeable = False
        object.__setattr__(self, "pixels", view)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.pixels.flags.writeable = False  # pickling does not keep the lock

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of the spatial axes: (planes,) rows, columns."""
        return self.pixels.shape[:-1] if self.colour else self.pixels.shape

    def with_pixels(self, pixels: NDArray[np.generic], **changes: object) -> Image:
        """The same image with other pixels; name anything else that changed."""
        return replace(self, pixels=pixels, **changes)  # type: ignore[arg-type]

    def with_spacing(self, *spacing_mm: float) -> Image:
        """Set the pixel spacing: one length for all axes or one for each."""
        lengths: Sequence[float] = spacing_mm * len(self.shape) if len(spacing_mm) == 1 else spacing_mm
        return replace(self, spacing_mm=tuple(float(s) for s in lengths))

    def with_step(self, step: Step) -> Image:
        """The same image with one more step in its history."""
        return replace(self, history=(*self.history, step))

    def need_spacing(self) -> tuple[float, ...]:
        """The spacing in mm; an error tells how to set it when it is not known."""
        if self.spacing_mm is None:
            raise ImageError(
                "G-IMG-003",
                en="this image has no pixel spacing, so a length in mm has no meaning; set it with `image.with_spacing(0.175)` or --spacing-mm.",
                ja="この画像には画素間隔がないため、mm の長さは意味を持ちません。`image.with_spacing(0.175)` または --spacing-mm で指定してください。",
            )
        return self.spacing_mm

    def odd_mask(self, radius_mm: float) -> tuple[int, int]:
        """Width and height, odd numbers of pixels, of a mask that reaches `radius_mm` to each side (order of OpenCV)."""
        rows_mm, columns_mm = self.need_spacing()[-2:]
        return _odd(2 * radius_mm / columns_mm), _odd(2 * radius_mm / rows_mm)

    def grey(self) -> Image:
        """One value a pixel: ITU-R BT.601 luma of a colour image (float32), other images unchanged."""
        if not self.colour:
            return self
        luma = self.pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
        return replace(self, pixels=luma, colour=False)

    def __repr__(self) -> str:
        shape = " x ".join(str(n) for n in self.shape)
        spacing = "" if self.spacing_mm is None else f", {'/'.join(f'{s:g}' for s in self.spacing_mm)} mm"
        return f"<Image {shape} {self.pixels.dtype}{' colour' if self.colour else ''}{spacing}, {self.meaning}, {len(self.history)} steps>"


def _odd(pixels: float) -> int:
    """The odd number nearest to `pixels`, the larger of two that are equally near; at least 1."""
    return 2 * math.floor(pixels / 2) + 1
