"""Finished runs of a workspace: found by their exact name, read once, and searched for results that another run can take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError, OptionError, RunError, nearest
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Surface, Table
from gazo.learn.saved import model_file
from gazo.runs.inputs import inputs_of, measurements
from gazo.runs.kept import called
from gazo.runs.ownership import read_status
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.result_inputs import fitting_parts
from gazo.runs.start import read_result
from gazo.runs.tasks import entry_of
from gazo.runs.workspace import run_folders

Plain = dict[str, Any]
_KEPT = 4  # results in memory


def run_named(name: str, place: Path) -> Path:
    """The folder of a run of this workspace; only a whole name counts, never a path."""
    folders = {folder.name: folder for folder in run_folders(place)}
    if name not in folders:
        hint = nearest(name, list(folders)[-20:]) if folders else Text("実行結果はまだありません。", "There are no runs yet.")
        raise RunError(
            "G-EXP-003",
            en=f"this workspace has no run '{name}'. {hint.en}",
            ja=f"この作業フォルダに実行結果「{name}」はありません。{hint.ja}",
        )
    return folders[name]


def is_finished(folder: Path) -> bool:
    """Whether a run has come to its end and left a result."""
    return (folder / "results.json").exists() and read_status(folder)["state"] == "finished"


def finished_runs(place: Path) -> list[Path]:
    """The finished runs, the newest first."""
    return [folder for folder in reversed(run_folders(place)) if is_finished(folder)]


def outcome_of(folder: Path) -> Any:
    """The typed result of a finished run; the last few are kept in memory."""
    file = folder / "results.json"
    return _outcome(folder, file.stat().st_mtime_ns if file.exists() else time.time_ns())


@lru_cache(maxsize=_KEPT)
def _outcome(folder: Path, changed: int) -> Any:
    return read_result(folder)


def task_label(recipe: Recipe) -> Text:
    """What a run did; the bare name where this gazo does not know it."""
    try:
        return entry_of(recipe.task).label
    except GazoError:
        return Text(" ".join(recipe.task), " ".join(recipe.task))


def listed(place: Path) -> list[Plain]:
    """The finished runs with what they did and when, without reading their results."""
    return [about(folder) for folder in finished_runs(place)]


def about(folder: Path) -> Plain:
    """A run in a few words."""
    recipe = read_recipe(folder)
    return {
        "id": folder.name,
        "name": called(folder),
        "task": "/".join(recipe.task),
        "label": task_label(recipe),
        "rows": recipe.rows,
        "learned": is_learned(folder),
        "family": family_of(folder),
        "finished": int((folder / "results.json").stat().st_mtime) if (folder / "results.json").exists() else None,
    }


def is_learned(folder: Path) -> bool:
    """Whether a run left networks that can judge other images."""
    return model_file(folder) is not None


def family_of(folder: Path) -> str:
    """What kind of networks a run left ("classify", "segment", "detect" ...); empty where it left none."""
    found = model_file(folder)
    try:
        return str(json.loads(found.read_text(encoding="utf-8"))["method"]) if found else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def kinds_of_results() -> dict[str, type]:
    """The classes of results that a measurement can take, by name."""
    common: tuple[type, ...] = (Curve, Table, Surface, Panels, Estimate)
    wanted = {one.kind for entry in measurements() for one in inputs_of(entry) if one.kind is not Image}
    return {kind.__name__: kind for kind in (*common, *sorted(wanted, key=lambda kind: kind.__name__))}


def candidates(kind: str, place: Path) -> list[Plain]:
    """Everything of a kind that the finished runs hold, with the word by which a measurement takes it ("run:ID/field")."""
    from gazo.runs.catalog import discover

    discover()
    kinds = kinds_of_results()
    if kind == "Model":
        return [{"value": f"run:{f.name}", "field": "", "title": Text("学習済みモデル", "Trained model"), **about(f)} for f in finished_runs(place) if is_learned(f)]  # fmt: skip
    if kind not in kinds:
        hint = nearest(kind, [*kinds, "Model"])
        raise OptionError(
            "G-EXP-004",
            en=f"'{kind}' is no kind of result. {hint.en}",
            ja=f"「{kind}」という種類の結果はありません。{hint.ja}",
        )
    return [one for folder in finished_runs(place) for one in _in_run(folder, kinds[kind])]


def _in_run(folder: Path, kind: type) -> Iterator[Plain]:
    try:
        outcome = outcome_of(folder)
    except GazoError:
        return
    known = about(folder)
    if isinstance(outcome, kind):
        yield {"value": f"run:{folder.name}", "field": "", "title": _title(outcome, ""), **known}
    for field, value in fitting_parts(outcome, kind):
        yield {"value": f"run:{folder.name}/{field}", "field": field, "title": _title(value, field), **known}


def _title(value: Any, field: str) -> Text:
    """What a part of a result is called."""
    for name in ("title", "name", "y_label"):
        said = getattr(value, name, None)
        if isinstance(said, Text) and said.en:
            return said
    return Text(field, field)
