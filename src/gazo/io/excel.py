"""One sheet of an .xlsx workbook as text."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

from gazo.core.errors import DataError, FileError, nearest
from gazo.core.language import Text
from gazo.io.opening import decoding

WORKBOOK = Text("Excel ブック", "an Excel workbook")
_UNPACKED_LIMIT = 2 * 1024**3
_CELL_LIMIT = 5_000_000


def excel_records(content: bytes, name: str, sheet: str | int | None) -> tuple[list[tuple[int, list[str]]], int, list[Text]]:
    """Numbered records of one sheet, how many rows its headings take, and notes on what was repaired."""
    import openpyxl

    with decoding(name, WORKBOOK):
        has_formulas = _looked_into(content, name)
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    notes: list[Text] = []
    page = _sheet(book, name, sheet, notes)
    if page.max_row * page.max_column > _CELL_LIMIT:
        raise DataError(
            "G-IO-036",
            en=f"the sheet '{page.title}' spans {page.max_row} x {page.max_column} cells. "
            "Delete the empty rows and columns at its end, or save it as CSV.",
            ja=f"シート「{page.title}」は {page.max_row} 行 × {page.max_column} 列に及びます。末尾の空の行と列を削除するか、CSV で保存してください。",
        )
    with decoding(name, WORKBOOK):
        grid = [[_text(cell) for cell in row] for row in page.iter_rows()]
        merged = [(m.min_row - 1, m.max_row - 1, m.min_col - 1, m.max_col - 1) for m in page.merged_cells.ranges]
        hidden = sum(bool(page.row_dimensions[row].hidden) for row in list(page.row_dimensions))
        uncounted = _uncounted(content, page, grid) if has_formulas else 0
    _note_cells(grid, hidden, uncounted, notes)
    spans = _fill_merged(grid, merged, notes)
    return list(enumerate(grid, 1)), spans, notes


def _looked_into(content: bytes, name: str) -> bool:
    """Refuse an archive that is no workbook or unpacks beyond all measure; tell whether it holds formulas."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist() or sum(entry.file_size for entry in entries) > _UNPACKED_LIMIT:
            raise FileError(
                "G-IO-037",
                en=f"'{name}' is no .xlsx workbook of ordinary size. Save the table as .xlsx or CSV.",
                ja=f"「{name}」は通常の大きさの .xlsx ブックではありません。.xlsx または CSV で保存してください。",
            )
        sheets = [entry for entry in entries if entry.filename.startswith("xl/worksheets/")]
        return any(re.search(rb"<f[ >/]", archive.read(entry)) for entry in sheets)


def _sheet(book: Any, name: str, sheet: str | int | None, notes: list[Text]) -> Any:
    """The sheet that is asked for, by default the first that can be seen; the others are named in a note."""
    pages = book.worksheets
    shown = [page for page in pages if page.sheet_state == "visible"] or pages
    if sheet is None:
        others = [page.title for page in pages if page is not shown[0]]
        if others:
            listed = ", ".join(others)
            notes.append(
                Text(
                    f"シート「{shown[0].title}」を読みました。読んでいないシート: {listed}。",
                    f"the sheet '{shown[0].title}' was read; not read: {listed}.",
                )
            )
        return shown[0]
    for number, page in enumerate(pages, 1):
        if str(sheet) in (page.title, str(number)):
            return page
    hint = nearest(str(sheet), [page.title for page in pages])
    raise DataError(
        "G-IO-038",
        en=f"'{name}' has no sheet '{sheet}'. {hint.en}",
        ja=f"「{name}」に「{sheet}」というシートはありません。{hint.ja}",
    )


def _text(cell: Any) -> str:
    """A cell as Excel shows it when the column is wide enough."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _number(value: float, number_format: str) -> str:
    """Excel computes with 15 digits; a format of zeros only (00000) is how it shows IDs with leading zeros."""
    if float(value).is_integer():
        zeros = re.fullmatch(r"(0+)(;.*)?", number_format or "")
        return str(int(value)).zfill(len(zeros[1])) if zeros else str(int(value))
    return f"{value:.15g}"


def _uncounted(content: bytes, page: Any, grid: list[list[str]]) -> int:
    """How many formulas were stored without their result."""
    import openpyxl

    written = openpyxl.load_workbook(io.BytesIO(content), data_only=False)[page.title]
    formulas = (cell for row in written.iter_rows() for cell in row if cell.data_type == "f")
    return sum(not grid[cell.row - 1][cell.column - 1] for cell in formulas)


def _note_cells(grid: list[list[str]], hidden: int, uncounted: int, notes: list[Text]) -> None:
    cells = [cell for row in grid for cell in row]
    errors = sum(cell.startswith("#") and cell.rstrip("!?").isupper() for cell in cells)
    long = sum(len(cell) > 15 and cell.isdigit() and cell.endswith("0") for cell in cells)
    counts = (
        (errors, "#N/A などのエラーになっているセルが {} 個あります。", "{} cells hold an error such as #N/A."),
        (
            uncounted,
            "計算結果が保存されていない数式が {} 個あります。Excel で開いて保存し直してください。",
            "{} formulas were saved without their result and count as empty; open the workbook in Excel and save it again.",
        ),
        (hidden, "非表示の行が {} 行あり、これも読み込みました。", "{} hidden rows were read too."),
        (
            long,
            "16 桁以上の数値が {} 個あります。Excel は 15 桁までしか保持しないため、ID が変わっている恐れがあります。",
            "{} numbers have more than 15 digits; Excel keeps only 15, so an ID may have changed.",
        ),
    )
    notes.extend(Text(ja.format(count), en.format(count)) for count, ja, en in counts if count)


def _fill_merged(grid: list[list[str]], merged: list[tuple[int, int, int, int]], notes: list[Text]) -> int:
    """Write the text of merged cells into each of them; tell how many rows the headings take.

    A merged title over all columns stays where it is, so that it is not taken for headings.
    """
    width = max((sum(bool(cell) for cell in row) for row in grid[:50]), default=0)
    first = next((row for row, cells in enumerate(grid) if cells and 2 * sum(map(bool, cells)) > width), 0)
    first = min([top for top, bottom, *_ in merged if top <= first <= bottom < first + 3 and top < bottom], default=first)
    inside = [(top, bottom, left, right) for top, bottom, left, right in merged if top >= first]
    spans = 1
    for top, bottom, left, right in inside:
        if top == first:
            below = grid[bottom + 1][left : right + 1] if right > left and bottom + 1 < len(grid) else []
            divided = bool(below) and all(cell and not re.match(r"[\d.+-]", cell) for cell in below)
            spans = max(spans, bottom - first + 1 + divided)
        for row in range(top, bottom + 1):
            grid[row][left : right + 1] = [grid[top][left]] * (right - left + 1)
    body = sum(top >= first + spans for top, *_ in inside)
    if body:
        notes.append(
            Text(
                f"結合セル {body} か所の値を、結合されたすべてのセルに入れました。",
                f"the value of {body} merged cells was written into each cell they cover.",
            )
        )
    return spans
