"""The model answer of a lesson: makes the set or the run of a step for somebody who is stuck."""

from __future__ import annotations

from pathlib import Path

from gazo.core.errors import OptionError
from gazo.core.progress import OnEvent, quiet
from gazo.runs.given import Given
from gazo.runs.image_files import Opening
from gazo.runs.launch import launch
from gazo.runs.lessons.lesson import Lesson, ModelRun, Step
from gazo.runs.lessons.progress import Progress, checked, keep, with_step
from gazo.runs.lessons.shelf import step_of
from gazo.runs.make_measurement import make_measurement
from gazo.runs.sets import source_of
from gazo.runs.sets_sample import add_sample
from gazo.runs.start import make_run
from gazo.runs.tasks import entry_of


def can_repair(step: Step) -> bool:
    """Whether the model answer says how to do a step."""
    wants_set, wants_run = step.check.set is not None, step.check.run is not None
    sample, run = (step.model.sample, step.model.run) if step.model else (None, None)
    return (sample is not None or not wants_set) and (run is not None or not wants_run)


def repair(lesson: Lesson, progress: Progress, id: str, place: Path, *, on_event: OnEvent = quiet) -> Progress:
    """Do a step, and those before it that are not done, as the model answer does; a run is begun and goes on by itself."""
    until = lesson.file.steps.index(step_of(lesson, id))
    for step in lesson.file.steps[: until + 1]:
        progress = checked(lesson, progress, place)
        if progress.steps[step.id].state == "open":
            progress = keep(_done(lesson, progress, step, place, on_event), place)
    return checked(lesson, progress, place)


def _done(lesson: Lesson, progress: Progress, step: Step, place: Path, on_event: OnEvent) -> Progress:
    if not can_repair(step):
        raise OptionError(
            "G-LSN-010",
            en=f"the lesson has no model answer for the step '{step.title.en}'. Do it yourself, or ask your teacher.",
            ja=f"手順「{step.title.ja}」の模範解答は用意されていません。ご自分で行うか、講師に尋ねてください。",
        )
    if step.check.set and step.model and step.model.sample:
        made = add_sample(step.model.sample, place, seed=progress.seed, on_event=on_event)
        progress = with_step(progress, step.id, set=made.id)
    if step.check.run and step.model and step.model.run:
        folder = make_model_run(step.model.run, progress, place, name=step.id, on_event=on_event)
        launch(folder)
        progress = with_step(progress, step.id, run=folder.name)
    choice = step.check.answer.right if step.check.answer else progress.steps[step.id].choice
    return with_step(progress, step.id, helped=True, choice=choice)


def make_model_run(wanted: ModelRun, progress: Progress, place: Path, *, name: str, on_event: OnEvent = quiet) -> Path:
    """The folder of the run, ready for a worker; it learns from the set of the lesson, or measures what needs no images."""
    room, _, task = wanted.task.partition(" ")
    if entry_of((room, task)).kind == "operation":
        return make_measurement(
            (room, task), Given(), place=place, options=wanted.options, opening=Opening(), seed=progress.seed, name=name,
            on_event=on_event,
        )  # fmt: skip
    if not progress.set:
        raise OptionError(
            "G-LSN-011",
            en="this step learns from the data set of an earlier step, and there is none. Do that step first.",
            ja="この手順は前の手順のデータセットで学習しますが、まだありません。先にその手順を行ってください。",
        )
    path, source = source_of(progress.set, place)
    return make_run(
        (room, task), path, place=place, source=source, options=wanted.options, protocol=wanted.protocol, seed=progress.seed,
        name=name, on_event=on_event,
    )  # fmt: skip
