"""Reading experiments: making them, reading (without a word about truth or method), packs, returns, results."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import GazoError, OptionError, nearest
from gazo.core.results import to_json
from gazo.io.write_table import write_table
from gazo.runs.export_sections import plain_table
from gazo.runs.reading import ReadingExperiment, delete_reading, find_reading, list_readings, new_reading, trials_of
from gazo.runs.reading_answers import answers_of, begin_session, last_environment, standing, steps_of, store_answer
from gazo.runs.reading_course import case_table, lesion_table, session_table, time_table
from gazo.runs.reading_pack import pack_reading, packs_of
from gazo.runs.reading_returns import merge_return
from gazo.runs.reading_tables import answer_table, mean_table, reader_study
from gazo.web import reading_addresses  # noqa: F401  (registers the addresses of images that are read)
from gazo.web.given_words import keep_sent
from gazo.web.place import Place

router = APIRouter(prefix="/api/readings")
_TABLES = {"answers": answer_table, "times": time_table, "sessions": session_table, "cases": case_table, "lesions": lesion_table}


class NewReading(BaseModel):
    """What the form of a new experiment holds; the options are checked by `new_reading`."""

    model_config = ConfigDict(extra="forbid")
    name: str
    sets: list[str]
    options: dict[str, Any]


class Begun(BaseModel):
    """At what a session is read."""

    model_config = ConfigDict(extra="forbid")
    monitor: str = Field("", max_length=200)
    ambient: str = Field("", max_length=200)
    width: float = 0
    height: float = 0
    ratio: float = 0


class Answer(BaseModel):
    """One answer."""

    model_config = ConfigDict(extra="forbid")
    trial: int
    value: dict[str, Any]
    seconds: Annotated[float, Field(ge=0, le=1e6)] = 0


class Return(BaseModel):
    """The content of a file that a reader sent back."""

    model_config = ConfigDict(extra="forbid")
    content: str


@router.get("")
def every(place: Place) -> dict[str, Any]:
    """All experiments with how far they are."""
    return {"readings": [_told(one, place) for one in list_readings(place)]}


@router.post("")
def make(asked: NewReading, place: Place) -> dict[str, Any]:
    """Make an experiment."""
    return _told(new_reading(asked.name, asked.sets, place, **_options(asked.options)), place)


@router.get("/{id}")
def one(id: str, place: Place) -> dict[str, Any]:
    """An experiment with its readers and the packs that were handed out, for who leads it."""
    experiment = find_reading(id, place)
    return _told(experiment, place) | {"packs": packs_of(experiment, place)}


@router.delete("/{id}")
def delete(id: str, place: Place) -> None:
    """Remove it with everything that was answered."""
    delete_reading(id, place)


@router.get("/{id}/readers/{reader}")
def reader_view(id: str, reader: int, place: Place) -> dict[str, Any]:
    """What a reader has to know: the form of the answers, the trials of all sessions, and what was answered. No truth, no test."""
    experiment = find_reading(id, place)
    trials, done = trials_of(experiment, reader, place), answers_of(experiment, reader, place)
    shown = [
        {
            "session": trial.session,
            "training": trial.training,
            "images": [f"reading:{id}:{reader}:{trial.number}:{pane}" for pane in range(len(trial.images))],
            "value": done[trial.number]["value"] if trial.number in done else None,
        }
        for trial in trials
    ]
    return _form_of(experiment) | {
        "reader": reader,
        "reader_name": experiment.readers[reader - 1],
        "trials": shown,
        "environment": last_environment(experiment, reader, place),
        "standing": asdict(standing(experiment, reader, place)),
    }


@router.post("/{id}/readers/{reader}/begin")
def begin(id: str, reader: int, asked: Begun, place: Place) -> dict[str, Any]:
    """Begin a session."""
    experiment = find_reading(id, place)
    begin_session(experiment, reader, asked.model_dump(), place)
    return asdict(standing(experiment, reader, place))


@router.post("/{id}/readers/{reader}/answers")
def answer(id: str, reader: int, asked: Answer, place: Place) -> dict[str, Any]:
    """Keep an answer; where the reader goes on."""
    experiment = find_reading(id, place)
    store_answer(experiment, reader, asked.model_dump(), place)
    return asdict(standing(experiment, reader, place))


@router.get("/{id}/tables/{kind}")
def table(id: str, kind: str, place: Place) -> dict[str, Any]:
    """The answers, the times, the viewing conditions, or which images the cases are."""
    if kind not in _TABLES:
        hint = nearest(kind, _TABLES)
        raise OptionError(
            "G-READ-060",
            en=f"an experiment has no table '{kind[:40]}'. {hint.en}",
            ja=f"読影実験に表「{kind[:40]}」はありません。{hint.ja}",
        )
    return plain_table(_TABLES[kind](find_reading(id, place), place))


@router.get("/{id}/study")
def study(id: str, place: Place) -> Response:
    """Ratings or marks with the truth as one file for ROC and FROC analysis."""
    headers = {"content-disposition": 'attachment; filename="reader_study.json"'}
    return Response(_study_bytes(id, place), media_type="application/json", headers=headers)


@router.post("/{id}/analyse")
def analyse(id: str, place: Place, averaged: bool = False) -> dict[str, Any]:
    """Put the results where the form of an analysis takes them from: the kind of input and the word for it.

    Parameters
    ----------
    averaged : scores of pairs or ranks, averaged over the cases.
    """
    experiment = find_reading(id, place)
    if experiment.task in ("rating", "marks"):
        return {"kind": "ReaderStudy", "word": keep_sent("study.json", _study_bytes(id, place), place)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.csv"
        write_table((mean_table if averaged else answer_table)(experiment, place), file)
        return {"kind": "Table", "word": keep_sent(file.name, file.read_bytes(), place)}


@router.post("/{id}/packs/{reader}")
def pack(id: str, reader: int, place: Place) -> Response:
    """A pack for a reader."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pack.zip"
        pack_reading(find_reading(id, place), reader, file, place)
        headers = {"content-disposition": f"attachment; filename*=UTF-8''reading-{id}-{reader}.zip"}
        return Response(file.read_bytes(), media_type="application/zip", headers=headers)


@router.post("/{id}/returns")
def merge(id: str, asked: Return, place: Place) -> dict[str, Any]:
    """Merge what a reader sent back."""
    experiment = find_reading(id, place)
    merged = merge_return(experiment, asked.content.encode(), place)
    return asdict(merged) | {"name": experiment.readers[merged.reader - 1]}


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Options by the signature, checked and converted."""
    from gazo.core.parameters import parameters_of

    known = {parameter.name: parameter for parameter in parameters_of(new_reading)}
    for name in given:
        if name not in known:
            hint = nearest(name, known)
            raise OptionError(
                "G-READ-061",
                en=f"a reading experiment has no option '{name[:40]}'. {hint.en}",
                ja=f"読影実験に「{name[:40]}」という設定はありません。{hint.ja}",
            )
    return {name: known[name].parse(tuple(v) if isinstance(v, list) else v) for name, v in given.items()}


def _study_bytes(id: str, place: Path) -> bytes:
    return json.dumps(to_json(reader_study(find_reading(id, place), place))).encode()


def _form_of(experiment: ReadingExperiment) -> dict[str, Any]:
    names = ("id", "name", "task", "scale", "criteria", "one_mark", "actual_size", "back", "break_minutes")
    return {name: getattr(experiment, name) for name in names} | {"steps": steps_of(experiment)}


def _told(experiment: ReadingExperiment, place: Path) -> dict[str, Any]:
    cases = sum(not case.training for case in experiment.cases)
    return _form_of(experiment) | {
        "created": experiment.created,
        "tests": [test.name for test in experiment.tests],
        "cases": cases,
        "training": len(experiment.cases) - cases,
        "truth": experiment.truth,
        "mixed": experiment.mixed,
        "both_orders": experiment.both_orders,
        "washout_days": experiment.washout_days,
        "readers": [_reader(experiment, n, name, place) for n, name in enumerate(experiment.readers, 1)],
    }


def _reader(experiment: ReadingExperiment, number: int, name: str, place: Path) -> dict[str, Any]:
    try:
        return {"name": name, "number": number, "fault": None, **asdict(standing(experiment, number, place))}
    except GazoError as error:
        return {"name": name, "number": number, "fault": str(error)}
