"""The workspace: where runs, data references and caches live. Folders are the truth; nothing here is an index."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from gazo.core.errors import RunError, nearest
from gazo.core.files import storage_error
from gazo.runs.kept import kept


def workspace(path: Path | str | None = None) -> Path:
    """The folder named, else GAZO_HOME, else ``~/gazo``; made with its parts when it is not there."""
    place = Path(path or os.environ.get("GAZO_HOME") or Path.home() / "gazo").expanduser().absolute()
    try:
        for part in ("runs", "data", "cache", "studies"):
            (place / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, place) from None
    return place


def new_run_folder(place: Path, name: str) -> Path:
    """An empty run folder nobody else has: ``YYYYMMDD-HHMMSS-name-4hex``, made by exclusive mkdir."""
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:40] or "run"
    while True:
        folder = place / "runs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{safe}-{secrets.token_hex(2)}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise storage_error(error, folder) from None
        return folder


def run_folders(place: Path) -> list[Path]:
    """All runs of a workspace, the oldest first."""
    return sorted(f for f in (place / "runs").iterdir() if (f / "recipe.json").exists())


def find_run(name: str | Path, place: Path) -> Path:
    """A run by its folder, the name a person gave it, its name in the workspace, a part of that which only one run has, or "last"."""
    direct = Path(name).expanduser()
    if (direct / "recipe.json").exists():
        return direct.absolute()
    runs = run_folders(place)
    if str(name) == "last" and runs:
        return runs[-1]
    found = [run for run in runs if kept(run).name == str(name)] or [run for run in runs if str(name) in run.name]
    if len(found) == 1:
        return found[0]
    hint = nearest(str(name), [run.name for run in (found or runs)[-20:]])
    raise RunError(
        "G-RUN-001",
        en=f"'{name}' names {len(found)} runs; exactly one is needed. {hint.en}",
        ja=f"「{name}」に当てはまる実行結果は {len(found)} 件です。1 件に決まる名前を指定してください。{hint.ja}",
    )
