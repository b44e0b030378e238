"""Corrections that a person made in the table of a data set. They lie beside it, in order, and can be taken back; the table itself stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gazo.core.errors import DataError
from gazo.core.files import write_json
from gazo.io.rows import Rows, is_empty


@dataclass(frozen=True)
class Fix:
    """One correction.

    Parameters
    ----------
    column : in which.
    to : the new text; empty leaves the cell empty.
    rows : numbers of images (from 0). Without them every cell that holds `old` is meant: a class gets another name.
    old : see `rows`.
    step : corrections made together have one number, and are taken back together.
    """

    column: str
    to: str
    rows: tuple[int, ...] = ()
    old: str = ""
    step: int = 0


def read_fixes(folder: Path) -> tuple[Fix, ...]:
    """The corrections of a set, in the order they were made."""
    try:
        stored = json.loads((folder / "fixes.json").read_text(encoding="utf-8"))
    except OSError:
        return ()
    return tuple(Fix(one["column"], one["to"], tuple(one["rows"]), one["old"], one["step"]) for one in stored)


def write_fixes(fixes: Sequence[Fix], folder: Path) -> None:
    """Keep the corrections of a set."""
    write_json(folder / "fixes.json", [asdict(fix) for fix in fixes])


def with_fixes(fixes: Sequence[Fix], more: Sequence[Fix]) -> tuple[Fix, ...]:
    """The corrections with some more that were made together."""
    step = fixes[-1].step + 1 if fixes else 1
    return (*fixes, *(replace(fix, step=step) for fix in more))


def without_last(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """The corrections without those that were made last."""
    return tuple(fix for fix in fixes if fix.step != fixes[-1].step)


def steps_of(fixes: Sequence[Fix]) -> int:
    """How many times something was corrected."""
    return len({fix.step for fix in fixes})


def fixed(table: Rows, key: str, fixes: Sequence[Fix]) -> Rows:
    """The table with the corrections, one after the other. A column that is not there yet is made.

    Parameters
    ----------
    key : the column whose cells tell the images apart; lines that share it are one image (one line a box).
    """
    number: dict[str, int] = {}
    image_of = [number.setdefault(file, len(number)) for file in table.column(key)]
    headings = list(table.headings)
    cells = [list(row) for row in table.cells]
    for fix in fixes:
        if fix.column not in headings:
            headings.append(fix.column)
            for row in cells:
                row.append("")
        place = headings.index(fix.column)
        chosen = set(fix.rows)
        for image, row in zip(image_of, cells, strict=True):
            if image in chosen if fix.rows else _same(row[place], fix.old):
                row[place] = fix.to
    return replace(table, headings=tuple(headings), cells=tuple(map(tuple, cells)))


def checked_fix(fix: Fix, columns: Sequence[str], kept: Sequence[str], rows: int) -> Fix:
    """A correction that can be made: a column that may change, rows that exist, text of one line."""
    if fix.column not in columns or fix.column in kept:
        raise DataError(
            "G-SET-020",
            en=f"the column '{fix.column}' cannot be corrected here. Choose a column of the table other than files and boxes.",
            ja=f"列「{fix.column}」はここでは修正できません。ファイルと矩形以外の、表にある列を選んでください。",
        )
    wrong = [row for row in fix.rows if not 0 <= row < rows]
    if wrong:
        raise DataError(
            "G-SET-021",
            en=f"there are {rows} images, numbered from 0; {wrong[0]} came. Choose among the images shown.",
            ja=f"画像は {rows} 枚 (0 から数えます) ですが、{wrong[0]} 番が指定されました。表示されている画像から選んでください。",
        )
    if len(fix.to) > 200 or any(ord(letter) < 32 for letter in fix.to):
        raise DataError(
            "G-SET-022",
            en="a cell takes one line of up to 200 letters. Shorten the text.",
            ja="セルに入力できるのは 1 行、200 文字までです。短くしてください。",
        )
    return replace(fix, to=fix.to.strip())


def _same(cell: str, old: str) -> bool:
    return cell.strip() == old.strip() or (is_empty(cell) and is_empty(old))
