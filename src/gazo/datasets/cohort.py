"""Choose the images of a study by conditions, one after the other, and keep count of who is left out at each."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError, nearest
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table, result
from gazo.datasets.repairs import iso_date
from gazo.datasets.strata import is_missing, kept_together
from gazo.io.rows import plain
from gazo.io.where import number

Sign = Literal["=", "!=", "<", "<=", ">", ">=", "in", "filled", "first", "last", "one"]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Condition:
    """What an image must fulfil to stay.

    Parameters
    ----------
    sign : "=" or "!=" a value as text; "<" "<=" ">" ">=" as numbers or dates; "in" some values; "filled": the cell is not empty;
        "first" or "last": the examination of that patient with the earliest or latest date (column of dates; all its images);
        "one": the first image of each patient among those left.
    column : not for "one"; for "first" and "last" the role `date` where none is named.
    values : one, several for "in", none for the others.
    """

    sign: Sign
    column: str = ""
    values: tuple[str, ...] = ()


@result("exclusion step")
@dataclass(frozen=True)
class FlowStep:
    """Why images left, how many of them and of patients, and what remained. Patients count as left when none of their images remains."""

    reason: Text
    images_out: int
    patients_out: int
    images: int
    patients: int


@result("exclusion flow")
@dataclass(frozen=True)
class Flow:
    """The way from all images to those of the study, as CONSORT and STARD ask to show it.

    Parameters
    ----------
    patients_known : without patients every image counts as one, and patients are not told.
    """

    title: Text
    images: int
    patients: int
    steps: tuple[FlowStep, ...]
    patients_known: bool = True

    def table(self) -> Table:
        """One line a step."""
        headings = (Text("除外の理由", "Reason"), Text("除外した画像", "Images left out"), Text("除外した患者", "Patients left out"),
                    Text("残りの画像", "Images left"), Text("残りの患者", "Patients left"))  # fmt: skip
        start = (Text("対象", "All"), 0, 0, self.images, self.patients)
        rows = tuple((s.reason, s.images_out, s.patients_out, s.images, s.patients) for s in self.steps)
        return Table(self.title, headings, (start, *rows))


@dataclass(frozen=True, eq=False)
class Cohort:
    """The rows that stay, and the way there."""

    rows: NDArray[np.int64]
    flow: Flow


@feature("研究対象の選択 (除外フロー図)", "Choose a cohort, with its exclusion diagram", booklet="D14")
def cohort(images: ImageSet, conditions: Sequence[Condition]) -> Cohort:
    """Apply the conditions in their order; each sees what the ones before have left.

    Raises
    ------
    DataError : an unknown column, dates or patients that are not known, or no image left. OptionError : a condition that cannot be understood.
    """
    patients = kept_together(images)
    rows = np.arange(len(images))
    steps = []
    for condition in conditions:
        kept = rows[_stays(images, condition, rows, patients)]
        gone = len(set(patients[rows].tolist()) - set(patients[kept].tolist()))
        steps.append(FlowStep(reason(condition), len(rows) - len(kept), gone, len(kept), len(set(patients[kept].tolist()))))
        rows = kept
        if not len(rows):
            said = reason(condition)
            raise DataError(
                "G-SET-080",
                en=f"no image is left after leaving out: {said.en}. Loosen this condition or take it away.",
                ja=f"「{said.ja}」を除外すると画像が残りません。この条件をゆるめるか、外してください。",
            )
    title = Text("対象の選択", "Selection of the study")
    return Cohort(rows, Flow(title, len(images), len(set(patients.tolist())), tuple(steps), images.has("patient")))


def reason(condition: Condition) -> Text:
    """Why an image that does not fulfil a condition is left out."""
    name, values = condition.column, condition.values
    shown = ", ".join(values)
    if condition.sign == "=":
        return Text(f"{name} が「{shown}」でない", f"{name} is not {shown}")
    if condition.sign == "!=":
        return Text(f"{name} が「{shown}」", f"{name} is {shown}")
    if condition.sign == "in":
        return Text(f"{name} が「{'・'.join(values)}」のいずれでもない", f"{name} is none of {shown}")
    if condition.sign == "filled":
        return Text(f"{name} が空", f"{name} is missing")
    if condition.sign == "first":
        return Text("初回の検査でない", "not the first examination")
    if condition.sign == "last":
        return Text("最後の検査でない", "not the last examination")
    if condition.sign == "one":
        return Text("同じ患者の 2 枚目以降", "further image of a patient")
    words = {"<": "未満", "<=": "以下", ">": "超", ">=": "以上"}
    other = _OPPOSITE[condition.sign]
    return Text(f"{name} が {shown} {words[other]}、または不明", f"{name} {other} {shown} or unknown")


def _stays(images: ImageSet, condition: Condition, rows: NDArray[Any], patients: NDArray[Any]) -> NDArray[np.bool_]:
    """For each of some rows whether it fulfils the condition."""
    if condition.sign not in get_args(Sign):
        hint = nearest(condition.sign, get_args(Sign))
        raise OptionError(
            "G-SET-081",
            en=f"'{condition.sign}' is no comparison. {hint.en}",
            ja=f"「{condition.sign}」という比較はありません。{hint.ja}",
        )
    if condition.sign == "one":
        _need_patients(images)
        return np.isin(np.arange(len(rows)), np.unique(patients[rows], return_index=True)[1])
    if condition.sign in ("first", "last"):
        return _of_examination(images, condition, rows, patients)
    cells = images.with_role("date", condition.column).role("date")[rows]  # an unknown column is told by its name
    if condition.sign == "filled":
        return np.array([not is_missing(cell) for cell in cells], bool)
    wanted = _need_values(condition)
    texts = [None if is_missing(cell) else plain(_text(cell)) for cell in cells]
    if condition.sign in ("=", "in"):
        return np.array([text in wanted for text in texts], bool)
    if condition.sign == "!=":
        return np.array([text not in wanted for text in texts], bool)
    limit, read = _limit(condition, wanted[0])
    order = _ORDER[condition.sign]
    return np.array([text is not None and (value := read(text)) is not None and order(value, limit) for text in texts], bool)


def _text(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float | np.floating) else str(cell)


def _need_values(condition: Condition) -> list[str]:
    count = len(condition.values)
    if count == 0 or (count > 1 and condition.sign != "in"):
        raise OptionError(
            "G-SET-082",
            en=f"the condition on '{condition.column}' needs {'values' if condition.sign == 'in' else 'one value'}; {count} came. Choose again.",
            ja=f"列「{condition.column}」の条件には値が{'必要' if condition.sign == 'in' else ' 1 つ必要'}ですが、{count} 個でした。選び直してください。",
        )
    return [plain(value) for value in condition.values]


def _limit(condition: Condition, wanted: str) -> tuple[Any, Callable[[str], Any]]:
    """What is compared with, as a number or as a day, and how cells are read then."""
    value = number(wanted)
    if value is not None:
        return value, number
    day = iso_date(wanted)
    if day is None:
        raise OptionError(
            "G-SET-083",
            en=f"'{condition.column}' is compared with '{wanted}', which is neither a number nor a date (2024-04-01). Type one.",
            ja=f"列「{condition.column}」の比較の値「{wanted}」は、数でも日付 (2024-04-01) でもありません。入力し直してください。",
        )
    return day, iso_date


def _of_examination(images: ImageSet, condition: Condition, rows: NDArray[Any], patients: NDArray[Any]) -> NDArray[np.bool_]:
    """The images of the earliest (latest) day of each patient; those without a date only where the patient has none at all."""
    _need_patients(images)
    cells = images.with_role("date", condition.column).role("date") if condition.column else images.role("date")
    days = [None if is_missing(cells[row]) else iso_date(_text(cells[row])) for row in rows]
    if not any(days):
        column = condition.column or images.roles["date"]
        raise DataError(
            "G-SET-084",
            en=f"the column '{column}' holds no date, so no examination is the first. Choose the column of the examination date.",
            ja=f"列「{column}」に日付がないため、検査の順番がわかりません。検査日の列を選んでください。",
        )
    choose = min if condition.sign == "first" else max
    wanted: dict[int, str] = {}
    for patient, day in zip(patients[rows].tolist(), days, strict=True):
        if day is not None:
            wanted[patient] = choose(day, wanted.get(patient, day))
    return np.array([wanted.get(patient) == day for patient, day in zip(patients[rows].tolist(), days, strict=True)], bool)


def _need_patients(images: ImageSet) -> None:
    if not images.has("patient"):
        raise DataError(
            "G-SET-085",
            en="this condition needs to know the patients. Choose the column of patients first.",
            ja="この条件には患者の情報が必要です。先に患者の列を指定してください。",
        )
