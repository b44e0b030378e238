"""Begin, go on with, follow and repeat runs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.language import Text, language
from gazo.core.methods import options_of
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.source import open_images
from gazo.learn.protocol import Protocol
from gazo.nets.design.stored import with_stored_designs
from gazo.runs.events import follow
from gazo.runs.given import relink_files
from gazo.runs.launch import end, family, start_worker
from gazo.runs.ownership import STATES, alive, read_status
from gazo.runs.processed import with_images
from gazo.runs.recipe import CHAIN, Recipe, environment, read_recipe, with_own_files, write_recipe
from gazo.runs.recipe_data import named_set, need_same
from gazo.runs.references import fingerprint, recall, remember
from gazo.runs.tasks import entry_of
from gazo.runs.workspace import new_run_folder


def default_threads() -> int:
    """Physical cores this process may use."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or 1, allowed))


def make_run(
    task: tuple[str, str],
    path: Path,
    *,
    place: Path,
    source: Mapping[str, Any],
    options: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int = 0,
    threads: int | None = None,
    processes: int = 1,
    name: str = "",
    on_event: OnEvent = quiet,
) -> Path:
    """Check everything that can be checked and lay down a run folder with its recipe; the worker does the rest.

    Parameters
    ----------
    task : room and name of a method.
    path : the data; `source` says how to open it.
    options, protocol : of the method and of the evaluation; wrong ones, and data they cannot be used with, are refused here, before a folder is made.
    processes : how many processes train together, through PyTorch's launcher.
    """
    entry = entry_of(task)
    spec = entry.target(**with_stored_designs(options, place))
    images = open_images(path, **source, cache=place / "cache")
    spec.preflight(images, Protocol(**protocol), seed=seed)
    named = named_set(images, path, source, place=place, stage=entry.label, on_event=on_event)
    folder = new_run_folder(place, name or task[1])
    recipe = Recipe(
        task=task, version=entry.version, **named,
        options=with_own_files(options_of(spec), folder), protocol=asdict(Protocol(**protocol)), seed=seed, threads=threads or default_threads(),
        processes=processes, language=language(), dtype=spec.precision, device=spec.device, **environment(),
    )  # fmt: skip
    write_recipe(recipe, folder)
    return folder


def make_again(recipe_path: Path, *, place: Path, data: Path | None = None) -> Path:
    """A new run folder from the recipe of another run, or of a colleague whose data lies at `data` here."""
    recipe = read_recipe(recipe_path)
    if recipe.task == CHAIN and not recipe.references and data is not None:
        recipe = with_images(recipe, data, place)
    elif data is not None:
        relink(recipe, data, place=place)
    for key, _, _ in recipe.references or (((recipe.data, "", 0),) if recipe.task == CHAIN else ()):
        recall(key, place)
    if recipe.task == CHAIN:
        recipe = replace(recipe, threads=default_threads())
    folder = new_run_folder(place, recipe.task[1])
    own = recipe_path / "files" if recipe_path.is_dir() else recipe_path.parent / "files"
    if own.is_dir():
        import shutil

        shutil.copytree(own, folder / "files")
    write_recipe(replace(recipe, version=entry_of(recipe.task).version, **environment()), folder)
    return folder


def relink(recipe: Recipe, data: Path, *, place: Path) -> None:
    """Let the workspace know that the data of a recipe lies at `data` now; other content is refused."""
    if not recipe.reads_set:
        relink_files(recipe, data, place)
        return
    images = open_images(data, **recipe.source, cache=place / "cache")
    need_same(recipe, fingerprint(images), len(images))
    remember(data, recipe.data_sha256, place)


@contextmanager
def working(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the worker of a run; it is stopped when the block is left by an interrupt, and can be resumed."""
    process = start_worker(folder)
    try:
        yield process
    except BaseException:
        end(family(folder))
        process.wait()
        raise


def run(folder: Path, *, on_event: OnEvent = quiet) -> dict[str, Any]:
    """Work on a run until it ends and tell of its events; the final status. A run that fails raises its error."""
    start = _told_so_far(folder)
    with working(folder) as process:
        for event in follow(folder, lambda: process.poll() is None, start=start):
            on_event(event)
    return _ended(folder, process.returncode)


def attend(folder: Path, *, on_event: OnEvent = quiet) -> dict[str, Any]:
    """As `run`, for a run that a process works on already: only look on until it ends. Going away does not stop it."""
    for event in follow(folder, lambda: alive(folder), start=_told_so_far(folder)):
        on_event(event)
    return _ended(folder, None)


def _told_so_far(folder: Path) -> int:
    log = folder / "events.jsonl"
    return log.stat().st_size if log.exists() else 0


def _ended(folder: Path, exit_code: int | None) -> dict[str, Any]:
    """The final status of a run whose process is gone; what went wrong is raised."""
    status = read_status(folder)
    if status["state"] == "failed":
        ja, en = status["error"]
        raise RunError(status["code"], en=en, ja=ja)
    if status["state"] == "cancelled":
        raise RunError(
            "G-JOB-004",
            en=f"the run '{folder.name}' was cancelled. Go on with `gazo run --resume {folder.name}`.",
            ja=f"実行「{folder.name}」は取り消されました。`gazo run --resume {folder.name}` で続きから再開できます。",
        )
    if status["state"] != "finished":
        code = Text("", "") if exit_code is None else Text(f" (終了コード {exit_code})", f" (exit code {exit_code})")
        raise RunError(
            "G-RUN-012",
            en=f"the run '{folder.name}' was stopped before its end{code.en}. Go on with `gazo run --resume {folder.name}`.",
            ja=f"実行「{folder.name}」は途中で止まりました{code.ja}。`gazo run --resume {folder.name}` で続きから再開できます。",
        )
    return status


def discarded(folder: Path) -> bool:
    """Take away the folder of a measurement that failed with a sentence: nothing in it can be resumed. Says whether it did."""
    import shutil

    measured = (folder / "recipe.json").exists() and read_recipe(folder).task[0] != "learn" and read_recipe(folder).task != CHAIN
    if not measured or read_status(folder)["state"] != "failed" or (folder / "trace.log").exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def read_result(folder: Path) -> Any:
    """The typed result of a finished run."""
    from gazo.core.results import from_json
    from gazo.runs.catalog import discover

    discover()
    try:
        stored = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    except OSError:
        state = STATES[read_status(folder)["state"]]
        raise RunError(
            "G-RUN-013",
            en=f"'{folder.name}' has no results yet (state: {state.en}). Finish it with `gazo run --resume {folder.name}`.",
            ja=f"「{folder.name}」にはまだ結果がありません (状態: {state.ja})。`gazo run --resume {folder.name}` で完了させてください。",
        ) from None
    return from_json(stored)
