"""Write masks as an RT Structure Set: closed contours on the slices of the series they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.io.dicom_header import value_of
from gazo.io.mask_files_grid import Grid
from gazo.io.mask_files_sources import new_uid, planes_of, sources_of
from gazo.io.polygons import outlines

_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
# Patient and study of the images; what they leave out stays empty.
_SHARED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime"),
    *("StudyID", "AccessionNumber", "ReferringPhysicianName"),
)
_COLOURS = ((255, 80, 80), (80, 160, 255), (90, 200, 90), (255, 200, 60), (200, 110, 255), (80, 210, 210))


def write_rtstruct(masks: Mapping[str, Image], path: Path | str, source: Path | str | None, *, automatic: bool = False) -> None:
    """One region a mask; holes are contours of their own inside the outer one, which the even-odd rule leaves out.

    Contours run halfway between pixels inside and outside, so that reading them gives the same masks again. Patient and study are those of
    the images in `source`.
    """
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    grid, headers = sources_of(masks, source)
    grid.need_place()
    if not grid.frame:
        raise FileError(
            "G-IO-131",
            en="contours need a frame of reference (0020,0052), which these images do not have. Write DICOM SEG, .png or .nii.gz instead.",
            ja="輪郭の保存には座標系 (Frame of Reference UID) が必要ですが、この画像にはありません。DICOM SEG、.png、.nii.gz のいずれかで書き出してください。",
        )
    way = "AUTOMATIC" if automatic else "MANUAL"
    dataset = _described(masks, grid, headers)
    dataset.StructureSetROISequence = [_region(number, name, grid, way) for number, name in enumerate(masks, 1)]
    dataset.ROIContourSequence = [
        _item(
            ROIDisplayColor=list(_COLOURS[(number - 1) % len(_COLOURS)]), ReferencedROINumber=number, ContourSequence=list(_contours(mask, grid, headers))
        )
        for number, mask in enumerate(masks.values(), 1)
    ]  # fmt: skip
    dataset.RTROIObservationsSequence = [
        _item(ObservationNumber=number, ReferencedROINumber=number, RTROIInterpretedType="", ROIInterpreter="")
        for number in range(1, len(masks) + 1)
    ]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    with replacing(path) as file:
        dataset.save_as(file, enforce_file_format=True)


def _described(masks: Mapping[str, Image], grid: Grid, headers: Sequence[Any]) -> Any:
    """Patient, study, series, and the images that are referred to."""
    first = headers[0]
    dataset = _item(**{keyword: str(value_of(first, keyword) or "") for keyword in _SHARED})
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = _CLASS, new_uid("rtstruct instance", masks, headers)
    dataset.SeriesInstanceUID = new_uid("rtstruct series", masks, headers)
    dataset.Modality, dataset.Manufacturer, dataset.SeriesNumber, dataset.OperatorsName = "RTSTRUCT", "gazo", None, ""
    dataset.StructureSetLabel, dataset.StructureSetDate, dataset.StructureSetTime = "gazo", "", ""
    dataset.FrameOfReferenceUID = grid.frame
    images = [_reference(header) for header in headers]
    series = _item(SeriesInstanceUID=str(first.SeriesInstanceUID), ContourImageSequence=images)
    study = _item(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=str(first.StudyInstanceUID), RTReferencedSeriesSequence=[series]
    )  # fmt: skip
    dataset.ReferencedFrameOfReferenceSequence = [_item(FrameOfReferenceUID=grid.frame, RTReferencedStudySequence=[study])]
    return dataset


def _region(number: int, name: str, grid: Grid, way: str) -> Any:
    return _item(ROINumber=number, ReferencedFrameOfReferenceUID=grid.frame, ROIName=name[:64], ROIGenerationAlgorithm=way)


def _contours(mask: Image, grid: Grid, headers: Sequence[Any]) -> Iterable[Any]:
    for plane, inside in enumerate(planes_of(mask)):
        for corners in outlines(inside) if inside.any() else ():
            yield _contour(grid.points(plane, corners), headers[min(plane, len(headers) - 1)])


def _contour(points: NDArray[np.float64], header: Any) -> Any:
    from pydicom.valuerep import format_number_as_ds

    return _item(
        ContourImageSequence=[_reference(header)], ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=len(points),
        ContourData=[format_number_as_ds(round(float(one), 6)) for one in points.ravel()],
    )  # fmt: skip


def _reference(header: Any) -> Any:
    return _item(ReferencedSOPClassUID=str(header.SOPClassUID), ReferencedSOPInstanceUID=str(header.SOPInstanceUID))


def _item(**elements: Any) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item
