"""What becomes of answers: a reader study for ROC and FROC analysis, long tables for grades, pairs and ranks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.reading import ReadingExperiment, trials_of
from gazo.runs.reading_answers import answers_of
from gazo.runs.reading_cases import lesions_of, patients_of, truth_of
from gazo.runs.reading_order import Trial

if TYPE_CHECKING:
    from gazo.stats.reader_study import ReaderStudy

Answered = tuple[int, Trial, dict[str, Any]]  # reader from 0, trial, line


def reader_study(experiment: ReadingExperiment, place: Path) -> ReaderStudy:
    """Ratings or marks of all readers with the truth; what was not read yet is missing, training cases are left out."""
    if experiment.task not in ("rating", "marks"):
        raise DataError(
            "G-READ-030",
            en=f"a reader study is made of ratings or marks; this experiment is '{experiment.task}'. Export its table instead.",
            ja=f"ROC・FROC 解析用のデータは評定またはマークから作ります。この実験の課題は「{experiment.task}」です。表を書き出してください。",
        )
    _need_answers(experiment, place)
    return _of_ratings(experiment, place) if experiment.task == "rating" else _of_marks(experiment, place)


def answer_table(experiment: ReadingExperiment, place: Path) -> Table:
    """Every answer in the long form its statistics take.

    rating: reader, test, case, truth, rating; marks: one line a mark; grading: reader, case, test, criterion, grade;
    pair: reader, first, second, score (above 0 where the first is better); rank: reader, case, item, rank (1 is best).
    """
    _need_answers(experiment, place)
    names, rows = _ROWS[experiment.task](experiment, place)
    return Table(Text(experiment.name, experiment.name), _headings(names), tuple(rows))


def mean_table(experiment: ReadingExperiment, place: Path) -> Table:
    """Scores of pairs, or ranks, averaged over the cases of each reader: one line a pair or item, as Scheffe's and the rank method take them."""
    if experiment.task not in ("pair", "rank"):
        raise DataError(
            "G-READ-033",
            en=f"means over cases are made of pairs and ranks; this experiment is '{experiment.task}'. Export its answers instead.",
            ja=f"症例にわたる平均は、一対比較か順位付けの実験で作ります。この実験の課題は「{experiment.task}」です。回答の表を書き出してください。",
        )
    _need_answers(experiment, place)
    (reader, _, *names), rows = _ROWS[experiment.task](experiment, place)
    values: dict[tuple[Any, ...], list[float]] = {}
    for who, _, *what, value in rows:
        values.setdefault((who, *what), []).append(value)
    means = tuple((*key, float(np.mean(found))) for key, found in values.items())
    return Table(Text("症例にわたる平均", "Means over cases"), _headings((reader, *names)), means)


def case_name(experiment: ReadingExperiment, case: int) -> str:
    """What a case is called in results: its number in the set, never a name of a patient."""
    return f"C{case + 1:03d}"


def _of_ratings(experiment: ReadingExperiment, place: Path) -> ReaderStudy:
    if not experiment.truth:
        raise DataError(
            "G-READ-031",
            en="the experiment names no column with the truth, so there is nothing to judge ratings by. Export the table and add the truth there.",
            ja="正解の列が指定されていないため、評定を判定できません。表を書き出し、そこに正解を加えてください。",
        )
    ratings = _empty(experiment)
    for reader, trial, line in answered(experiment, place):
        ((case, test),) = trial.images
        ratings[test, reader, case] = line["value"]["rating"]
    truth = truth_of(experiment.cases, experiment.tests[0], place, experiment.truth, experiment.positive)
    return _study(experiment, place, ratings, truth)


def _of_marks(experiment: ReadingExperiment, place: Path) -> ReaderStudy:
    """The highest mark of each case is its rating, -inf without one."""
    from gazo.stats.reader_study import Lesions, Marks

    ratings = _empty(experiment)
    used = [number for number, case in enumerate(experiment.cases) if not case.training]
    lesions = lesions_of(experiment.cases, experiment.tests, place)
    found: list[tuple[int, int, int, int, float]] = []
    for reader, trial, line in answered(experiment, place):
        ((case, test),) = trial.images
        judged = judged_marks(line["value"]["marks"], lesions[case, test], experiment.acceptance_px)
        ratings[test, reader, case] = max((rating for _, rating in judged), default=-np.inf)
        found += [(test, reader, used.index(case), lesion, rating) for lesion, rating in judged]
    columns = list(zip(*found, strict=True)) or [()] * 5
    numbers = [np.array(one, np.int64) for one in columns[:4]]
    marks = Marks(numbers[0], numbers[1], numbers[2], numbers[3], np.array(columns[4], np.float64))
    counts = [len(lesions[case, 0]) for case in used]
    of_case = np.repeat(np.arange(len(used)), counts)
    within = np.array([n for count in counts for n in range(count)], np.int64)
    weights = np.array([1 / count for count in counts for _ in range(count)], np.float64)
    truth = np.array([len(lesions[case, 0]) > 0 for case in range(len(experiment.cases))], bool)
    return _study(experiment, place, ratings, truth, marks=marks, lesions=Lesions(of_case, within, weights))


def judged_marks(marks: list[dict[str, float]], boxes: NDArray[np.float64], accepted_px: float) -> list[tuple[int, float]]:
    """Number of the lesion (-1 for none) and rating of each mark that counts.

    Marks are taken from the highest rating down; each takes the nearest lesion in reach that no other took. A mark that only reaches
    taken lesions repeats another one and is left out.
    """
    middle = boxes[:, :2] + boxes[:, 2:] / 2 - 0.5  # boxes count from the corner of the first pixel, marks from its centre
    taken: set[int] = set()
    judged = []
    for mark in sorted(marks, key=lambda one: -one["rating"]):
        away = np.array([mark["x"], mark["y"]]) - middle
        distance = np.hypot(away[:, 0], away[:, 1])
        reached = distance <= accepted_px if accepted_px else (np.abs(away) <= boxes[:, 2:] / 2).all(1)
        free = [n for n in np.flatnonzero(reached).tolist() if n not in taken]
        if free:
            nearest = min(free, key=lambda n: float(distance[n]))
            taken.add(nearest)
            judged.append((nearest, float(mark["rating"])))
        elif not reached.any():
            judged.append((-1, float(mark["rating"])))
    return judged


def _study(experiment: ReadingExperiment, place: Path, ratings: Any, truth: Any, **more: Any) -> ReaderStudy:
    from gazo.stats.reader_study import ReaderStudy

    used = np.array([not case.training for case in experiment.cases])
    patients = patients_of(experiment.cases, experiment.tests[0], place)[used]
    return ReaderStudy(
        tests=tuple(test.name for test in experiment.tests),
        readers=tuple(experiment.readers),
        cases=tuple(case_name(experiment, number) for number in np.flatnonzero(used).tolist()),
        truth=truth[used],
        patients=np.unique(patients, return_inverse=True)[1].astype(np.int64),
        ratings=ratings[:, :, used],
        **more,
    )


def _empty(experiment: ReadingExperiment) -> NDArray[np.float64]:
    return np.full((len(experiment.tests), len(experiment.readers), len(experiment.cases)), np.nan)


def _rating_rows(experiment: ReadingExperiment, place: Path) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    truth = (
        truth_of(experiment.cases, experiment.tests[0], place, experiment.truth, experiment.positive)
        if experiment.truth
        else None
    )
    patients = patients_of(experiment.cases, experiment.tests[0], place)
    rows = []
    for reader, trial, line in answered(experiment, place):
        ((case, test),) = trial.images
        known = None if truth is None else int(truth[case])
        who = (experiment.readers[reader], experiment.tests[test].name, case_name(experiment, case))
        rows.append((*who, known, line["value"]["rating"], f"P{patients[case] + 1:04d}"))
    return ("reader", "test", "case", "truth", "rating", "patient"), rows


def _mark_rows(experiment: ReadingExperiment, place: Path) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A case without marks has one line without a rating, so that it is known to have been read."""
    lesions = lesions_of(experiment.cases, experiment.tests, place)
    rows: list[tuple[Any, ...]] = []
    for reader, trial, line in answered(experiment, place):
        ((case, test),) = trial.images
        boxes = lesions[case, test]
        who = (experiment.readers[reader], experiment.tests[test].name, case_name(experiment, case), int(len(boxes) > 0))
        for mark in line["value"]["marks"] or [{"x": None, "y": None, "rating": None}]:
            hit = None if mark["rating"] is None else judged_marks([mark], boxes, experiment.acceptance_px)[0][0] + 1
            rows.append((*who, mark["x"], mark["y"], mark["rating"], hit))
    return ("reader", "test", "case", "truth", "x", "y", "rating", "lesion"), rows


def _grade_rows(experiment: ReadingExperiment, place: Path) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    rows = []
    for reader, trial, line in answered(experiment, place):
        ((case, test),) = trial.images
        who = (experiment.readers[reader], case_name(experiment, case), experiment.tests[test].name)
        rows += [(*who, name, grade) for name, grade in zip(experiment.criteria, line["value"]["grades"], strict=True)]
    return ("reader", "case", "test", "criterion", "grade"), rows


def _pair_rows(experiment: ReadingExperiment, place: Path) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Shown in both orders, first is the image on the left; shown once, first stands before second in the list of tests."""
    rows = []
    for reader, trial, line in answered(experiment, place):
        left, right = trial.images
        score = line["value"]["score"]
        if not experiment.both_orders and left > right:
            left, right, score = right, left, -score
        case = case_name(experiment, left[0]) if left[0] == right[0] else ""
        names = [_object_name(experiment, one) for one in (left, right)]
        rows.append((experiment.readers[reader], case, *names, score))
    return ("reader", "case", "first", "second", "score"), rows


def _rank_rows(experiment: ReadingExperiment, place: Path) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    rows = []
    for reader, trial, line in answered(experiment, place):
        for rank, position in enumerate(line["value"]["order"], 1):
            shown = trial.images[position]
            case = case_name(experiment, shown[0]) if len(experiment.tests) > 1 else ""
            rows.append((experiment.readers[reader], case, _object_name(experiment, shown), rank))
    return ("reader", "case", "item", "rank"), rows


_ROWS = {"rating": _rating_rows, "marks": _mark_rows, "grading": _grade_rows, "pair": _pair_rows, "rank": _rank_rows}


def _object_name(experiment: ReadingExperiment, shown: tuple[int, int]) -> str:
    """What is compared: the tests, or with a single test the cases."""
    case, test = shown
    return experiment.tests[test].name if len(experiment.tests) > 1 else case_name(experiment, case)


def answered(experiment: ReadingExperiment, place: Path, *, training: bool = False) -> Iterator[Answered]:
    """Reader by reader, in the order in which cases were shown."""
    for reader in range(len(experiment.readers)):
        answers: Mapping[int, dict[str, Any]] = answers_of(experiment, reader + 1, place)
        for trial in trials_of(experiment, reader + 1, place):
            if trial.number in answers and (training or not trial.training):
                yield reader, trial, answers[trial.number]


def _need_answers(experiment: ReadingExperiment, place: Path) -> None:
    if next(answered(experiment, place), None) is None:
        raise DataError(
            "G-READ-032",
            en="no reader has answered yet (training does not count). Read some cases, or merge the returns of the readers.",
            ja="まだ回答がありません (練習は数えません)。読影を行うか、読影者から戻ったファイルを取り込んでください。",
        )


def _headings(names: tuple[str, ...]) -> tuple[Text, ...]:
    """The same words in both languages, for options of the statistics name columns by them."""
    return tuple(Text(name, name) for name in names)
