"""A folder of DICOM files as a table: headers are read, pixels wait."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError, GazoError
from gazo.core.imageset import ImageSet, as_column
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Label
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.registry import feature
from gazo.io.dicom_header import opened
from gazo.io.files import kind_of
from gazo.io.finding import walk
from gazo.io.loader import FileLoader
from gazo.io.opening import need_folder, start_of

_ELEMENTS = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "PatientName", "PatientBirthDate"),
    *("StudyDate", "AcquisitionDate", "Modality", "BodyPartExamined", "ViewPosition", "ImageLaterality", "Laterality"),
    *("PatientSex", "PatientAge", "SeriesNumber", "InstanceNumber", "Rows", "Columns", "NumberOfFrames", "BitsStored"),
    *(
        "PhotometricInterpretation",
        "Manufacturer",
        "ManufacturerModelName",
        "SpecificCharacterSet",
        "BurnedInAnnotation",
        "PatientIdentityRemoved",
    ),
)
READING = Text("DICOM ヘッダーの読み込み", "reading DICOM headers")


@dataclass(frozen=True)
class Header:
    """One image file of a folder: its path relative to the folder and the elements asked for."""

    file: str
    dataset: Any

    def text(self, keyword: str) -> str:
        """An element as text without outer blanks, empty when it is missing or broken."""
        try:
            value = self.dataset.get(keyword)
        except Exception:  # a value pydicom cannot convert, of which there are many kinds
            return ""
        return "" if value is None else str(value).strip()

    def number(self, keyword: str) -> float:
        """An element as a number, NaN when it is missing or broken."""
        try:
            return float(self.text(keyword).split("\\")[0])
        except ValueError:
            return float("nan")


@feature("DICOM フォルダの読み込み", "Read a folder of DICOM files", booklet=("B1", "B4"))
def read_dicom_folder(
    path: Path | str,
    *,
    identify: Annotated[bool, Label("実際の患者 ID の列を残す (表との結合用)", "Keep the real patient ID, for a join")] = False,
    on_event: OnEvent = quiet,
) -> ImageSet:
    """All DICOM images below a folder, one row a file, sorted by path; only headers are read.

    Columns: file, patient, study, series (numbers by order of appearance), study_date, modality, body_part, view, laterality, sex, age
    (years), rows, columns, frames, bits, photometric, manufacturer, model. `patient` is a keyed hash of the Patient ID: equal for images
    of one patient in this folder, and of no use to somebody who does not have the folder. Files that are no images or cannot be
    read are passed over and counted in `notes`.

    Parameters
    ----------
    path : of the folder.
    identify : adds the column "patient_id" with the real Patient ID, to join with a table. Take it out before anything is kept.
    on_event : listens to the progress.

    Raises
    ------
    FileError : no such folder.
    DataError : no DICOM image in it.
    """
    folder = str(need_folder(path))
    headers, notes = headers_of(folder, on_event)
    columns = {name: as_column(cells) for name, cells in _columns(headers).items()}
    columns["patient"] = as_column(patient_keys(headers, notes))
    if identify:
        columns["patient_id"] = as_column([header.text("PatientID") or None for header in headers])
    return ImageSet(
        columns,
        {"image": "file", "patient": "patient", "date": "study_date"},
        FileLoader(folder),
        name=os.path.basename(os.path.abspath(folder)),
        notes=tuple(notes),
    )


def headers_of(folder: str, on_event: OnEvent = quiet, only: Sequence[str] = _ELEMENTS) -> tuple[list[Header], list[Text]]:
    """The headers of all image files below a folder, and notes on what was passed over; DataError when there is none."""
    headers, broken, others = [], [], 0
    for file in counted(walk(folder), READING, on_event):
        path = os.path.join(folder, file)
        try:
            if kind_of(start_of(path), os.path.basename(file)) != "dicom":
                continue
            dataset = opened(path, os.path.basename(file), pixels=False, only=only)
        except GazoError:
            broken.append(os.path.basename(file))
            continue
        header = Header(file, dataset)
        if header.number("Rows") > 0 and header.number("Columns") > 0:
            headers.append(header)
        elif header.text("SOPClassUID") or header.text("Modality"):
            others += 1
        else:
            broken.append(os.path.basename(file))
    if not headers:
        name = os.path.basename(os.path.abspath(folder))
        raise DataError(
            "G-IO-070",
            en=f"the folder '{name}' holds no DICOM images. Name the folder they lie in or above them.",
            ja=f"フォルダ「{name}」に DICOM 画像がありません。画像のあるフォルダか、その上のフォルダを指定してください。",
        )
    return headers, _notes(broken, others)


def _notes(broken: list[str], others: int) -> list[Text]:
    notes = []
    if broken:
        shown = ", ".join(broken[:3]) + (" ..." if len(broken) > 3 else "")
        notes.append(
            Text(
                f"読み込めない {len(broken)} 個のファイルを除きました: {shown}。",
                f"{len(broken)} broken files were left out: {shown}.",
            )
        )
    if others:
        notes.append(
            Text(
                f"画像でない DICOM (レポート、計画、輪郭など) {others} 個を除きました。",
                f"{others} DICOM files without an image (reports, plans, contours) were left out.",
            )
        )
    return notes


def _columns(headers: list[Header]) -> dict[str, list[Any]]:
    def texts(*keywords: str) -> list[str | None]:
        return [next((text for text in map(header.text, keywords) if text), None) for header in headers]

    return {
        "file": [header.file for header in headers],
        "study": _numbered([header.text("StudyInstanceUID") for header in headers]),
        "series": _numbered([header.text("SeriesInstanceUID") for header in headers]),
        "study_date": [iso_date(header.text("StudyDate") or header.text("AcquisitionDate")) for header in headers],
        "modality": texts("Modality"),
        "body_part": texts("BodyPartExamined"),
        "view": texts("ViewPosition"),
        "laterality": texts("ImageLaterality", "Laterality"),
        "sex": texts("PatientSex"),
        "age": [age_years(header.text("PatientAge")) for header in headers],
        "rows": [int(header.number("Rows")) for header in headers],
        "columns": [int(header.number("Columns")) for header in headers],
        "frames": [int(max(1.0, header.number("NumberOfFrames"))) for header in headers],
        "bits": [header.number("BitsStored") for header in headers],
        "photometric": texts("PhotometricInterpretation"),
        "manufacturer": texts("Manufacturer"),
        "model": texts("ManufacturerModelName"),
    }


def _numbered(names: list[str]) -> list[int]:
    """1 for the first name, 2 for the next new one ..."""
    order = {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
    return [order[name] for name in names]


def patient_keys(headers: list[Header], notes: list[Text]) -> list[str]:
    """A key for each file: HMAC-SHA256 of the Patient ID under a key made of the folder's own instance UIDs.

    Who has only a result cannot try out IDs, because the UIDs are not in it; who has the folder knows the IDs anyway.
    Without Patient ID, name and birth date stand in; without these, the study does.
    """
    secret = hashlib.sha256("\n".join(sorted(header.text("SOPInstanceUID") for header in headers)).encode()).digest()
    unknown = 0
    keys = []
    for header in headers:
        name = "^".join((header.text("PatientName"), header.text("PatientBirthDate"))).strip("^")
        if header.text("PatientIdentityRemoved") == "YES" and header.text("PatientID"):
            keys.append(header.text("PatientID"))  # a pseudonym already
            continue
        identity = header.text("PatientID") or name
        if not identity:
            unknown += 1
            identity = "study " + header.text("StudyInstanceUID")
        keys.append("P" + hmac.new(secret, identity.encode(), "sha256").hexdigest()[:10])
    if unknown:
        notes.append(
            Text(
                f"患者 ID のない {unknown} 個のファイルは、検査ごとに別の患者として扱います。",
                f"{unknown} files have no patient ID; each study counts as a patient of its own.",
            )
        )
    return keys


def iso_date(text: str) -> str | None:
    """20240401 (or 2024.04.01, as old files write) as 2024-04-01."""
    match = re.match(r"(\d{4})\.?(\d{2})\.?(\d{2})", text)
    return "-".join(match.groups()) if match else None


def age_years(text: str) -> float:
    """058Y, 018M, 006W or 010D in years; NaN when it is none of these."""
    match = re.fullmatch(r"(\d{1,3})([YMWD])", text)
    return float("nan") if match is None else int(match[1]) / {"Y": 1, "M": 12, "W": 52.1775, "D": 365.2425}[match[2]]
