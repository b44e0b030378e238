"""Simulated images as a run: they stand in ``images/`` of its folder, with what is known about them."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.registry import Entry
from gazo.core.results import Curve, Measurement, Panels, Surface, Table, result
from gazo.datasets.source import open_images
from gazo.io.finding import walk
from gazo.runs.image_files import IMAGES, digest
from gazo.runs.inputs import ROOMS, operation_named
from gazo.runs.measure import arguments_of
from gazo.runs.outputs import Output
from gazo.runs.processed import thumbnail
from gazo.runs.recipe import Recipe

_SHOWN = 6
_INTERVALS = {True: Text("はい", "yes"), False: Text("いいえ", "no")}


@result("simulated-images")
@dataclass(frozen=True, eq=False, kw_only=True)
class SimulatedImages(Measurement):
    """What a simulator made: its images by content, the truth it knows, and curves and tables that came with them."""

    images: Table
    truth: Table | None = None
    curves: tuple[Curve, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    tables: tuple[Table, ...] = ()


def makes_images(entry: Entry) -> bool:
    """Whether an operation simulates images: outside the rooms of processing and measuring, giving an image, what holds images, or a folder."""
    if entry.room in ROOMS:
        return False
    made = typing.get_type_hints(inspect.unwrap(entry.target)).get("return")
    if made in (Image, Path):
        return True
    return isinstance(made, type) and is_dataclass(made) and Image in typing.get_type_hints(made).values()


def images_in(made: Any) -> dict[str, Image]:
    """The images of what a simulator made by name; the one that all the others belong to is "image"."""
    if isinstance(made, Image):
        return {"image": made}
    return {name: value for name, value in vars(made).items() if isinstance(value, Image)}


def simulate(recipe: Recipe, folder: Path, place: Path, on_event: OnEvent) -> SimulatedImages:
    """Make the images of a recipe."""
    entry = operation_named(recipe.task[1], recipe.task[0])
    on_event(Event(entry.label, 0, 1))
    target = folder / IMAGES
    target.mkdir(exist_ok=True)
    made = entry.target(**arguments_of(recipe, place, on_event, folder=target))
    if not isinstance(made, Path):
        for number, (name, image) in enumerate(images_in(made).items(), 1):
            Output("tif").write(image, target / f"{number:04d}-{name.replace('_', '-')}.tif", was=image.pixels.dtype)
    on_event(Event(entry.label, 1, 1))
    return _outcome(entry, recipe, made, target)


def _outcome(entry: Entry, recipe: Recipe, made: Any, target: Path) -> SimulatedImages:
    said = Text(
        f"{entry.label.ja}で模擬画像を作成した (乱数の種 {recipe.seed})。実在する患者のものではない。",
        f"Images were simulated by {entry.label.en} (seed {recipe.seed}); no patient stands behind them.",
    )
    own = [value for _, value in _parts(made)]
    return SimulatedImages(
        sentence=said,
        shown=_shown(target),
        images=_files(target),
        truth=_truth(getattr(made, "truth", None)),
        curves=tuple(v for v in own if isinstance(v, Curve)),
        surfaces=tuple(v for v in own if isinstance(v, Surface)),
        tables=tuple(v for v in own if isinstance(v, Table)),
    )


def _parts(made: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(made) and not isinstance(made, Image):
        yield from ((f.name, getattr(made, f.name)) for f in fields(made))


def _files(target: Path) -> Table:
    headings = (Text("番号", "Row"), Text("ファイル", "File"), Text("内容 (SHA-256)", "Content (SHA-256)"))
    names = sorted(name for name in walk(str(target)) if not name.endswith((".csv", ".json")))
    rows = tuple((number, name, digest(str(target / name))[:16]) for number, name in enumerate(names, 1))
    return Table(Text("画像", "Images"), headings, rows)


def _truth(known: Any) -> Table | None:
    """Numbers and words that the simulator knows; what is nested or long stays with the images."""
    plain = {n: v for n, v in known.items() if isinstance(v, str | bool | int | float)} if isinstance(known, Mapping) else {}
    if not plain:
        return None
    rows = tuple((name, _INTERVALS[value] if isinstance(value, bool) else value) for name, value in plain.items())
    return Table(Text("真の値", "Truth"), (Text("項目", "Name"), Text("値", "Value")), rows)


def _shown(target: Path) -> Panels | None:
    images = open_images(target)
    if not len(images):
        return None
    pictures = tuple(thumbnail(images[row]) for row in range(min(len(images), _SHOWN)))
    names = tuple(str(name) for name in images.role("image")[: len(pictures)])
    return Panels(Text("模擬画像", "Simulated images"), pictures, tuple(Text(name, name) for name in names))
