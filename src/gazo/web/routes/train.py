"""Training: what can be chosen, the check before the start, the trial, and the start itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.progress import OnEvent
from gazo.core.registry import Entry, entries
from gazo.learn.protocol import FEW_PATIENTS, Protocol
from gazo.nets.design.naming import PREFIX
from gazo.nets.design.stored import with_stored_designs
from gazo.runs import keeping
from gazo.runs.catalog import discover
from gazo.runs.export_runs import run_named
from gazo.runs.forms import option_form
from gazo.runs.launch import launch
from gazo.runs.preflight import Preflight, Remark, needed_roles, preflight
from gazo.runs.recipe import read_recipe
from gazo.runs.references import recall
from gazo.runs.remaining import time_text
from gazo.runs.sets import find_set, set_of, source_of
from gazo.runs.start import make_run
from gazo.runs.trial import attempt
from gazo.web.place import Place
from gazo.web.texts import both
from gazo.web.uploads_jobs import begin, job

router = APIRouter(prefix="/api/train")
_ROLES = ("label", "patient", "value", "mask", "split")


class Wish(BaseModel):
    """A training as the form describes it; a role that is null is taken away, one that is not named is the set's."""

    model_config = ConfigDict(extra="forbid")
    method: str
    set: str
    roles: dict[Literal["label", "patient", "value", "mask", "split"], str | None] = {}
    options: dict[str, Any] = {}
    protocol: dict[str, Any] = {}
    seed: int = 0
    name: str = ""
    language: Literal["ja", "en"] = "ja"

    def arguments(self, place: Path) -> dict[str, Any]:
        """What `make_run`, `preflight` and `attempt` take alike."""
        path, source = source_of(self.set, place)
        source = {name: value for name, value in (source | dict(self.roles)).items() if value is not None}
        return {
            "task": ("learn", self.method), "path": path, "place": place, "source": source,
            "options": with_stored_designs(self.options, place),
            "protocol": self.protocol, "seed": self.seed,
        }  # fmt: skip


@router.get("")
def choices() -> dict[str, Any]:
    """The methods that are registered, by what they are for, and the options of the evaluation."""
    discover()
    return {
        "methods": [_method(entry) for entry in sorted(entries("method", "learn"), key=_place)],
        "protocol": [_in_both(option_form(parameter)) for parameter in parameters_of(Protocol)],
        "few_patients": FEW_PATIENTS,
    }


@router.post("/check")
def check(wish: Wish, place: Place) -> dict[str, Any]:
    """What would fail or disappoint, before anything is made."""
    found = preflight(**wish.arguments(place))
    return {"passed": found.passed, "remarks": [_remark(one) for one in found.remarks], "facts": _facts(found)}


@router.post("/trial")
def trial(wish: Wish, place: Place) -> dict[str, str]:
    """Train on one batch in a process of its own; the job's result tells the time and the memory to expect."""

    def work(on_event: OnEvent) -> dict[str, Any]:
        found = attempt(**wish.arguments(place))
        return {"seconds": found.seconds, "time": both(time_text(found.seconds)), "memory": found.memory, "device": found.device}

    return {"job": begin(work, wish.language)}


@router.post("/start")
def start(wish: Wish, place: Place) -> dict[str, str]:
    """Make the run and start it; the job's result is its id."""
    return {"job": begin(_made(wish, place), wish.language)}


@router.get("/jobs/{key}")
def progress(key: str) -> dict[str, Any]:
    """How far a trial or the making of a run is."""
    return job(key).json()


@router.get("/like/{run}")
def like(run: str, place: Place) -> dict[str, Any]:
    """The form of a run that was made before, to change something in it."""
    recipe = read_recipe(run_named(run, place))
    id = set_of(recall(recipe.data, place), place) if recipe.data else ""
    roles = {name: recipe.source[name] for name in _ROLES if name in recipe.source}
    return {
        "method": recipe.task[1], "set": id, "roles": roles, "options": _named_again(recipe.options), "protocol": dict(recipe.protocol),
        "seed": recipe.seed,
    }  # fmt: skip


def _named_again(options: Mapping[str, Any]) -> dict[str, Any]:
    """A design of which the run has its own copy under the name of the stored one; the form speaks of that."""
    network = str(options.get("network", ""))
    if not network.startswith(f"{PREFIX}files/"):
        return dict(options)
    return dict(options) | {"network": PREFIX + Path(network.removeprefix(PREFIX)).stem}


def _made(wish: Wish, place: Path) -> Callable[[OnEvent], str]:
    def work(on_event: OnEvent) -> str:
        arguments = wish.arguments(place)
        folder = make_run(arguments.pop("task"), arguments.pop("path"), **arguments, on_event=on_event)
        keeping.rename(folder, wish.name or find_set(wish.set, place).name)
        launch(folder)
        return folder.name

    return work


_TASKS = ("classify", "segment", "detect", "estimate", "denoise")


def _place(entry: Entry) -> tuple[int, bool, str]:
    """By task, and in each the method that is called as the task first: the one to begin with."""
    task = entry.target.task
    return (_TASKS.index(task) if task in _TASKS else len(_TASKS), entry.name != task, entry.name)


def _method(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "label": both(entry.label),
        "task": entry.target.task,
        "about": _about(entry),
        "needs": needed_roles(entry),
    }


def _about(entry: Entry) -> dict[str, str] | None:
    """What the system of the booklet that the method belongs to is for."""
    from gazo.runs.systems import checklist

    row = checklist().get(entry.booklet[0]) if entry.booklet else None
    return None if row is None else both(Text(row["name_ja"], row["name_en"]))


def _remark(one: Remark) -> dict[str, Any]:
    return {"level": one.level, "title": both(one.title), "text": both(one.text), "code": one.code, "cure": dict(one.cure)}


def _facts(found: Preflight) -> dict[str, Any]:
    return {name: both(value) if isinstance(value, Text) else value for name, value in found.facts.items()}


def _in_both(value: Any) -> Any:
    """Plain values with each text in both languages."""
    if isinstance(value, Text):
        return both(value)
    if isinstance(value, dict):
        return {key: _in_both(item) for key, item in value.items()}
    return [_in_both(item) for item in value] if isinstance(value, list) else value
