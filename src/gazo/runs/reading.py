"""Reading experiments: people judge images one after the other, in an order of their own, without a word about truth or method.

An experiment is the folder ``readings/ID`` (8 hex digits) of a workspace: ``experiment.json``, ``orders.json`` (drawn once, so that
what a reader was shown never depends on the version of gazo), ``answers/READER.jsonl`` (appended) and ``packs/`` (what was handed out).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError

from gazo.core.errors import FileError, OptionError, nearest
from gazo.core.files import storage_error, write_json
from gazo.core.parameters import Label
from gazo.runs.reading_cases import Case, Condition, Words, conditions_of, matched_cases, with_training
from gazo.runs.reading_order import Trial, orders_of
from gazo.runs.sets import now

FORMAT = 1
Task = Literal["rating", "marks", "grading", "pair", "rank"]
Scale = Literal["", "five", "hundred", "yesno", "two", "three", "seven"]
# The steps each task offers, the usual one first; scores of pairs are positive where the left image is better.
SCALES: dict[str, tuple[Scale, ...]] = {
    "rating": ("five", "hundred", "yesno"),
    "marks": ("hundred", "five"),
    "grading": ("five", "yesno"),
    "pair": ("five", "seven", "three", "two"),
    "rank": ("",),
}
MOST_RANKED = 12  # images that fit on a screen side by side
_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, kw_only=True)
class ReadingExperiment:
    """What is judged, by whom and how.

    Parameters
    ----------
    tests : the conditions that are compared; one where images are judged alone.
    cases : the images of each case, a row of the set of each test.
    truth, positive : column of the set with the truth and its value for disease; with marks the boxes of the set are the truth.
    mixed : every session shows each case once, under tests that change from case to case; else a session shows one test.
    both_orders : each pair is shown twice, sides changed (Ura); else once (Nakaya, preference).
    one_mark : exactly one mark on each image (localisation), else any number.
    acceptance_px : a mark hits a lesion within this distance of its centre; 0 asks for a mark inside its box.
    actual_size : images begin at 1:1, one pixel of the image on one of the screen; else they fit the window.
    back : answers may be changed until the session ends.
    """

    id: str
    name: Words
    created: str
    task: Task
    scale: Scale
    tests: Annotated[tuple[Condition, ...], MinLen(1)]
    cases: Annotated[tuple[Case, ...], MinLen(1)]
    readers: Annotated[tuple[Words, ...], MinLen(1), MaxLen(99)]
    criteria: tuple[Words, ...] = ()
    truth: str = ""
    positive: str = ""
    mixed: bool = False
    both_orders: bool = False
    one_mark: bool = False
    acceptance_px: Annotated[float, Ge(0)] = 0.0
    actual_size: bool = False
    back: bool = True
    washout_days: Annotated[float, Ge(0), Le(365)] = 0.0
    break_minutes: Annotated[int, Ge(0), Le(240)] = 30
    seed: int = 0
    format: int = FORMAT


def new_reading(
    name: str,
    sets: Sequence[str],
    place: Path,
    *,
    task: Annotated[Task, Label("課題", "Task")] = "rating",
    scale: Annotated[Scale, Label("評定の段階", "Scale")] = "",
    readers: Annotated[tuple[str, ...], Label("読影者", "Readers")] = ("1",),
    test_names: Annotated[tuple[str, ...], Label("条件の名前 (データセットごと)", "Names of the tests, one a set")] = (),
    test_column: Annotated[str, Label("条件の列", "Column of the test")] = "",
    case_column: Annotated[str, Label("症例の列", "Column of the case")] = "",
    truth: Annotated[str, Label("正解の列", "Column of the truth")] = "",
    positive: Annotated[str, Label("陽性の値", "Value that means disease")] = "",
    criteria: Annotated[tuple[str, ...], Label("評価項目", "Criteria")] = (),
    training: Annotated[int, Ge(0), Le(100), Label("練習用の症例数", "Training cases")] = 0,
    mixed: Annotated[bool, Label("1 回の読影で条件を混ぜる", "Mix the tests within a session")] = False,
    both_orders: Annotated[bool, Label("左右を入れ替えて 2 回提示", "Show each pair in both orders")] = False,
    one_mark: Annotated[bool, Label("マークは 1 画像に 1 つ", "Exactly one mark on each image")] = False,
    acceptance_px: Annotated[float, Ge(0), Label("正解とする距離 (0: 矩形の内側)", "Accepted distance (0: inside the box)", "px")] = 0.0,
    actual_size: Annotated[bool, Label("等倍 (1:1) で表示を始める", "Begin at actual size (1:1)")] = False,
    back: Annotated[bool, Label("前の画像に戻れる", "Earlier images may be changed")] = True,
    washout_days: Annotated[float, Ge(0), Le(365), Label("セッションの間隔", "Washout between sessions", "d")] = 0.0,
    break_minutes: Annotated[int, Ge(0), Le(240), Label("休憩を勧める間隔", "Suggest a break every", "min")] = 30,
    seed: Annotated[int, Ge(0), Label("順序の乱数シード", "Seed of the orders")] = 0,
) -> ReadingExperiment:  # fmt: skip
    """Make an experiment and draw the order of each reader.

    Parameters
    ----------
    sets : ids of data sets: one, whose column may tell the tests apart, or one for each test.
    """
    conditions = conditions_of(sets, test_names, test_column, place)
    cases = matched_cases(conditions, test_column, case_column, place, truth=truth, positive=positive, boxes=task == "marks")
    cases = with_training(cases, training, conditions[0], place, truth=truth, seed=seed)
    facts = {
        "id": secrets.token_hex(4), "name": name, "created": now(), "task": task, "scale": scale or SCALES[task][0],
        "tests": [asdict(one) for one in conditions], "cases": [asdict(one) for one in cases], "readers": list(readers),
        "criteria": list(criteria), "truth": truth, "positive": positive, "mixed": mixed, "both_orders": both_orders,
        "one_mark": one_mark, "acceptance_px": acceptance_px, "actual_size": actual_size, "back": back,
        "washout_days": washout_days, "break_minutes": break_minutes, "seed": seed,
    }  # fmt: skip
    made = _checked(facts)
    _need_sense(made)
    orders = orders_of(made.task, made.cases, len(made.tests), len(made.readers), mixed=mixed, both_orders=both_orders, seed=seed)
    _write(made, orders, place)
    return made


def find_reading(id: str, place: Path) -> ReadingExperiment:
    """The experiment of that id; an error names the nearest."""
    known = [folder.name for folder in _folders(place)]
    if id not in known:
        hint = nearest(id[:40], known)
        raise FileError(
            "G-READ-001",
            en=f"there is no reading experiment '{id[:40]}' in this workspace. {hint.en}",
            ja=f"この作業フォルダに読影実験「{id[:40]}」はありません。{hint.ja}",
        )
    return _read(folder_of(id, place))


def list_readings(place: Path) -> list[ReadingExperiment]:
    """All experiments of a workspace, the newest first."""
    return sorted((_read(folder) for folder in _folders(place)), key=lambda one: (one.created, one.id), reverse=True)


def delete_reading(id: str, place: Path) -> None:
    """Remove an experiment with everything that was answered."""
    find_reading(id, place)
    shutil.rmtree(folder_of(id, place))


def folder_of(id: str, place: Path) -> Path:
    """Where an experiment lies; the id has to be one that was checked."""
    return place / "readings" / id


def trials_of(experiment: ReadingExperiment, reader: int, place: Path) -> tuple[Trial, ...]:
    """What a reader (from 1) is shown, in order."""
    if not 1 <= reader <= len(experiment.readers):
        raise OptionError(
            "G-READ-002",
            en=f"this experiment has {len(experiment.readers)} readers, numbered from 1; there is no number {reader}. Choose one of the list.",
            ja=f"この実験の読影者は {len(experiment.readers)} 名 (1 から数えます) で、番号 {reader} の読影者はいません。一覧から選んでください。",
        )
    stored = json.loads((folder_of(experiment.id, place) / "orders.json").read_text(encoding="utf-8"))[reader - 1]
    return tuple(TypeAdapter(Trial).validate_python(one) for one in stored)


def _write(made: ReadingExperiment, orders: Sequence[Sequence[Trial]], place: Path) -> None:
    folder = folder_of(made.id, place)
    try:
        for part in ("answers", "packs", "returns"):
            (folder / part).mkdir(parents=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    write_json(folder / "orders.json", [[asdict(trial) for trial in order] for order in orders])
    write_json(folder / "experiment.json", asdict(made))


def _folders(place: Path) -> list[Path]:
    home = place / "readings"
    there = home.iterdir() if home.is_dir() else ()
    return [folder for folder in there if _ID.fullmatch(folder.name) and (folder / "experiment.json").is_file()]


def _read(folder: Path) -> ReadingExperiment:
    return _checked(json.loads((folder / "experiment.json").read_text(encoding="utf-8")))


def _checked(facts: Mapping[str, Any]) -> ReadingExperiment:
    try:
        return TypeAdapter(ReadingExperiment).validate_python(dict(facts))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise OptionError(
            "G-READ-003",
            en=f"the experiment is not complete or wrong at '{where}'. It needs a name, a task, at least one case and one reader (names of 1 to 60 letters).",
            ja=f"読影実験の「{where}」がないか、正しくありません。名前、課題、1 つ以上の症例、1 名以上の読影者 (名前は 1～60 文字) が必要です。",
        ) from None


def _need_sense(made: ReadingExperiment) -> None:
    if made.scale not in SCALES[made.task]:
        known = ", ".join(SCALES[made.task]) or "-"
        raise OptionError(
            "G-READ-004",
            en=f"the task '{made.task}' has no scale '{made.scale}'; it has: {known}. Choose one of them.",
            ja=f"課題「{made.task}」に評定の段階「{made.scale}」はありません。選べるもの: {known}。",
        )
    if len({one.casefold() for one in made.readers}) < len(made.readers):
        raise OptionError(
            "G-READ-005",
            en="two readers have the same name, so their answers could not be told apart. Give each a name or code of their own.",
            ja="同じ名前の読影者が 2 名いるため、回答を区別できません。それぞれに別の名前か符号を付けてください。",
        )
    if (made.task == "grading") != bool(made.criteria) or len(set(made.criteria)) < len(made.criteria):
        raise OptionError(
            "G-READ-006",
            en=f"visual grading needs criteria, each named once, and other tasks have none; {len(made.criteria)} came. Correct the list.",
            ja=f"視覚評価には重複のない評価項目が必要です。他の課題には項目を付けません (受け取った項目: {len(made.criteria)})。一覧を直してください。",
        )
    compared = len(made.tests) if len(made.tests) > 1 else sum(not case.training for case in made.cases)
    if made.task in ("pair", "rank") and not 2 <= compared <= MOST_RANKED:
        raise OptionError(
            "G-READ-007",
            en=f"pairs and ranks compare 2 to {MOST_RANKED} tests, or as many images of one test; {compared} came. Choose a smaller set or name the column of the test.",
            ja=f"一対比較と順位付けで比べられる条件の数 (条件が 1 つのときは画像の枚数) は 2～{MOST_RANKED} です (受け取った数: {compared})。データセットを絞るか、条件の列を指定してください。",
        )
