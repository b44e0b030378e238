"""What an operation was given, by name: image files and results of other measurements. In a recipe they stand by content only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.results import from_json, to_json
from gazo.io.finding import walk
from gazo.runs.image_files import Files, Opening, digest, folder_digest
from gazo.runs.manifest import input_entry
from gazo.runs.recipe import Recipe
from gazo.runs.references import recall_files, remember_files


@dataclass(frozen=True)
class NamedSet:
    """A set of images as an input: its place, and how `open_images` opens it."""

    path: Path
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Inputs by name.

    Parameters
    ----------
    files : image files, in order.
    results : typed results, such as a Curve.
    origins : where a result was taken from, such as "run:20260401-...-mtf/curve"; never a path.
    images : a whole set of images, for the operations that take one.
    """

    files: Mapping[str, Files] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    images: NamedSet | None = None


def result_entries(given: Given) -> dict[str, dict[str, Any]]:
    """The results as they stand in a recipe: the whole value, its fingerprint, its origin."""
    found = {}
    for name, value in given.results.items():
        plain = to_json(value)
        sha256 = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
        found[name] = {"value": plain, "sha256": sha256} | ({"from": given.origins[name]} if name in given.origins else {})
    return found


def file_entries(given: Given, place: Path, *, on_event: OnEvent = quiet) -> dict[str, dict[str, Any]]:
    """The files as they stand in a recipe; where they lie is kept in the workspace."""
    found = {}
    for name, files in given.files.items():
        digests = [digest(path) for path in counted(files.paths, Text("データの指紋", "Fingerprint of the data"), on_event)]
        found[name] = input_entry(digests)
        remember_files(files.paths, found[name]["sha256"], place)
    return found


def given_in(recipe: Recipe, place: Path) -> Given:
    """The inputs of a recipe; files are named by their row."""
    files, results = {}, {}
    for name, entry in recipe.inputs.items():
        if "value" in entry:
            results[name] = from_json(entry["value"])
        else:
            paths = recall_files(entry["data"], place)
            files[name] = Files(paths, tuple(f"{name} {row}" for row in range(1, len(paths) + 1)))
    return Given(files, results)


def need_same_files(recipe: Recipe, given: Given) -> None:
    """Refuse files whose content is not that of the recipe."""
    for name, files in given.files.items():
        if [digest(path) for path in files.paths] != list(recipe.inputs[name]["files"]):
            raise RunError(
                "G-RUN-035",
                en=f"the images of '{name}' have changed since the recipe was made. Restore them, or start a new run.",
                ja=f"「{name}」の画像はレシピ作成後に変わっています。元に戻すか、新しく実行してください。",
            )


def relink_files(recipe: Recipe, data: Path, place: Path) -> None:
    """Find every file of a recipe by its content at or below `data`, and let the workspace know where they lie."""
    wanted = {sha256 for entry in recipe.inputs.values() for sha256 in entry.get("files", ())}
    there = contents_below(data, wanted)
    missing = wanted - set(there)
    if missing:
        raise RunError(
            "G-RUN-036",
            en=f"{len(missing)} of the {len(wanted)} images of the recipe are not at '{data.name}' (compared by content). Name the folder that holds them all.",
            ja=f"レシピの画像 {len(wanted)} 枚のうち {len(missing)} 枚が「{data.name}」にありません (内容で照合)。すべての画像があるフォルダを指定してください。",
        )
    for entry in recipe.inputs.values():
        if "files" in entry:
            remember_files([there[sha256] for sha256 in entry["files"]], entry["sha256"], place)


def contents_below(data: Path, wanted: Set[str]) -> dict[str, str]:
    """SHA-256 -> path of the files at or below a place; of its folders too where files alone are not enough (volumes)."""
    if not data.is_dir():
        return {digest(str(data)): str(data.absolute())}
    names = {name: digest(str(data / name)) for name in walk(str(data))}
    there: dict[str, str] = {}
    for name, sha256 in names.items():
        there.setdefault(sha256, str(data.absolute() / name))
    if wanted <= set(there):
        return there
    inside: dict[Path, list[str]] = {}
    for name, sha256 in names.items():
        for above in (data.absolute() / name).relative_to(data.absolute()).parents:
            inside.setdefault(above, []).append(sha256)
    return {folder_digest(found): str(data.absolute() / folder) for folder, found in inside.items()} | there


def source_of(opening: Opening, *, accepted: bool = False) -> dict[str, Any]:
    """How files are opened, as a recipe keeps it."""
    found: dict[str, Any] = {}
    if opening.spacing_mm is not None:
        found["spacing_mm"] = list(opening.spacing_mm)
    if opening.raw is not None:
        found["raw"] = dict(opening.raw)
    return found | ({"accept_presentation": True} if accepted else {})


def opening_of(source: Mapping[str, Any], *, measuring: bool) -> Opening:
    """The way back; a measurement takes images FOR PRESENTATION only where that was accepted."""
    spacing, raw = source.get("spacing_mm"), source.get("raw")
    return Opening(
        tuple(spacing) if spacing is not None else None,
        tuple(sorted(raw.items())) if raw is not None else None,
        not measuring or bool(source.get("accept_presentation")),
    )
