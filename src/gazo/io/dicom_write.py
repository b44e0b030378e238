"""Write an image as DICOM: Secondary Capture, or Digital X-Ray for radiographs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.core.registry import feature

_DX, _SC, _SC_GREY, _SC_COLOUR, _SC_BYTE = (
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.7.3",
    "1.2.840.10008.5.1.4.1.1.7.4",
    "1.2.840.10008.5.1.4.1.1.7.2",
)


@feature("DICOM の書き出し", "Write a DICOM file", booklet=("B1", "B4"))
def write_dicom(image: Image, path: Path | str, *, description: str = "") -> None:
    """Write uncompressed DICOM: Secondary Capture, for modality DX a Digital X-Ray image for presentation; planes become frames.

    Whole numbers of up to 16 bits are stored as they are; others are spread over 16 bits with Rescale Slope and Intercept (error at most half of
    a 65535th of the range). Spacing goes to Imager Pixel Spacing for radiographs, to Nominal Scanned Pixel Spacing and Pixel Spacing otherwise,
    distance of planes to Spacing Between Slices. Patient ID is the key of the image, the name stays empty. UIDs are made from the content,
    so that the same image gives the same file.

    Parameters
    ----------
    image : 2 or 3 spatial axes, grey or uint8 colour.
    path : of the file.
    description : Series Description.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    stored, slope, intercept = _stored(image)
    digest = hashlib.sha256(
        repr((stored.shape, stored.dtype.str, image.spacing_mm, image.patient)).encode() + stored.tobytes()
    ).hexdigest()
    dataset = Dataset()
    dataset.SOPClassUID = _class(image, stored)
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID"):
        setattr(dataset, keyword, generate_uid(entropy_srcs=[digest, keyword]))
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=[image.patient or digest, "study"])
    _describe(dataset, image, description)
    _describe_pixels(dataset, image, stored)
    if image.meaning in ("HU", "quantity") or (slope, intercept) != (1.0, 0.0):
        dataset.RescaleSlope, dataset.RescaleIntercept = _decimal(slope), _decimal(intercept)
        dataset.RescaleType = "HU" if image.meaning == "HU" else "US"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    with replacing(path) as file:
        dataset.save_as(file, enforce_file_format=True)


def _stored(image: Image) -> tuple[NDArray[Any], float, float]:
    """Pixels as they are stored, with slope and intercept that lead back."""
    pixels: Any = np.ascontiguousarray(image.pixels)
    pixels = pixels.astype(np.uint8) if pixels.dtype == bool else pixels
    if image.colour and pixels.dtype != np.uint8:
        raise FileError(
            "G-IO-066",
            en=f"colour is written to DICOM as uint8; {pixels.dtype} came. Convert the pixels first, or write .tif.",
            ja=f"カラー画像を DICOM に書けるのは uint8 だけです。受け取った型: {pixels.dtype}。先に変換するか、.tif で書き出してください。",
        )
    if pixels.dtype in (np.uint8, np.uint16, np.int16):
        return pixels, 1.0, 0.0
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise FileError(
            "G-IO-067",
            en="the image holds NaN or infinite values, which DICOM cannot store. Replace them first, or write .tif.",
            ja="画像に NaN または無限大の値があり、DICOM には書けません。先に置き換えるか、.tif で書き出してください。",
        )
    if pixels.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return pixels.astype(np.uint16), 1.0, 0.0
    if pixels.dtype.kind in "iu" and low >= -32768 and high <= 32767:
        return pixels.astype(np.int16), 1.0, 0.0
    slope = float(_decimal((high - low) / 65535 or 1.0))
    intercept = float(_decimal(low))
    return np.clip(np.rint((pixels - intercept) / slope), 0, 65535).astype(np.uint16), slope, intercept


def _decimal(value: float) -> str:
    """A number as a decimal string of at most 16 characters (VR DS)."""
    return next(text for digits in range(16, 0, -1) if len(text := f"{value:.{digits}g}") <= 16)


def _class(image: Image, stored: NDArray[Any]) -> str:
    if len(image.shape) == 3:
        return _SC_COLOUR if image.colour else _SC_BYTE if stored.dtype == np.uint8 else _SC_GREY
    return _DX if image.modality == "DX" and not image.colour else _SC


def _describe(dataset: Any, image: Image, description: str) -> None:
    """Patient, study, series and equipment: what the standard asks for, empty where nothing is known."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword in ("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"):
        setattr(dataset, keyword, "")
    for keyword in ("ReferringPhysicianName", "SeriesNumber", "InstanceNumber", "Laterality", "PatientOrientation"):
        setattr(dataset, keyword, None)
    dataset.PatientID = image.patient
    dataset.Modality = image.modality or "OT"
    dataset.SeriesDescription = description
    dataset.Manufacturer = "gazo"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    if dataset.SOPClassUID == _DX:
        dataset.PresentationIntentType = "FOR PRESENTATION"
        dataset.PixelIntensityRelationship, dataset.PixelIntensityRelationshipSign = "LOG", -1 if image.inverted else 1
        dataset.PresentationLUTShape = "INVERSE" if image.inverted else "IDENTITY"
    else:
        dataset.ConversionType = "WSD"


def _describe_pixels(dataset: Any, image: Image, stored: NDArray[Any]) -> None:
    dataset.Rows, dataset.Columns = image.shape[-2:]
    dataset.SamplesPerPixel = 3 if image.colour else 1
    dataset.PhotometricInterpretation = "RGB" if image.colour else "MONOCHROME1" if image.inverted else "MONOCHROME2"
    if image.colour:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * stored.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    if len(image.shape) == 3:
        dataset.NumberOfFrames = image.shape[0]
    if image.window is not None:
        dataset.WindowCenter, dataset.WindowWidth = (_decimal(number) for number in image.window)
    _describe_place(dataset, image)
    little = stored.astype(stored.dtype.newbyteorder("<"), copy=False).tobytes()
    dataset.add_new("PixelData", "OB" if stored.itemsize == 1 else "OW", little + b"\0" * (len(little) % 2))


def _describe_place(dataset: Any, image: Image) -> None:
    if image.spacing_mm is not None:
        pair = [_decimal(length) for length in image.spacing_mm[-2:]]
        if dataset.SOPClassUID == _DX:
            dataset.ImagerPixelSpacing = pair
        else:
            dataset.NominalScannedPixelSpacing = dataset.PixelSpacing = pair
        if len(image.shape) == 3:
            dataset.SpacingBetweenSlices = dataset.SliceThickness = _decimal(image.spacing_mm[0])
    if image.orientation is not None:
        dataset.ImageOrientationPatient = [_decimal(cosine) for cosine in image.orientation]
    if image.origin_mm is not None:
        dataset.ImagePositionPatient = [_decimal(length) for length in image.origin_mm]
