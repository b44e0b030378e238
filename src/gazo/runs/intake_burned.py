"""Text burned into pixels: which images may have some, and rectangles that are put to one value in the copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.io.deidentify import burned_in_doubt
from gazo.io.dicom_header import DICOM, opened
from gazo.io.opening import decoding

Rectangle = tuple[int, int, int, int]  # x, y, width, height in pixels, from the top left


@dataclass(frozen=True)
class Group:
    """Images that are blacked out together: one kind of device and one size.

    Parameters
    ----------
    key : what names the group; holds nothing of a patient.
    rows : numbers of its images among those that wait.
    doubt : why text is feared in them; None where nothing says so.
    """

    key: str
    modality: str
    width: int
    height: int
    rows: tuple[int, ...]
    doubt: Text | None = None


@dataclass(frozen=True)
class Cure:
    """What a person decided for a group: to leave it out, or to take it with some rectangles blacked out."""

    take: bool = True
    rectangles: tuple[Rectangle, ...] = ()


def picture_key(shape: Sequence[int]) -> str:
    """The group of a picture: its size."""
    return f"{shape[-1]}x{shape[-2]}"


def dicom_key(dataset: Any) -> str:
    """The group of a DICOM image: its modality and size."""
    return f"{str(dataset.get('Modality') or '')[:16]}-{dataset.get('Columns')}x{dataset.get('Rows')}"


def doubt_of(path: str, name: str) -> tuple[str, Text | None]:
    """The group of a DICOM file and what is feared of it."""
    header = opened(path, name, pixels=False, only=("Modality", "Rows", "Columns", "BurnedInAnnotation"))
    return dicom_key(header), burned_in_doubt(header)


def checked_cures(cures: Mapping[str, Cure]) -> dict[str, Cure]:
    """Rectangles that can be drawn."""
    for cure in cures.values():
        if any(x < 0 or y < 0 or width < 1 or height < 1 for x, y, width, height in cure.rectangles):
            raise OptionError(
                "G-SET-060",
                en="a rectangle to black out lies inside the image and is at least one pixel large. Draw it again.",
                ja="黒塗りの矩形は画像の内側に、1 画素以上の大きさで指定してください。",
            )
    return dict(cures)


def blacked_out(image: Image, rectangles: Sequence[Rectangle]) -> Image:
    """The image with rectangles at its lowest value (in every plane)."""
    if not rectangles:
        return image
    pixels = np.array(image.pixels)
    fill = pixels.max() if image.inverted else pixels.min()
    rows = pixels.ndim - 2 - image.colour
    for x, y, width, height in rectangles:
        inside = (slice(None),) * rows + (slice(y, y + height), slice(x, x + width))
        pixels[inside] = fill
    return image.with_pixels(pixels)


def black_out_file(path: Path, rectangles: Sequence[Rectangle]) -> None:
    """The same in a DICOM file that is a copy of ours: decoded, blacked out, written uncompressed, and said in it."""
    from pydicom.pixels import pixel_array

    dataset = opened(str(path), path.name)
    with decoding(path.name, DICOM):
        if dataset.file_meta.TransferSyntaxUID.is_compressed:
            dataset.decompress(generate_instance_uid=False)
        pixels = np.array(pixel_array(dataset))
        _describe(dataset)
    colour = int(dataset.get("SamplesPerPixel") or 1) == 3
    inverted = str(dataset.get("PhotometricInterpretation") or "") == "MONOCHROME1"
    fill = pixels.max() if inverted else pixels.min()
    for x, y, width, height in rectangles:
        inside = (..., slice(y, y + height), slice(x, x + width)) + ((slice(None),) if colour else ())
        pixels[inside] = 0 if colour else fill
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
    dataset.PixelData = little + b"\0" * (len(little) % 2)
    dataset.BurnedInAnnotation = "NO"
    with replacing(path) as file, decoding(path.name, DICOM):
        dataset.save_as(file, enforce_file_format=True)


def _describe(dataset: Any) -> None:
    """Colour comes decoded as RGB by pixel, single bits as bytes: say so."""
    if int(dataset.get("SamplesPerPixel") or 1) == 3:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
    if int(dataset.get("BitsAllocated") or 16) == 1:
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
