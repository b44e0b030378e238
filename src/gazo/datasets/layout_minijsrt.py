"""miniJSRT: small teaching sets made from the JSRT database by the Japanese Society of Radiological Technology.

Directions01 (up, down, left, right), Gender01 (female, male), XPAge01 (age in years), Segmentation01 and 02 (lung masks).
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet, Role, as_column
from gazo.io.finding import without_ending
from gazo.io.loader import FileLoader
from gazo.io.rows import read_rows
from gazo.io.where import number

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm")
_DIRECTIONS = {"up", "down", "left", "right"}
_SEXES = {"female", "male"}
_CODE = re.compile(r"JPC[LN]N\d{3}", re.IGNORECASE)
_PAIR = re.compile(r"(?:^|/)(org|label)(?:_(train_s|train|test))?$", re.IGNORECASE)


def finds(files: list[str]) -> bool:
    """Folders of the four directions or of both sexes under train/test, org and label folders, or an XPAge table."""
    return _kind(files) != ""


def read(folder: Path, files: list[str]) -> ImageSet:
    """The part of miniJSRT that lies there: labels from folder names, ages as role value, masks beside their images.

    All images come from the 247 patients of JSRT, one image each: a name with JPCLNnnn or JPCNNnnn gives the patient; names
    that are mere numbers give none, and copies of one patient in several directions cannot be kept apart by name.
    """
    kind = _kind([f"{os.path.basename(os.path.abspath(folder))}/{file}" for file in files])
    made = {"class": _classes, "age": _ages, "mask": _masks}[kind](folder, files)
    codes = [_CODE.search(PurePosixPath(file).name) for file in made["file"]]
    roles: dict[Role, str] = {"image": "file"}
    roles |= {role: role for role in ("label", "value", "mask", "split") if role in made}
    if all(codes):
        made["patient"] = [code[0].upper() for code in codes if code]
        roles["patient"] = "patient"
    columns = {name: as_column(values) for name, values in made.items()}
    if "age" in columns:
        roles["value"] = "age"
    return ImageSet(columns, roles, FileLoader(str(folder)), name=f"miniJSRT {_title(files, folder)}")


def _kind(files: list[str]) -> str:
    parents = {PurePosixPath(file).parent for file in files if file.lower().endswith(_PICTURES)}
    classes = {p.name.lower() for p in parents if p.parent.name.lower() in ("train", "test")}
    if classes == _DIRECTIONS or (classes == _SEXES and any("gender" in f.lower() or _CODE.search(f) for f in files)):
        return "class"
    found = {match[1].lower() for p in parents if (match := _PAIR.search(p.as_posix()))}
    if found == {"org", "label"} and (any("segmentation" in file.lower() for file in files) or _split_pairs(parents)):
        return "mask"
    return (
        "age" if parents and any("xpage" in file.lower() or "xpage" in _stem(file) for file in files if _is_table(file)) else ""
    )


def _split_pairs(parents: set[PurePosixPath]) -> bool:
    return any(p.parent.name.lower() in ("train", "test") or p.name.lower() in ("org_train", "label_train") for p in parents)


def _is_table(file: str) -> bool:
    return file.lower().endswith(".csv")


def _stem(file: str) -> str:
    return PurePosixPath(file).stem.lower()


def _title(files: list[str], folder: Path) -> str:
    """The name of the set as its folders or tables tell it."""
    words = re.compile(r"(Directions|Gender|XPAge|Segmentation)\d\d(_RGB)?", re.IGNORECASE)
    match = next((m for text in (os.path.basename(os.path.abspath(folder)), *files) if (m := words.search(text))), None)
    return match[0] if match else "Directions"


def _classes(folder: Path, files: list[str]) -> dict[str, list[Any]]:
    chosen = [PurePosixPath(file) for file in files if file.lower().endswith(_PICTURES)]
    chosen = [p for p in chosen if p.parent.name.lower() in _DIRECTIONS | _SEXES]
    return {
        "file": [p.as_posix() for p in chosen],
        "label": [p.parent.name.lower() for p in chosen],
        "split": [p.parent.parent.name.lower() for p in chosen],
    }


def _ages(folder: Path, files: list[str]) -> dict[str, list[Any]]:
    """Images whose name stands in a table, with the number in the column beside; a table called train or test names the part."""
    paths = {without_ending(PurePosixPath(f).name).lower(): f for f in files if f.lower().endswith(_PICTURES)}
    found: dict[str, tuple[float, str | None]] = {}
    for table in filter(_is_table, files):
        part = next((part for part in ("train", "test") if part in _stem(table)), None)
        for cells in read_rows(folder / table, header=False).cells:
            keys = [without_ending(PurePosixPath(cell.strip()).name).lower() for cell in cells]
            path = next((paths[key] for key in keys if key in paths), None)
            ages = [number(cell) for key, cell in zip(keys, cells, strict=True) if key not in paths]
            if path is not None:
                found.setdefault(path, (next((age for age in ages if age is not None), np.nan), part))
    chosen = sorted(found)
    made: dict[str, list[Any]] = {"file": chosen, "age": [found[file][0] for file in chosen]}
    if any(part for _, part in found.values()):
        made["split"] = [found[file][1] for file in chosen]
    return made


def _masks(folder: Path, files: list[str]) -> dict[str, list[Any]]:
    """Images of org, org_train, org_test with the file of the same name in label, label_train, label_test."""
    made: dict[str, list[Any]] = {"file": [], "mask": [], "split": []}
    known = {without_ending(file).lower(): file for file in files}
    for file in files:
        parent, name = _folder_and_name(file)
        match = _PAIR.search(parent)
        if match and match[1].lower() == "org" and file.lower().endswith(_PICTURES):
            twin = f"{parent[: match.start(1)]}label{parent[match.end(1) :]}/{without_ending(name)}"
            part = match[2] or PurePosixPath(parent).parent.name
            made["file"].append(file)
            made["mask"].append(known.get(twin.lower()))
            made["split"].append("test" if part.lower() == "test" else "train")
    return made


def _folder_and_name(file: str) -> tuple[str, str]:
    """Folder and name of a relative path."""
    path = PurePosixPath(file)
    return path.parent.as_posix(), path.name
