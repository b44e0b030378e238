"""Who works on a run: a lock with process id and creation time, and a status that is replaced in one step."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import write_json

HEARTBEAT_SECONDS = 2.0


def read_status(folder: Path) -> dict[str, Any]:
    """The last status of a run. A run whose process is gone without saying so is "stopped"."""
    try:
        status: dict[str, Any] = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        status = {"state": "made"}
    if status["state"] in ("running", "queued") and not alive(folder):
        status["state"] = "stopped"
    return status


def write_status(folder: Path, **facts: Any) -> None:
    """Replace the status of a run."""
    write_json(folder / "status.json", {"time": time.time(), **facts})


def alive(folder: Path) -> bool:
    """Whether the process that owns the run still exists (same id and same creation time)."""
    import psutil

    try:
        owner = json.loads((folder / "lock").read_text(encoding="utf-8"))
        return abs(psutil.Process(owner["pid"]).create_time() - owner["created"]) < 1.0
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return False


@contextmanager
def owning(folder: Path) -> Iterator[None]:
    """Own a run for the length of the block, with a heartbeat; a run somebody else works on is refused."""
    import psutil

    lock = folder / "lock"
    if alive(folder):
        raise RunError(
            "G-RUN-007",
            en=f"another process works on '{folder.name}'. Wait for it, or stop it first.",
            ja=f"別のプロセスが「{folder.name}」を処理中です。終わるのを待つか、先に停止してください。",
        )
    lock.unlink(missing_ok=True)
    me = {"pid": os.getpid(), "created": psutil.Process().create_time()}
    with open(lock, "x", encoding="utf-8") as file:
        json.dump(me, file)
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(folder / "heartbeat", done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        lock.unlink(missing_ok=True)
        (folder / "heartbeat").unlink(missing_ok=True)


def _beat(file: Path, done: threading.Event) -> None:
    while not done.is_set():
        file.touch()
        done.wait(HEARTBEAT_SECONDS)


@contextmanager
def device_slot(place: Path, device: str, *, waiting: Any) -> Iterator[None]:
    """One run at a time on a device: runs of the command line and the workbench wait for one another.

    `waiting` is called while another run holds the device.
    """
    import psutil

    file = place / "cache" / f"slot-{device.replace(':', '-')}"
    me = {"pid": os.getpid(), "created": psutil.Process().create_time()}
    while True:
        try:
            with open(file, "x", encoding="utf-8") as taken:
                json.dump(me, taken)
            break
        except FileExistsError:
            if not _held(file):
                file.unlink(missing_ok=True)
                continue
            waiting()
            time.sleep(0.5)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _held(file: Path) -> bool:
    import psutil

    try:
        owner = json.loads(file.read_text(encoding="utf-8"))
        return abs(psutil.Process(owner["pid"]).create_time() - owner["created"]) < 1.0
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return time.time() - file.stat().st_mtime < 1.0 if file.exists() else False
