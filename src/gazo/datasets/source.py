"""One door for whatever a user names: a table, a folder, a ZIP, an .npz or a single image."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.registry import feature
from gazo.datasets.layouts import medmnist_note, read_layout
from gazo.datasets.strata import is_missing
from gazo.datasets.tabulate import as_numbers
from gazo.io.archive import ARCHIVE, unpack
from gazo.io.cleaning import numbers
from gazo.io.dicom_folder import read_dicom_folder
from gazo.io.files import SUPPORTED, kind_of
from gazo.io.finding import walk
from gazo.io.folder import read_folder
from gazo.io.loader import FileLoader
from gazo.io.npz import read_npz
from gazo.io.npz_beside import table_beside
from gazo.io.opening import decoding, start_of
from gazo.io.rows import Rows
from gazo.io.table import read_table
from gazo.io.where import chosen

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
_LOOKED_AT, _FEW_CLASSES = 50, 10

# The options of a table serve every source; their labels stand in `read_table` only.
_OF = {option.name: option.label for option in parameters_of(read_table)}


@feature("画像データを開く", "Open images", booklet=("B1", "B2", "B3"))
def open_images(
    path: Path | str,
    *,
    image: Annotated[str | None, _OF["image"]] = None,
    label: Annotated[str | None, _OF["label"]] = None,
    patient: Annotated[str | None, _OF["patient"]] = None,
    value: Annotated[str | None, _OF["value"]] = None,
    mask: Annotated[str | None, _OF["mask"]] = None,
    boxes: Annotated[str | None, _OF["boxes"]] = None,
    split: Annotated[str | None, _OF["split"]] = None,
    date: Annotated[str | None, _OF["date"]] = None,
    folder: Annotated[str | None, _OF["folder"]] = None,
    sheet: Annotated[str | None, _OF["sheet"]] = None,
    where: Annotated[str, _OF["where"]] = "",
    cache: Path | str | None = None,
) -> ImageSet:
    """The images behind a path, whatever it is.

    A table (.csv .tsv .txt .xlsx) is read by `read_table`; .npz by `read_npz`, with the table beside it whose column "index" numbers its
    images; a folder as the public layout it has, else as its
    only table when columns are named, else as DICOM, else with folders as classes; a ZIP is unpacked into the cache and read as a folder; a
    single image is a set of one. Columns that the source brings (sex, age, view ...) can be named as label, value and so on.

    Parameters
    ----------
    path : of a file or a folder.
    image, label, patient, value, mask, boxes, split, date, folder, sheet, where : as in `read_table`.
    cache : where archives are unpacked; by default in the workspace ($GAZO_HOME or ~/gazo).

    Raises FileError when nothing is there or it is broken, DataError for a kind that is not known or a column that is not there.
    """
    path = Path(path)
    named: dict[Role, str | None] = {"image": image, "label": label, "patient": patient, "value": value}
    named |= {"mask": mask, "boxes": boxes, "split": split, "date": date}
    if path.is_dir():
        return _from_folder(path, named, folder, sheet, where)
    kind = _kind(path)
    if kind == "table":
        return _from_table(path, named, folder, sheet, where)
    if kind == "zip":
        _no_study(path)
        return _from_folder(_unpacked(path, cache), named, folder, sheet, where)
    made = _from_npz(path) if kind == "npz" else _single(path)
    return _chosen(_with_roles(made, named), where)


def _kind(path: Path) -> str:
    """table, zip, npz or image; what a file is called decides for tables and archives, its content for images."""
    start = start_of(path)
    suffix = path.suffix.lower()
    if suffix in (".npz", ".zip"):
        return suffix[1:]
    if suffix in _TABLES:
        return "table"
    if kind_of(start, path.name):
        return "image"
    raise DataError(
        "G-DATA-121",
        en=f"'{path.name}' is of no kind that is known. Give a table (.csv, .xlsx), a folder, a .zip, an .npz or an image ({SUPPORTED}).",
        ja=f"「{path.name}」は対応していない種類のファイルです。表 (.csv、.xlsx)、フォルダ、.zip、.npz、または画像 ({SUPPORTED}) を指定してください。",
    )


def _from_table(path: Path, named: dict[Role, str | None], folder: str | None, sheet: str | None, where: str) -> ImageSet:
    return read_table(path, **named, folder=folder, sheet=sheet, where=where)


def _from_npz(path: Path) -> ImageSet:
    images = read_npz(path)
    beside = table_beside(path, len(images))
    images = images if beside is None else read_npz(path, table=beside)
    note = medmnist_note(path.name)
    return images if note is None else replace(images, notes=(note, *images.notes))


def _single(path: Path) -> ImageSet:
    return ImageSet({"file": as_column([path.name])}, {"image": "file"}, FileLoader(str(path.absolute().parent)), name=path.stem)


def _from_folder(path: Path, named: dict[Role, str | None], folder: str | None, sheet: str | None, where: str) -> ImageSet:
    """A public layout, a table with its images, DICOM files, or pictures in folders."""
    images = read_layout(path)
    if images is None:
        files = walk(str(path))
        tables = [file for file in files if file.lower().endswith((".csv", ".tsv", ".xlsx"))]
        arrays = [file for file in files if file.lower().endswith(".npz")]
        if len(tables) == 1 and any(named.values()):
            return _from_table(path / tables[0], named, folder or str(path), sheet, where)
        if len(files) == len(arrays) == 1:
            images = _from_npz(path / arrays[0])
        elif _is_dicom(path, files):
            images = _dicom(path)
        else:
            images = read_folder(path)
    return _chosen(_with_roles(images, named), where)


def _is_dicom(path: Path, files: list[str]) -> bool:
    """Whether most of some files, spread over the folder, are DICOM."""
    looked = files[:: max(1, len(files) // _LOOKED_AT)][:_LOOKED_AT]
    return 2 * sum(kind_of(start_of(path / file), os.path.basename(file)) == "dicom" for file in looked) > len(looked)


def _dicom(path: Path) -> ImageSet:
    """DICOM headers as columns; folder names are the label when they are few and each holds several patients."""
    images, folders = read_dicom_folder(path), read_folder(path)
    if not folders.has("label"):
        return images
    label_of = dict(zip(folders.role("image"), folders.role("label"), strict=True))
    labels = [label_of.get(file) for file in images.role("image")]
    patients: dict[Any, set[Any]] = {}
    for name, patient in zip(labels, images.role("patient"), strict=True):
        patients.setdefault(name, set()).add(patient)
    if not 2 <= len(patients) <= _FEW_CLASSES or min(map(len, patients.values())) < 2:
        return images  # folders of patients or series, not of classes
    return images.with_column("folder", labels, "label")


def _with_roles(images: ImageSet, named: dict[Role, str | None]) -> ImageSet:
    """The set with the columns that were named for a part; a value becomes a number."""
    for role, column in named.items():
        if column is None:
            continue
        images = images.with_role(role, column)
        if role == "value" and images.columns[column].dtype == object:
            cells = as_numbers(images.columns[column])
            notes: list[Text] = []
            texts = ["" if is_missing(cell) else str(cell) for cell in images.columns[column]]
            images = images.with_column(column, (numbers(texts, column, notes) if cells is None else cells).tolist())
            images = replace(images, notes=(*images.notes, *notes))
    return _with_labels(images) if named["label"] else images


def _with_labels(images: ImageSet) -> ImageSet:
    """The rows that have the label that was named, as in a table; a note counts the others."""
    column, labels = images.roles["label"], images.role("label")
    empty = np.array([is_missing(label) for label in labels], bool)
    if empty.all():
        raise DataError(
            "G-DATA-123",
            en=f"the column '{column}' of '{images.name}' has no label in any of {len(images)} rows. Name another column with --label.",
            ja=f"「{images.name}」の列「{column}」は {len(images)} 行すべてが空で、ラベルがありません。--label で別の列を指定してください。",
        )
    if not empty.any():
        return images
    n = int(empty.sum())
    note = Text(f"列「{column}」が空の {n} 行を除きました。", f"{n} rows were left out because '{column}' is empty.")
    return replace(images.take(~empty), notes=(*images.notes, note))


def _chosen(images: ImageSet, where: str) -> ImageSet:
    """The rows that fulfil the conditions, by the same rules as in a table."""
    if not where:
        return images
    headings = tuple(
        name for name in images.columns if not any(isinstance(c, np.ndarray | tuple) for c in images.columns[name][:1])
    )
    texts = [["" if is_missing(cell) else str(cell) for cell in images.columns[name]] for name in headings]
    cells = tuple(zip(*texts, strict=True))
    kept = chosen(Rows(images.name, headings, cells, tuple(range(len(images)))), where)
    return replace(images.take(np.array(kept.lines, int)), notes=(*images.notes, *kept.notes))


def _no_study(path: Path) -> None:
    """Refuse what `gazo study export` made: its images are known by the study, not by the folders they lie in."""
    with decoding(path.name, ARCHIVE), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if "study.json" in names:
        raise DataError(
            "G-DATA-122",
            en=f"'{path.name}' is a study, not a set of images. Take it in with `gazo study import {path.name}`.",
            ja=f"「{path.name}」は画像の集まりではなく研究の ZIP です。`gazo study import {path.name}` で取り込んでください。",
        )


def _unpacked(path: Path, cache: Path | str | None) -> Path:
    """The archive as a folder in the cache, unpacked once for each name, size and time of change."""
    home = Path(cache) if cache is not None else Path(os.environ.get("GAZO_HOME") or Path.home() / "gazo") / "cache"
    facts = path.stat()
    key = hashlib.sha256(f"{path.name} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = home / "unpacked" / key / path.stem
    return folder if folder.is_dir() else unpack(path, folder)
