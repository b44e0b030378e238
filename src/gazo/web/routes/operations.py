"""``/api/operations``: chains kept under a name, chains on whole sets, measurements and simulations as runs, tables that are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.parameters import checked
from gazo.io.raw import read_raw
from gazo.runs.chains import Chain, delete_chain, find_chain, list_chains, save_chain
from gazo.runs.export_runs import run_named
from gazo.runs.image_files import Opening
from gazo.runs.inputs import inputs_of, is_folder, operation_named
from gazo.runs.keep_images import keep_images
from gazo.runs.launch import launch
from gazo.runs.make_chain import make_chain
from gazo.runs.make_measurement import make_measurement
from gazo.runs.steps import ChainStep, chain_step, other_inputs, steps_in_text
from gazo.web.drawn_masks import keep_mask
from gazo.web.given_words import column_names, given_words, image_files, keep_sent
from gazo.web.pixels import kept_image
from gazo.web.place import Place
from gazo.web.routes.live import StepAsked

router = APIRouter(prefix="/api", tags=["operations"])
Words = dict[str, list[Annotated[str, Field(max_length=4000)]]]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DrawnShape(_Asked):
    """A rectangle or an ellipse by two corners, or a polygon; in pixels, x before y."""

    kind: str = Field(max_length=20)
    points: list[list[float]] = Field(max_length=10_000)


class ChainAsked(_Asked):
    """A chain to be kept; with an id it takes the place of that one."""

    name: str = Field(max_length=200)
    steps: list[StepAsked] = Field(max_length=100)
    id: str = Field("", max_length=40)


class Written(_Asked):
    """The text of a file of steps, a recipe or a manifest."""

    text: str = Field(max_length=1_000_000)


class Opened(_Asked):
    """How image files are read: spacing instead of what they say, options of files without a header, processed images accepted."""

    spacing_mm: list[float] | None = Field(None, max_length=3)
    raw: dict[str, Any] | None = None
    accept_presentation: bool = False

    def opening(self, *, measuring: bool) -> Opening:
        """As runs take it."""
        raw = None if self.raw is None else tuple(sorted(checked(read_raw, self.raw).items()))
        return Opening(tuple(self.spacing_mm) if self.spacing_mm else None, raw, not measuring or self.accept_presentation)


class ApplyAsked(_Asked):
    """A chain for many images."""

    steps: list[StepAsked] = Field(max_length=100)
    images: list[str] = Field(max_length=100_000)
    others: Words = Field(default_factory=dict)
    stored: dict[str, Any] = Field(default_factory=dict)
    opened: Opened = Field(default_factory=Opened)
    seed: int = Field(0, ge=0, le=2**53)
    name: str = Field("", max_length=100)


class MeasureAsked(_Asked):
    """An operation whose result is a run."""

    room: str = Field(max_length=40)
    operation: str = Field(max_length=100)
    inputs: Words = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    opened: Opened = Field(default_factory=Opened)
    seed: int = Field(0, ge=0, le=2**53)
    name: str = Field("", max_length=100)


class KeepAsked(_Asked):
    """Images of a run that become a data set."""

    run: str = Field(max_length=200)
    name: str = Field(max_length=200)


class MaskAsked(_Asked):
    """Shapes drawn on an image."""

    address: str = Field(max_length=4000)
    shapes: list[DrawnShape] = Field(max_length=200)
    plane: int = Field(0, ge=0)


@router.get("/operations/chains")
def chains(place: Place) -> list[dict[str, Any]]:
    """The chains of the workspace by name."""
    return [_chain(chain) for chain in list_chains(place)]


@router.get("/operations/chains/{id}")
def chain(id: str, place: Place) -> dict[str, Any]:
    """One chain."""
    return _chain(find_chain(id, place))


@router.post("/operations/chains")
def keep_chain(asked: ChainAsked, place: Place) -> dict[str, Any]:
    """Keep a chain under a name."""
    return _chain(save_chain(asked.name, _steps(asked.steps), place, id=asked.id))


@router.delete("/operations/chains/{id}")
def forget_chain(id: str, place: Place) -> dict[str, str]:
    """Delete a chain."""
    delete_chain(id, place)
    return {"deleted": id}


@router.post("/operations/read")
def read_chain(written: Written) -> dict[str, Any]:
    """The steps of a JSON file that was chosen in the browser."""
    return {"steps": [_step(step) for step in steps_in_text(written.text, "JSON")]}


@router.post("/operations/apply")
def apply_chain(asked: ApplyAsked, place: Place) -> dict[str, str]:
    """Make a run of a chain and start it."""
    steps = _steps(asked.steps)
    given = given_words(other_inputs(steps).values(), asked.others, place)
    images = image_files(asked.images, place)
    opening = asked.opened.opening(measuring=False)
    folder = make_chain(steps, images, given, place=place, opening=opening, stored=asked.stored, seed=asked.seed, name=asked.name)
    return _launched(folder)


@router.post("/operations/measure")
def measure(asked: MeasureAsked, place: Place) -> dict[str, str]:
    """Make a run of an operation and start it."""
    entry = operation_named(asked.operation, asked.room)
    inputs = [one for one in inputs_of(entry) if not is_folder(one)]
    folder = make_measurement(
        (entry.room, entry.name),
        given_words(inputs, asked.inputs, place),
        place=place,
        options=asked.options,
        opening=asked.opened.opening(measuring=True),
        seed=asked.seed,
        name=asked.name or entry.name,
    )
    return _launched(folder)


@router.post("/operations/keep")
def keep(asked: KeepAsked, place: Place) -> dict[str, str]:
    """Keep the images of a run as a data set."""
    return {"set": keep_images(run_named(asked.run, place), asked.name, place).id}


@router.post("/operations/mask")
def mask(asked: MaskAsked, place: Place) -> dict[str, str]:
    """Keep regions that were drawn as a mask; its address."""
    return {"address": keep_mask(asked.address, [(s.kind, s.points) for s in asked.shapes], place, plane=asked.plane)}


@router.post("/uploads/result")
def send_result(files: list[UploadFile], place: Place) -> dict[str, str]:
    """Keep a table (.csv, .xlsx) or a result (.json) that was chosen in the browser; the word by which it is an input."""
    return {"word": keep_sent(files[0].filename or "", files[0].file.read(), place)}


@router.get("/operations/columns")
def columns(place: Place, word: Annotated[str, Query(max_length=400)]) -> dict[str, list[tuple[str, str]]]:
    """The columns of a table that was chosen, (ja, en), so that a form can offer their names."""
    return {"columns": column_names(word, place)}


@router.get("/operations/image")
def image_facts(place: Place, address: Annotated[str, Query(max_length=4000)]) -> dict[str, Any]:
    """Size, spacing and range of values of an image, for sliders and forms that need them."""
    image = kept_image(address, place)
    finite = image.pixels[np.isfinite(image.pixels)] if image.pixels.dtype.kind == "f" else image.pixels
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    rows, columns = image.shape[-2:]
    planes = image.shape[0] if len(image.shape) == 3 else 1
    spacing = None if image.spacing_mm is None else list(image.spacing_mm)
    return {"spacing_mm": spacing, "low": low, "high": high, "planes": planes, "rows": rows, "columns": columns}


def _launched(folder: Path) -> dict[str, str]:
    launch(folder)
    return {"run": folder.name}


def _steps(asked: list[StepAsked]) -> tuple[ChainStep, ...]:
    return tuple(chain_step(step.operation, step.options) for step in asked)


def _chain(chain: Chain) -> dict[str, Any]:
    return {"id": chain.id, "name": chain.name, "steps": [_step(step) for step in chain.steps]}


def _step(step: ChainStep) -> dict[str, Any]:
    return {"operation": step.operation, "version": step.version, "options": dict(step.options)}
