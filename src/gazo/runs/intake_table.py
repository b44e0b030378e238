"""A table that came with images (or later): which row belongs to which image, and what is wrong, row by row. Cells are never quoted."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.datasets.join import join
from gazo.io.cleaning import as_objects
from gazo.io.finding import without_ending
from gazo.io.rows import Rows, is_empty, plain
from gazo.io.table import IMAGE_NAMES
from gazo.io.where import number

_BOXES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("box_x", "box_y", "box_width", "box_height"))
_NO_IMAGE = Text("対応する画像がありません。", "No image belongs to this row.")
_SEVERAL_IMAGES = Text("対応する画像が複数あり、特定できません。", "Several images fit this row.")
_EMPTY = Text("画像または患者の欄が空です。", "The cell of the image or patient is empty.")
_REPEATED = Text("同じ内容の行が重複しています。最初の行を使います。", "The row repeats another; the first one is used.")
_AGAINST = Text(
    "同じ画像・患者の行どうしで内容が食い違うため、使いません。",
    "Rows of one image or patient contradict each other; none is used.",
)
_MENDED = Text("表記のゆれを補正して対応づけました: {}。", "Fitted after a repair: {}.")


@dataclass(frozen=True)
class RowFault:
    """One row of a table (its line in the file, from 1) and what is wrong with it; `serious` when it is not used."""

    line: int
    text: Text
    serious: bool = True


@dataclass(frozen=True, eq=False)
class Fitted:
    """A table brought to images.

    Parameters
    ----------
    on : whether rows were found by file or by patient, in `column`.
    rows : for each image the rows of the table that belong to it (several only where the table holds boxes).
    boxes : the headings of x, y, width, height where the table has them.
    """

    table: Rows
    on: Literal["file", "patient"]
    column: str
    rows: tuple[tuple[int, ...], ...]
    faults: tuple[RowFault, ...]
    boxes: tuple[str, ...] = ()

    @property
    def matched(self) -> int:
        """Images that have a row."""
        return sum(bool(rows) for rows in self.rows)

    def cells(self, heading: str) -> list[str | None]:
        """A column of the table, one cell an image."""
        cells = self.table.column(heading)
        return [None if not own or is_empty(cells[own[0]]) else plain(cells[own[0]]) for own in self.rows]

    def headings(self) -> list[str]:
        """The columns other than the key and the corners of boxes."""
        return [name for name in self.table.headings if name not in (self.column, *self.boxes)]

    def drawn(self) -> Any:
        """The boxes of each image as arrays (boxes, 4)."""
        corners = [self.table.column(name) for name in self.boxes]
        found = []
        for own in self.rows:
            sides = [[number(cells[row]) for cells in corners] for row in own]
            found.append(np.array([side for side in sides if None not in side], np.float64).reshape(-1, 4))
        return as_objects(found)


@dataclass(eq=False)
class Names:
    """Files by every way to name them: whole path, last parts of it, without ending; letters in any case and width."""

    files: Sequence[str]
    known: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row, file in enumerate(self.files):
            parts = file.split("/")
            tails = {"/".join(parts[start:]) for start in range(len(parts))}
            for tail in tails | {without_ending(tail) for tail in tails}:
                self.known[_key(tail)].append(row)

    def find(self, cell: str) -> list[int]:
        """The files that a cell may mean, by the longest part of it that names any."""
        parts = cell.strip().strip("\"'").replace("\\", "/").strip("/").split("/")
        for start in range(len(parts)):
            if found := self.known.get(_key("/".join(parts[start:]))):
                return found
        return []


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def fit(table: Rows, images: ImageSet, patients: str = "") -> Fitted | None:
    """The table brought to the images by the column that names their files, else by the patients; None when neither fits any.

    Parameters
    ----------
    images : with their own file names in the image column.
    patients : the column of real patient IDs.
    """
    names = Names([str(file) for file in images.role("image")])
    column = _file_column(table, names)
    if column:
        return _by_file(table, column, names)
    return _by_patient(table, images, patients) if patients else None


def _file_column(table: Rows, names: Names) -> str:
    """The column that names files: the first with a telling name in which half of the cells do, else the one in which most do."""
    shares = {
        heading: sum(bool(names.find(cell)) for cell in table.column(heading) if cell.strip()) for heading in table.headings
    }
    enough = [name for name in table.headings if 2 * shares[name] > len(table) or 2 * shares[name] > len(names.files)]
    telling = [name for name in enough if plain(name).casefold() in IMAGE_NAMES]
    return telling[0] if telling else max(enough, key=lambda name: shares[name], default="")


def _by_file(table: Rows, column: str, names: Names) -> Fitted:
    boxes = next((found for wanted in _BOXES if (found := _all_named(table, wanted))), ())
    faults: list[RowFault] = []
    rows: list[list[int]] = [[] for _ in names.files]
    for row, cell in enumerate(table.column(column)):
        found = names.find(cell) if not is_empty(cell) else []
        if len(found) == 1:
            rows[found[0]].append(row)
        else:
            faults.append(RowFault(table.lines[row], _EMPTY if is_empty(cell) else _SEVERAL_IMAGES if found else _NO_IMAGE))
    kept = [_one_of(table, own, {column, *boxes}, bool(boxes), faults) for own in rows]
    return Fitted(table, "file", column, tuple(kept), tuple(sorted(faults, key=lambda one: one.line)), boxes)


def _all_named(table: Rows, wanted: Sequence[str]) -> tuple[str, ...]:
    by_name = {plain(heading).casefold(): heading for heading in table.headings}
    return tuple(by_name[name] for name in wanted) if all(name in by_name for name in wanted) else ()


def _one_of(table: Rows, own: list[int], keys: set[str], boxed: bool, faults: list[RowFault]) -> tuple[int, ...]:
    """The rows of one image that are used: all where they hold boxes, else the first of equal ones, none of contradicting ones."""
    places = [place for place, name in enumerate(table.headings) if name not in keys]
    contents = {tuple(table.cells[row][place].strip() for place in places) for row in own}
    if boxed or len(own) < 2:
        return tuple(own)
    if len(contents) > 1:
        faults += [RowFault(table.lines[row], _AGAINST) for row in own]
        return ()
    faults += [RowFault(table.lines[row], _REPEATED, serious=False) for row in own[1:]]
    return (own[0],)


def _by_patient(table: Rows, images: ImageSet, patients: str) -> Fitted | None:
    """By the real IDs, with the repairs of `gazo.datasets.join`."""
    asked = ImageSet(
        {"file": images.role("image"), "id": images.columns[patients]}, {"image": "file", "patient": "id"}, images.loader
    )
    for column in _id_columns(table, images.columns[patients]):
        try:
            joined = join(table, asked, on=("patient",), patient=column)
        except DataError:
            continue
        rows: list[tuple[int, ...]] = [() for _ in range(len(images))]
        for picture, row in joined.matched:
            rows[picture] = (row,)
        faults = [RowFault(table.lines[row], _NO_IMAGE) for row in joined.unmatched_rows]
        faults += [RowFault(table.lines[row], _REPEATED, serious=False) for row in joined.duplicate_rows]
        faults += [RowFault(table.lines[row], _AGAINST) for group, _ in joined.ambiguous for row in group]
        faults += [
            RowFault(one.line, Text(*(said.format(how) for said, how in zip(_MENDED, one.repairs, strict=True))), serious=False)
            for one in joined.mended
        ]
        return Fitted(table, "patient", column, tuple(rows), tuple(sorted(faults, key=lambda one: one.line)))
    return None


def _id_columns(table: Rows, ids: Any) -> list[str]:
    """The columns in the order of how many of their cells are IDs of the images as they stand; usual names first among equals."""
    known = {str(cell).strip() for cell in ids}
    hits = {name: sum(cell.strip() in known for cell in table.column(name)) for name in table.headings}
    usual = [name for name in table.headings if "id" in name.lower() or "患者" in name or "番号" in name]
    return sorted(table.headings, key=lambda name: (-hits[name], name not in usual))
