"""Tables as files and for the clipboard: CSV, Excel, and text with tabs that a spreadsheet takes when it is pasted."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from gazo.core.language import Language, speaking
from gazo.core.results import Curve, Measurement, Surface, Table
from gazo.io.workbook import Sheet, write_workbook
from gazo.io.write_table import is_formula, write_table
from gazo.runs.measurement_sections import sheets
from gazo.runs.sections import sections

TableKind = Literal["csv", "xlsx", "tsv"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "tsv": "text/tab-separated-values; charset=utf-8",
}


def table_file(table: Table, kind: TableKind, *, language: Language | None = None) -> bytes:
    """The content of a table's file: CSV in UTF-8 with BOM, Excel, or text with tabs; numbers with every digit."""
    with speaking(language):
        if kind == "tsv":
            return _tabbed(table).encode()
        return _written(lambda path: write_table(table, path), kind)


def workbook_file(outcome: Any, *, language: Language | None = None) -> bytes:
    """Every table of a result in one Excel workbook."""
    with speaking(language):
        pages = pages_of(outcome)
        return _written(lambda path: write_workbook(pages, path), "xlsx")


def pages_of(outcome: Any) -> list[Sheet]:
    """Every table of a result, each with its name."""
    if isinstance(outcome, Measurement | Curve | Surface):
        return sheets(outcome)
    return [Sheet(str(table.title) or part.key, table) for part in sections(outcome) for table in part.tables]


def _written(write: Any, ending: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{ending}"
        write(path)
        return path.read_bytes()


def _tabbed(table: Table) -> str:
    return "".join("\t".join(map(_cell, row)) + "\r\n" for row in (table.headings, *table.rows))


def _cell(value: Any) -> str:
    """A cell without tabs and line ends; text that a spreadsheet would run as a formula is kept from it."""
    if value is None or value != value:
        return ""
    text = " ".join(str(value).split())
    return f"'{text}" if not isinstance(value, int | float) and is_formula(text) else text
