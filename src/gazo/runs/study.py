"""A study: the runs and data that belong together, with what a paper must report about them.

It lies in the workspace as ``studies/NAME/study.json``. Runs are named, data known by their content; no path stands in it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, TypeAdapter, ValidationError

from gazo.core.errors import FileError, OptionError, RunError, nearest
from gazo.core.files import storage_error, write_json
from gazo.core.parameters import Label
from gazo.runs.ownership import STATES, read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.references import recall
from gazo.runs.workspace import find_run

FORMAT = 1
# One part of a path and nothing that leads elsewhere, on any system: what comes out of an archive is held to this too.
_NAME = r"^[^./\\:*?\"<>|\x00-\x1f][^/\\:*?\"<>|\x00-\x1f]{0,99}$"
Name = Annotated[str, StringConstraints(pattern=_NAME)]


@dataclass(frozen=True, kw_only=True)
class DataReference:
    """Some images by their content: the key under which workspaces know them, SHA-256 of all of it, number of images."""

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    rows: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered to an item of the reporting checklist: whether the paper says it, and where or what."""

    state: Literal["open", "reported", "not applicable"] = "open"
    text: Annotated[str, StringConstraints(max_length=5000)] = ""


@dataclass(frozen=True, kw_only=True)
class Study:
    """What belongs together, and the facts to report.

    Parameters
    ----------
    name : of its folder.
    created : day, as 2024-04-01.
    ethics : number of the approval by the ethics committee.
    period : in which the images were taken.
    exclusions : who was left out, and why.
    runs : names of run folders in the same workspace.
    data : what these runs were made from.
    checklist : answers by the key of the item (`gazo.runs.study_checklist`).
    """

    name: Name
    title: str = ""
    created: str = ""
    ethics: str = ""
    period: str = ""
    exclusions: str = ""
    notes: str = ""
    runs: tuple[Name, ...] = ()
    data: tuple[DataReference, ...] = ()
    checklist: Mapping[str, Answer] = field(default_factory=dict)
    format: int = FORMAT


def new_study(name: str, place: Path) -> Study:
    """An empty study in a workspace; a name that is taken is refused."""
    if not re.match(_NAME, name):
        raise OptionError(
            "G-STU-001",
            en=f"'{name}' cannot be the name of a study: it becomes a folder, so use letters, digits, - and _ (100 at most).",
            ja=f"「{name}」は研究の名前にできません。フォルダ名になるため、文字・数字・-・_ を使い、100 文字以内にしてください。",
        )
    if _file(name, place).exists():
        raise OptionError(
            "G-STU-002",
            en=f"there is a study '{name}' already. Choose another name, or add runs to it with `gazo study add {name} RUN`.",
            ja=f"研究「{name}」はすでにあります。別の名前にするか、`gazo study add {name} 実行` で実行を追加してください。",
        )
    return write_study(Study(name=name, created=time.strftime("%Y-%m-%d")), place)


def write_study(study: Study, place: Path) -> Study:
    """Keep a study in its folder; returns it."""
    file = _file(study.name, place)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, study.name) from None
    write_json(file, asdict(study))
    return study


def read_study(name: str, place: Path) -> Study:
    """The study of that name; the nearest name is told when there is none."""
    if name not in list_studies(place):
        hint = nearest(name, list_studies(place))
        raise FileError(
            "G-STU-003",
            en=f"there is no study '{name}' in this workspace. {hint.en} Make one with `gazo study new NAME`.",
            ja=f"この作業フォルダに研究「{name}」はありません。{hint.ja} `gazo study new 名前` で作成できます。",
        )
    return study_in(_file(name, place))


def study_in(file: Path) -> Study:
    """The study in a ``study.json``, whoever wrote it; another format is refused by name."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stored = None
    if not isinstance(stored, dict) or "format" not in stored:
        stored = None
    elif stored["format"] != FORMAT:
        raise RunError(
            "G-STU-004",
            en=f"the study has format {stored['format']!r}; this version of gazo reads {FORMAT}. Install the gazo it was made with.",
            ja=f"研究の形式は {stored['format']!r} ですが、この版の gazo が読めるのは {FORMAT} です。作成時の gazo を入れてください。",
        )
    try:
        return TypeAdapter(Study).validate_python(stored)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "study.json"
        raise FileError(
            "G-STU-005",
            en=f"this is no study of gazo: its study.json is missing or wrong at '{where}'. Use one that gazo wrote.",
            ja=f"gazo の研究ではありません。study.json がないか、「{where}」が正しくありません。gazo が作成したものを使ってください。",
        ) from None


def delete_study(name: str, place: Path) -> None:
    """Remove a study; its runs and images stay."""
    study = read_study(name, place)
    gone = place / "cache" / f"deleted-study-{secrets.token_hex(4)}"  # out of sight in one step, then file by file
    try:
        os.replace(_file(study.name, place).parent, gone)
    except OSError as error:
        raise storage_error(error, study.name) from None
    shutil.rmtree(gone, ignore_errors=True)


def list_studies(place: Path) -> list[str]:
    """The names of all studies of a workspace."""
    return sorted(file.parent.name for file in (place / "studies").glob("*/study.json"))


def add_runs(study: Study, runs: Sequence[str | Path], place: Path) -> Study:
    """The study with more finished runs of this workspace, and with what they were made from."""
    names = list(study.runs)
    for run in runs:
        folder = find_run(run, place)
        if folder.parent != place / "runs":
            raise RunError(
                "G-STU-006",
                en=f"the run '{folder.name}' lies outside this workspace. Name the workspace it lies in with --workspace.",
                ja=f"実行「{folder.name}」はこの作業フォルダの外にあります。--workspace でその作業フォルダを指定してください。",
            )
        if not (folder / "results.json").exists():
            state = STATES[read_status(folder)["state"]]
            raise RunError(
                "G-STU-007",
                en=f"the run '{folder.name}' has no results (state: {state.en}). Finish it with `gazo run --resume {folder.name}` first.",
                ja=f"実行「{folder.name}」には結果がありません (状態: {state.ja})。先に `gazo run --resume {folder.name}` で完了させてください。",
            )
        names += [folder.name] * (folder.name not in names)
    return write_study(with_runs(study, names, place), place)


def remove_runs(study: Study, runs: Sequence[str], place: Path) -> Study:
    """The study without some runs; their folders stay where they are."""
    for run in runs:
        if run not in study.runs:
            hint = nearest(run, study.runs)
            raise RunError(
                "G-STU-008",
                en=f"the study '{study.name}' has no run '{run}'. {hint.en}",
                ja=f"研究「{study.name}」に実行「{run}」はありません。{hint.ja}",
            )
    return write_study(with_runs(study, [name for name in study.runs if name not in runs], place), place)


def with_runs(study: Study, names: Sequence[str], place: Path) -> Study:
    """The study with exactly these runs, and the data of those whose folder is there."""
    recipes = [read_recipe(place / "runs" / name) for name in names if (place / "runs" / name / "recipe.json").exists()]
    made_from = [one for recipe in recipes for one in recipe.references]
    found = {sha256: DataReference(key=sha256[:12], sha256=sha256, rows=rows) for _, sha256, rows in made_from}
    return replace(study, runs=tuple(names), data=tuple(found.values()))


def is_linked(key: str, place: Path) -> bool:
    """Whether this workspace knows where the data of that key lies, and something is there."""
    try:
        return recall(key, place).exists()
    except RunError:
        return False


def set_facts(
    study: Study,
    place: Path,
    *,
    title: Annotated[str | None, Label("題名", "Title")] = None,
    ethics: Annotated[str | None, Label("倫理審査の承認番号", "Number of the ethics approval")] = None,
    period: Annotated[str | None, Label("撮影期間", "Period in which the images were taken")] = None,
    exclusions: Annotated[str | None, Label("除外基準と除外数", "Who was left out, and why")] = None,
    notes: Annotated[str | None, Label("メモ", "Notes")] = None,
) -> Study:
    """The study with some facts replaced; what is None stays."""
    facts: dict[str, Any] = {"title": title, "ethics": ethics, "period": period, "exclusions": exclusions, "notes": notes}
    return write_study(replace(study, **{name: fact for name, fact in facts.items() if fact is not None}), place)


def _file(name: str, place: Path) -> Path:
    return place / "studies" / name / "study.json"
