"""``/api/studies``: studies with their facts, runs, data and checklist; one ZIP for a colleague, and back."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, UploadFile
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import FileError, GazoError
from gazo.core.files import replacing, storage_error
from gazo.core.language import Language
from gazo.core.progress import OnEvent
from gazo.runs.export_runs import about, finished_runs, run_named
from gazo.runs.keeping import called
from gazo.runs.ownership import STATES, read_status
from gazo.runs.references import recall
from gazo.runs.sets import find_set, set_of
from gazo.runs.study import (
    Answer,
    Study,
    add_runs,
    delete_study,
    is_linked,
    list_studies,
    new_study,
    read_study,
    remove_runs,
    set_facts,
)
from gazo.runs.study_archive import Imported, export_study, import_study
from gazo.runs.study_checklist import CITATION, answer_items, plain
from gazo.runs.study_checklist import STATES as ANSWERS
from gazo.runs.study_report import study_page
from gazo.web.place import Place
from gazo.web.routes.exports import download
from gazo.web.routes.report import PAGE_POLICY
from gazo.web.texts import both
from gazo.web.uploads_jobs import begin

router = APIRouter(prefix="/api", tags=["studies"])
Words = Annotated[str, Field(max_length=20_000)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewStudy(_Asked):
    """A study to be made; its name becomes a folder."""

    name: str = Field(max_length=200)
    title: Words = ""


class Facts(_Asked):
    """Facts to report; what is None stays."""

    title: Words | None = None
    ethics: Words | None = None
    period: Words | None = None
    exclusions: Words | None = None
    notes: Words | None = None


class Runs(_Asked):
    """Names of runs."""

    runs: list[str] = Field(min_length=1, max_length=500)


class Answered(_Asked):
    """Answers by the key of the item."""

    answers: dict[str, Annotated[dict[Literal["state", "text"], str], Field(max_length=2)]] = Field(max_length=200)


class Packing(_Asked):
    """Whether images travel too."""

    images: bool = False
    language: Language = "ja"


@router.get("/studies")
def listed(place: Place) -> dict[str, Any]:
    """All studies by name; one that cannot be read says why."""
    return {"studies": [_line(name, place) for name in list_studies(place)]}


@router.post("/studies")
def make(asked: NewStudy, place: Place) -> dict[str, Any]:
    """Begin a study."""
    study = new_study(asked.name.strip(), place)
    return _whole(set_facts(study, place, title=asked.title) if asked.title else study, place)


@router.get("/studies/exports/{token}")
def packed(token: str, place: Place) -> FileResponse:
    """A ZIP that was made."""
    file = next(iter(_packing(place, token).glob("*.zip")), None) if re.fullmatch(r"[0-9a-f]{16}", token) else None
    if file is None:
        raise FileError(
            "G-LSN-020",
            en="this export is no longer there. Export the study again.",
            ja="この書き出しファイルはもうありません。もう一度書き出してください。",
        )
    return FileResponse(file, media_type="application/zip", filename=file.name)


@router.get("/studies/{name}")
def one(name: str, place: Place) -> dict[str, Any]:
    """Everything about a study."""
    return _whole(read_study(name, place), place)


@router.put("/studies/{name}")
def write(name: str, facts: Facts, place: Place) -> dict[str, Any]:
    """Write facts down."""
    return _whole(set_facts(read_study(name, place), place, **facts.model_dump()), place)


@router.delete("/studies/{name}", status_code=204)
def remove(name: str, place: Place) -> None:
    """Delete a study; its runs and images stay."""
    delete_study(name, place)


@router.post("/studies/{name}/runs")
def add(name: str, asked: Runs, place: Place) -> dict[str, Any]:
    """Take finished runs in."""
    folders = [run_named(run, place) for run in asked.runs]
    return _whole(add_runs(read_study(name, place), folders, place), place)


@router.delete("/studies/{name}/runs/{run}")
def take_out(name: str, run: str, place: Place) -> dict[str, Any]:
    """Take a run out; its folder stays."""
    return _whole(remove_runs(read_study(name, place), [run], place), place)


@router.put("/studies/{name}/checklist")
def tick(name: str, asked: Answered, place: Place) -> dict[str, Any]:
    """Answer items of the checklist."""
    study = read_study(name, place)
    answers = {key: _answer(study, key, given) for key, given in asked.answers.items()}
    return _whole(answer_items(study, answers, place), place)


@router.get("/studies/{name}/report")
def report(name: str, place: Place, language: Language = "ja", runs: bool = True, save: bool = False) -> Response:
    """The report of a study as a page that runs nothing; `save` lets the browser keep the file."""
    page = study_page(read_study(name, place), place, language=language, with_runs=runs)
    if save:
        return download(page.encode(), "text/html; charset=utf-8", f"{name}.html")
    return Response(page, media_type="text/html; charset=utf-8", headers=PAGE_POLICY)


@router.post("/studies/{name}/export")
def pack(name: str, asked: Packing, place: Place) -> dict[str, str]:
    """Make one ZIP; the job's result says where it is and what to look at before it is sent."""
    study = read_study(name, place)
    return {"job": begin(lambda on_event: _packed(study, place, asked.images, on_event), asked.language)}


@router.post("/uploads/study")
def take_in(files: list[UploadFile], place: Place, language: Language = "ja") -> dict[str, str]:
    """Take in the ZIP of a colleague; the job's result says what came and what is missing."""
    file = _packing(place, secrets.token_hex(8), make=True) / "study.zip"
    with replacing(file) as kept:
        shutil.copyfileobj(files[0].file, kept)
    return {"job": begin(lambda on_event: _taken_in(file, place, on_event), language)}


def _line(name: str, place: Path) -> dict[str, Any]:
    try:
        study = read_study(name, place)
    except GazoError as error:
        return {"name": name, "title": "", "created": "", "runs": 0, "error": both(error.text)}
    return {"name": name, "title": study.title, "created": study.created, "runs": len(study.runs), "error": None}


def _whole(study: Study, place: Path) -> dict[str, Any]:
    free = [folder for folder in finished_runs(place) if folder.name not in study.runs]
    return {
        "name": study.name, "title": study.title, "created": study.created, "ethics": study.ethics, "period": study.period,
        "exclusions": study.exclusions, "notes": study.notes,
        "runs": [_run(run, place) for run in study.runs],
        "free": [_run(folder.name, place) for folder in free],
        "data": [{"key": data.key, "rows": data.rows, "linked": is_linked(data.key, place), **_set(data.key, place)} for data in study.data],
        "checklist": [{**item, **{k: both(item[k]) if item[k] else None for k in ("part", "text", "known")}} for item in plain(study, place)],
        "answers": [{"state": state, "text": both(text)} for state, text in ANSWERS.items()],
        "citation": both(CITATION),
    }  # fmt: skip


def _run(name: str, place: Path) -> dict[str, Any]:
    folder = place / "runs" / name
    try:
        known = about(folder)
    except GazoError:
        return {"id": name, "name": name, "label": None, "state": None, "there": False}
    state = read_status(folder)["state"]
    return {"id": name, "name": called(folder), "label": both(known["label"]), "state": both(STATES[state]), "there": True}


def _set(key: str, place: Path) -> dict[str, str]:
    """The data set of this workspace that the images are; its path is not told."""
    try:
        id = set_of(recall(key, place), place)
        return {"set": id, "name": find_set(id, place).name} if id else {"set": "", "name": ""}
    except GazoError:
        return {"set": "", "name": ""}


def _answer(study: Study, key: str, given: dict[Literal["state", "text"], str]) -> Answer:
    """The answer with what is new; the state is checked when the study is read back."""
    before = study.checklist.get(key, Answer())
    state = given.get("state", before.state)
    return Answer(state=state if state in ANSWERS else "open", text=given.get("text", before.text)[:5000])  # type: ignore[arg-type]


def _packed(study: Study, place: Path, images: bool, on_event: OnEvent) -> dict[str, Any]:
    shutil.rmtree(place / "cache" / "studies", ignore_errors=True)  # what was exported before has been fetched or is stale
    token = secrets.token_hex(8)
    file = _packing(place, token, make=True) / f"{study.name}.zip"
    notes = export_study(study, file, place=place, images=images, on_event=on_event)
    return {"token": token, "bytes": file.stat().st_size, "notes": [both(note) for note in notes]}


def _taken_in(file: Path, place: Path, on_event: OnEvent) -> dict[str, Any]:
    try:
        return _told(import_study(file, place, on_event=on_event))
    finally:
        shutil.rmtree(file.parent, ignore_errors=True)


def _told(done: Imported) -> dict[str, Any]:
    return {
        "study": done.study.name,
        "runs": len(done.runs),
        "kept": len(done.kept),
        "linked": list(done.linked),
        "missing": [{"key": key, "why": both(why)} for key, why in done.missing.items()],
        "notes": [both(note) for note in done.notes],
    }


def _packing(place: Path, token: str, *, make: bool = False) -> Path:
    folder = place / "cache" / "studies" / token
    if make:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise storage_error(error, folder) from None
    return folder
