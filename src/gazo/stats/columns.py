"""Columns of a table by the name in its headings: numbers, words, and rows that can be used."""

from __future__ import annotations

from typing import Any

import numpy as np

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.results import Table
from gazo.stats.inputs import Floats


def column(table: Table, name: str) -> tuple[Any, ...]:
    """The cells of the column with this heading (in either language); an empty cell is None."""
    for place, heading in enumerate(table.headings):
        if name in tuple(heading):
            return tuple(row[place] for row in table.rows)
    hint = nearest(name, [heading.en for heading in table.headings])
    raise OptionError(
        "G-STAT-030",
        en=f"the table has no column '{name}'. {hint.en}",
        ja=f"表に列「{name}」はありません。{hint.ja}",
    )


def number_column(table: Table, name: str) -> Floats:
    """A column as float64; an empty cell is NaN, a cell that is no number is refused with its row."""
    cells = column(table, name)
    for row, cell in enumerate(cells, 1):
        if cell is not None and not isinstance(cell, int | float):
            raise DataError(
                "G-STAT-031",
                en=f"column '{name}' must hold numbers; row {row} holds '{str(cell)[:40]}'. Correct the cell or choose another column.",
                ja=f"列「{name}」は数値でなければなりませんが、{row} 行目に「{str(cell)[:40]}」があります。セルを直すか、別の列を選んでください。",
            )
    return np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)


def word_column(table: Table, name: str) -> tuple[str | None, ...]:
    """A column as words: whole numbers without a point, None where a cell is empty."""
    return tuple(None if cell is None or cell != cell else _word(cell) for cell in column(table, name))


def _word(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
