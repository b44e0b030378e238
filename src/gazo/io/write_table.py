"""Tables that open well in Excel, in Japanese, and cannot run formulas."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.io.rows import Rows

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@feature("表の書き出し", "Write a table", booklet="B1")
def write_table(table: Rows | Table, path: Path | str) -> None:
    """Write rows as .csv (UTF-8 with BOM, so that Excel shows Japanese) or .xlsx (text as text, so that 00123 stays).

    Text that begins with = + - @ or a tab and is no number is kept from being run as a formula: with an apostrophe before it in CSV, which
    `read_rows` takes off again, as marked text in Excel.

    Raises
    ------
    FileError : another ending. StorageError : no space or no right to write.
    """
    headings = [str(heading) for heading in table.headings]
    rows: Sequence[Sequence[Any]] = table.cells if isinstance(table, Rows) else table.rows
    name = os.path.basename(path).lower()
    if name.endswith(".csv"):
        content = _csv_bytes(headings, rows)
    elif name.endswith(".xlsx"):
        content = _excel_bytes(headings, rows)
    else:
        raise FileError(
            "G-IO-035",
            en=f"a table is written as .csv or .xlsx; '{os.path.basename(path)}' came. Change the ending.",
            ja=f"表は .csv か .xlsx で書き出します。「{os.path.basename(path)}」の拡張子を変えてください。",
        )
    with replacing(path) as file:
        file.write(content)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula; -5 and +1e3 are numbers."""
    return text.startswith(_FORMULA_STARTS) and _NUMBER.fullmatch(text) is None


def _csv_bytes(headings: list[str], rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for row in (headings, *rows):
        writer.writerow(["'" + cell if isinstance(cell, str) and is_formula(cell) else _plain(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _plain(cell: Any) -> Any:
    if isinstance(cell, tuple):  # a text in both languages
        return str(cell)
    return "" if cell is None else cell


def _excel_bytes(headings: list[str], rows: Sequence[Sequence[Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    fill_sheet(book.create_sheet("table"), headings, rows)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def fill_sheet(page: Any, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, formula: str = "") -> None:
    """Write headings and rows into an empty sheet of a write-only workbook; text stays text. `formula` (ours) ends each row, "{row}" filled in."""
    from openpyxl.cell import WriteOnlyCell

    page.freeze_panes = "A2"

    def cell_of(value: Any) -> Any:
        value = _plain(value)
        if not isinstance(value, str):
            return value.item() if hasattr(value, "item") else value
        cell = WriteOnlyCell(page, _CONTROL.sub("", value))
        cell.data_type = "s"  # openpyxl would make a formula of "=..."
        cell.number_format = "@"
        cell.quotePrefix = is_formula(value)
        return cell

    page.append([cell_of(heading) for heading in headings])
    for number, row in enumerate(rows, 2):
        page.append([*map(cell_of, row), *([formula.format(row=number)] if formula else [])])
