"""Results as inputs of a measurement: "run:ID/field" takes one from a finished run, a table file brings one of any other program."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.results import Curve, Table, from_json
from gazo.io.opening import content_of
from gazo.io.reader_study import read_reader_study
from gazo.io.rows import Rows, read_rows
from gazo.io.study_long import study_of_table
from gazo.runs.image_files import as_cell
from gazo.runs.start import read_result
from gazo.runs.workspace import find_run
from gazo.stats.reader_study import ReaderStudy

_FROM_RUN = "run:"
_UNIT = re.compile(r"(.*?)\s*[\[(]([^\])]*)[\])]$")
_LOW, _HIGH = re.compile(r"\b(low|lower)\b|下限", re.IGNORECASE), re.compile(r"\b(high|upper)\b|上限", re.IGNORECASE)


def result_input(word: str, kind: type, place: Path) -> Any:
    """The result that a word names.

    Parameters
    ----------
    word : "run:ID/field" ("run:ID/field/2" for one of several, "run:ID" for the whole result), or the path of a file: .csv, .xlsx
        (curves and tables), .json (a result that gazo wrote), any format of a reader study.
    kind : the class that is needed, such as Curve.
    place : the workspace of the runs.
    """
    if kind is ReaderStudy:
        return _study(word, place)
    path = Path(word).expanduser()
    if word.startswith(_FROM_RUN) or path.suffix.lower() == ".json":
        return _named(word, kind, place)
    rows = read_rows(path)
    if kind is Curve:
        return curve_of(rows)
    return _checked(table_of(rows), path.name, kind)


def _study(word: str, place: Path) -> ReaderStudy:
    """A reader study of any format, one that gazo wrote, or a long table that a run holds."""
    if word.startswith(_FROM_RUN) or word.lower().endswith(".json"):
        try:
            study: ReaderStudy = _named(word, ReaderStudy, place)
        except OptionError:
            return study_of_table(_named(word, Table, place))
        return study
    return read_reader_study(Path(word).expanduser())


def _named(word: str, kind: type, place: Path) -> Any:
    """A result of a run, or of a file that gazo wrote."""
    if word.startswith(_FROM_RUN):
        name, _, field = word.removeprefix(_FROM_RUN).partition("/")
        return _checked(_part(read_result(find_run(name, place)), field, kind), word, kind)
    path = Path(word).expanduser()
    return _checked(from_json(json.loads(content_of(path))), path.name, kind)


def _part(outcome: Any, field: str, kind: type) -> Any:
    """A field of a result, or an item of a field that holds several; without a field the only one that fits, or the result itself."""
    fitting = dict(fitting_parts(outcome, kind))
    if not field:
        return next(iter(fitting.values())) if len(fitting) == 1 and not isinstance(outcome, kind) else outcome
    if field not in fitting:
        hint = nearest(field, fitting)
        raise OptionError(
            "G-RUN-025",
            en=f"the run has no {kind.__name__} '{field}'. {hint.en}",
            ja=f"この実行結果に {kind.__name__}「{field}」はありません。{hint.ja}",
        )
    return fitting[field]


def fitting_parts(outcome: Any, kind: type) -> Iterator[tuple[str, Any]]:
    """Everything of a class that a result holds, by its name."""
    for field in dataclasses.fields(outcome) if dataclasses.is_dataclass(outcome) else ():
        value = getattr(outcome, field.name)
        if isinstance(value, kind):
            yield field.name, value
        elif isinstance(value, tuple):
            yield from ((f"{field.name}/{n}", item) for n, item in enumerate(value) if isinstance(item, kind))


def _checked(value: Any, word: str, kind: type) -> Any:
    if not isinstance(value, kind):
        came = type(value).__name__
        raise OptionError(
            "G-RUN-026",
            en=f"'{word}' is a {came}; a {kind.__name__} is needed. Name one as run:ID/field, or give a file that holds one.",
            ja=f"「{word}」は {came} です。{kind.__name__} が必要です。run:ID/項目 の形で指定するか、該当するファイルを指定してください。",
        )
    return value


def curve_of(rows: Rows) -> Curve:
    """The first two columns of numbers as x and y; columns called low and high as the band. Units stand in brackets in the headings."""
    columns = _numbers(rows)
    bands = {name for name in columns if _LOW.search(name) or _HIGH.search(name)}
    named = [name for name in columns if name not in bands]
    if len(named) < 2 or len(columns[named[0]]) < 2:
        raise DataError(
            "G-RUN-027",
            en=f"'{rows.name}' holds no curve: two columns of numbers (x and y) with two rows at least are needed; {len(named)} came. Take out other rows and columns.",
            ja=f"「{rows.name}」から曲線を読み取れません。数値の列 (x と y) が 2 つ、行が 2 つ以上必要です。数値の列: {len(named)}。ほかの行や列を除いてください。",
        )
    order = np.argsort(columns[named[0]], kind="stable")
    (x_label, x_unit), (y_label, y_unit) = (_label(name) for name in named[:2])
    low, high = (next((columns[n][order] for n in columns if mark.search(n)), None) for mark in (_LOW, _HIGH))
    return Curve(
        columns[named[0]][order],
        columns[named[1]][order],
        x_label,
        y_label,
        Text(Path(rows.name).stem, Path(rows.name).stem),
        x_unit,
        y_unit,
        low if high is not None else None,
        high if low is not None else None,
    )


def table_of(rows: Rows) -> Table:
    """Rows of a file as a table: numbers as numbers, empty cells as None."""
    headings = tuple(Text(name, name) for name in rows.headings)
    return Table(Text(rows.name, rows.name), headings, tuple(tuple(map(as_cell, row)) for row in rows.cells), rows.notes)


def _numbers(rows: Rows) -> dict[str, NDArray[np.float64]]:
    """The columns in which every cell is a number; a heading that is itself a number is the first row of a file without headings."""
    bare = all(isinstance(as_cell(name), float) for name in rows.headings)
    found = {}
    for place, name in enumerate(rows.headings):
        cells = [as_cell(row[place]) for row in (*([rows.headings] if bare else []), *rows.cells)]
        if all(isinstance(cell, float) for cell in cells):
            found[f"{'xyz'[place]}" if bare and place < 3 else name] = np.array(cells, np.float64)
    return found


def _label(heading: str) -> tuple[Text, str]:
    match = _UNIT.fullmatch(heading)
    name, unit = match.groups() if match else (heading, "")
    return Text(name, name), unit
