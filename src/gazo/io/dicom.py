"""DICOM images: what the pixels mean, how far apart they are, and what a viewer is asked to show.

Decoders: pydicom with GDCM (JPEG lossless, baseline), pylibjpeg-openjpeg (JPEG 2000, HTJ2K) and pyjpegls (JPEG-LS). 12-bit JPEG Extended
needs the extra ``gazo[jpeg12]``, whose decoder is under the GPL.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gazo.core.image import Image
from gazo.core.parameters import Annotated, Ge, Label
from gazo.core.registry import feature
from gazo.io.dicom_display import rendered, window_of
from gazo.io.dicom_geometry import geometry_of
from gazo.io.dicom_header import DICOM, opened, value_of
from gazo.io.dicom_pixels import meaning_of, stored_pixels, with_modality
from gazo.io.opening import decoding


@feature("DICOM 画像の読み込み", "Read a DICOM image", booklet="B4")
def read_dicom(
    path: Path | str,
    *,
    frame: Annotated[int | None, Ge(0), Label("フレーム (0 から)", "Frame, from 0")] = None,
    voi: Annotated[bool, Label("表示用の階調に変換する", "Convert to display values")] = False,
) -> Image:
    """One DICOM file as an image; several frames become planes.

    Values: the Modality LUT or Rescale Slope and Intercept are applied (HU in CT, Gy in RT Dose); whole numbers stay whole numbers where
    slope and intercept are, anything else is float32. MONOCHROME1 pixels are left as stored and marked ``inverted``: low values are to
    be shown white. Palette colour and YBR become RGB. Overlays are not drawn.

    Spacing: Imager Pixel Spacing (0018,1164), the plane of the detector, comes first; then Pixel Spacing (0028,0030), then Nominal Scanned
    Pixel Spacing (0018,2010). Frames have a spacing only where their positions are evenly spaced.

    Parameters
    ----------
    path : of the file; preamble and file meta information may be missing.
    frame : only this frame, counted from 0.
    voi : apply the VOI LUT or the first window (without one, the range of the values), invert MONOCHROME1 and return uint8, as a viewer
        shows it (PS3.3 C.11.2).

    Raises
    ------
    FileError : missing, broken, cut off, without pixels, or compressed in a way no decoder here reads.
    """
    return dicom_image(os.fspath(path), os.path.basename(path), frame=frame, voi=voi)


def dicom_image(source: bytes | str, name: str, *, frame: int | None = None, voi: bool = False) -> Image:
    """The image in a DICOM file, given by its path or its bytes; `name` is for messages."""
    return image_of(opened(source, name), name, frame=frame, voi=voi)


def image_of(dataset: Any, name: str, *, frame: int | None = None, voi: bool = False) -> Image:
    """The image of a data set with pixels."""
    with decoding(name, DICOM):  # pydicom looks at a value only when it is asked for, so each of these lines may find it broken
        stored, colour = stored_pixels(dataset, name, frame)
        pixels = stored if colour else with_modality(stored, dataset, frame)
        spacing, orientation, origin = geometry_of(dataset, frame, planes=pixels.ndim - colour == 3)
        meaning, unit = meaning_of(dataset, colour=colour, changed=pixels is not stored)
        image = Image(
            pixels,
            spacing_mm=spacing,
            colour=colour,
            meaning=meaning,
            unit=unit,
            modality=str(value_of(dataset, "Modality") or ""),
            orientation=orientation,
            origin_mm=origin,
            window=None if colour else window_of(dataset),
            inverted=value_of(dataset, "PhotometricInterpretation") == "MONOCHROME1",
        )
        return rendered(image, dataset) if voi and not colour else image
