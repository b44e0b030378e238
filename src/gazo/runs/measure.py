"""A measurement from its recipe: an operation called with images and results of other runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Measurement
from gazo.core.seeds import generator
from gazo.runs.given import Given, given_in, need_same_files, opening_of
from gazo.runs.image_files import Opening, Sequential, for_presentation
from gazo.runs.inputs import Input, inputs_of, operation_named, wants
from gazo.runs.recipe import Recipe
from gazo.runs.recipe_data import data_of

_FOR_PRESENTATION = Text(
    "表示用 (FOR PRESENTATION) の画像を測定しました。値は検出器ではなく画像処理後のものです。",
    "Images marked FOR PRESENTATION were measured: the values are those of the processed image, not of the detector.",
)


def measure(recipe: Recipe, place: Path, on_event: OnEvent) -> Any:
    """The result of a recipe; other content than it was made with is refused."""
    entry = operation_named(recipe.task[1], recipe.task[0])
    on_event(Event(entry.label, 0, 1))
    found = entry.target(**arguments_of(recipe, place, on_event))
    on_event(Event(entry.label, 1, 1))
    given = given_in(recipe, place)
    processed = any(for_presentation(path) for files in given.files.values() for path in files.paths)
    if processed and isinstance(found, Measurement):
        found = replace(found, warnings=(_FOR_PRESENTATION, *found.warnings))
    return found


def arguments_of(recipe: Recipe, place: Path, on_event: OnEvent, **more: Any) -> dict[str, Any]:
    """Everything a recipe's operation is called with: inputs, options, and what it wants to draw from or to write into."""
    entry = operation_named(recipe.task[1], recipe.task[0])
    given = given_in(recipe, place)
    need_same_files(recipe, given)
    opening = opening_of(recipe.source, measuring=True)
    values = {one.name: _value(one, given, opening) for one in inputs_of(entry) if not one.is_set}
    values |= {one.name: data_of(recipe, place, on_event) for one in inputs_of(entry) if one.is_set}
    drawn: dict[str, Any] = {"seed": recipe.seed, "rng": generator(recipe.seed, entry.name), "on_event": on_event, **more}
    drawn = {name: value for name, value in drawn.items() if wants(entry, name)}
    return {name: v for name, v in values.items() if v is not None} | dict(recipe.options) | drawn


def _value(one: Input, given: Given, opening: Opening) -> Any:
    """An input as the operation takes it; a sequence of images is read one by one, when it is asked for."""
    if one.name not in given.files:
        return given.results.get(one.name)
    paths = given.files[one.name].paths
    return Sequential(paths, opening) if one.many else opening(paths[0])
