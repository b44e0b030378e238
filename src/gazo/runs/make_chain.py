"""A chain of operations on images as a run: what can be checked is, and a run folder with its recipe is laid down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError
from gazo.core.language import language
from gazo.core.parameters import checked
from gazo.core.progress import OnEvent, quiet
from gazo.runs.given import Given, file_entries, opening_of
from gazo.runs.image_files import Files, Opening
from gazo.runs.processed import chain_recipe, storing
from gazo.runs.recipe import write_recipe
from gazo.runs.start import default_threads
from gazo.runs.steps import ChainStep, other_inputs
from gazo.runs.workspace import new_run_folder

_IMAGE = "image"


def make_chain(
    steps: Sequence[ChainStep],
    images: Files,
    given: Given,
    *,
    place: Path,
    opening: Opening | None = None,
    stored: Mapping[str, Any] | None = None,
    seed: int = 0,
    threads: int | None = None,
    name: str = "",
    on_event: OnEvent = quiet,
) -> Path:
    """Lay down the run; the worker makes the images, names them by row and passes over those that fail.

    Parameters
    ----------
    images : what the chain is applied to.
    given : further inputs by name: one file for all images, or one for each in their order; results.
    stored : how images are stored, as for `gazo.runs.processed.storing`.
    """
    _check(steps, images, given)
    opening = opening or opening_of({}, measuring=False)
    recipe = chain_recipe(steps, given, opening, storing(**checked(storing, stored or {})), seed)
    inputs = file_entries(Given({_IMAGE: images, **given.files}), place, on_event=on_event)
    first = inputs[_IMAGE]
    recipe = replace(
        recipe, data=first["data"], data_sha256=first["sha256"], rows=first["rows"], threads=threads or min(default_threads(), len(images.paths)),
        inputs={**recipe.inputs, **inputs}, language=language(),
    )  # fmt: skip
    folder = new_run_folder(place, name or (steps[0].operation if len(steps) == 1 else "chain"))
    write_recipe(recipe, folder)
    return folder


def _check(steps: Sequence[ChainStep], images: Files, given: Given) -> None:
    if not steps or not images.paths:
        raise OptionError(
            "G-LIV-012",
            en=f"a chain needs at least one step and one image; {len(steps)} steps and {len(images.paths)} images came. Add what is missing.",
            ja=f"1 つ以上の処理と 1 枚以上の画像が必要です (処理 {len(steps)}、画像 {len(images.paths)} 枚)。足りないものを追加してください。",
        )
    for name, one in other_inputs(steps).items():
        files = given.files.get(name)
        if one.required and files is None and name not in given.results:
            raise OptionError(
                "G-LIV-013",
                en=f"the chain needs '{name}' besides the images; it was not given. Choose it below the step.",
                ja=f"この処理には画像のほかに「{name}」が必要ですが、指定されていません。手順の下で選んでください。",
            )
        if files is not None and len(files.paths) not in (1, len(images.paths)):
            raise OptionError(
                "G-LIV-014",
                en=f"'{name}' has {len(files.paths)} images for {len(images.paths)} images to be processed. Give one for all, or one for each.",
                ja=f"処理する画像は {len(images.paths)} 枚ですが、「{name}」は {len(files.paths)} 枚です。全体で 1 枚か、1 枚ずつ同じ枚数を指定してください。",
            )
