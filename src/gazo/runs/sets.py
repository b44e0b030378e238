"""The data sets of a workspace: images, a table of what is known about them, and which column plays which part.

A set is the folder ``data/sets/ID`` (8 hex digits): ``set.json``, ``table.csv`` as it was taken in, ``fixes.json`` with what a person corrected
since, ``tables/`` with every version that a run may have used, and ``files/`` with its own copies of the images. A set that uses a local folder in place
has no copies; its path stands in ``set.json`` only. Images are named by their row (from 0), in addresses as ``set:ID:ROW``.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from gazo.core.errors import DataError, FileError, OptionError, nearest
from gazo.core.files import storage_error, write_json
from gazo.core.imageset import ImageSet, Role
from gazo.core.language import Text
from gazo.io.rows import read_rows
from gazo.runs.sets_fixes import Fix, checked_fix, read_fixes, with_fixes, without_last, write_fixes
from gazo.runs.sets_table import BOXES, FILE, image_set, materialise

FORMAT = 1
Origin = Literal["upload", "local", "sample", "cohort"]
_ID = re.compile(r"[0-9a-f]{8}")
_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What ``set.json`` holds.

    Parameters
    ----------
    name, remark : given by the user.
    origin : copies of an upload, a local folder used in place, simulated, or a cohort chosen from another set.
    folder : of the images; relative to the set's own folder, or absolute for a local folder.
    rows : number of images.
    roles : which column of the table plays which part; "boxes" is either absent or names all four columns.
    simulated : no patient stands behind these images.
    said : what had to be told when the images were taken in.
    parent : id of the set a cohort was chosen from; `exclusions` is then the way from it to this set.
    """

    id: str
    name: str
    created: str
    origin: Origin
    folder: str
    rows: int
    roles: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""
    said: tuple[Text, ...] = ()
    parent: str = ""
    exclusions: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    format: int = FORMAT


def list_sets(place: Path) -> list[DataSet]:
    """All sets of a workspace, the newest first; a folder that holds no readable set is passed over."""
    home = place / "data" / "sets"
    ids = [folder.name for folder in home.iterdir() if _ID.fullmatch(folder.name)] if home.is_dir() else []
    found = [stored for one in ids if (stored := _read(home / one)) is not None]
    return sorted(found, key=lambda one: (one.created, one.id), reverse=True)


def find_set(id: str, place: Path) -> DataSet:
    """The set of that id; an error names the nearest."""
    stored = _read(folder_of(id, place)) if _ID.fullmatch(id) else None
    if stored is None:
        hint = nearest(id, [one.id for one in list_sets(place)])
        raise FileError(
            "G-SET-001",
            en=f"there is no data set '{id}' in this workspace. {hint.en}",
            ja=f"この作業フォルダにデータセット「{id}」はありません。{hint.ja}",
        )
    return stored


def folder_of(id: str, place: Path) -> Path:
    """Where a set lies; the id has to be one that was checked."""
    return place / "data" / "sets" / id


def files_of(found: DataSet, place: Path) -> Path:
    """The folder of its images."""
    return folder_of(found.id, place) / found.folder


def images_of(id: str, place: Path) -> ImageSet:
    """All images of a set with their columns, those without label too; row numbers are those of addresses."""
    found = find_set(id, place)
    table = table_of(found, place)
    return _opened(str(table), str(files_of(found, place)), tuple(sorted(found.roles.items())), found.name)


def source_of(id: str, place: Path) -> tuple[Path, dict[str, Any]]:
    """Path and options with which `open_images` and `make_run` open a set."""
    found = find_set(id, place)
    return table_of(found, place), {"image": FILE, "folder": str(files_of(found, place)), **found.roles}


def table_of(found: DataSet, place: Path) -> Path:
    """The table of a set as it is now. Corrections make another file, so that what a run used stays as it was."""
    folder = folder_of(found.id, place)
    return materialise(folder, read_fixes(folder))


def path_of(id: str, row: int, place: Path) -> Path:
    """The file of one image."""
    images = images_of(id, place)
    if not 0 <= row < len(images):
        raise DataError(
            "G-SET-002",
            en=f"the data set has {len(images)} images, numbered from 0; there is no number {row}.",
            ja=f"このデータセットの画像は {len(images)} 枚 (0 から数えます) で、番号 {row} の画像はありません。",
        )
    return files_of(find_set(id, place), place) / str(images.role("image")[row])


def rows_of(images: ImageSet, id: str, place: Path) -> list[int]:
    """For each image of a set that was opened with `source_of` (which leaves unlabelled rows out) its row in the set."""
    number = {str(file): row for row, file in enumerate(images_of(id, place).role("image"))}
    return [number[str(file)] for file in images.role("image")]


def set_of(path: Path, place: Path) -> str:
    """The id of the set whose table or folder a path is; empty when it belongs to none."""
    try:
        inside = Path(path).absolute().relative_to((place / "data" / "sets").absolute())
    except ValueError:
        return ""
    return inside.parts[0] if inside.parts and _ID.fullmatch(inside.parts[0]) else ""


def new_set_folder(place: Path) -> tuple[str, Path]:
    """An id nobody has and an empty folder beside the sets, where a new one is made; `keep` puts it into place."""
    home = place / "data" / "sets"
    try:
        home.mkdir(parents=True, exist_ok=True)
        for left in (*home.glob(".making-*"), *home.glob(".deleted-*")):  # by a process that was killed
            if time.time() - left.stat().st_mtime > _DAY_S:
                shutil.rmtree(left, ignore_errors=True)
        while True:
            id = secrets.token_hex(4)
            if not (home / id).exists():
                making = home / f".making-{id}"
                making.mkdir()
                return id, making
    except OSError as error:
        raise storage_error(error, home) from None


def keep(found: DataSet, making: Path, place: Path) -> DataSet:
    """Write the record of a set that was made whole in `making`, and let it appear."""
    write_set(found, making)
    try:
        os.replace(making, folder_of(found.id, place))
    except OSError as error:
        raise storage_error(error, folder_of(found.id, place)) from None
    return found


def write_set(found: DataSet, folder: Path) -> None:
    """Write ``set.json`` into a folder."""
    write_json(folder / "set.json", asdict(found))


def now() -> str:
    """This moment as sets write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S")


def rename_set(id: str, place: Path, *, name: str | None = None, remark: str | None = None) -> DataSet:
    """Give a set another name or remark."""
    found = find_set(id, place)
    if name is not None:
        found = replace(found, name=checked_name(name))
    if remark is not None:
        found = replace(found, remark=remark[:10_000])
    write_set(found, folder_of(id, place))
    return found


def checked_name(name: str) -> str:
    """A name without outer blanks and control characters; an empty or endless one is refused."""
    tidy = re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip()
    if not 1 <= len(tidy) <= 100:
        raise OptionError(
            "G-SET-003",
            en=f"the name of a data set has 1 to 100 letters; {len(tidy)} came. Type a shorter one.",
            ja=f"データセットの名前は 1～100 文字です ({len(tidy)} 文字でした)。入力し直してください。",
        )
    return tidy


def set_roles(id: str, roles: Mapping[str, str | None], place: Path) -> DataSet:
    """Let columns play parts; None takes a part away."""
    found = find_set(id, place)
    columns = images_of(id, place).columns
    wanted = {**found.roles}
    for role, column in roles.items():
        _check_role(role, column, list(columns))
        wanted.pop(role, None)
        if column is not None:
            wanted[role] = column
    found = replace(found, roles=wanted)
    _opened(str(table_of(found, place)), str(files_of(found, place)), tuple(sorted(wanted.items())), found.name)
    write_set(found, folder_of(id, place))
    return found


def _check_role(role: str, column: str | None, columns: list[str]) -> None:
    known = [one for one in get_args(Role) if one not in ("image", "boxes")]
    if role not in known:
        hint = nearest(role, known)
        raise OptionError(
            "G-SET-004",
            en=f"'{role}' is no part that a column can be given. {hint.en}",
            ja=f"「{role}」は列に指定できる役割ではありません。{hint.ja}",
        )
    if column is not None and (column not in columns or column in (FILE, *BOXES)):
        hint = nearest(column, [one for one in columns if one not in (FILE, *BOXES)])
        raise DataError(
            "G-SET-005",
            en=f"this data set has no column '{column}' to choose. {hint.en}",
            ja=f"このデータセットに、選べる列「{column}」はありません。{hint.ja}",
        )


def fix_cells(id: str, fixes: Sequence[Fix], place: Path) -> DataSet:
    """Correct cells, or rename a class, as one step."""
    found, images = find_set(id, place), images_of(id, place)
    checked = [checked_fix(fix, list(images.columns), (FILE, *BOXES, "boxes", "box_labels"), len(images)) for fix in fixes]
    folder = folder_of(id, place)
    write_fixes(with_fixes(read_fixes(folder), checked), folder)
    return found


def new_columns(id: str, columns: Mapping[str, Sequence[str | None]], place: Path) -> None:
    """Give a set more columns, one cell an image, as one step that can be taken back; those of the same name are replaced."""
    images, folder = images_of(id, place), folder_of(id, place)
    fixes: list[Fix] = []
    for name, cells in columns.items():
        column = checked_name(name)
        if column in (FILE, *BOXES, "boxes", "box_labels") or len(cells) != len(images):
            raise DataError(
                "G-SET-006",
                en=f"a new column needs a name of its own and a cell for each of {len(images)} images; '{column}' with {len(cells)} came.",
                ja=f"新しい列には固有の名前と、{len(images)} 枚の画像それぞれのセルが必要です。受け取ったもの: 「{column}」、{len(cells)} 個。",
            )
        rows: dict[str, list[int]] = {}
        for row, cell in enumerate(cells):
            rows.setdefault(cell or "", []).append(row)
        fixes += [Fix(column, value, tuple(own)) for value, own in rows.items()]
    write_fixes(with_fixes(read_fixes(folder), fixes), folder)


def undo_fix(id: str, place: Path) -> DataSet:
    """Take back what was corrected last. Parts played by a column that goes with it are taken away."""
    found, folder = find_set(id, place), folder_of(id, place)
    fixes = read_fixes(folder)
    if not fixes:
        return found
    write_fixes(without_last(fixes), folder)
    there = read_rows(table_of(found, place)).headings
    roles = {role: column for role, column in found.roles.items() if role == "boxes" or column in there}
    write_set(replace(found, roles=roles), folder)
    return find_set(id, place)


def delete_set(id: str, place: Path) -> None:
    """Remove a set, its copies and its key table. Local folders and runs stay."""
    find_set(id, place)
    folder = folder_of(id, place)
    gone = folder.with_name(f".deleted-{id}")
    try:
        os.replace(folder, gone)
    except OSError as error:
        raise storage_error(error, folder) from None
    shutil.rmtree(gone, ignore_errors=True)
    key_file(id, place).unlink(missing_ok=True)


def key_file(id: str, place: Path) -> Path:
    """The table that leads from the rows of a set back to original names. It leaves the workspace in no way."""
    return place / "data" / "keys" / f"{id}.csv"


@lru_cache(16)
def _opened(table: str, folder: str, roles: tuple[tuple[str, str], ...], name: str) -> ImageSet:
    return image_set(Path(table), Path(folder), dict(roles), name)


def _read(folder: Path) -> DataSet | None:
    """The record in a folder; None when there is none or it is of a later gazo."""
    try:
        stored = json.loads((folder / "set.json").read_text(encoding="utf-8"))
        known = {name: stored[name] for name in DataSet.__dataclass_fields__ if name in stored}
        said = tuple(Text(*text) for text in known.get("said", ()))
        return DataSet(**{**known, "said": said}) if known.get("format") == FORMAT else None
    except (OSError, ValueError, TypeError):
        return None
