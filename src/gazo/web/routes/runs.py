"""Runs: the list, where each one is, and what can be done with it. The run folders are asked each time, so nothing is lost with the server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Estimate, from_json
from gazo.runs import keeping
from gazo.runs.cost import multiply_adds
from gazo.runs.export_runs import run_named
from gazo.runs.kept import called, kept
from gazo.runs.launch import cancel_soon, launch, resume, see_to_the_end
from gazo.runs.overview import Progress, progress_of, standing, telling_since
from gazo.runs.ownership import STATES, UNDER_WAY, cancel_asked, read_status
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.references import recall
from gazo.runs.run_words import log_text, recipe_table
from gazo.runs.sets import find_set, set_of
from gazo.runs.start import make_again
from gazo.runs.tasks import entry_of
from gazo.runs.workspace import run_folders
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api")


class Changes(BaseModel):
    """What a person keeps with a run; what is not given stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    note: str | None = None
    archived: bool | None = None


@router.get("/jobs")
def going(place: Place) -> dict[str, Any]:
    """The runs that are under way."""
    found = [f for f in run_folders(place) if read_status(f)["state"] in UNDER_WAY]
    return {"going": [_going(folder) for folder in reversed(found)]}


@router.get("/runs")
def runs(place: Place, limit: int = 10_000, archived: bool = True) -> dict[str, Any]:
    """The runs of the workspace, the newest first."""
    folders = [f for f in reversed(run_folders(place)) if archived or not kept(f).archived]
    return {"runs": [_row(folder, place) for folder in folders[: max(0, limit)]], "total": len(folders)}


@router.get("/runs/{run}")
def one(run: str, place: Place) -> dict[str, Any]:
    """One run: its status, its recipe in words, and the studies it belongs to."""
    folder = run_named(run, place)
    recipe = read_recipe(folder)
    return {
        **_row(folder, place),
        "recipe": [{"name": name, "label": both(label), "value": _value(value)} for name, label, value in recipe_table(recipe)],
        "multiply_adds": multiply_adds(recipe.options, folder),
        "studies": keeping.studies_with(folder),
        "version": recipe.packages.get("gazo", ""),
    }


@router.get("/runs/{run}/events")
def events(run: str, place: Place, since: int = 0) -> dict[str, Any]:
    """What happened from a position in the log on, and where the run is now. Asked every second: a page that was closed lost nothing."""
    folder = run_named(run, place)
    told, position = telling_since(folder, max(0, since))
    return {"next": position, "events": [_event(at, event) for at, event in told], "run": _row(folder, place)}


@router.get("/runs/{run}/log")
def log(run: str, place: Place) -> dict[str, str]:
    """What the worker printed, and the trace where there is one, without places and names."""
    return {"text": log_text(run_named(run, place))}


@router.post("/runs/{run}/launch")
def begin(run: str, place: Place) -> dict[str, Any]:
    """Start a run that was made and not begun."""
    folder = run_named(run, place)
    launch(folder)
    return _row(folder, place)


@router.post("/runs/{run}/cancel")
def stop(run: str, place: Place) -> dict[str, Any]:
    """Cancel a run; it has ended within 30 s."""
    folder = run_named(run, place)
    cancel_soon(folder)
    return _row(folder, place)


@router.post("/runs/{run}/resume")
def go_on(run: str, place: Place) -> dict[str, Any]:
    """Go on with a run that was cancelled, stopped or failed."""
    folder = run_named(run, place)
    resume(folder)
    return _row(folder, place)


@router.post("/runs/{run}/repeat")
def repeat(run: str, place: Place) -> dict[str, Any]:
    """Make the run once more, in a folder of its own, and start it."""
    folder = make_again(run_named(run, place), place=place)
    keeping.rename(folder, called(run_named(run, place)))
    launch(folder)
    return _row(folder, place)


@router.put("/runs/{run}")
def change(run: str, changes: Changes, place: Place) -> dict[str, Any]:
    """Give a run another name or a note, archive it or take it back."""
    folder = run_named(run, place)
    if changes.name is not None:
        keeping.rename(folder, changes.name)
    if changes.note is not None:
        keeping.set_note(folder, changes.note)
    if changes.archived is not None:
        keeping.archive(folder, archived=changes.archived)
    return _row(folder, place)


@router.delete("/runs/{run}", status_code=204)
def remove(run: str, place: Place) -> None:
    """Delete a run for good; one that is under way is cancelled first."""
    keeping.delete(run_named(run, place))


def _row(folder: Path, place: Path) -> dict[str, Any]:
    """A run in the list."""
    about, now, progress = kept(folder), standing(folder), progress_of(folder)
    cancelling = now["state"] in UNDER_WAY and cancel_asked(folder)
    if cancelling:  # a server that was asked to may have died since
        see_to_the_end(folder)
    try:
        known = _made_from(read_recipe(folder), place)
    except GazoError as error:  # a recipe that cannot be read does not hide the other runs
        known = {"task": "", "title": both(error.text), "data": "", "set": "", "rows": 0}
    return {
        "id": folder.name, "name": called(folder), "note": about.note, "archived": about.archived, **known,
        **{key: both(value) if isinstance(value, Text) else value for key, value in now.items()},
        "word": both(STATES[now["state"]]),
        "cancelling": cancelling,
        "started": now["started"] or _made_at(folder),
        "values": _values(progress),
        "headline": [_estimate(one) for one in map(from_json, read_status(folder).get("headline", []))],
    }  # fmt: skip


def _made_from(recipe: Recipe, place: Path) -> dict[str, Any]:
    """What was done with which data; the path of data that is no set is not told."""
    id, name = "", recipe.data
    try:
        title = _title(recipe.task)
    except GazoError:  # a method of another gazo
        title = Text(" ".join(recipe.task), " ".join(recipe.task))
    try:
        id = set_of(recall(recipe.data, place), place) if recipe.data else ""
        name = find_set(id, place).name if id else recipe.data
    except GazoError:
        id = ""
    return {"task": "/".join(recipe.task), "title": both(title), "data": name, "set": id, "rows": recipe.rows}


@lru_cache
def _title(task: tuple[str, str]) -> Text:
    """What a method is called; asked for once, because finding it looks through every room."""
    return entry_of(task).label


def _going(folder: Path) -> dict[str, Any]:
    now = standing(folder)
    title = called(folder)
    return {"id": folder.name, "title": {"ja": title, "en": title}, "state": now["state"], "share": now["share"]}


def _made_at(folder: Path) -> float:
    return (folder / "recipe.json").stat().st_mtime


def _values(progress: Progress) -> list[dict[str, Any]]:
    return [{"name": v.name, "best": v.best, "best_epoch": v.best_epoch, "last": v.last} for v in progress.values()]


def _estimate(one: Estimate) -> dict[str, Any]:
    finite = one.value == one.value
    return {"name": both(one.name), "value": one.value if finite else None, "low": one.low, "high": one.high, "unit": one.unit}


def _event(at: float, event: Any) -> dict[str, Any]:
    note = both(event.note) if event.note is not None else None
    return {"time": at, "stage": both(event.stage), "done": event.done, "total": event.total, "facts": event.facts, "note": note}


def _value(value: Any) -> Any:
    return both(value) if isinstance(value, Text) else value
