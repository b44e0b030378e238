"""The JSRT database: 154 chest radiographs with a nodule, 93 without (Shiraishi et al., AJR 174:71-74, 2000).

Pixels lie as .IMG (2048 x 2048, big-endian, 12 bit, film density) or as DICOM; `gazo.io.read` shows .IMG as 4095 - v.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.io.cleaning import as_objects
from gazo.io.loader import FileLoader
from gazo.io.rows import read_rows
from gazo.io.where import number

_NAME = re.compile(r"JPC([LN])N(\d{3})", re.IGNORECASE)
_TABLES = ("clndat_en.txt", "cnndat_en.txt")
_ENDINGS = (".img", ".dcm", ".dicom", "")
_SPACING_MM = 0.175
# Order of CLNDAT_EN.txt as it is in the file; the users' guide gives another one, which is wrong.
_NODULE = ("subtlety", "size_mm", "age", "sex", "x", "y", "label", "location", "diagnosis")


def finds(files: list[str]) -> bool:
    """At least one JPCLNnnn or JPCNNnnn as .IMG or DICOM."""
    return any(_is_image(file) for file in files)


def read(folder: Path, files: list[str]) -> ImageSet:
    """One row an image; the label is malignant, benign or non-nodule; each image is a patient of its own.

    Columns: subtlety (1 extremely subtle .. 5 obvious), size_mm, age, sex, x, y (pixels, from the top left), location, diagnosis,
    and boxes: the square around a nodule of that size. Without the clinical tables labels are nodule and non-nodule.
    """
    chosen = sorted({_code(f): f for f in sorted(filter(_is_image, files), key=_rank, reverse=True)}.items())
    known, notes = _clinical(folder, files)
    columns: dict[str, Any] = {
        "file": as_column([file for _, file in chosen]),
        "patient": as_column([code for code, _ in chosen]),
    }
    for name in _NODULE:
        columns[name] = as_column([known.get(code, {}).get(name) for code, _ in chosen])
    if not any(columns["label"]):
        columns["label"] = as_column(["nodule" if code.startswith("JPCL") else "non-nodule" for code, _ in chosen])
    missing = [code for (code, _), label in zip(chosen, columns["label"], strict=True) if label is None]
    if missing:
        notes.append(
            Text(f"臨床情報にない画像が {len(missing)} 枚あります。", f"{len(missing)} images are not in the clinical tables.")
        )
    columns["boxes"] = as_objects([_box(known.get(code, {})) for code, _ in chosen])
    roles: dict[Role, str] = {"image": "file", "label": "label", "patient": "patient", "boxes": "boxes"}
    return ImageSet(columns, roles, FileLoader(str(folder), spacing_mm=_SPACING_MM), name="JSRT", notes=tuple(notes))


def _is_image(file: str) -> bool:
    name = PurePosixPath(file)
    return name.suffix.lower() in _ENDINGS and _NAME.fullmatch(name.stem) is not None


def _rank(file: str) -> int:
    """.IMG before DICOM where both are there."""
    return _ENDINGS.index(PurePosixPath(file).suffix.lower())


def _code(file: str) -> str:
    return PurePosixPath(file).stem.upper()


def _clinical(folder: Path, files: list[str]) -> tuple[dict[str, dict[str, Any]], list[Text]]:
    """What the two tables say about each image; a note when one of them cannot be read."""
    known: dict[str, dict[str, Any]] = {}
    notes = []
    for file in files:
        if os.path.basename(file).lower() not in _TABLES:
            continue
        try:
            rows = read_rows(folder / file, header=False)
        except GazoError as error:
            notes.append(error.text)
            continue
        for cells in rows.cells:
            stem = PurePosixPath(cells[0].strip()).stem.upper()
            if _NAME.fullmatch(stem):
                known[stem] = _facts(stem, [cell.strip() for cell in cells[1:]])
    return known, notes


def _facts(stem: str, cells: list[str]) -> dict[str, Any]:
    if stem.startswith("JPCN"):
        age, sex = [*cells, "", ""][:2]
        return {"age": number(age), "sex": sex or None, "label": "non-nodule"}
    facts: dict[str, Any] = dict(zip(_NODULE, cells, strict=False))
    for name in ("subtlety", "size_mm", "age", "x", "y"):
        facts[name] = number(facts.get(name, ""))
    facts["label"] = facts.get("label", "").lower() or None
    return {name: value if value != "" else None for name, value in facts.items()}


def _box(facts: dict[str, Any]) -> Any:
    """x, y, width, height in pixels, (1, 4); none for an image without nodule."""
    numbers = [facts.get(name) for name in ("x", "y", "size_mm")]
    if any(value is None for value in numbers):
        return np.zeros((0, 4))
    x, y, size = (float(value) for value in numbers if value is not None)
    side = size / _SPACING_MM
    return np.array([[x - side / 2, y - side / 2, side, side]])
