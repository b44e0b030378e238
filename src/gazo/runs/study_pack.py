"""The images of a run as files that can travel: relative paths only, and of a table only what the run used.

In an archive the images of one key lie under ``data/KEY/``: a table as ``table.csv`` with its images beside it, a folder as
``images/``, a single file (.npz, one image) as ``file/NAME``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError, FileError, RunError
from gazo.core.imageset import ImageSet
from gazo.core.progress import OnEvent
from gazo.datasets.layouts import recognise
from gazo.datasets.source import open_images
from gazo.io.dicom_header import opened
from gazo.io.files import kind_of
from gazo.io.finding import Finder, walk
from gazo.io.loader import FileLoader
from gazo.io.opening import start_of
from gazo.io.rows import Rows, read_rows
from gazo.io.where import chosen
from gazo.io.write_table import write_table
from gazo.runs.recipe import Recipe
from gazo.runs.references import fingerprint
from gazo.runs.study_inputs import pack_inputs, unchanged

TABLES = (".csv", ".tsv", ".txt", ".xlsx")
_ROLES = ("image", "label", "patient", "value", "mask", "split", "date")
_OF_A_PLACE = ("folder", "cache")  # options of a source that name a place on one machine

Files = dict[str, Path | bytes]  # name inside the archive -> file here, or its bytes


def portable(recipe: Recipe) -> Recipe:
    """The recipe without the folders of the machine it was made on; images are then looked for beside their table."""
    return replace(recipe, source={name: value for name, value in recipe.source.items() if name not in _OF_A_PLACE})


def pack(path: Path, recipe: Recipe, *, on_event: OnEvent) -> Files:
    """The files behind a recipe, after it was checked that they still are what the run was made from.

    Raises
    ------
    DataError : the source is an archive or a public database, a DICOM file was not de-identified, a name no other system takes.
    RunError : the data has changed since.
    """
    table = _table_of(path, recipe.source)
    if table is not None:
        packed, images = _table(table, recipe.source)
    elif path.is_dir():
        _refuse_public(path)
        images = open_images(path, **{**recipe.source, "where": ""})
        packed = _files(images, "images/")
        images = open_images(path, **recipe.source)
    else:
        _refuse_archive(path)
        images, packed = open_images(path, **recipe.source), {f"file/{path.name}": path}
    for name, file in packed.items():
        _may_travel(name, file)
    _need_same(recipe, fingerprint(images, on_event=on_event) == recipe.data_sha256)
    return {f"data/{recipe.data_sha256[:12]}/{name}": file for name, file in packed.items()}


def packed_inputs(recipe: Recipe, place: Path) -> Files:
    """The image inputs of a measurement, after the same checks."""
    packed: Files = {**pack_inputs(recipe, place)}
    for name, file in packed.items():
        _may_travel(name, file)
    _need_same(recipe, unchanged(recipe, place))
    return packed


def _need_same(recipe: Recipe, same: bool) -> None:
    if not same:
        raise RunError(
            "G-STU-010",
            en=f"the data '{recipe.data}' has changed since the run was made, so it is not packed. Restore it, or export without --images.",
            ja=f"データ「{recipe.data}」は実行後に変わっているため、同梱しません。元に戻すか、--images なしで書き出してください。",
        )


def packed_entry(folder: Path) -> Path | None:
    """What `open_images` is to open in an unpacked ``data/KEY/``; None when there is nothing."""
    if (folder / "table.csv").is_file():
        return folder / "table.csv"
    single = sorted((folder / "file").iterdir()) if (folder / "file").is_dir() else []
    if len(single) == 1:
        return single[0]
    return folder / "images" if (folder / "images").is_dir() else None


def _table_of(path: Path, source: Mapping[str, Any]) -> Path | None:
    """The table that names the images, by the rule of `open_images`: the path itself, or the only one of a folder when columns are named."""
    if path.is_file():
        return path if path.suffix.lower() in TABLES else None
    tables = [file for file in walk(str(path)) if file.lower().endswith((".csv", ".tsv", ".xlsx"))]
    named = any(source.get(role) for role in (*_ROLES, "boxes"))
    return path / tables[0] if len(tables) == 1 and named and recognise(path) is None else None


def _table(table: Path, source: Mapping[str, Any]) -> tuple[Files, ImageSet]:
    """A table of the rows and columns that the run used, its images and masks, and the set as the new table opens it."""
    images = open_images(table, **source)
    assert isinstance(images.loader, FileLoader)
    finder = Finder(images.loader.folder)
    rows = chosen(read_rows(table, sheet=source.get("sheet")), source.get("where") or "")
    places = [images.roles[role] for role in ("image", "mask") if role in images.roles]
    used = [rows.heading(name) for name in _named(source)] + list(images.roles.values())
    slim = _slim(rows, [h for h in rows.headings if h in used], places, finder)
    with tempfile.TemporaryDirectory() as beside:
        write_table(slim, Path(beside) / "table.csv")
        content = (Path(beside) / "table.csv").read_bytes()
        again = open_images(Path(beside) / "table.csv", **{**source, "folder": finder.folder, "sheet": None})
    return {"table.csv": content, **_files(again, "")}, again


def _slim(rows: Rows, headings: list[str], places: list[str], finder: Finder) -> Rows:
    """Only some columns; cells that name a file as its path relative to the images, rows without their image left out."""
    columns = {h: rows.column(h) for h in headings}
    for heading in places:
        columns[heading] = [finder.find(cell) or "" for cell in columns[heading]]
    cells = tuple(row for row in zip(*columns.values(), strict=True) if row[headings.index(places[0])])
    return Rows(rows.name, tuple(headings), cells, tuple(range(1, len(cells) + 1)))


def _named(source: Mapping[str, Any]) -> list[str]:
    """The columns that the options of a source name: for a part, in the boxes, in the conditions."""
    boxes = (source.get("boxes") or "").split(",")
    conditions = [re.split(r"[!<>=]", part)[0] for part in (source.get("where") or "").split(",")]
    return [name.strip() for name in (*boxes, *conditions) if name.strip()]


def _files(images: ImageSet, inside: str) -> Files:
    """Images and masks of a set of files, by their path below its folder."""
    assert isinstance(images.loader, FileLoader)
    columns = [images.columns[images.roles[role]] for role in ("image", "mask") if role in images.roles]
    return {f"{inside}{file}": Path(images.loader.folder) / file for column in columns for file in column if file is not None}


def _may_travel(name: str, file: Path | bytes) -> None:
    """Refuse names that other systems or the unpacker do not take, and DICOM files that still tell whose they are."""
    if re.search(r'[\\:*?"<>|\x00-\x1f]', name) or ".." in name.split("/"):
        raise DataError(
            "G-STU-011",
            en=f"'{name}' has a name that cannot be packed. Take \\ : * ? \" < > | out of file names, and make the run again.",
            ja=f'「{name}」はこの名前のままでは同梱できません。ファイル名から \\ : * ? " < > | を除き、実行し直してください。',
        )
    if isinstance(file, bytes) or kind_of(start_of(file), file.name) != "dicom":
        return
    removed = opened(str(file), file.name, pixels=False, only=("PatientIdentityRemoved",)).get("PatientIdentityRemoved")
    if str(removed or "").strip() != "YES":
        raise DataError(
            "G-STU-012",
            en=f"'{name}' is a DICOM file that is not marked as de-identified, so it is not packed. Make the run from copies made with "
            "`gazo data import`, or export without --images.",
            ja=f"「{name}」は匿名化済みと記録されていない DICOM のため、同梱しません。`gazo data import` で作った匿名化済みの画像から"
            "実行し直すか、--images なしで書き出してください。",
        )


def _refuse_public(path: Path) -> None:
    layout = recognise(path)
    if layout is not None:
        raise DataError(
            "G-STU-013",
            en=f"the data is the public set {layout.name.en}, which is not packed because its licence may forbid it. "
            "Export without --images; the receiver gets the set from its source and imports with --data.",
            ja=f"データは公開データベース ({layout.name.ja}) です。再配布できないことがあるため、同梱しません。"
            "--images なしで書き出し、受け取る人が配布元から入手して --data で指定してください。",
        )


def _refuse_archive(path: Path) -> None:
    if path.suffix.lower() == ".zip":
        raise FileError(
            "G-STU-014",
            en="the data of a run is a ZIP, which may hold more than its images, so it is not packed. Unpack it and make the run from the folder, "
            "or export without --images.",
            ja="実行のデータが ZIP です。画像以外のものを含む可能性があるため、同梱しません。展開したフォルダから実行し直すか、"
            "--images なしで書き出してください。",
        )
