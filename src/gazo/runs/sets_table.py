"""The table of a data set: text as it was taken in, with the corrections made since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet, Role, as_column
from gazo.core.language import Text
from gazo.datasets.strata import is_missing
from gazo.io.cleaning import as_objects, boxes_by_image, numbers
from gazo.io.loader import FileLoader
from gazo.io.rows import Rows, is_empty, read_rows
from gazo.io.write_table import write_table
from gazo.runs.sets_fixes import Fix, fixed

FILE = "file"
BOXES = ("box_x", "box_y", "box_width", "box_height")  # pixels, from the top left
TABLE = "table.csv"


def write_base(columns: Mapping[str, Sequence[Any]], folder: Path) -> None:
    """Write the table of a new set. The column "boxes" holds arrays (boxes, 4) and becomes a line a box."""
    plain = {name: list(cells) for name, cells in columns.items() if name != "boxes"}
    lines = list(range(len(plain[FILE])))
    corners: list[Sequence[Any]] = []
    if "boxes" in columns:
        drawn = [list(boxes) for boxes in columns["boxes"]]
        lines = [row for row, boxes in enumerate(drawn) for _ in range(max(1, len(boxes)))]
        corners = [tuple(box) for boxes in drawn for box in (boxes or [("",) * 4])]
    headings = (*plain, *(BOXES if corners else ()))
    cells = tuple(
        (*(_text(plain[name][row]) for name in plain), *(map(_text, corners[number]) if corners else ()))
        for number, row in enumerate(lines)
    )
    write_table(Rows(TABLE, headings, cells, tuple(range(len(cells)))), folder / TABLE)


def _text(cell: Any) -> str:
    if is_missing(cell):
        return ""
    if hasattr(cell, "item"):
        cell = cell.item()
    return (
        repr(cell)
        if isinstance(cell, float) and not cell.is_integer()
        else f"{cell:.0f}"
        if isinstance(cell, float)
        else str(cell)
    )


def materialise(folder: Path, fixes: Sequence[Fix]) -> Path:
    """The table with its corrections as a file named by its content; made when it is not there."""
    base = folder / TABLE
    if not fixes:
        return base
    seen = hashlib.sha256(base.read_bytes() + repr(list(fixes)).encode()).hexdigest()[:12]
    path = folder / "tables" / f"{seen}.csv"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write_table(fixed(read_rows(base), FILE, fixes), path)
    return path


def image_set(table: Path, folder: Path, roles: Mapping[str, str], name: str) -> ImageSet:
    """The images of a table that gazo wrote: all rows, one an image, text as objects with None where a cell is empty."""
    rows = read_rows(table)
    notes: list[Text] = []
    played: dict[Role, str] = {"image": FILE}
    texts: dict[str, Any] = {heading: rows.column(heading) for heading in rows.headings}
    if "boxes" in roles:
        texts, played = boxes_by_image(texts, played, BOXES, [])
    played |= {role: column for role, column in roles.items() if role != "boxes"}  # type: ignore[misc]
    _need_columns(played, texts)
    columns: dict[str, Any] = {}
    for heading, cells in texts.items():
        if heading == played.get("value"):
            columns[heading] = numbers(cells, heading, notes)
        elif heading == "boxes" and played.get("boxes") == "boxes":
            columns[heading] = as_objects(list(cells))
        elif heading not in BOXES or "boxes" not in played:
            columns[heading] = as_column([None if isinstance(cell, str) and is_empty(cell) else cell for cell in cells])
    return ImageSet(columns, played, FileLoader(str(folder)), name=name, notes=tuple(notes))


def _need_columns(roles: Mapping[Role, str], columns: Mapping[str, Any]) -> None:
    missing = sorted(column for column in roles.values() if column not in columns)
    if missing:
        raise DataError(
            "G-SET-010",
            en=f"the table of the data set lacks the column '{missing[0]}' that was chosen. Choose another column.",
            ja=f"データセットの表に、指定された列「{missing[0]}」がありません。別の列を選んでください。",
        )
