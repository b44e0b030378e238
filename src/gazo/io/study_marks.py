"""Free responses: a table of marks and, beside it, one of lesions; marks name the lesion they hit, or are matched to it by place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from gazo.core.errors import DataError
from gazo.io.rows import Rows, is_empty, plain, read_rows
from gazo.io.study_build import Reading, number_in, ordered, study_of, truth_in
from gazo.io.study_long import CASE, PATIENT, RATING, READER, TEST, TRUTH, heading_of
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy

LESION = ("lesion", "lesionid", "lesion number", "lesion_index", "病変番号")
KIND = ("mark", "marktype", "mark type", "type", "マーク")
WEIGHT = ("weight", "重み")
PLACE = (("x",), ("y",), ("width", "w", "幅"), ("height", "h", "高さ"), ("radius", "r", "半径"))
Extra = Literal["ignore", "false"]


@dataclass(frozen=True)
class Matching:
    """How marks are matched to lesions by place.

    Parameters
    ----------
    radius : a mark within this distance of the centre of a lesion hits it; None takes the column `radius` of the lesions.
    iou : where both are boxes, the least intersection over union of a hit.
    extra : what becomes of a further mark on a lesion that was hit already: "ignore" it, or count it as "false".
    """

    radius: float | None = None
    iou: float = 0.25
    extra: Extra = "ignore"


class Spot(NamedTuple):
    """A place: the centre, or the upper left corner of a box with width and height; the radius of a lesion. NaN: not told."""

    x: float
    y: float
    width: float
    height: float
    radius: float


class Mark(NamedTuple):
    """One mark; `lesion` is the position of the lesion it hit within its case, -1 for none, None while that is not known."""

    line: int
    test: str
    reader: str
    case: str
    rating: float
    lesion: int | None
    spot: Spot | None


class Lesion(NamedTuple):
    """One true lesion; a weight of 0 everywhere in a case means equal weights."""

    case: str
    name: str
    weight: float
    spot: Spot | None


def is_marks(rows: Rows) -> bool:
    """Whether a table has ratings and, beside them, the lesion that was hit or the place of the mark."""
    placed = heading_of(rows, PLACE[0]) is not None and heading_of(rows, PLACE[1]) is not None
    kind = heading_of(rows, KIND) is not None and heading_of(rows, LESION) is not None
    return heading_of(rows, RATING) is not None and heading_of(rows, CASE) is not None and (placed or kind)


def beside(path: Path, what: str) -> Path | None:
    """The table of lesions (or cases) that lies beside a table of marks: the same name with the word exchanged, or that word alone."""
    endings = ("marks", "マーク")
    names = [path.name.replace(word, what) for word in endings if word in path.name] + [f"{what}.csv", f"{what}.xlsx"]
    return next((path.with_name(name) for name in names if path.with_name(name).is_file() and name != path.name), None)


def marks_study(rows: Rows, lesions: Rows, cases: Rows | None, matching: Matching) -> ReaderStudy:
    """The study of two tables, and of a third that lists every case where normal cases without any mark would be missing."""
    true = lesions_in(lesions)
    truths, patients = _listed(rows, true, cases)
    return free_response(rows.name, marks_in(rows, true, matching), true, truths, patients)


def lesions_in(rows: Rows) -> list[Lesion]:
    """The lesions of a table: columns case, lesion, weight, and x, y, radius (or width, height) where marks tell places."""
    case, name, weight = _needed(rows, CASE), heading_of(rows, LESION), heading_of(rows, WEIGHT)
    found: list[Lesion] = []
    known: set[tuple[str, str]] = set()
    for number, (line, cells) in enumerate(zip(rows.lines, rows.cells, strict=True)):
        share = 0.0 if weight is None else number_in(cells[weight], rows.name, line, f"'{rows.headings[weight]}'")
        label = str(number) if name is None else plain(cells[name])
        one = Lesion(plain(cells[case]), label, 0.0 if math.isnan(share) else share, _spot(rows, line, cells))
        _new(rows.name, line, one, known)
        known.add((one.case, one.name))
        found.append(one)
    return found


def _new(name: str, line: int, one: Lesion, known: set[tuple[str, str]]) -> None:
    if (one.case, one.name) in known:
        raise DataError(
            "G-IO-163",
            en=f"'{name}', row {line}: the lesion '{one.name}' of case '{one.case}' stands in an earlier row already. Delete one of the two "
            "rows, or number the lesions of a case 1, 2, 3 in the column of lesions.",
            ja=f"「{name}」{line} 行目: 病変「{one.name}」(症例「{one.case}」) は前の行にもあります。どちらかの行を削除するか、"
            "病変の列で症例ごとに 1、2、3 と番号を付けてください。",
        )


def marks_in(rows: Rows, lesions: Sequence[Lesion], matching: Matching) -> list[Mark]:
    """The marks of a table, each with the lesion it hit."""
    places = [heading_of(rows, names) for names in (TEST, READER)]
    case, rating = _needed(rows, CASE), _needed(rows, RATING)
    kind, hit = heading_of(rows, KIND), heading_of(rows, LESION)
    marks = []
    wrong = {
        line for line, cells in zip(rows.lines, rows.cells, strict=True) if kind is not None and plain(cells[kind]) == "LL_IL"
    }
    for line, cells in zip(rows.lines, rows.cells, strict=True):
        test, reader = ("1" if place is None else plain(cells[place]) for place in places)
        value = number_in(cells[rating], rows.name, line, f"'{rows.headings[rating]}'")
        if math.isnan(value):
            continue
        name = plain(cells[case])
        told = kind is not None or (hit is not None and not is_empty(cells[hit]))
        lesion = _told(rows, line, cells, name, kind, hit, lesions) if told else None
        marks.append(Mark(line, test, reader, name, value, lesion, _spot(rows, line, cells)))
    return _by_reading(marks, lambda some: _matched(rows.name, _one_place(some, wrong), lesions, matching))


def _one_place(marks: list[Mark], wrong: set[int]) -> list[Mark]:
    """Of an LROC study each case has a row for the right and one for the wrong place (LL_IL), and 0 in the one that was not chosen."""
    if not any(mark.line in wrong for mark in marks):
        return marks
    right = [mark for mark in marks if mark.line not in wrong and mark.rating != 0]
    return right or [mark for mark in marks if mark.line in wrong]


def free_response(
    name: str, marks: Iterable[Mark], lesions: Sequence[Lesion], truths: Mapping[str, bool], patients: Mapping[str, str]
) -> ReaderStudy:
    """The study: the best mark of each case as its rating, -inf without one; every reader read every case."""
    kept = sorted(marks, key=lambda mark: mark.line)
    tests, readers = ordered(mark.test for mark in kept), ordered(mark.reader for mark in kept)
    best: dict[tuple[str, str, str], float] = {}
    for mark in kept:
        key = (mark.test, mark.reader, mark.case)
        best[key] = max(best.get(key, -math.inf), mark.rating)
    readings = [
        Reading(n, test, reader, case, best.get((test, reader, case), -math.inf), truth, patients.get(case))
        for n, (test, reader, case, truth) in enumerate(
            (t, r, c, known) for t in tests for r in readers for c, known in truths.items()
        )
    ]
    study = study_of(name, readings)
    where = {case: n for n, case in enumerate(study.cases)}
    found = Marks(
        np.array([tests.index(mark.test) for mark in kept], np.int64),
        np.array([readers.index(mark.reader) for mark in kept], np.int64),
        np.array([where[mark.case] for mark in kept], np.int64),
        np.array([-1 if mark.lesion is None else mark.lesion for mark in kept], np.int64),
        np.array([mark.rating for mark in kept], np.float64),
    )
    return replace(study, marks=found, lesions=_weighted(lesions, where))


def _weighted(lesions: Sequence[Lesion], where: Mapping[str, int]) -> Lesions:
    """Weights that sum to 1 in each case; equal ones where none are told."""
    cases = np.array([where[lesion.case] for lesion in lesions], np.int64)
    weights = np.array([lesion.weight for lesion in lesions], np.float64)
    sums = np.bincount(cases, weights=weights)[cases]
    counts = np.bincount(cases)[cases]
    number = [sum(other.case == lesion.case for other in lesions[:n]) for n, lesion in enumerate(lesions)]
    return Lesions(cases, np.array(number, np.int64), np.where(sums > 0, weights / np.where(sums > 0, sums, 1), 1 / counts))


def _by_reading(marks: Sequence[Mark], choose: Callable[[list[Mark]], list[Mark]]) -> list[Mark]:
    groups: dict[tuple[str, str, str], list[Mark]] = {}
    for mark in marks:
        groups.setdefault((mark.test, mark.reader, mark.case), []).append(mark)
    return [mark for group in groups.values() for mark in choose(group)]


def _matched(name: str, marks: list[Mark], lesions: Sequence[Lesion], matching: Matching) -> list[Mark]:
    """Best rating first, each mark takes the nearest lesion of its case that is still free and near enough."""
    own = [lesion for lesion in lesions if lesion.case == marks[0].case]
    taken: set[int] = set()
    found = []
    for mark in sorted(marks, key=lambda mark: -mark.rating):
        near = [mark.lesion] if mark.lesion is not None else _near(name, mark, own, matching)
        free = [n for n in near if n < 0 or n not in taken]
        if free or not near:
            lesion = free[0] if free else -1
            taken.add(lesion)
            found.append(mark._replace(lesion=lesion))
        elif matching.extra == "false":
            found.append(mark._replace(lesion=-1))
    return found


def _near(name: str, mark: Mark, lesions: Sequence[Lesion], matching: Matching) -> list[int]:
    """The lesions that a mark is near enough to, nearest (or best overlapping) first."""
    measured = []
    for n, lesion in enumerate(lesions):
        if mark.spot is None or lesion.spot is None:
            raise DataError(
                "G-IO-155",
                en=f"'{name}', row {mark.line}: the mark names no lesion, so both tables need the columns x and y. Add them, or a column "
                "'lesion' to the marks (0 for a false one).",
                ja=f"「{name}」{mark.line} 行目: マークに病変番号がないため、両方の表に x と y の列が必要です。これらの列を加えるか、"
                "マークの表に lesion 列 (偽陽性は 0) を加えてください。",
            )
        nearness = _nearness(name, mark.line, mark.spot, lesion.spot, matching)
        if nearness is not None:
            measured.append((-nearness, n))
    return [n for _, n in sorted(measured)]


def _nearness(name: str, line: int, mark: Spot, lesion: Spot, matching: Matching) -> float | None:
    if not math.isnan(mark.width) and not math.isnan(lesion.width):
        overlap = _iou(mark, lesion)
        return overlap if overlap >= matching.iou else None
    centre = (lesion.x, lesion.y) if math.isnan(lesion.width) else (lesion.x + lesion.width / 2, lesion.y + lesion.height / 2)
    limit = lesion.radius if matching.radius is None else matching.radius
    if math.isnan(limit):
        raise DataError(
            "G-IO-156",
            en=f"'{name}', row {line}: it is not told how near a mark must be to a lesion. Add a column 'radius' to the lesions, or give "
            "radius=.",
            ja=f"「{name}」{line} 行目: マークが病変からどこまで離れてよいかがわかりません。病変の表に radius 列を加えるか、radius= を指定してください。",
        )
    distance = math.dist((mark.x, mark.y), centre)
    return -distance if distance <= limit else None


def _iou(a: Spot, b: Spot) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    common = max(0.0, width) * max(0.0, height)
    total = a.width * a.height + b.width * b.height - common
    return common / total if total > 0 else 0.0


def _told(
    rows: Rows, line: int, cells: Sequence[str], case: str, kind: int | None, hit: int | None, lesions: Sequence[Lesion]
) -> int:
    """The lesion that a row itself names; -1 for a false mark (NL, FP, or lesion 0)."""
    word = "" if kind is None else plain(cells[kind]).upper()
    label = "" if hit is None else plain(cells[hit])
    own = [lesion.name for lesion in lesions if lesion.case == case]
    if word in ("NL", "FP", "LL_IL", "FALSE") or (not word and label in ("0", "-1")):
        return -1
    if label not in own:
        raise DataError(
            "G-IO-157",
            en=f"'{rows.name}', row {line}: the mark hits the lesion '{label}' of case '{case}', which has the lesions: "
            f"{', '.join(own) or '-'}. Correct the number, or add the lesion to the table of lesions.",
            ja=f"「{rows.name}」{line} 行目: マークは症例「{case}」の病変「{label}」に当たっていますが、この症例の病変は {', '.join(own) or '-'} です。"
            "番号を直すか、病変の表に加えてください。",
        )
    return own.index(label)


def _spot(rows: Rows, line: int, cells: Sequence[str]) -> Spot | None:
    places = [heading_of(rows, names) for names in PLACE]
    if places[0] is None or places[1] is None:
        return None
    return Spot(*(math.nan if p is None else number_in(cells[p], rows.name, line, f"'{rows.headings[p]}'") for p in places))


def _listed(rows: Rows, lesions: Sequence[Lesion], cases: Rows | None) -> tuple[dict[str, bool], dict[str, str]]:
    """The truth of every case, and patients. Without a list, cases that are numbered are all of 1 ... the highest number."""
    diseased = {lesion.case for lesion in lesions}
    if cases is not None:
        place, group, truth = _needed(cases, CASE), heading_of(cases, PATIENT), heading_of(cases, TRUTH)
        names = [plain(cells[place]) for cells in cases.cells]
        told = {} if group is None else {name: plain(cells[group]) for name, cells in zip(names, cases.cells, strict=True)}
        for line, name, cells in zip(cases.lines, names, cases.cells, strict=True):
            said = None if truth is None else truth_in(cells[truth], cases.name, line, f"'{cases.headings[truth]}'")
            _same_truth(cases.name, line, name, said, name in diseased)
        return {name: name in diseased for name in ordered([*names, *diseased])}, told
    names = [*(plain(cells[_needed(rows, CASE)]) for cells in rows.cells), *sorted(diseased)]
    if all(name.isdecimal() for name in names):
        names = [str(n) for n in range(1, max(map(int, names)) + 1)]
    return {name: name in diseased for name in ordered(names)}, {}


def _same_truth(table: str, line: int, case: str, said: bool | None, has_lesion: bool) -> None:
    if said is not None and said != has_lesion:
        raise DataError(
            "G-IO-158",
            en=f"'{table}', row {line}: the case '{case}' has truth {int(said)}, but the table of lesions says {int(has_lesion)}. "
            "Correct one of them.",
            ja=f"「{table}」{line} 行目: 症例「{case}」の真の状態は {int(said)} ですが、病変の表では {int(has_lesion)} です。どちらかを直してください。",
        )


def _needed(rows: Rows, names: tuple[str, ...]) -> int:
    place = heading_of(rows, names)
    if place is None:
        raise DataError(
            "G-IO-159",
            en=f"'{rows.name}' has no column '{names[0]}'; its columns are {', '.join(rows.headings[:12])}. Rename the column.",
            ja=f"「{rows.name}」に列「{names[0]}」がありません。ある列: {', '.join(rows.headings[:12])}。列名を直してください。",
        )
    return place


def lesion_rows(path: Path, lesions: Path | str | None) -> Rows:
    """The table of lesions that was given, or that lies beside the marks."""
    found = Path(lesions) if lesions is not None else beside(path, "lesions")
    if found is None:
        raise DataError(
            "G-IO-160",
            en=f"'{path.name}' holds marks; a table of the lesions is needed too. Put it beside as "
            f"'{path.name.replace('marks', 'lesions') if 'marks' in path.name else 'lesions.csv'}' with the columns case, lesion, weight.",
            ja=f"「{path.name}」はマークの表です。病変の表も必要です。同じフォルダに "
            f"「{path.name.replace('marks', 'lesions') if 'marks' in path.name else 'lesions.csv'}」(列: case、lesion、weight) を置いてください。",
        )
    return read_rows(found)
