"""The set of images that a recipe names: opened again where the workspace knows it to lie, and refused when it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.datasets.source import open_images
from gazo.runs.recipe import Recipe
from gazo.runs.references import fingerprint, recall, recall_folder, remember


def named_set(
    images: ImageSet, path: Path, source: Mapping[str, Any], *, place: Path, stage: Text, on_event: OnEvent
) -> dict[str, Any]:
    """What a recipe says of a set that was opened; where it lies is kept in the workspace.

    Parameters
    ----------
    path, source : where it is, and how it was opened.
    stage : what notes about the data are told under.
    """
    for note in images.notes:
        on_event(Event(stage, note=note))
    sha256 = fingerprint(images, on_event=on_event)
    key = remember(path, sha256, place, folder=source.get("folder"))
    plain = {name: value for name, value in source.items() if name != "folder"}
    return {"data": key, "data_sha256": sha256, "rows": len(images), "source": plain}


def data_of(recipe: Recipe, place: Path, on_event: OnEvent) -> ImageSet:
    """The images of a recipe; other content than the recipe was made with is refused."""
    known = recall_folder(recipe.data, place)
    images = open_images(recall(recipe.data, place), **recipe.source, **known, cache=place / "cache")
    need_same(recipe, fingerprint(images, on_event=on_event), len(images))
    return images


def need_same(recipe: Recipe, sha256: str, rows: int) -> None:
    """Refuse data that is not the data of the recipe."""
    if sha256 != recipe.data_sha256:
        raise RunError(
            "G-RUN-009",
            en=f"the data '{recipe.data}' has changed since the recipe was made ({recipe.rows} rows then, {rows} now). Restore it, or start a new run.",
            ja=f"データ「{recipe.data}」はレシピ作成後に変わっています (当時 {recipe.rows} 行、現在 {rows} 行)。元に戻すか、新しく実行してください。",
        )
