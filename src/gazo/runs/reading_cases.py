"""The cases of a reading experiment: which image of which set shows a case under each test, its patient, its truth and its lesions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import StringConstraints

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.imageset import ImageSet
from gazo.core.seeds import generator
from gazo.datasets.strata import is_missing
from gazo.runs.sets import find_set, images_of

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One test: a name, the set its images lie in, and the value of the column of tests there (empty: the whole set)."""

    name: Words
    set: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """The row of a case in the set of each test."""

    rows: tuple[int, ...]
    training: bool = False


def conditions_of(sets: Sequence[str], names: Sequence[str], column: str, place: Path) -> tuple[Condition, ...]:
    """The tests: values of a column of one set, or one for each set."""
    if len(sets) == 1 and column:
        cells = cells_of(images_of(sets[0], place), column)
        return tuple(Condition(name=value, set=sets[0], value=value) for value in dict.fromkeys(filter(None, cells)))
    if not sets or column or len(set(sets)) < len(sets) or (names and len(names) != len(sets)) or len(set(names)) < len(names):
        raise OptionError(
            "G-READ-010",
            en=f"the tests are the values of a column of one data set, or different data sets with a name each; {len(sets)} sets and {len(names)} names came. Choose one of the two.",
            ja=f"条件は、1 つのデータセットの列の値か、それぞれ名前の付いた別々のデータセットで決めます (データセット {len(sets)}、名前 {len(names)})。どちらかにしてください。",
        )
    found = names or [find_set(one, place).name for one in sets]
    return tuple(Condition(name=str(name)[:60], set=one) for name, one in zip(found, sets, strict=True))


def matched_cases(
    tests: Sequence[Condition], test_column: str, case_column: str, place: Path, *, truth: str, positive: str, boxes: bool
) -> tuple[Case, ...]:
    """One case for each name in the column of cases (without one: for each row), with an image under every test."""
    keyed = [_keyed(test, test_column, case_column, place) for test in tests]
    wanted = list(keyed[0])
    for test, found in zip(tests, keyed, strict=True):
        if set(found) != set(wanted):
            strange = len(set(found) ^ set(wanted))
            raise DataError(
                "G-READ-011",
                en=f"every case needs one image under every test; test '{test.name}' differs from the first one in {strange} cases. "
                "Name the column of the case, or complete the sets.",
                ja=f"どの症例にも、すべての条件の画像が 1 枚ずつ必要です。条件「{test.name}」は最初の条件と {strange} 症例が異なります。"
                "症例の列を指定するか、データセットを揃えてください。",
            )
    cases = tuple(Case(rows=tuple(found[key] for found in keyed)) for key in wanted)
    if len(tests) > 1 and len({test.set for test in tests}) == 1:
        _need_same_patients(cases, tests[0].set, place)
    if boxes:
        _need_boxes(cases, tests, place)
    if truth:
        _need_truth(cases, tests, place, truth, positive)
    return cases


def _keyed(test: Condition, test_column: str, case_column: str, place: Path) -> dict[str, int]:
    """Row of each case of a test."""
    images = images_of(test.set, place)
    rows = range(len(images))
    if test.value:
        cells = cells_of(images, test_column)
        rows = [row for row in rows if cells[row] == test.value]  # type: ignore[assignment]
    if not case_column:
        return {str(place_): row for place_, row in enumerate(rows)}
    names = cells_of(images, case_column)
    found: dict[str, int] = {}
    for row in rows:
        if not names[row] or names[row] in found:
            raise DataError(
                "G-READ-012",
                en=f"row {row + 1} has no case, or a case that has another image under the test '{test.name}'. Correct the column '{case_column}', or choose another.",
                ja=f"{row + 1} 行目の症例が空か、条件「{test.name}」に同じ症例の画像が複数あります。列「{case_column}」を直すか、別の列を選んでください。",
            )
        found[names[row]] = row
    return found


def cells_of(images: ImageSet, column: str) -> list[str]:
    """A column as text; empty text where a cell is empty."""
    if column not in images.columns:
        hint = nearest(column, list(images.columns))
        raise OptionError(
            "G-READ-013",
            en=f"the data set has no column '{column}'. {hint.en}",
            ja=f"データセットに列「{column}」はありません。{hint.ja}",
        )
    return ["" if is_missing(cell) else str(cell).strip() for cell in images.columns[column]]


def with_training(cases: Sequence[Case], wanted: int, test: Condition, place: Path, *, truth: str, seed: int) -> tuple[Case, ...]:
    """Some cases set apart for training, drawn in turn from those of each truth."""
    if wanted >= len(cases):
        raise OptionError(
            "G-READ-014",
            en=f"{wanted} training cases leave none of {len(cases)} to be analysed. Ask for fewer.",
            ja=f"練習用を {wanted} 症例にすると、全 {len(cases)} 症例のうち解析する症例がなくなります。減らしてください。",
        )
    cells = cells_of(images_of(test.set, place), truth) if truth else []
    queues: dict[str, list[int]] = {}
    for number in generator(seed, "reading training").permutation(len(cases)).tolist():
        queues.setdefault(cells[cases[number].rows[0]] if cells else "", []).append(number)
    order = [queue[turn] for turn in range(len(cases)) for queue in queues.values() if turn < len(queue)]
    apart = set(order[:wanted])
    return tuple(replace(case, training=number in apart) for number, case in enumerate(cases))


def truth_of(cases: Sequence[Case], test: Condition, place: Path, column: str, positive: str) -> NDArray[np.bool_]:
    """Whether each case has the disease, by a column of the set."""
    cells = cells_of(images_of(test.set, place), column)
    return np.array([cells[case.rows[0]] == positive for case in cases], bool)


def patients_of(cases: Sequence[Case], test: Condition, place: Path) -> NDArray[np.int64]:
    """A number for the patient of each case; a case without one is a patient of its own."""
    images = images_of(test.set, place)
    names = cells_of(images, images.roles["patient"]) if images.has("patient") else [""] * len(images)
    number: dict[str, int] = {}
    keys = [names[case.rows[0]] or f"\0{place_}" for place_, case in enumerate(cases)]
    return np.array([number.setdefault(key, len(number)) for key in keys], np.int64)


def lesions_of(cases: Sequence[Case], tests: Sequence[Condition], place: Path) -> Mapping[tuple[int, int], NDArray[np.float64]]:
    """By case and test the boxes of its lesions, (n, 4): x, y, width, height."""
    found = {}
    for t, test in enumerate(tests):
        boxes = images_of(test.set, place).role("boxes")
        for c, case in enumerate(cases):
            found[c, t] = np.asarray(boxes[case.rows[t]], np.float64).reshape(-1, 4)
    return found


def _need_same_patients(cases: Sequence[Case], set_id: str, place: Path) -> None:
    """Within one set patients are called alike, so the images of a case must be those of one patient."""
    images = images_of(set_id, place)
    if not images.has("patient"):
        return
    names = cells_of(images, images.roles["patient"])
    wrong = [number for number, case in enumerate(cases) if len({names[row] for row in case.rows}) > 1]
    if wrong:
        raise DataError(
            "G-READ-019",
            en=f"in {len(wrong)} cases the images under the tests are of different patients (first: case {wrong[0] + 1}). Name the column of the case, or correct it.",
            ja=f"{len(wrong)} 症例で、条件ごとの画像の患者が異なります (最初: 症例 {wrong[0] + 1})。症例の列を指定するか、その列を直してください。",
        )


def _need_boxes(cases: Sequence[Case], tests: Sequence[Condition], place: Path) -> None:
    without = [test.name for test in tests if not images_of(test.set, place).has("boxes")]
    if without:
        raise DataError(
            "G-READ-015",
            en=f"marks are judged by the boxes of the data set; that of test '{without[0]}' has none. Frame the lesions on the screen Annotate, or join a table with x, y, width, height.",
            ja=f"マークの正誤はデータセットの矩形で判定しますが、条件「{without[0]}」のデータセットには矩形がありません。「注釈」の画面で病変を囲むか、x、y、幅、高さの表を結合してください。",
        )
    found = lesions_of(cases, tests, place)
    uneven = [c for c in range(len(cases)) if len({len(found[c, t]) for t in range(len(tests))}) > 1]
    if uneven:
        raise DataError(
            "G-READ-016",
            en=f"a case has the same lesions under every test; in {len(uneven)} cases the numbers of boxes differ (first: case {uneven[0] + 1}). Correct the boxes.",
            ja=f"1 つの症例の病変は、どの条件でも同じでなければなりません。矩形の数が異なる症例が {len(uneven)} あります (最初: 症例 {uneven[0] + 1})。矩形を直してください。",
        )


def _need_truth(cases: Sequence[Case], tests: Sequence[Condition], place: Path, column: str, positive: str) -> None:
    """Every case has one truth, the same under all tests, and both kinds are there."""
    cells = [cells_of(images_of(test.set, place), column) for test in tests]
    told = [{cells[t][row] for t, row in enumerate(case.rows)} for case in cases]
    wrong = [number for number, one in enumerate(told) if len(one) != 1 or "" in one]
    if wrong:
        raise DataError(
            "G-READ-017",
            en=f"the truth of {len(wrong)} cases is empty or differs between tests (first: case {wrong[0] + 1}). Fill in the column '{column}'.",
            ja=f"{len(wrong)} 症例の正解が空か、条件によって異なります (最初: 症例 {wrong[0] + 1})。列「{column}」を埋めてください。",
        )
    values = {value for one in told for value in one}
    if positive not in values or len(values) < 2:
        hint = nearest(positive, values)
        raise DataError(
            "G-READ-018",
            en=f"the column '{column}' needs cases with the value '{positive}' and cases with another one. {hint.en}",
            ja=f"列「{column}」には値が「{positive}」の症例と、それ以外の症例の両方が必要です。{hint.ja}",
        )
