"""``gazo phantom NAME TARGET``: simulate images with known truth."""

from __future__ import annotations

import argparse
import inspect
import typing
from pathlib import Path
from typing import Any

import numpy as np

from gazo.cli.options import about, add_options, chosen
from gazo.cli.progress import bar
from gazo.core.files import storage_error
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.registry import Entry, entries
from gazo.core.seeds import generator
from gazo.io.files import write
from gazo.runs.catalog import discover
from gazo.runs.simulate import images_in

_FOLDER = Text("書き込むフォルダ", "folder to write")
_FILE = Text("書き込む画像ファイル (.tif .dcm .nii.gz .png)", "image file to write (.tif, .dcm, .nii.gz, .png)")


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each simulator that makes something to write."""
    discover()
    names = parser.add_subparsers(dest="phantom", metavar="PHANTOM", required=True)
    for entry in _writable():
        one = names.add_parser(entry.name, help=str(entry.label), description=about(entry))
        one.add_argument("target", type=Path, help=str(_FOLDER if _makes_folder(entry) else _FILE))
        add_options(one, entry.label, entry.target)
        one.add_argument("--seed", type=int, default=0, help=str(Text("乱数の種", "seed of all randomness")))


def act(arguments: argparse.Namespace) -> int:
    """Simulate and write; masks stand beside the image."""
    entry = next(e for e in _writable() if e.name == arguments.phantom)
    wanted = inspect.signature(entry.target).parameters
    options = chosen(arguments, entry.target)
    with bar() as on_event:
        given: dict[str, Any] = {"seed": arguments.seed, "rng": generator(arguments.seed, entry.name), "on_event": on_event}
        options |= {name: value for name, value in given.items() if name in wanted}
        made = entry.target(arguments.target, **options) if _makes_folder(entry) else entry.target(**options)
    print(made if isinstance(made, Path) else "\n".join(str(path) for path in _written(made, arguments.target)))
    return 0


def _writable() -> list[Entry]:
    """All simulators but those whose set of images exists only in memory."""
    found = entries("operation", "phantoms")
    return [e for e in found if typing.get_type_hints(inspect.unwrap(e.target)).get("return") is not ImageSet]


def _makes_folder(entry: Entry) -> bool:
    return "folder" in inspect.signature(entry.target).parameters


def _written(made: Any, target: Path) -> list[Path]:
    """Write the image to `target`, and what came with it beside it: masks as PNG, maps and other images as TIFF."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, target.parent) from None
    paths = []
    for name, image in images_in(made).items():
        ending = "png" if image.pixels.dtype in (np.uint8, np.uint16) and len(image.shape) == 2 else "tif"
        beside = f"{target.stem.removesuffix('.nii')}-{name.replace('_', '-')}.{ending}"
        path = target if name == "image" else target.with_name(beside)
        write(image, path)
        paths.append(path)
    return paths
