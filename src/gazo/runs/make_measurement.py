"""Measurements as runs: everything that can be checked is, and a run folder with its recipe is laid down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.language import language
from gazo.core.parameters import checked, parameters_of
from gazo.core.progress import OnEvent, quiet
from gazo.core.registry import Entry
from gazo.datasets.source import open_images
from gazo.runs.given import Given, file_entries, result_entries, source_of
from gazo.runs.image_files import Opening
from gazo.runs.inputs import inputs_of, is_folder, operation_named
from gazo.runs.recipe import Recipe, environment, write_recipe
from gazo.runs.recipe_data import named_set
from gazo.runs.start import default_threads
from gazo.runs.workspace import new_run_folder


def make_measurement(
    task: tuple[str, str],
    given: Given,
    *,
    place: Path,
    options: Mapping[str, Any],
    opening: Opening,
    seed: int = 0,
    threads: int | None = None,
    name: str = "",
    on_event: OnEvent = quiet,
) -> Path:
    """Check everything that can be checked and lay down a run folder with its recipe; the worker does the rest.

    Parameters
    ----------
    task : room and name of the operation, such as ``("quality", "mtf-edge")``.
    given : its inputs.
    options : of the operation; what is not given is written down with its default.
    opening : how image files are opened; images FOR PRESENTATION are refused here, before a folder is made, unless it takes them.
    """
    entry = operation_named(task[1], task[0])
    whole = _whole(entry, options)
    _need_all(entry, given)
    for files in given.files.values():
        for path in files.paths:
            opening.need_unprocessed(path)
    inputs = file_entries(given, place, on_event=on_event)
    recipe = Recipe(
        task=(task[0], entry.name), version=entry.version, **_data(entry, given, inputs, opening, place, on_event), options=whole, protocol={}, seed=seed, threads=threads or default_threads(),
        inputs=inputs | result_entries(given), language=language(), **environment(),
    )  # fmt: skip
    folder = new_run_folder(place, name or entry.name)
    write_recipe(recipe, folder)
    return folder


def _data(
    entry: Entry, given: Given, inputs: Mapping[str, Mapping[str, Any]], opening: Opening, place: Path, on_event: OnEvent
) -> dict[str, Any]:
    """What the recipe says of its data: the set of images, or else the first of the inputs that are image files."""
    if given.images is not None:
        path, source = given.images.path, given.images.source
        images = open_images(path, **source, cache=place / "cache")
        return named_set(images, path, source, place=place, stage=entry.label, on_event=on_event)
    first = next(iter(inputs.values()), {"data": "", "sha256": "", "rows": 0})
    source = source_of(opening, accepted=opening.presentation)
    return {"data": first["data"], "data_sha256": first["sha256"], "rows": first["rows"], "source": source}


def _whole(entry: Entry, options: Mapping[str, Any]) -> dict[str, Any]:
    """All options as a recipe keeps them."""
    given = checked(entry.target, options)
    whole = {p.name: given.get(p.name, p.default) for p in parameters_of(entry.target)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in whole.items()}


def _need_all(entry: Entry, given: Given) -> None:
    wanted = [one for one in inputs_of(entry) if one.required and not is_folder(one)]
    there = {*given.files, *given.results, *(one.name for one in wanted if one.is_set and given.images is not None)}
    missing = [one for one in wanted if one.name not in there]
    if missing:
        raise OptionError(
            "G-RUN-038",
            en=f"{entry.label.en} needs '{missing[0].name}' ({missing[0].kind.__name__}); it was not given.",
            ja=f"{entry.label.ja}には「{missing[0].name}」({missing[0].kind.__name__}) が必要ですが、指定されていません。",
        )
