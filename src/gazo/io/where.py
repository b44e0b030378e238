"""Choose rows of a table: `view=PA, age>=18`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.io.rows import Rows, plain

_ORDER: dict[str, Callable[[float, float], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def chosen(rows: Rows, where: str) -> Rows:
    """The rows that fulfil all conditions of `where`, divided by commas: column = != < <= > >= value.

    = and != compare text (width of letters and outer blanks do not count); the others compare numbers, and a cell that is no
    number fulfils none of them.

    Raises
    ------
    DataError : a condition that cannot be understood, an unknown column, or no row left.
    """
    kept = list(range(len(rows)))
    for condition in filter(None, (part.strip() for part in where.split(","))):
        kept = _fulfil(rows, kept, condition)
    if len(kept) == len(rows):
        return rows
    note = Text(
        f"条件「{where}」に合う {len(kept)} 行を使います ({len(rows)} 行中)。",
        f"{len(kept)} of {len(rows)} rows fulfil '{where}' and are used.",
    )
    if not kept:
        raise DataError(
            "G-IO-039",
            en=f"no row of '{rows.name}' fulfils '{where}'. Check the spelling of the values.",
            ja=f"「{rows.name}」に条件「{where}」を満たす行はありません。値の綴りを確かめてください。",
        )
    return rows.take(kept, note)


def _fulfil(rows: Rows, kept: list[int], condition: str) -> list[int]:
    match = re.fullmatch(r"(.+?)(!=|<=|>=|=|<|>)(.*)", condition)
    if match is None:
        raise DataError(
            "G-IO-040",
            en=f"'{condition}' is no condition. Write column=value, column!=value, column<number ..., divided by commas.",
            ja=f"「{condition}」は条件として解釈できません。列=値、列!=値、列<数 のように書き、カンマで区切ってください。",
        )
    name, sign, wanted = (part.strip() for part in match.groups())
    cells = rows.column(name)
    if sign in ("=", "!="):
        return [row for row in kept if (plain(cells[row]) == plain(wanted)) == (sign == "=")]
    limit = number(wanted)
    if limit is None:
        raise DataError(
            "G-IO-041",
            en=f"'{condition}' compares with '{wanted}', which is no number. Use = or != for text.",
            ja=f"「{condition}」の「{wanted}」は数ではありません。文字の比較には = か != を使ってください。",
        )
    values = {row: number(cells[row]) for row in kept}
    return [row for row, value in values.items() if value is not None and _ORDER[sign](value, limit)]


def number(text: str) -> float | None:
    """A cell as a number, full-width digits too; None when it is none."""
    try:
        value = float(plain(text))
    except ValueError:
        return None
    return value if value == value else None
