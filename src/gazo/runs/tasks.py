"""From a recipe to its result: the one place where a run's method is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.registry import Entry, entries
from gazo.learn.protocol import Protocol
from gazo.runs.catalog import discover
from gazo.runs.measure import measure
from gazo.runs.processed import process_run, storing
from gazo.runs.recipe import CHAIN, Recipe
from gazo.runs.recipe_data import data_of
from gazo.runs.simulate import makes_images, simulate


def entry_of(task: tuple[str, str]) -> Entry:
    """The method or operation a recipe names."""
    if tuple(task) == CHAIN:
        return Entry("feature", "runs", "chain", Text("画像処理", "Image processing"), storing)
    found = _registered(task)
    if not found:  # looked for in every room only where it is not known yet: a server asks for each run of a list
        discover()
        found = _registered(task)
    if not found:
        raise RunError(
            "G-RUN-008",
            en=f"this gazo has no method '{' '.join(task)}'. Install the version the recipe was made with.",
            ja=f"この gazo には手法「{' '.join(task)}」がありません。レシピを作成した版を入れてください。",
        )
    return found[0]


def _registered(task: tuple[str, str]) -> list[Entry]:
    return [e for kind in ("method", "operation") for e in entries(kind, task[0]) if e.name == task[1]]


def perform(recipe: Recipe, folder: Path, place: Path, on_event: OnEvent) -> Any:
    """Open the data, check that it is the data of the recipe, and judge the method on it, measure it or process it."""
    if recipe.task == CHAIN:
        return process_run(recipe, folder, place, on_event)
    entry = entry_of(recipe.task)
    if entry.kind == "operation":
        return simulate(recipe, folder, place, on_event) if makes_images(entry) else measure(recipe, place, on_event)
    images = data_of(recipe, place, on_event)
    spec = entry.target(**recipe.options)
    return spec.study(images, Protocol(**recipe.protocol), seed=recipe.seed, folder=folder, on_event=on_event)
