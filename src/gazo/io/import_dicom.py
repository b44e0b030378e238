"""Bring DICOM files into a study: de-identified copies here, the key to them elsewhere."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError
from gazo.core.files import replacing, storage_error
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Label
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.registry import feature
from gazo.io.deidentify import Pseudonym, burned_in_doubt, days_for, deidentify
from gazo.io.dicom_folder import Header, headers_of, read_dicom_folder
from gazo.io.dicom_header import DICOM, opened
from gazo.io.opening import decoding, need_folder
from gazo.io.rows import Rows, read_rows
from gazo.io.write_table import write_table

COPYING = Text("匿名化した複製の作成", "writing de-identified copies")
KEY_COLUMNS = ("patient", "patient_id", "study_date", "days", "file", "original_file", "secret")


@dataclass(frozen=True)
class _Copy:
    """One file: where it comes from, where it goes, and who the patient becomes."""

    header: Header
    file: str
    pseudonym: Pseudonym
    patient_id: str

    def key_row(self) -> tuple[str, ...]:
        date, days = self.header.text("StudyDate"), str(self.pseudonym.days)
        secret = self.pseudonym.secret.hex()
        return (self.pseudonym.patient, self.patient_id, date, days, self.file, self.header.file, secret)


@feature("DICOM の取り込み (匿名化)", "Import DICOM, de-identified", booklet="B4")
def import_dicom(
    folder: Path | str,
    to: Path | str,
    *,
    key_file: Path | str,
    keep_characteristics: Annotated[bool, Label("性別・年齢・身長・体重を残す", "Keep sex, age, size and weight")] = True,
    burned_in: Annotated[bool, Label("文字が焼き込まれた画像も取り込む", "Take images with burned-in text too")] = False,
    on_event: OnEvent = quiet,
) -> ImageSet:
    """Copy the DICOM images below a folder to ``to/P0001/...``, de-identified, and write the key to `key_file`.

    Patients are numbered P0001, P0002 ... and files named by a keyed hash, so nothing in `to` tells who they are. The key (a CSV with real
    Patient IDs, dates, file names and the secret of the UIDs) has to lie outside `to`. When it exists already the import goes on from it:
    known patients keep number, dates and UIDs. The originals are not changed.

    Parameters
    ----------
    folder : of the originals.
    to : for the copies.
    key_file : a .csv outside `to`; keep it where only those may read it who may know the patients.
    keep_characteristics : keep sex, age, size and weight.
    burned_in : take files that say annotations are burned into the pixels; otherwise they are left out and counted in `notes`.
    on_event : listens to the progress.

    Raises
    ------
    FileError : the key would lie beside the copies, or is not one of these keys. DataError : no DICOM images. StorageError : no space.
    """
    source, target, key = str(need_folder(folder)), Path(to), Path(key_file)
    if target.resolve() in key.resolve().parents or Path(source).resolve() in target.resolve().parents:
        raise FileError(
            "G-IO-076",
            en="the key must not lie in the folder of the copies, nor the copies in the folder of the originals. Choose another place.",
            ja="対応表 (key_file) を複製のフォルダの中に置いたり、複製を元のフォルダの中に作ったりすることはできません。別の場所を指定してください。",
        )
    headers, notes = headers_of(source, on_event)
    headers = _without_burned_in(headers, burned_in, notes)
    known = known_key(key)
    copies = _planned(headers, known)
    try:
        target.mkdir(parents=True, exist_ok=True)
        key.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, target) from None
    rows = list(dict.fromkeys([*known, *(copy.key_row() for copy in copies)]))
    write_table(Rows(key.name, KEY_COLUMNS, tuple(rows), tuple(range(len(rows)))), key)
    broken = sum(not _write(copy, source, target, keep_characteristics) for copy in counted(copies, COPYING, on_event))
    if broken:
        notes.append(
            Text(
                f"書き出せない {broken} 個のファイルを除きました。",
                f"{broken} files were left out because they cannot be written.",
            )
        )
    imported = read_dicom_folder(target)
    return replace(imported, notes=(*notes, *imported.notes))


def _without_burned_in(headers: list[Header], burned_in: bool, notes: list[Text]) -> list[Header]:
    doubts = [burned_in_doubt(header.dataset) for header in headers]
    sure = [header.text("BurnedInAnnotation").upper() == "YES" for header in headers]
    if any(sure) and not burned_in:
        notes.append(
            Text(
                f"文字が焼き込まれていると記録された {sum(sure)} 個のファイルを取り込みませんでした。",
                f"{sum(sure)} files were not imported because they say that text is burned into their pixels.",
            )
        )
        headers = [header for header, told in zip(headers, sure, strict=True) if not told]
    doubtful = sum(doubt is not None for doubt, told in zip(doubts, sure, strict=True) if burned_in or not told)
    if doubtful:
        notes.append(
            Text(
                f"{doubtful} 個の画像には氏名などの文字が焼き込まれている恐れがあります。目で確かめてください。",
                f"{doubtful} images may have names burned into their pixels; look at them.",
            )
        )
    return headers


def known_key(key: Path) -> list[tuple[str, ...]]:
    """The rows of a key that earlier imports wrote, in the order of `KEY_COLUMNS`; none where there is no key yet."""
    if not key.exists():
        return []
    rows = read_rows(key)
    if rows.headings != KEY_COLUMNS:
        raise FileError(
            "G-IO-077",
            en=f"'{key.name}' exists and is no key of an import. Name another file.",
            ja=f"「{key.name}」はすでに存在し、取り込みの対応表ではありません。別のファイル名を指定してください。",
        )
    return list(rows.cells)


def _planned(headers: list[Header], known: Sequence[tuple[str, ...]]) -> list[_Copy]:
    """Give each patient a number, new ones after those of the key, and each file its new name."""
    secret = bytes.fromhex(known[0][-1]) if known else secrets.token_bytes(32)
    numbers = {row[1]: row[0] for row in known}
    taken = {row[4]: row[5] for row in known}
    copies = []
    for header in headers:
        patient_id = header.text("PatientID") or f"(no ID) {header.text('PatientName')} {header.text('StudyInstanceUID')}"
        patient = numbers.setdefault(patient_id, f"P{len(numbers) + 1:04d}")
        pseudonym = Pseudonym(patient, secret, days_for(secret, patient_id))
        uid = pseudonym.uid(header.text("SOPInstanceUID") or header.file)
        file = _free_name(f"{patient}/{int(uid.rsplit('.', 1)[-1]):032x}", header.file, taken)
        copies.append(_Copy(header, file, pseudonym, patient_id))
    return copies


def _free_name(name: str, original: str, taken: dict[str, str]) -> str:
    """A name for the copy of a file; a second file that carries the same UID gets a number behind it."""
    number = 1
    while taken.setdefault(file := f"{name[:22]}{f'-{number}' if number > 1 else ''}.dcm", original) != original:
        number += 1
    return file


def _write(copy: _Copy, source: str, target: Path, keep_characteristics: bool) -> bool:
    """Write one copy; False when the file cannot be read whole or its data set cannot be written."""
    try:
        original = opened(os.path.join(source, copy.header.file), copy.file)
        clean: Any = deidentify(original, copy.pseudonym, keep_characteristics=keep_characteristics)
        path = target / copy.file
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as file, decoding(copy.file, DICOM):
            clean.save_as(file, enforce_file_format=True)
    except FileError:
        return False
    return True
