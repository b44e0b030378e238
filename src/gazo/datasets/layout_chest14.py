"""NIH ChestX-ray14 (and 8): Data_Entry_2017*.csv, images/, official lists, boxes (Wang et al., CVPR 2017)."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.io.cleaning import as_objects
from gazo.io.loader import FileLoader
from gazo.io.opening import content_of
from gazo.io.rows import Rows, read_rows
from gazo.io.where import number

_IMAGE = re.compile(r"(\d{8})_\d{3}\.png", re.IGNORECASE)
_PARTS = {"train_val_list": "train", "test_list": "test"}
_COLUMNS = {"View Position": "view", "Patient Gender": "sex", "Follow-up #": "followup"}
_SAME = {"Infiltrate": "Infiltration"}  # the box list calls it so


def finds(files: list[str]) -> bool:
    """The entry table and at least one image called 00000001_000.png."""
    return any(_is_entry(file) for file in files) and any(_code(file) for file in files)


def read(folder: Path, files: list[str]) -> ImageSet:
    """One row an image that is there; the label joins the findings by "|", the patient is the first 8 digits of the name.

    Columns: age (years), sex, view, followup, boxes (x, y, width, height in pixels of 1024 x 1024) with box_labels, and split
    where the official lists lie beside. The lists name no validation images: `official_split` draws them by patient.
    """
    entry = read_rows(folder / next(file for file in files if _is_entry(file)))
    paths = {code: file for file in files if (code := _code(file))}
    rows = [row for row, name in enumerate(entry.column("Image Index")) if name.strip() in paths]
    names = [entry.column("Image Index")[row].strip() for row in rows]
    columns: dict[str, Any] = {
        "file": as_column([paths[name] for name in names]),
        "patient": as_column([name[:8] for name in names]),
        "label": as_column([entry.column("Finding Labels")[row].strip() for row in rows]),
        "age": np.array([_years(entry.column("Patient Age")[row]) for row in rows]),
    }
    for heading, column in _COLUMNS.items():
        columns[column] = as_column([entry.column(heading)[row].strip() or None for row in rows])
    roles: dict[Role, str] = {"image": "file", "label": "label", "patient": "patient"}
    _add_parts(columns, roles, folder, files, names)
    _add_boxes(columns, roles, folder, files, names)
    return ImageSet(columns, roles, FileLoader(str(folder)), name="ChestX-ray14", notes=tuple(_notes(entry, rows, paths)))


def _is_entry(file: str) -> bool:
    name = PurePosixPath(file).name.lower()
    return name.startswith("data_entry") and name.endswith(".csv")


def _code(file: str) -> str:
    name = PurePosixPath(file).name
    return name if _IMAGE.fullmatch(name) else ""


def _years(cell: str) -> float:
    """58, or "058Y" as older files have it."""
    years = number(cell.strip().upper().removesuffix("Y"))
    return float("nan") if years is None else years


def _add_parts(columns: dict[str, Any], roles: dict[Role, str], folder: Path, files: list[str], names: list[str]) -> None:
    part_of: dict[str, str] = {}
    for file in files:
        part = _PARTS.get(PurePosixPath(file).stem.lower())
        if part and file.lower().endswith(".txt"):
            part_of |= dict.fromkeys(content_of(folder / file).decode("utf-8-sig").split(), part)
    if part_of:
        columns["split"] = as_column([part_of.get(name) for name in names])
        roles["split"] = "split"


def _add_boxes(columns: dict[str, Any], roles: dict[Role, str], folder: Path, files: list[str], names: list[str]) -> None:
    found = next((file for file in files if PurePosixPath(file).name.lower().startswith("bbox_list")), None)
    if found is None:
        return
    boxes: dict[str, list[tuple[float, ...]]] = {}
    findings: dict[str, list[str]] = {}
    for cells in read_rows(folder / found).cells:
        corners = [number(cell) for cell in cells[2:6]]
        if None not in corners:
            boxes.setdefault(cells[0].strip(), []).append(tuple(c for c in corners if c is not None))
            findings.setdefault(cells[0].strip(), []).append(_SAME.get(cells[1].strip(), cells[1].strip()))
    columns["boxes"] = as_objects([np.array(boxes.get(name, []), float).reshape(-1, 4) for name in names])
    columns["box_labels"] = as_objects([tuple(findings.get(name, ())) for name in names])
    roles["boxes"] = "boxes"


def _notes(entry: Rows, rows: list[int], paths: dict[str, str]) -> list[Text]:
    notes = []
    if absent := len(entry) - len(rows):
        notes.append(
            Text(
                f"表にある {absent} 行の画像はフォルダにありません。",
                f"The images of {absent} rows of the table are not in the folder.",
            )
        )
    if strange := len(set(paths) - set(name.strip() for name in entry.column("Image Index"))):
        notes.append(
            Text(f"{strange} 枚の画像は表にないため除きました。", f"{strange} images are not in the table and were left out.")
        )
    return notes
