"""Reader studies as a long table: one row a rating, in CSV or Excel, headings in English or Japanese."""

from __future__ import annotations

from gazo.core.errors import DataError
from gazo.core.results import Table
from gazo.io.rows import Rows, plain
from gazo.io.study_build import Reading, is_number, number_in, study_of, truth_in
from gazo.stats.reader_study import ReaderStudy

READER = ("reader", "readerid", "rdr", "observer", "rater", "読影者", "観察者", "評価者", "読影医", "医師", "技師")
TEST = ("test", "treatment", "modality", "modalityid", "system", "method", "condition", "検査", "モダリティ", "条件", "手法", "システム", "方法", "検査法")  # fmt: skip
CASE = ("case", "caseid", "case id", "image", "imageid", "症例", "症例番号", "症例id", "画像", "画像番号", "試料")
TRUTH = ("truth", "gold", "gold standard", "reference", "disease", "status", "label", "outcome", "真値", "正解", "真の状態", "病変", "病変の有無", "陽性", "判定")  # fmt: skip
RATING = ("rating", "score", "confidence", "value", "評点", "評価", "スコア", "確信度", "得点", "評価値")
PATIENT = ("patient", "patientid", "patient id", "subject", "患者", "患者id", "患者番号", "被検者")


def is_long(rows: Rows) -> bool:
    """Whether a table has the columns of a reader study: cases (or truth) and ratings."""
    return heading_of(rows, RATING) is not None and any(heading_of(rows, names) is not None for names in (TRUTH, CASE))


def heading_of(rows: Rows, names: tuple[str, ...]) -> int | None:
    """The place of the first heading that is one of these words, whatever its case, width or underscores."""
    spelled = [plain(heading).casefold().replace("_", " ").replace(" ", "") for heading in rows.headings]
    wanted = [name.replace(" ", "") for name in names]
    return next((spelled.index(name) for name in wanted if name in spelled), None)


def long_study(rows: Rows) -> ReaderStudy:
    """Columns reader, test, case, truth, rating, patient; without reader or test there is one, without case each row is a case."""
    truth, rating = _need(rows, TRUTH), _need(rows, RATING)
    places = [heading_of(rows, names) for names in (TEST, READER, CASE, PATIENT)]
    readings = []
    for number, (line, cells) in enumerate(zip(rows.lines, rows.cells, strict=True), 1):
        test, reader, case, patient = (None if place is None else plain(cells[place]) for place in places)
        readings.append(
            Reading(
                line,
                "1" if test is None else _filled(test, rows, line, places[0]),
                "1" if reader is None else _filled(reader, rows, line, places[1]),
                str(number) if case is None else _filled(case, rows, line, places[2]),
                number_in(cells[rating], rows.name, line, f"'{rows.headings[rating]}'"),
                truth_in(cells[truth], rows.name, line, f"'{rows.headings[truth]}'"),
                patient or None,
            )
        )
    return study_of(rows.name, readings)


def is_wide(rows: Rows) -> bool:
    """Whether a table has the truth and no ratings by name, but other columns of numbers: each is then a test."""
    return heading_of(rows, RATING) is None and heading_of(rows, TRUTH) is not None and bool(_tests(rows))


def wide_study(rows: Rows) -> ReaderStudy:
    """A row a case, the truth in one column and the scores of each test in one more: a study of one reader."""
    truth = _need(rows, TRUTH)
    case, patient = (heading_of(rows, names) for names in (CASE, PATIENT))
    readings = []
    for number, (line, cells) in enumerate(zip(rows.lines, rows.cells, strict=True), 1):
        name = str(number) if case is None else _filled(plain(cells[case]), rows, line, case)
        known = truth_in(cells[truth], rows.name, line, f"'{rows.headings[truth]}'")
        group = None if patient is None else plain(cells[patient]) or None
        for place in _tests(rows):
            heading = rows.headings[place]
            value = number_in(cells[place], rows.name, line, f"'{heading}'")
            readings.append(Reading(line, heading, "1", name, value, known, group))
    return study_of(rows.name, readings)


def _tests(rows: Rows) -> list[int]:
    """The columns in which a number stands more often than not."""
    named = {heading_of(rows, names) for names in (TRUTH, CASE, PATIENT, READER, TEST)}
    return [
        place
        for place in range(len(rows.headings))
        if place not in named and 2 * sum(is_number(row[place]) for row in rows.cells) > len(rows.cells)
    ]


def study_of_table(table: Table) -> ReaderStudy:
    """The same from a table among the results of a run."""
    cells = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in table.rows)
    name = str(table.title) or "table"
    rows = Rows(name, tuple(heading.en for heading in table.headings), cells, tuple(range(1, len(cells) + 1)))
    return wide_study(rows) if is_wide(rows) else long_study(rows)


def _need(rows: Rows, names: tuple[str, ...]) -> int:
    place = heading_of(rows, names)
    if place is None:
        raise DataError(
            "G-IO-148",
            en=f"'{rows.name}' has no column '{names[0]}'; its columns are {', '.join(rows.headings[:12])}. A reader study needs the columns "
            "reader, test, case, truth (0/1) and rating. Rename the column.",
            ja=f"「{rows.name}」に列「{names[0]}」がありません。ある列: {', '.join(rows.headings[:12])}。読影実験の表には reader (読影者)、test (検査)、"
            "case (症例)、truth (真値 0/1)、rating (評点) の列が必要です。列名を直してください。",
        )
    return place


def _filled(text: str, rows: Rows, line: int, place: int | None) -> str:
    if not text and place is not None:
        raise DataError(
            "G-IO-149",
            en=f"'{rows.name}', row {line}, column '{rows.headings[place]}': the cell is empty. Fill it in, or delete the row.",
            ja=f"「{rows.name}」{line} 行目、「{rows.headings[place]}」列: セルが空です。入力するか、行を削除してください。",
        )
    return text
