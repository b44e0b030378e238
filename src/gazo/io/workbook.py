"""Several tables as one Excel workbook, a sheet each, with a chart beside what is a curve."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.files import replacing
from gazo.core.results import Table
from gazo.io.write_table import fill_sheet

_LONGEST = 31  # characters Excel allows in the name of a sheet
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    chart : the first two columns are drawn as a curve.
    computed : heading and formula of one more column; "{row}" in it stands for the number of the row.
    """

    name: str
    table: Table
    chart: bool = False
    computed: tuple[str, str] | None = None


def write_workbook(sheets: Sequence[Sheet], path: Path | str) -> None:
    """Write an .xlsx workbook; names of sheets are shortened and numbered where Excel asks for it."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    names: set[str] = set()
    for sheet in sheets:
        name = _free_name(sheet.name, names)
        names.add(name.casefold())
        page = book.create_sheet(name)
        heading, formula = sheet.computed or ("", "")
        headings = [*map(str, sheet.table.headings), *([heading] if heading else [])]
        fill_sheet(page, headings, sheet.table.rows, formula=formula)
        if sheet.chart and len(sheet.table.rows) > 1:
            page.add_chart(_chart(page, sheet.table), f"{chr(ord('A') + len(sheet.table.headings) + 1)}2")
    buffer = io.BytesIO()
    book.save(buffer)
    with replacing(path) as file:
        file.write(buffer.getvalue())


def _free_name(name: str, taken: set[str]) -> str:
    plain = _FORBIDDEN.sub(" ", name).strip("' ")[:_LONGEST] or "table"
    number = 2
    free = plain
    while free.casefold() in taken:
        free = f"{plain[: _LONGEST - 3]}-{number}"
        number += 1
    return free


def _chart(page: Any, table: Table) -> Any:
    """Every further column over the first one, as lines without marks."""
    from openpyxl.chart import Reference, ScatterChart, Series

    chart = ScatterChart()
    chart.style, chart.scatterStyle = 13, "lineMarker"
    chart.x_axis.title, chart.y_axis.title = str(table.headings[0]), str(table.headings[1])
    chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl hides the axes otherwise
    last = len(table.rows) + 1
    xs = Reference(page, min_col=1, min_row=2, max_row=last)
    for column in range(2, len(table.headings) + 1):
        series = Series(Reference(page, min_col=column, min_row=2, max_row=last), xs, title=str(table.headings[column - 1]))
        series.marker.symbol = "none"
        series.smooth = False
        chart.series.append(series)
    return chart
