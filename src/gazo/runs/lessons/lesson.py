"""What a lesson is: the form of ``lesson.json``. Nothing in it is run; a teacher writes it without programming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gazo.core.language import Text

FORMAT = 1
NAME = r"^[^\W_][\w-]{0,39}$"  # of a lesson and of a step: letters of any script, digits, - and _
_SCREEN = r"^/[a-z]+(/[\w{}.:-]+)*(\?[\w{}.:=&%-]*)?$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
FileName = Annotated[str, StringConstraints(pattern=r"^[^./\\:][^/\\:]{0,99}\.md$")]
Screen = Annotated[str, StringConstraints(pattern=_SCREEN, max_length=300)]
Fact = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,59}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Number = int | float
Condition = (
    bool
    | int
    | float
    | str
    | tuple[Literal[">=", ">", "<=", "<"], Number]
    | tuple[Literal["between"], Number, Number]
    | tuple[Literal["one of"], tuple[str | Number, ...]]
)
Conditions = Mapping[Fact, Condition]


class _Part(BaseModel):
    """A part of a lesson; what is not known is refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A text in both languages."""

    ja: Line
    en: Line

    @property
    def text(self) -> Text:
        return Text(self.ja, self.en)


class Files(_Part):
    """The names of two Markdown files beside ``lesson.json``."""

    ja: FileName
    en: FileName


class Question(_Part):
    """A question with choices; `right` counts from 0, `because` is told once the answer is right."""

    question: Words
    choices: tuple[Words, ...] = Field(min_length=2, max_length=8)
    right: int = Field(ge=0)
    because: Words | None = None

    @model_validator(mode="after")
    def _right_is_a_choice(self) -> Question:
        if self.right >= len(self.choices):
            raise ValueError("right names no choice")
        return self


class Check(_Part):
    """When a step is done; everything that is given must hold.

    Parameters
    ----------
    set : conditions on the facts of a data set.
    run : conditions on the facts of a run.
    seen : the beginning of an address in the workbench that was opened.
    answer : a question that was answered rightly.
    """

    set: Conditions | None = None
    run: Conditions | None = None
    seen: Screen | None = None
    answer: Question | None = None

    @model_validator(mode="after")
    def _something(self) -> Check:
        if not any((self.set, self.run, self.seen, self.answer)):
            raise ValueError("nothing is checked")
        return self


class ModelRun(_Part):
    """A run as the teacher would make it: task such as "learn classify", options, protocol."""

    task: Annotated[str, StringConstraints(pattern=r"^[a-z]+ [a-z0-9-]+$")]
    options: Mapping[str, Any] = Field(default_factory=dict)
    protocol: Mapping[str, Any] = Field(default_factory=dict)


class Model(_Part):
    """The model answer of a step: a simulated data set by its key, or a run; and the numbers it gives, as [low, high] by fact."""

    sample: Fact | None = None
    run: ModelRun | None = None
    expected: Mapping[Fact, tuple[Number, Number]] = Field(default_factory=dict)


class Step(_Part):
    """One thing to do.

    Parameters
    ----------
    id : short name, unique in the lesson.
    title, hints : texts.
    text : names of the Markdown files.
    screen : where in the workbench it is done; {set} and {run} stand for what the lesson has made so far.
    check : when it is done.
    model : the model answer, with which the step can be repaired.
    """

    id: Name
    title: Words
    text: Files
    screen: Screen
    check: Check
    hints: tuple[Words, ...] = ()
    model: Model | None = None


class Data(_Part):
    """What a lesson says about its images: where they come from and under which terms."""

    source: Words
    terms: Words


class LessonFile(_Part):
    """``lesson.json``."""

    format: int
    title: Words
    summary: Words
    steps: tuple[Step, ...] = Field(min_length=1, max_length=60)
    minutes: int = Field(default=30, ge=1, le=1000)
    booklet: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    seed: int = Field(default=0, ge=0, lt=2**32)
    data: Data | None = None

    @model_validator(mode="after")
    def _steps_differ(self) -> LessonFile:
        if len({step.id for step in self.steps}) < len(self.steps):
            raise ValueError("two steps have the same id")
        return self


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson that was read.

    Parameters
    ----------
    name : of its folder.
    folder : where it lies.
    own : it lies in the workspace, not in gazo.
    digest : the first four hex digits of the SHA-256 of its ``lesson.json``.
    file : what stands in it.
    texts : step -> language -> Markdown.
    """

    name: str
    folder: Path
    own: bool
    digest: str
    file: LessonFile
    texts: Mapping[str, Mapping[str, str]]

    def step(self, id: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.file.steps if step.id == id), None)
