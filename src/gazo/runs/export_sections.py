"""What a result says, as plain values in both languages: the same sections, tables and numbers as the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.language import Text, speaking
from gazo.core.results import Curve, Estimate, Table
from gazo.runs.measurement_sections import named_estimates
from gazo.runs.report import ROWS_SHOWN, cell
from gazo.runs.section import Picture, Section
from gazo.runs.sections import interval, sections
from gazo.runs.words import method_in_words
from gazo.stats.auc import RocCurve
from gazo.stats.confusion import Confusion

Plain = dict[str, Any]
_PREDICTIONS = ("row", "patient", "truth", "predicted")


def plain_result(outcome: Any) -> Plain:
    """Estimates and sections of a result."""
    estimates = {name: plain_estimate(one) for name, one in named_estimates(outcome).items()}
    return {"kind": getattr(outcome, "kind", ""), "estimates": estimates, "sections": plain_sections(sections(outcome))}


def plain_sections(parts: Sequence[Section]) -> list[Plain]:
    """Sections with every text in both languages; of a long table the beginning only, as on the page."""
    return [
        {
            "key": part.key,
            "title": both(part.title),
            "sentences": [both(text) for text in part.sentences],
            "warnings": [both(text) for text in part.warnings],
            "tables": [plain_table(table, most=None if part.whole_table else ROWS_SHOWN) for table in part.tables],
            "pictures": [plain_picture(picture) for picture in part.pictures],
        }
        for part in parts
    ]


def plain_table(table: Table, *, start: int = 0, most: int | None = None) -> Plain:
    """A table, or `most` of its rows from `start` on; `total` counts them all, `classes` names those of predictions for images (none where images have no class)."""
    rows = table.rows[start:] if most is None else table.rows[start : start + most]
    return {
        "title": both(table.title),
        "headings": [both(heading) for heading in table.headings],
        "rows": [[plain_cell(value) for value in row] for row in rows],
        "notes": [both(note) for note in table.notes],
        "start": start,
        "total": len(table.rows),
        "classes": classes_of(table) if is_judged(table) else [] if is_by_image(table) else None,
    }


def plain_cell(value: Any) -> Any:
    """A cell: text, a whole number, yes or no as they are; a number with decimals as [number, how the report prints it]."""
    if isinstance(value, Text):
        return both(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return [value if math.isfinite(value) else None, cell(value)]
    return value if value is None or isinstance(value, bool | int) else str(value)


def plain_estimate(one: Estimate) -> Plain:
    """A number with its interval: the exact values, and as text."""
    return {
        "name": both(one.name),
        "value": _finite(one.value),
        "low": _finite(one.low),
        "high": _finite(one.high),
        "level": one.level,
        "unit": one.unit,
        "method": both(method_in_words(one.method)),
        "text": _spoken(lambda: interval(one)),
    }


def plain_picture(picture: Picture) -> Plain:
    """What a figure is called and shows; with the numbers of a confusion matrix or of ROC curves, which a page lets the user explore."""
    return {
        "name": picture.name,
        "caption": both(picture.caption),
        "width_mm": picture.width_mm,
        "numbers": _numbers(picture.drawn),
    }


def both(text: Any) -> dict[str, str]:
    """A text in both languages."""
    ja, en = text if isinstance(text, Text) else (str(text), str(text))
    return {"ja": ja, "en": en}


def table_named(outcome: Any, section: str, number: int) -> Table:
    """A table of a result by the key of its section and its place there."""
    for part in sections(outcome):
        if part.key == section and 0 <= number < len(part.tables):
            return part.tables[number]
    raise OptionError(
        "G-EXP-001",
        en=f"the result has no table '{section}/{number}'. Choose one of: {', '.join(_tables(outcome))}.",
        ja=f"この結果に表「{section}/{number}」はありません。次から選んでください: {', '.join(_tables(outcome))}。",
    )


def picture_named(outcome: Any, name: str) -> Picture:
    """A picture of a result by its name."""
    pictures = {picture.name: picture for part in sections(outcome) for picture in part.pictures}
    if name not in pictures:
        raise OptionError(
            "G-EXP-002",
            en=f"the result has no figure '{name}'. Choose one of: {', '.join(pictures)}.",
            ja=f"この結果に図「{name}」はありません。次から選んでください: {', '.join(pictures)}。",
        )
    return pictures[name]


def is_judged(table: Table) -> bool:
    """Whether each row of a table is an image with its truth and what was said of it."""
    return tuple(heading.en for heading in table.headings[:4]) == _PREDICTIONS


def is_by_image(table: Table) -> bool:
    """Whether each row of a table speaks of one image, named by its row in the data, and its patient."""
    return tuple(heading.en for heading in table.headings[:2]) == _PREDICTIONS[:2]


def ordered(table: Table, *, by: int | None = None, falling: bool = False, worst: bool = False) -> Table:
    """The rows sorted by a column (empty cells last), or with the surest wrong decisions first."""
    if worst and is_judged(table):
        return _with_rows(table, sorted(table.rows, key=lambda row: (row[2] == row[3], _of_truth(table, row))))
    if by is None or not 0 <= by < len(table.headings):
        return table
    there = [row for row in table.rows if not _empty(row[by])]
    there.sort(key=lambda row: _rank(row[by]), reverse=falling)
    return _with_rows(table, [*there, *(row for row in table.rows if _empty(row[by]))])


def matching(table: Table, wanted: Mapping[int, str]) -> Table:
    """The rows whose cells in some columns read as wanted."""
    return _with_rows(table, [row for row in table.rows if all(str(row[column]) == text for column, text in wanted.items())])


def _with_rows(table: Table, rows: Sequence[tuple[Any, ...]]) -> Table:
    return Table(table.title, table.headings, tuple(rows), table.notes)


def _of_truth(table: Table, row: tuple[Any, ...]) -> float:
    """The probability that was given to the true class of a row."""
    return float(row[4 + classes_of(table).index(str(row[2]))])


def classes_of(table: Table) -> list[str]:
    """The classes of a table of predictions, in the order of their columns."""
    return [heading.en.removeprefix("probability ") for heading in table.headings[4:]]


def _empty(value: Any) -> bool:
    return value is None or value != value


def _rank(value: Any) -> tuple[bool, Any]:
    """Numbers before texts, so that a mixed column can be sorted."""
    number = isinstance(value, int | float | np.generic)
    return (not number, value if number else str(value))


def _tables(outcome: Any) -> list[str]:
    return [f"{part.key}/{number}" for part in sections(outcome) for number in range(len(part.tables))]


def _numbers(drawn: Any) -> Plain | None:
    if isinstance(drawn, Confusion):
        percent = [[_finite(value) for value in row] for row in drawn.row_percent.tolist()]
        return {"type": "confusion", "classes": list(drawn.classes), "counts": drawn.counts.tolist(), "percent": percent}
    curves = drawn if isinstance(drawn, tuple) else (drawn,)
    if curves and all(isinstance(one, RocCurve) for one in curves):
        return {"type": "roc", "curves": [_roc(one) for one in curves]}
    if curves and all(isinstance(one, Curve) for one in curves):
        return {"type": "curves", "points": sum(len(one.x) for one in curves)}
    return None


def _roc(curve: RocCurve) -> Plain:
    lines = {
        name: [_finite(v) for v in getattr(curve, name).tolist()] for name in ("fpr", "tpr", "thresholds", "grid", "low", "high")
    }
    cases = {"positives": int(curve.positives), "negatives": int(curve.negatives), "level": curve.level}
    return {"title": both(curve.title), "auc": plain_estimate(curve.auc), **lines, **cases}


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _spoken(say: Any) -> dict[str, str]:
    """What a function says in either language."""
    said = {}
    for chosen in ("ja", "en"):
        with speaking(chosen):
            said[chosen] = str(say())
    return said
