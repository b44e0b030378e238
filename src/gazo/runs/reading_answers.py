"""What readers answer: checked, appended to a file line by line, never overwritten; and where each reader goes on."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import DataError, RunError
from gazo.core.files import storage_error
from gazo.runs.reading import ReadingExperiment, folder_of, trials_of
from gazo.runs.reading_order import Trial

DAY_S = 86_400.0
STEPS: dict[str, tuple[int, ...]] = {
    "five": (1, 2, 3, 4, 5), "yesno": (0, 1), "two": (-1, 1), "three": (-1, 0, 1), "seven": (-3, -2, -1, 0, 1, 2, 3),
}  # fmt: skip
PAIR_FIVE = (-2, -1, 0, 1, 2)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a reader is.

    Parameters
    ----------
    done, total : trials.
    next : number of the trial to go on with; None when everything was answered.
    session, sessions : the session of that trial, from 0, and how many there are.
    opens : when that session may begin (seconds since 1970), 0 for at once.
    began : whether that session was begun.
    last : time of the last answer, 0 without one.
    seconds : reading time of all answers.
    """

    done: int
    total: int
    next: int | None
    session: int
    sessions: int
    opens: float
    began: bool
    last: float
    seconds: float


def lines_of(experiment: ReadingExperiment, reader: int, place: Path) -> list[dict[str, Any]]:
    """Everything a reader did, in order; a line that was cut off by a power failure is passed over."""
    try:
        text = _file(experiment, reader, place).read_text(encoding="utf-8")
    except OSError:
        return []
    found = []
    for line in text.split("\n"):
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def answers_of(experiment: ReadingExperiment, reader: int, place: Path) -> dict[int, dict[str, Any]]:
    """The last answer to each trial."""
    return {line["trial"]: line for line in lines_of(experiment, reader, place) if line["kind"] == "answer"}


def standing(experiment: ReadingExperiment, reader: int, place: Path) -> Standing:
    """Where a reader goes on."""
    trials, lines = trials_of(experiment, reader, place), lines_of(experiment, reader, place)
    answered = {line["trial"]: line for line in lines if line["kind"] == "answer"}
    following = next((trial.number for trial in trials if trial.number not in answered), None)
    session = trials[-1 if following is None else following].session
    before = [line["at"] for number, line in answered.items() if trials[number].session == session - 1]
    return Standing(
        done=len(answered),
        total=len(trials),
        next=following,
        session=session,
        sessions=trials[-1].session + 1,
        opens=max(before) + experiment.washout_days * DAY_S if before and experiment.washout_days else 0.0,
        began=any(line["kind"] == "session" and line["session"] == session for line in lines),
        last=max((line["at"] for line in answered.values()), default=0.0),
        seconds=sum(line["seconds"] for line in answered.values()),
    )


def begin_session(experiment: ReadingExperiment, reader: int, facts: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Note at what a session is read: monitor and light in the reader's words, window and pixel ratio by the page."""
    now = standing(experiment, reader, place)
    _need_open(now)
    line = {"kind": "session", "session": now.session, "at": round(time.time(), 3), **_environment(facts)}
    append(experiment, reader, [line], place)
    return line


def last_environment(experiment: ReadingExperiment, reader: int, place: Path) -> dict[str, str]:
    """Monitor and light of the reader's last session, so that they are not typed twice."""
    sessions = [line for line in lines_of(experiment, reader, place) if line["kind"] == "session"]
    return {name: str(sessions[-1][name]) if sessions else "" for name in ("monitor", "ambient")}


def store_answer(experiment: ReadingExperiment, reader: int, facts: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Keep an answer to the trial that is next, or a changed one to an earlier trial of the session under way.

    Parameters
    ----------
    facts : trial, value (by task: rating, marks, grades, score or order), seconds.
    """
    trials, now = trials_of(experiment, reader, place), standing(experiment, reader, place)
    number = int(facts["trial"])
    _need_turn(experiment, trials, number, now)
    _need_open(now)
    line = {"kind": "answer", **facts, "at": time.time()}
    kept = checked_line(experiment, trials, line)
    append(experiment, reader, [kept], place)
    return kept


def checked_line(experiment: ReadingExperiment, trials: Sequence[Trial], line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as it is stored; ValueError, TypeError, KeyError or DataError where something is missing or of another form."""
    at = _finite(line["at"])
    if line["kind"] == "session":
        return {"kind": "session", "session": int(line["session"]), "at": at, **_environment(line)}
    trial = trials[int(line["trial"])]
    seconds = min(max(_finite(line.get("seconds", 0)), 0.0), DAY_S)
    value = checked_value(experiment, trial, line["value"])
    return {"kind": "answer", "trial": trial.number, "value": value, "seconds": round(seconds, 2), "at": at}


def append(experiment: ReadingExperiment, reader: int, lines: Sequence[Mapping[str, Any]], place: Path) -> None:
    """Write lines at the end in one piece and wait until the disk has them; what is there is never touched."""
    path = _file(experiment, reader, place)
    text = "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
    try:
        with open(path, "ab") as file:
            cut_off = file.tell() > 0 and not path.read_bytes().endswith(b"\n")
            file.write((("\n" if cut_off else "") + text).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise storage_error(error, path) from None


def checked_value(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    """An answer of the form its task has; anything else is refused and nothing is stored."""
    try:
        return _VALUES[experiment.task](experiment, trial, value)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DataError(
            "G-READ-020",
            en=f"trial {trial.number + 1} has no complete answer for the task '{experiment.task}'. Answer every part, then go on.",
            ja=f"{trial.number + 1} 番目の回答が課題「{experiment.task}」の形になっていません。すべての項目に答えてから進んでください。",
        ) from None


def _rating(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    return {"rating": _step(value["rating"], experiment)}


def _marks(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    marks = [
        {"x": _finite(one["x"]), "y": _finite(one["y"]), "rating": _step(one["rating"], experiment)} for one in value["marks"]
    ]
    if len(marks) > 200 or (experiment.one_mark and len(marks) != 1):
        raise ValueError(len(marks))
    return {"marks": marks}


def _grades(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    grades = [_step(one, experiment) for one in value["grades"]]
    if len(grades) != len(experiment.criteria):
        raise ValueError(len(grades))
    return {"grades": grades}


def _score(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    return {"score": _step(value["score"], experiment)}


def _order(experiment: ReadingExperiment, trial: Trial, value: Any) -> dict[str, Any]:
    order = [int(one) for one in value["order"]]
    if sorted(order) != list(range(len(trial.images))):
        raise ValueError(order)
    return {"order": order}


_VALUES = {"rating": _rating, "marks": _marks, "grading": _grades, "pair": _score, "rank": _order}


def steps_of(experiment: ReadingExperiment) -> tuple[int, ...]:
    """The values of a scale with steps; none for the continuous one."""
    if experiment.task == "pair" and experiment.scale == "five":
        return PAIR_FIVE
    return STEPS.get(experiment.scale, ())


def _step(value: Any, experiment: ReadingExperiment) -> float | int:
    if isinstance(value, bool):
        raise TypeError(value)
    steps = steps_of(experiment)
    if steps:
        return steps[steps.index(value)]
    if not 0 <= _finite(value) <= 100:
        raise ValueError(value)
    return float(value)


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(value)
    return round(float(value), 3)


def _environment(facts: Mapping[str, Any]) -> dict[str, Any]:
    words = {name: str(facts.get(name, ""))[:200] for name in ("monitor", "ambient")}
    sizes = {name: round(min(max(float(facts.get(name) or 0), 0.0), 1e5), 3) for name in ("width", "height", "ratio")}
    return words | sizes


def _need_turn(experiment: ReadingExperiment, trials: Sequence[Trial], number: int, now: Standing) -> None:
    earlier = experiment.back and now.next is not None and 0 <= number < now.next and trials[number].session == now.session
    if number != now.next and not earlier:
        raise RunError(
            "G-READ-021",
            en=f"trial {number + 1} cannot be answered now: it is another one's turn, or its session is closed. Reload the page and go on where it leads you.",
            ja=f"{number + 1} 番目には今は答えられません。順番が違うか、そのセッションは終了しています。ページを再読み込みし、表示された画像から続けてください。",
        )


def _need_open(now: Standing) -> None:
    if now.opens > time.time() and not now.began:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(now.opens))
        raise RunError(
            "G-READ-022",
            en=f"session {now.session + 1} opens on {when}, so that the images of the session before are forgotten. Come back then.",
            ja=f"セッション {now.session + 1} は {when} に始められます (前のセッションの画像の記憶が残らないようにするためです)。時間をおいて再開してください。",
        )


def _file(experiment: ReadingExperiment, reader: int, place: Path) -> Path:
    return folder_of(experiment.id, place) / "answers" / f"{reader}.jsonl"
