"""How a reading experiment went, for who leads it: how long each answer took, at what was read, and which images the cases are."""

from __future__ import annotations

import time
from pathlib import Path

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.reading import ReadingExperiment
from gazo.runs.reading_answers import lines_of
from gazo.runs.reading_cases import lesions_of
from gazo.runs.reading_tables import answered, case_name
from gazo.runs.sets import find_set

_CONDITIONS = ("monitor", "ambient", "width", "height", "ratio")


def time_table(experiment: ReadingExperiment, place: Path) -> Table:
    """One line an answer: who, when, in which place of the order, and how long it took."""
    names = (
        Text("読影者", "reader"), Text("セッション", "session"), Text("順番", "place"), Text("練習", "training"), Text("症例", "case"),
        Text("条件", "test"), Text("読影時間 [s]", "seconds"), Text("回答日時", "answered"),
    )  # fmt: skip
    rows = [
        (
            experiment.readers[reader], trial.session + 1, trial.number + 1, trial.training,
            " / ".join(dict.fromkeys(case_name(experiment, case) for case, _ in trial.images)),
            " / ".join(dict.fromkeys(experiment.tests[test].name for _, test in trial.images)), line["seconds"], _time(line["at"]),
        )
        for reader, trial, line in answered(experiment, place, training=True)
    ]  # fmt: skip
    return Table(Text("読影時間", "Reading times"), names, tuple(rows))


def session_table(experiment: ReadingExperiment, place: Path) -> Table:
    """Under which conditions each session was read."""
    names = (
        Text("読影者", "reader"), Text("セッション", "session"), Text("モニタ", "monitor"), Text("環境光", "ambient light"),
        Text("画面の幅 [px]", "window width [px]"), Text("画面の高さ [px]", "window height [px]"), Text("画素比", "pixel ratio"),
        Text("開始日時", "began"),
    )  # fmt: skip
    rows = [
        (name, line["session"] + 1, *(line[one] for one in _CONDITIONS), _time(line["at"]))
        for reader, name in enumerate(experiment.readers, 1)
        for line in lines_of(experiment, reader, place)
        if line["kind"] == "session"
    ]
    return Table(Text("観察条件", "Viewing conditions"), names, tuple(rows))


def case_table(experiment: ReadingExperiment, place: Path) -> Table:
    """Which image each case is, for who leads the experiment: the name of the set and the number of the image in it (from 1)."""
    names = (
        Text("症例", "case"),
        Text("練習", "training"),
        Text("条件", "test"),
        Text("データセット", "data set"),
        Text("画像の番号", "image"),
    )
    called = {test.set: find_set(test.set, place).name for test in experiment.tests}
    rows = [
        (case_name(experiment, number), case.training, test.name, called[test.set], row + 1)
        for number, case in enumerate(experiment.cases)
        for test, row in zip(experiment.tests, case.rows, strict=True)
    ]
    return Table(Text("症例と画像の対応", "Which images the cases are"), names, tuple(rows))


def lesion_table(experiment: ReadingExperiment, place: Path) -> Table:
    """The true lesions of each case that is analysed, as `gazo stats froc` and other programs take them beside a table of marks."""
    if experiment.task != "marks":
        raise DataError(
            "G-READ-034",
            en=f"lesions belong to an experiment with marks; this one is '{experiment.task}'. Export its answers instead.",
            ja=f"病変の表は、マークの実験で作ります。この実験の課題は「{experiment.task}」です。回答の表を書き出してください。",
        )
    names = tuple(Text(name, name) for name in ("case", "lesion", "weight", "x", "y", "width", "height"))
    found = lesions_of(experiment.cases, experiment.tests[:1], place)
    rows = [
        (case_name(experiment, number), lesion, 1 / len(found[number, 0]), *box.tolist())
        for number, case in enumerate(experiment.cases)
        for lesion, box in enumerate(found[number, 0], 1)
        if not case.training
    ]
    return Table(Text("病変", "Lesions"), names, tuple(rows))


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))
