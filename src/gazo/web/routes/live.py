"""``/api/live``: a chain on the image in view, for sliders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.results import Table
from gazo.process.difference import difference_image
from gazo.runs.steps import chain_step
from gazo.web.live import Ask, Live, ask_live, live_result
from gazo.web.live_pixels import live_pixels
from gazo.web.live_warm import warm_up
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api/live", tags=["live"])


class StepAsked(BaseModel):
    """One operation with the options that differ from its defaults."""

    model_config = ConfigDict(extra="forbid")
    operation: str = Field(max_length=100)
    options: dict[str, Any] = Field(default_factory=dict)


class LiveAsked(BaseModel):
    """A chain for the image of an address, as a view needs it."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(max_length=4000)
    steps: list[StepAsked] = Field(max_length=100)
    others: dict[str, str] = Field(default_factory=dict, max_length=50)
    level: int = 0
    plane: int = Field(0, ge=0)
    spacing_mm: float | None = Field(None, gt=0, le=1000)
    seed: int = Field(0, ge=0, le=2**53)
    view: str = Field("view", max_length=100)
    number: int = Field(0, ge=0, le=2**53)


class Which(BaseModel):
    """A result that was computed."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=64)


class Names(BaseModel):
    """Operations that will be used."""

    model_config = ConfigDict(extra="forbid")
    operations: list[str] = Field(max_length=200)


@router.post("")
def live(asked: LiveAsked, place: Place) -> dict[str, Any]:
    """Compute the chain; ``{"superseded": true}`` when a newer request of the same view came before it was begun."""
    found = _computed(asked, place)
    return {"superseded": True} if found is None else _told(found)


@router.post("/pixels")
def pixels(asked: LiveAsked, place: Place) -> Response:
    """As above with the pixels themselves, so that a slider costs one way there and back; the JSON stands in ``x-gazo-live``."""
    found = _computed(asked, place)
    if found is None:
        return Response(b"", headers={"x-gazo-live": '{"superseded": true}'})
    return live_pixels(found, "", _told(found))


@router.get("/part")
def part(token: Annotated[str, Query(max_length=64)], name: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Pixels of the difference or of a map of a result that was computed."""
    return live_pixels(live_result(token), name)


@router.post("/check")
def check(which: Which) -> dict[str, Any]:
    """What the processing changed, with warnings of over-processing; takes about half a second for a large image."""
    found = live_result(which.token)
    seen = difference_image(found.before, found.made.image)
    return {"measures": _table(seen.measures), "warnings": [both(text) for text in seen.warnings], "level": found.ask.level}


@router.post("/warm")
def warm(names: Names) -> dict[str, bool]:
    """Make ready what these operations need, in the background."""
    return {"started": warm_up(names.operations) is not None}


def _computed(asked: LiveAsked, place: Path) -> Live | None:
    steps = tuple(chain_step(step.operation, step.options) for step in asked.steps)
    ask = Ask(asked.address, steps, dict(asked.others), asked.level, asked.plane, asked.spacing_mm, asked.seed)
    return ask_live(ask, asked.view, place, asked.number)


def _told(found: Live) -> dict[str, Any]:
    image = found.made.image
    base = f"live:{found.token}"
    return {
        "superseded": False,
        "token": found.token,
        "address": base,
        "difference": f"{base}:difference" if image.shape == found.before.shape else None,
        "maps": [{"name": name, "address": f"{base}:{name}"} for name in found.made.maps],
        "numbers": {name: value if value == value else None for name, value in found.made.numbers.items()},
        "warnings": [both(text) for text in dict.fromkeys(found.made.warnings)],
        "level": found.ask.level,
        "shape": list(image.shape),
        "full": list(found.source.shape[-2:]),
        "spacing_known": found.before.spacing_mm is not None,
        "unit": image.unit,
        "seconds": found.seconds,
    }


def _table(table: Table) -> dict[str, Any]:
    cells = [[both(c) if isinstance(c, tuple) else c for c in row] for row in table.rows]
    return {"title": both(table.title), "headings": [both(h) for h in table.headings], "rows": cells, "notes": [both(n) for n in table.notes]}  # fmt: skip
