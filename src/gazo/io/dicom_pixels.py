"""Pixels of a DICOM file: decoded, and as the values they stand for."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError, OptionError
from gazo.core.image import Meaning
from gazo.io.dicom_header import functional_groups, number, value_of

Pixels = NDArray[np.generic]
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
_PRESENTATION_UNITS = {"BQML": "Bq/mL", "GML": "g/mL", "CNTS": "", "PROPCNTS": ""}


def stored_pixels(dataset: Any, name: str, frame: int | None = None) -> tuple[Pixels, bool]:
    """The decoded pixels, before any rescaling, and whether they are colour: palette and YBR come out as RGB.

    What a decoder raises goes on to the caller, except where the compression is one that is not read here.
    """
    if not any(keyword in dataset for keyword in _PIXELS):
        modality = value_of(dataset, "Modality") or "?"
        rows = value_of(dataset, "Rows")
        if rows:
            raise FileError(
                "G-IO-065",
                en=f"'{name}' describes an image of {rows} rows but its pixels are not there: the file is cut off. Copy it again.",
                ja=f"「{name}」には {rows} 行の画像があるはずですが、画素データがありません。"
                "ファイルが途中で切れています。コピーし直してください。",
            )
        raise FileError(
            "G-IO-061",
            en=f"'{name}' is DICOM without pixels (modality {modality}): a report, a plan, contours or a directory. Name an image file.",
            ja=f"「{name}」は画素を持たない DICOM です (モダリティ {modality}: レポート、治療計画、輪郭、DICOMDIR など)。画像ファイルを指定してください。",
        )
    frames = int(value_of(dataset, "NumberOfFrames") or 1)
    if frame is not None and frame >= frames:
        raise OptionError(
            "G-IO-062",
            en=f"'{name}' has {frames} frames, counted from 0; frame {frame} was asked for. Name one up to {frames - 1}.",
            ja=f"「{name}」のフレームは {frames} 枚 (0 から数える) です。フレーム {frame} はありません。{frames - 1} 以下を指定してください。",
        )
    pixels = _decoded(dataset, name, frame)
    if value_of(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return _looked_up(pixels, dataset), True
    return pixels, int(value_of(dataset, "SamplesPerPixel") or 1) == 3


def _decoded(dataset: Any, name: str, frame: int | None) -> Pixels:
    from pydicom.pixels import pixel_array

    try:
        pixels = pixel_array(dataset, index=frame)
    except Exception as error:
        refused = _refused(dataset, name)
        raise error if refused is None else refused from None
    return pixels if pixels.dtype.isnative else pixels.astype(pixels.dtype.newbyteorder("="))


def _refused(dataset: Any, name: str) -> FileError | None:
    """The sentence for a compression that is not read here."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == _JPEG_EXTENDED and importlib.util.find_spec("libjpeg") is None:
        return FileError(
            "G-IO-063",
            en=f"'{name}' is compressed as 12-bit JPEG Extended, which no freely licensed decoder reads. "
            "Install the extra with: pip install 'gazo[jpeg12]' (its decoder is under the GPL), or export the image uncompressed. "
            "Files of the NEMA WG-04 set have a faulty scan header besides and are not read by any decoder.",
            ja=f"「{name}」は 12 ビット JPEG Extended で圧縮されており、標準のデコーダでは読み込めません。"
            "pip install 'gazo[jpeg12]' で追加デコーダ (GPL) を入れるか、非圧縮で出力し直してください。"
            "NEMA WG-04 のサンプルは、さらにスキャンヘッダーが規格外のため、どのデコーダでも読み込めません。",
        )
    from pydicom.pixels import get_decoder

    try:
        known = get_decoder(syntax).is_available
    except NotImplementedError:
        known = False
    if known:
        return None
    return FileError(
        "G-IO-064",
        en=f"'{name}' is compressed as {syntax.name}, which is not read here. Export it uncompressed or as JPEG 2000.",
        ja=f"「{name}」の圧縮形式 {syntax.name} には対応していません。非圧縮または JPEG 2000 で出力し直してください。",
    )


def _looked_up(pixels: Pixels, dataset: Any) -> Pixels:
    """Palette indices as RGB; 16-bit tables that hold 8-bit colours become uint8."""
    from pydicom.pixels import apply_color_lut

    colours = apply_color_lut(np.asarray(pixels), dataset)
    if colours.dtype == np.uint8:
        return colours
    return (colours >> 8).astype(np.uint8)


def with_modality(stored: Pixels, dataset: Any, frame: int | None) -> Pixels:
    """Stored values as what they stand for: Modality LUT, Rescale Slope and Intercept, or Dose Grid Scaling (PS3.3 C.11.1)."""
    if value_of(dataset, "ModalityLUTSequence"):
        from pydicom.pixels import apply_modality_lut

        return apply_modality_lut(np.asarray(stored), dataset)
    dose = number(dataset, "DoseGridScaling")
    if dose is not None:
        return (stored * dose).astype(np.float32)
    groups = functional_groups(dataset, "PixelValueTransformationSequence", frame) or [dataset]
    lines = [(_or(number(group, "RescaleSlope"), 1.0), _or(number(group, "RescaleIntercept"), 0.0)) for group in groups]
    if len(set(lines)) == 1:
        return rescaled(stored, *lines[0])
    slopes, intercepts = np.array(lines, np.float32).T[:, : len(stored), None, None]
    return stored.astype(np.float32) * slopes + intercepts


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def rescaled(stored: Pixels, slope: float, intercept: float) -> Pixels:
    """slope x stored + intercept; whole numbers in the smallest of int16, int32, float32 that holds them exactly."""
    if (slope, intercept) == (1.0, 0.0):
        return stored
    if stored.dtype.kind in "iu" and slope.is_integer() and intercept.is_integer():
        low, high = float(stored.min()), float(stored.max())
        # each step of the sum has to fit, not only its end
        reached = (low, high, slope, intercept, slope * low, slope * high, slope * low + intercept, slope * high + intercept)
        for whole in (np.int16, np.int32):
            limits = np.iinfo(whole)
            if limits.min <= min(reached) and max(reached) <= limits.max:
                scaled = stored if slope == 1 else np.multiply(stored, whole(slope), dtype=whole, casting="unsafe")
                return np.add(scaled, whole(intercept), dtype=whole, casting="unsafe")
    wide = np.float32 if stored.dtype.itemsize <= 2 else np.float64
    return (stored.astype(wide) * wide(slope) + wide(intercept)).astype(np.float32, copy=False)


def meaning_of(dataset: Any, *, colour: bool, changed: bool) -> tuple[Meaning, str]:
    """What a pixel value stands for, and its unit; `changed` tells that the values differ from the stored ones."""
    modality = str(value_of(dataset, "Modality") or "")
    kind = str(value_of(dataset, "RescaleType") or "")
    if colour:
        return "display", ""
    if modality == "SEG":
        return "mask", ""
    if kind == "HU" or (modality == "CT" and value_of(dataset, "RescaleIntercept") is not None and kind in ("", "HU")):
        return "HU", "HU"
    if "DoseGridScaling" in dataset:
        return "quantity", {"GY": "Gy"}.get(str(value_of(dataset, "DoseUnits") or ""), "")
    if modality == "PT":
        units = str(value_of(dataset, "Units") or "")
        return "quantity", _PRESENTATION_UNITS.get(units, units)
    if value_of(dataset, "PresentationIntentType") == "FOR PRESENTATION":
        return "display", ""
    relation = str(value_of(dataset, "PixelIntensityRelationship") or "")
    rising = (number(dataset, "PixelIntensityRelationshipSign") or 1) > 0
    if relation in ("LIN", "LOG") and rising:
        return ("linear exposure", "") if relation == "LIN" else ("log exposure", "")
    return ("quantity", "" if kind == "US" else kind) if changed else ("stored", "")
