"""``/api/lessons``: the lessons, how far one is, help with a step, status codes and their table for the teacher."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import GazoError
from gazo.core.language import Language, speaking
from gazo.runs.lessons.codes import Mark, Status, encoded, found_in, status_of
from gazo.runs.lessons.lesson import Lesson, Step
from gazo.runs.lessons.model import can_repair, repair
from gazo.runs.lessons.progress import Done, Progress, answered, begin, checked, named, progress_of, screen_of
from gazo.runs.lessons.shelf import find_lesson, list_lessons, picture_of
from gazo.web.place import Place
from gazo.web.texts import both, error_json

router = APIRouter(prefix="/api/lessons", tags=["lessons"])
StepId = Annotated[str, Field(max_length=40)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Begun(_Asked):
    """Whether what was done before is forgotten."""

    anew: bool = False


class Look(_Asked):
    """The address the user looks at."""

    at: str = Field("", max_length=2000)


class Help(_Asked):
    """The step up to which the model answer is to work; the language names what it makes."""

    step: StepId
    language: Language = "ja"


class Answer(_Asked):
    """A choice, counted from 0."""

    step: StepId
    choice: int


class Nickname(_Asked):
    """What the teacher will read; not necessarily a real name."""

    nickname: str = Field(max_length=200)


class Pasted(_Asked):
    """Anything with status codes in it, such as the log of a chat."""

    text: str = Field(max_length=500_000)


@router.get("")
def listed(place: Place) -> dict[str, Any]:
    """Every lesson that can be held here, and folders that look like one and cannot be read."""
    found, spoiled = list_lessons(place)
    return {
        "lessons": [_short(lesson, progress_of(lesson, place)) for lesson in found],
        "spoiled": [{"name": one.name, "error": error_json(one.error)} for one in spoiled],
        "folder": "lessons",
    }


@router.post("/decode")
def decode(pasted: Pasted, place: Place) -> dict[str, Any]:
    """The codes in a text as rows of a table, and those that are wrong."""
    known = {lesson.name: lesson for lesson in list_lessons(place)[0]}
    rows, faults = [], []
    for code, found in found_in(pasted.text):
        if isinstance(found, GazoError):
            faults.append({"code": code, "error": error_json(found)})
        else:
            rows.append(_row(code, found, known.get(found.lesson)))
    return {"rows": rows, "faults": faults}


@router.get("/{name}")
def one(name: str, place: Place) -> dict[str, Any]:
    """A lesson with its texts, and how far it is; nothing is checked."""
    lesson = find_lesson(name, place)
    progress = progress_of(lesson, place)
    return {
        **_short(lesson, progress),
        "data": {"source": both(lesson.file.data.source.text), "terms": both(lesson.file.data.terms.text)}
        if lesson.file.data
        else None,
        "texts": [_texts(lesson, step) for step in lesson.file.steps],
        "progress": None if progress is None else _progress(lesson, progress),
    }


@router.get("/{name}/pictures/{file}")
def picture(name: str, file: str, place: Place) -> FileResponse:
    """A picture that a text of the lesson shows."""
    path, kind = picture_of(find_lesson(name, place), file)
    return FileResponse(path, media_type=kind)


@router.post("/{name}/begin")
def start(name: str, begun: Begun, place: Place) -> dict[str, Any]:
    """Begin a lesson or go on with it."""
    lesson = find_lesson(name, place)
    return _progress(lesson, checked(lesson, begin(lesson, place, anew=begun.anew), place))


@router.post("/{name}/check")
def look(name: str, asked: Look, place: Place) -> dict[str, Any]:
    """Look which steps are done now, and what the current one lacks."""
    lesson = find_lesson(name, place)
    return _progress(lesson, checked(lesson, begin(lesson, place), place, at=asked.at))


@router.post("/{name}/answer")
def answer(name: str, given: Answer, place: Place) -> dict[str, Any]:
    """Answer the question of a step."""
    lesson = find_lesson(name, place)
    progress = answered(lesson, begin(lesson, place), given.step, given.choice, place)
    return _progress(lesson, checked(lesson, progress, place))


@router.post("/{name}/repair")
def help_out(name: str, asked: Help, place: Place) -> dict[str, Any]:
    """Let the model answer do a step, and those before it that are open."""
    lesson = find_lesson(name, place)
    with speaking(asked.language):
        return _progress(lesson, repair(lesson, begin(lesson, place), asked.step, place))


@router.put("/{name}/nickname")
def call(name: str, given: Nickname, place: Place) -> dict[str, Any]:
    """Write the nickname into the status code."""
    lesson = find_lesson(name, place)
    return _progress(lesson, checked(lesson, named(begin(lesson, place), given.nickname, place), place))


def _short(lesson: Lesson, progress: Progress | None) -> dict[str, Any]:
    done = [one for one in progress.steps.values() if one.state == "done"] if progress else []
    return {
        "name": lesson.name,
        "title": both(lesson.file.title.text),
        "summary": both(lesson.file.summary.text),
        "minutes": lesson.file.minutes,
        "booklet": list(lesson.file.booklet),
        "own": lesson.own,
        "steps": len(lesson.file.steps),
        "done": len(done),
        "begun": progress is not None,
    }


def _texts(lesson: Lesson, step: Step) -> dict[str, Any]:
    """A step as it stands in the lesson. The right choice is not told."""
    question = step.check.answer
    return {
        "id": step.id,
        "title": both(step.title.text),
        "text": dict(lesson.texts[step.id]),
        "hints": [both(hint.text) for hint in step.hints],
        "repairable": can_repair(step),
        "question": None if question is None else {
            "question": both(question.question.text), "choices": [both(choice.text) for choice in question.choices],
        },
        "expected": {name: list(limits) for name, limits in step.model.expected.items()} if step.model else {},
    }  # fmt: skip


def _progress(lesson: Lesson, progress: Progress) -> dict[str, Any]:
    return {
        "lesson": lesson.name,
        "current": progress.current(),
        "nickname": progress.nickname,
        "code": encoded(status_of(progress)),
        "steps": [_step(step, progress, progress.steps[step.id]) for step in lesson.file.steps],
    }


def _step(step: Step, progress: Progress, done: Done) -> dict[str, Any]:
    question = step.check.answer
    right = question is not None and done.choice == question.right
    return {
        "id": step.id, "state": done.state, "helped": done.helped, "set": done.set, "run": done.run, "choice": done.choice,
        "right": right,
        "because": both(question.because.text) if question and question.because and right else None,
        "screen": screen_of(step, progress),
        "missing": [both(text) for text in progress.missing.get(step.id, ())],
    }  # fmt: skip


def _row(code: str, status: Status, lesson: Lesson | None) -> dict[str, Any]:
    """A line of the teacher's table; `other` where the lesson here is not the one the code was made with."""
    titles = [both(step.title.text) for step in lesson.file.steps] if lesson else []
    marks: list[Mark] = list(status.steps)
    return {
        "code": code, "nickname": status.nickname, "lesson": status.lesson, "title": both(lesson.file.title.text) if lesson else None,
        "other": lesson is None or lesson.digest != status.digest, "seed": status.seed, "day": status.day.isoformat(),
        "steps": marks, "titles": titles, "done": status.done,
    }  # fmt: skip
