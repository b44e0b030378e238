"""The workbook of RJafroc (Chakraborty): sheets Truth, TP (or LL) and FP (or NL)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from gazo.core.errors import DataError
from gazo.io.excel import WORKBOOK
from gazo.io.opening import content_of, decoding
from gazo.io.rows import Rows, plain, read_rows
from gazo.io.study_build import Reading, ordered, study_of
from gazo.io.study_marks import Lesion, Mark, Matching, free_response, lesions_in, marks_in
from gazo.stats.reader_study import ReaderStudy

_SHEETS = (("truth",), ("tp", "ll"), ("fp", "nl"))
_RATINGS = {"tp rating": "rating", "ll rating": "rating", "fp rating": "rating", "nl rating": "rating"}


def sheets_of(path: Path) -> tuple[str, str, str] | None:
    """The names of the three sheets; None where a workbook is of another kind."""
    import openpyxl

    with decoding(path.name, WORKBOOK):
        names = openpyxl.load_workbook(io.BytesIO(content_of(path)), read_only=True).sheetnames
    found = [next((name for name in names if name.strip().casefold() in wanted), None) for wanted in _SHEETS]
    truth, tp, fp = found
    return None if truth is None or tp is None or fp is None else (truth, tp, fp)


def rjafroc_study(path: Path, sheets: tuple[str, str, str]) -> ReaderStudy:
    """Free responses; or plain ratings where every reader gave every case exactly one (the ROC paradigm)."""
    truth, tp, fp = (_named(read_rows(path, sheet=name)) for name in sheets)
    case, lesion = truth.heading("caseid"), truth.heading("lesionid")
    names = ordered(plain(cell) for cell in truth.column(case))
    with_disease = [n for n, cell in enumerate(truth.column(lesion)) if plain(cell) not in ("0", "")]
    lesions = lesions_in(truth.take(with_disease))
    diseased = {one.case for one in lesions}
    false = _false(fp)
    _in_truth(path.name, false, names)
    marks = [*marks_in(tp, lesions, Matching()), *false]
    return study_from(path.name, marks, lesions, {name: name in diseased for name in names})


def _in_truth(name: str, marks: Sequence[Mark], cases: Sequence[str]) -> None:
    for mark in marks:
        if mark.case not in cases:
            raise DataError(
                "G-IO-164",
                en=f"'{name}', sheet FP, row {mark.line}, column CaseID: the case '{mark.case}' does not stand in the sheet Truth. Correct the "
                "number, or add the case to Truth (with LesionID 0 if it has no disease).",
                ja=f"「{name}」FP シート {mark.line} 行目、CaseID の列: 症例「{mark.case}」が Truth シートにありません。番号を直すか、"
                "Truth シートに症例を加えてください (疾患がない症例は LesionID を 0 とします)。",
            )


def study_from(name: str, marks: Sequence[Mark], lesions: Sequence[Lesion], truths: dict[str, bool]) -> ReaderStudy:
    """Plain ratings when each reader gave each case one mark, on the lesion where there is one; else free responses."""
    tests, readers = ordered(mark.test for mark in marks), ordered(mark.reader for mark in marks)
    whole = len(marks) == len(tests) * len(readers) * len(truths)
    single = len({(mark.test, mark.reader, mark.case) for mark in marks}) == len(marks) and len(lesions) == sum(truths.values())
    if whole and single and all((mark.lesion == 0) == truths.get(mark.case, False) for mark in marks):
        readings = [Reading(n, m.test, m.reader, m.case, m.rating) for n, m in enumerate(marks)]
        return study_of(name, readings, truths)
    return free_response(name, marks, lesions, truths, {})


def _false(rows: Rows) -> list[Mark]:
    if not len(rows):
        return []
    plain_rows = Rows(rows.name, (*rows.headings, "mark"), tuple((*cells, "NL") for cells in rows.cells), rows.lines)
    return marks_in(plain_rows, [], Matching())


def _named(rows: Rows) -> Rows:
    """The same with LL_Rating, TP_Rating ... called rating."""
    names = tuple(_RATINGS.get(plain(name).casefold().replace("_", " "), name) for name in rows.headings)
    return Rows(rows.name, names, rows.cells, rows.lines, rows.notes)
