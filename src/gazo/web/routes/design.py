"""The network designer: palette, presets, the check after every edit, Python, and the designs that are kept."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.datasets.strata import is_missing
from gazo.learn.classify.search_stop import finish_now
from gazo.nets.design import (
    GROUPS,
    KINDS,
    PRESETS,
    Analysis,
    Design,
    analyse,
    design_to_python,
    edited,
    from_json,
    laid_out,
    preset,
    read_design,
    to_json,
)
from gazo.nets.design.adapting import resized
from gazo.nets.design.problems import Problem
from gazo.nets.design.stored import delete, find_stored, rename, store, stored_designs
from gazo.nets.design.walk import Facts
from gazo.runs.export_runs import run_named
from gazo.runs.forms import option_form
from gazo.runs.sets import images_of
from gazo.web.place import Place
from gazo.web.texts import both, error_json

router = APIRouter(prefix="/api", tags=["design"])
LARGEST_FILLED = 128  # px: a larger image of a data set is scaled down in training, as the form of the training proposes


class Drawn(BaseModel):
    """A design as the canvas holds it."""

    model_config = ConfigDict(extra="forbid")
    design: dict[str, Any]
    batch: Annotated[int, Field(ge=1, le=4096)] = 16


class Edited(Drawn):
    """A design and what shall be changed in it."""

    edits: list[dict[str, Any]]


class Sized(Drawn):
    """A design and the images it shall be for."""

    channels: Annotated[int, Field(ge=1, le=64)] = 1
    size_px: Annotated[int, Field(ge=1, le=4096)] = 96
    classes: Annotated[int, Field(ge=1, le=65536)] = 2


class Name(BaseModel):
    """Another name."""

    model_config = ConfigDict(extra="forbid")
    name: str


@router.get("/design/blocks")
@cache
def palette() -> dict[str, Any]:
    """The kinds of blocks in their groups, each with the form of its options."""
    kinds = [
        {
            "name": kind.name,
            "label": both(kind.label),
            "group": kind.group,
            "inputs": list(kind.inputs),
            "ports": [both(port) for port in kind.ports],
            "about": inspect.getdoc(kind.target) or "",
            "defaults": kind.defaults(),
            "options": [_in_both(option_form(parameter)) for parameter in parameters_of(kind.target)],
        }
        for kind in KINDS.values()
    ]
    return {"groups": [{"name": name, "label": both(label)} for name, label in GROUPS.items()], "kinds": kinds}


@router.get("/design/presets")
def presets() -> list[dict[str, Any]]:
    """The networks to begin with."""
    return [
        {
            "name": name,
            "label": both(p.label),
            "told": both(p.told),
            "channels": p.channels,
            "size_px": p.size_px,
            "count": p.count,
        }
        for name, p in PRESETS.items()
    ]


@router.get("/design/presets/{name}")
def one_preset(name: str, channels: int | None = None, size_px: int | None = None, count: int | None = None) -> dict[str, Any]:
    """One of them, for other images where given."""
    return to_json(preset(name, channels=channels, size_px=size_px, count=count))


@router.post("/design/check")
def check(drawn: Drawn) -> dict[str, Any]:
    """Shapes, counts, memory and problems."""
    return _shown(analyse(from_json(drawn.design), batch=drawn.batch, memory_bytes=_memory()))


@router.post("/design/edit")
def edit(wish: Edited) -> dict[str, Any]:
    """The design after some edits, such as those of a problem's cure."""
    return to_json(edited(from_json(wish.design), wish.edits))


@router.post("/design/layout")
def layout(drawn: Drawn) -> dict[str, Any]:
    """The design with its blocks at readable places."""
    return to_json(laid_out(from_json(drawn.design)))


@router.post("/design/resize")
def resize(wish: Sized) -> dict[str, Any]:
    """The design for images of another size, number of channels or classes."""
    design = from_json(wish.design)
    return to_json(resized(design, classes=wish.classes, channels=wish.channels, size_px=wish.size_px))


@router.post("/design/python")
def python(drawn: Drawn) -> dict[str, str]:
    """The design as a Python file."""
    design = from_json(drawn.design)
    return {"name": f"{_file_name(design)}.py", "code": design_to_python(design)}


@router.get("/design/images/{id}")
def images(id: str, place: Place) -> dict[str, Any]:
    """What a design has to fit to learn from a data set: classes, channels, and a side for training."""
    found = images_of(id, place)
    labels = found.role("label").tolist() if found.has("label") else []
    classes = sorted({str(value) for value in labels if not is_missing(value)})
    try:
        side = min(found[0].grey().shape[-2:])
    except (GazoError, IndexError):
        side = LARGEST_FILLED
    return {"classes": classes, "channels": 1, "size_px": int(max(16, min(side, LARGEST_FILLED)))}


@router.post("/design/search/{run}/finish")
def finish(run: str, place: Place) -> dict[str, bool]:
    """Let a search end now and judge the best network it has."""
    finish_now(run_named(run, place))
    return {"asked": True}


@router.get("/designs")
def designs(place: Place) -> list[dict[str, Any]]:
    """The designs that are kept, the one changed last first."""
    return [
        {"name": s.name, "changed": s.changed, "blocks": s.blocks, "fault": None if s.fault is None else error_json(s.fault)}
        for s in stored_designs(place)
    ]


@router.get("/designs/{name}")
def one_design(name: str, place: Place) -> dict[str, Any]:
    """One of them."""
    return to_json(read_design(find_stored(name, place)))


@router.put("/designs/{name}")
def keep(name: str, drawn: Drawn, place: Place) -> dict[str, str]:
    """Keep a design under a name."""
    return {"name": store(from_json(drawn.design), name, place).stem}


@router.post("/designs/{name}/rename")
def give_name(name: str, wish: Name, place: Place) -> dict[str, str]:
    """Give it another name."""
    return {"name": rename(name, wish.name, place).stem}


@router.delete("/designs/{name}")
def remove(name: str, place: Place) -> dict[str, str]:
    """Take it out of the workspace."""
    delete(name, place)
    return {"name": name}


def _memory() -> int:
    """What a training may use of this machine."""
    import psutil

    return int(psutil.virtual_memory().total * 0.8)


def _shown(found: Analysis) -> dict[str, Any]:
    return {
        "blocks": {id: _facts(facts) for id, facts in found.blocks.items()},
        "order": list(found.order),
        "parameters": found.parameters,
        "multiply_adds": found.multiply_adds,
        "estimated": found.estimated,
        "memory_bytes": found.memory_bytes,
        "batch": found.batch,
        "ready": found.ready,
        "problems": [_problem(problem) for problem in found.problems],
    }


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "title": both(facts.title),
        "told": facts.told,
        "shape": list(facts.shape) if facts.shape is not None else None,
        "parameters": facts.parameters,
        "multiply_adds": facts.multiply_adds,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    fix = problem.fix
    return {
        "kind": problem.kind,
        "block": problem.block,
        "severity": problem.severity,
        "text": both(problem.text),
        "fix": None if fix is None else {"label": both(fix.label), "edits": [dict(edit) for edit in fix.edits]},
    }


def _file_name(design: Design) -> str:
    word = "".join(c if c.isalnum() else "_" for c in design.name.lower()).strip("_")
    return word or "network"


def _in_both(value: Any) -> Any:
    """Plain values with each text in both languages."""
    if isinstance(value, Text):
        return both(value)
    if isinstance(value, dict):
        return {key: _in_both(item) for key, item in value.items()}
    return [_in_both(item) for item in value] if isinstance(value, list) else value
