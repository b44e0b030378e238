"""How far somebody is in a lesson: which set and run belong to it, which steps are done, and what is missing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gazo.core.errors import GazoError, OptionError
from gazo.core.files import storage_error, write_json
from gazo.core.language import Text
from gazo.runs.lessons.facts import Facts, facts_of_run, facts_of_set, title_of_run, unmet
from gazo.runs.lessons.lesson import Condition, Lesson, Step
from gazo.runs.lessons.shelf import step_of
from gazo.runs.ownership import UNDER_WAY, read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.references import recall
from gazo.runs.sets import list_sets, set_of
from gazo.runs.workspace import run_folders

State = Literal["open", "under way", "done"]
Missing = Mapping[str, tuple[Text, ...]]


@dataclass(frozen=True)
class Done:
    """What is known of a step.

    Parameters
    ----------
    state : how far it is.
    helped : the model answer did it.
    set, run : what it was done with.
    choice : the answer that was chosen last.
    """

    state: State = "open"
    helped: bool = False
    set: str = ""
    run: str = ""
    choice: int | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The steps of a lesson in order, since when (seconds), and a nickname for the teacher's table."""

    lesson: str
    digest: str
    started: float
    steps: Mapping[str, Done]
    nickname: str = ""
    seed: int = 0
    missing: Missing = field(default_factory=dict)

    @property
    def set(self) -> str:
        """The data set of the lesson: that of the last step that has one."""
        return next((done.set for done in reversed(self.steps.values()) if done.set), "")

    @property
    def run(self) -> str:
        """The last run of the lesson."""
        return next((done.run for done in reversed(self.steps.values()) if done.run), "")

    def current(self) -> str:
        """The first step that waits for somebody; empty when all are done."""
        return next((id for id, done in self.steps.items() if not _passed(done)), "")


def progress_of(lesson: Lesson, place: Path) -> Progress | None:
    """What was kept of a lesson; None when it was not begun. Steps that a newer version of the lesson has are open."""
    try:
        stored = json.loads(_file(lesson.name, place).read_text(encoding="utf-8"))
        steps = {step.id: Done(**stored["steps"].get(step.id, {})) for step in lesson.file.steps}
        return Progress(
            lesson=lesson.name, digest=lesson.digest, started=float(stored["started"]), steps=steps,
            nickname=str(stored["nickname"]), seed=int(stored["seed"]),
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError):
        return None


def begin(lesson: Lesson, place: Path, *, anew: bool = False) -> Progress:
    """Go on with a lesson, or begin it; `anew` forgets what was done (sets and runs stay where they are)."""
    there = progress_of(lesson, place)
    if there is not None and not anew:
        return there
    steps = {step.id: Done() for step in lesson.file.steps}
    kept = there.nickname if there else ""
    return keep(
        Progress(
            lesson=lesson.name, digest=lesson.digest, started=time.time(), steps=steps, nickname=kept, seed=lesson.file.seed
        ),
        place,
    )


def keep(progress: Progress, place: Path) -> Progress:
    """Write down how far a lesson is."""
    file = _file(progress.lesson, place)
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise storage_error(error, file) from None
    write_json(file, {name: value for name, value in asdict(progress).items() if name != "missing"})
    return progress


def with_step(progress: Progress, id: str, **changes: Any) -> Progress:
    """The progress with something new known of a step."""
    return replace(progress, steps={**progress.steps, id: replace(progress.steps[id], **changes)})


def named(progress: Progress, nickname: str, place: Path) -> Progress:
    """The progress under a nickname: one line, 20 letters at most."""
    return keep(replace(progress, nickname=re.sub(r"[\x00-\x1f\x7f]+", " ", nickname).strip()[:20]), place)


def answered(lesson: Lesson, progress: Progress, id: str, choice: int, place: Path) -> Progress:
    """Remember an answer; the step is looked at with the next `checked`."""
    question = step_of(lesson, id).check.answer
    if question is None or not 0 <= choice < len(question.choices):
        raise OptionError(
            "G-LSN-009",
            en=f"the step '{id}' has no choice number {choice}. Choose one of those shown.",
            ja=f"手順「{id}」に選択肢 {choice} はありません。表示されている中から選んでください。",
        )
    return keep(with_step(progress, id, choice=choice), place)


def checked(lesson: Lesson, progress: Progress, place: Path, *, at: str = "") -> Progress:
    """Look at the workspace, step after step up to the first that is not done; `missing` tells what that one lacks.

    Parameters
    ----------
    at : the address the user looks at.
    """
    before = progress
    progress = _without_lost(progress, place)
    missing: dict[str, tuple[Text, ...]] = {}
    for step in lesson.file.steps:
        if progress.steps[step.id].state == "done":
            continue
        done, lacks = _step(step, progress, place, at)
        progress = replace(progress, steps={**progress.steps, step.id: done})
        if lacks:
            missing[step.id] = lacks
        if not _passed(done):
            break
    if progress.steps != before.steps:
        keep(progress, place)
    return replace(progress, missing=missing)


def screen_of(step: Step, progress: Progress) -> str:
    """The address of a step with what the lesson has made put in; cut off before what is not there yet."""
    known = {"set": progress.steps[step.id].set or progress.set, "run": progress.steps[step.id].run or progress.run}
    address = step.screen
    for name, value in known.items():
        if value:
            address = address.replace("{" + name + "}", value)
    return re.split(r"[/?&][^/?&]*\{", address)[0] or "/"


def _step(step: Step, progress: Progress, place: Path, at: str) -> tuple[Done, tuple[Text, ...]]:
    """One step: all its checks; what it was done with is remembered even when something else is missing."""
    done, lacks = progress.steps[step.id], []
    state: State = "done"
    if step.check.set:
        id, told = _set(step.check.set, done, place)
        done, lacks = replace(done, set=id), [*lacks, *told]
    if step.check.run:
        id, told = _run(step.check.run, done, progress, place)
        done, lacks = replace(done, run=id), [*lacks, *told]
        if id and read_status(place / "runs" / id)["state"] in UNDER_WAY:
            state = "under way"
    if step.check.seen and not done.helped and not _seen(step, progress, at):
        lacks.append(Text("画面をまだ開いていません。", "The screen was not opened yet."))
    if step.check.answer and done.choice != step.check.answer.right:
        lacks.append(_not_right(done.choice))
    if lacks and state == "done":
        state = "open"
    return replace(done, state=state), tuple(lacks)


def _set(conditions: Mapping[str, Condition], done: Done, place: Path) -> tuple[str, list[Text]]:
    """The set that fulfils all conditions, else what the best one lacks."""
    found = list_sets(place)
    found.sort(key=lambda one: one.id != done.set)  # the one remembered first
    if not found:
        return "", [Text("データセットがまだありません。", "There is no data set yet.")]
    id, told = _best(((one.id, Text(one.name, one.name), lambda one=one: facts_of_set(one, place)) for one in found), conditions)
    return ("", told) if told else (id, [])


def _run(conditions: Mapping[str, Condition], done: Done, progress: Progress, place: Path) -> tuple[str, list[Text]]:
    """The run that fulfils all conditions, else one of this lesson that is under way, else what the best one lacks."""
    taken = {other.run for other in progress.steps.values() if other.run and other.run != done.run}
    task = str(conditions.get("task", ""))
    folders = [f for f in reversed(run_folders(place)) if f.name not in taken and _belongs(f, task, progress, place, done)]
    if not folders:
        label = _label(task)
        return "", [Text(f"「{label.ja}」の実行がまだありません。", f"There is no run of '{label.en}' yet.")]
    id, told = _best(((f.name, title_of_run(f), lambda f=f: facts_of_run(f)) for f in folders), conditions)
    under_way = [f.name for f in folders if read_status(f)["state"] in UNDER_WAY]
    if told and under_way:
        return under_way[0], [Text("実行中です。終わるまでお待ちください。", "The run is under way; wait until it has finished.")]
    return ("", told) if told else (id, [])


def _belongs(folder: Path, task: str, progress: Progress, place: Path, done: Done) -> bool:
    """Whether a run can be one of this lesson: its task, begun after the lesson, made from its data set."""
    recipe = read_recipe(folder)
    if task and " ".join(recipe.task) != task:
        return False
    if folder.name == done.run:
        return True
    if (folder / "recipe.json").stat().st_mtime < progress.started:
        return False
    if not progress.set or not recipe.data:
        return True
    try:
        return set_of(recall(recipe.data, place), place) == progress.set
    except GazoError:
        return False


def _best(
    candidates: Iterable[tuple[str, Text, Callable[[], Facts]]], conditions: Mapping[str, Condition]
) -> tuple[str, list[Text]]:
    """The first candidate that lacks nothing; else what the one that lacks least lacks, said with its name."""
    least: tuple[str, list[Text]] = "", []
    for id, name, facts in candidates:
        try:
            told = unmet(conditions, facts())
        except GazoError as error:
            told = [error.text]
        if not told:
            return id, []
        if not least[0] or len(told) < len(least[1]):
            least = id, [Text(f"「{name.ja}」— {one.ja}", f"'{name.en}': {one.en}") for one in told]
    return least


def _seen(step: Step, progress: Progress, at: str) -> bool:
    """Whether the address begins with that of the check, as far as it can be filled in."""
    wanted = screen_of(step.model_copy(update={"screen": step.check.seen}), progress)
    path, _, query = wanted.partition("?")
    here, _, there = at.partition("?")
    return (here == path or here.startswith(path.rstrip("/") + "/")) and set(filter(None, query.split("&"))) <= set(
        there.split("&")
    )


def _not_right(choice: int | None) -> Text:
    if choice is None:
        return Text("まだ答えていません。", "Not answered yet.")
    return Text("正しくありません。説明を読み、もう一度選んでください。", "That is not right. Read the text and choose again.")


def _label(task: str) -> Text:
    room, _, name = task.partition(" ")
    from gazo.runs.tasks import entry_of

    try:
        return entry_of((room, name)).label
    except GazoError:
        return Text(task, task)


def _without_lost(progress: Progress, place: Path) -> Progress:
    """Steps whose set or run was deleted are open again."""
    sets = {one.id for one in list_sets(place)}
    for id, done in progress.steps.items():
        if (done.set and done.set not in sets) or (done.run and not (place / "runs" / done.run / "recipe.json").exists()):
            progress = with_step(progress, id, state="open", helped=False, set="", run="")
    return progress


def _passed(done: Done) -> bool:
    """Whether the next step can be looked at: a run of the model answer may finish meanwhile."""
    return done.state == "done" or (done.state == "under way" and done.helped)


def _file(name: str, place: Path) -> Path:
    return place / "lessons-done" / f"{name}.json"
