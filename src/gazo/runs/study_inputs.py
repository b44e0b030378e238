"""The inputs of measurements in a study that travels: files by content, under ``data/KEY/input/`` of the archive, without their names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError
from gazo.io.finding import walk
from gazo.runs.given import contents_below
from gazo.runs.image_files import digest
from gazo.runs.recipe import Recipe
from gazo.runs.references import recall_files, remember_files

Entries = Mapping[str, Mapping[str, Any]]  # SHA-256 of an input -> what a recipe says of it


def image_inputs(recipes: Iterable[Recipe]) -> dict[str, Mapping[str, Any]]:
    """Every image input of some recipes, each content once."""
    return {e["sha256"]: e for recipe in recipes for e in recipe.inputs.values() if "files" in e}


def pack_inputs(recipe: Recipe, place: Path) -> dict[str, Path]:
    """Name inside the archive -> file here, for the image inputs of a recipe. Names are numbers; a volume is a folder of its slices."""
    packed: dict[str, Path] = {}
    for entry in image_inputs([recipe]).values():
        for row, path in enumerate(map(Path, recall_files(entry["data"], place)), 1):
            inside = f"data/{entry['data']}/input/{row:04d}"
            slices = walk(str(path)) if path.is_dir() else []
            packed |= {f"{inside}/{n:04d}{Path(name).suffix}": path / name for n, name in enumerate(slices, 1)}
            packed |= {} if path.is_dir() else {f"{inside}{path.suffix}": path}
    return packed


def unchanged(recipe: Recipe, place: Path) -> bool:
    """Whether the files behind the image inputs of a recipe still are what it was made from."""
    entries = image_inputs([recipe]).values()
    return all([digest(path) for path in recall_files(entry["data"], place)] == list(entry["files"]) for entry in entries)


def link_known(entries: Entries, data: Path, place: Path) -> set[str]:
    """Let the workspace know those inputs whose files all lie at or below `data`; which ones."""
    there = contents_below(data, {sha256 for entry in entries.values() for sha256 in entry["files"]})
    found = {sha256 for sha256, entry in entries.items() if set(entry["files"]) <= set(there)}
    for sha256 in found:
        remember_files([there[file] for file in entries[sha256]["files"]], sha256, place)
    return found


def is_input_linked(entry: Mapping[str, Any], place: Path) -> bool:
    """Whether this workspace knows where the files of an input lie, and they are there."""
    try:
        return all(os.path.exists(path) for path in recall_files(entry["data"], place))
    except GazoError:
        return False


def link_packed(entry: Mapping[str, Any], beside: Path, target: Path, place: Path) -> bool:
    """Take the files of an input that came along in an unpacked archive into the workspace, at `target`; whether they did."""
    came = beside / "data" / entry["data"]
    if not (came / "input").is_dir() or not set(entry["files"]) <= set(contents_below(came, set(entry["files"]))):
        return False
    os.replace(came, target)
    return bool(link_known({entry["sha256"]: entry}, target, place))
