"""Who works on a run: a lock with process id and creation time, and a status that is replaced in one step."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gazo.core.errors import RunError
from gazo.core.files import write_json
from gazo.core.language import Text

if TYPE_CHECKING:
    import psutil

HEARTBEAT_SECONDS = 2.0
LAUNCHED = "launched.json"  # which process was started for a run
CANCEL = "CANCEL"  # the file that asks a worker to end
STARTING_SECONDS = 10.0  # so long a process that was just asked for may be invisible
STATES = {
    "made": Text("未開始", "not begun"),
    "starting": Text("起動中", "starting"),
    "queued": Text("順番待ち", "waiting"),
    "running": Text("実行中", "running"),
    "stopped": Text("中断", "stopped"),
    "cancelled": Text("取り消し", "cancelled"),
    "failed": Text("失敗", "failed"),
    "finished": Text("完了", "finished"),
}


UNDER_WAY = ("starting", "queued", "running")


def read_status(folder: Path) -> dict[str, Any]:
    """The last status of a run.

    What is found in the folder decides, so nobody has to be there when a process dies: a run whose process is gone without saying
    so is "stopped", and "cancelled" where that was asked for.
    """
    try:
        status: dict[str, Any] = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        status = {"state": "made"}
    just_asked = status["state"] == "starting" and time.time() - status["time"] < STARTING_SECONDS
    if status["state"] in UNDER_WAY and not just_asked and not alive(folder):
        status["state"] = "stopped"
    if status["state"] in ("made", "stopped") and cancel_asked(folder):
        status["state"] = "cancelled"
    beat = folder / "heartbeat"
    if status["state"] == "running" and beat.exists():
        status["silent_s"] = round(time.time() - beat.stat().st_mtime, 1)
    return status


def cancel_asked(folder: Path) -> bool:
    """Whether somebody wants the run to end; the worker looks for it after every batch."""
    return (folder / CANCEL).exists()


def write_status(folder: Path, **facts: Any) -> None:
    """Replace the status of a run."""
    write_json(folder / "status.json", {"time": time.time(), **facts})


def alive(folder: Path) -> bool:
    """Whether a process works on the run or is starting to."""
    return locked(folder) or process_of(folder / LAUNCHED) is not None


def locked(folder: Path) -> bool:
    """Whether a worker owns the run: it holds the lock until it ends, however it ends."""
    try:
        with _held(folder / "lock") as mine:
            return not mine
    except OSError:
        return False


def process_of(file: Path) -> psutil.Process | None:
    """The process a lock or a launch record names. Another with the same number, or one that is dead but not yet buried, is not it."""
    import psutil

    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        process = psutil.Process(stored["pid"])
        same = abs(process.create_time() - stored["created"]) < 1.0
        return process if same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD) else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


@contextmanager
def owning(folder: Path) -> Iterator[None]:
    """Own a run for the length of the block, with a heartbeat; a run somebody else works on is refused."""
    with _held(folder / "lock", write=True) as mine:
        if not mine:
            raise RunError(
                "G-RUN-007",
                en=f"another process works on '{folder.name}'. Wait for it, or stop it first.",
                ja=f"別のプロセスが「{folder.name}」を処理中です。終わるのを待つか、先に停止してください。",
            )
        done = threading.Event()
        thread = threading.Thread(target=_beat, args=(folder / "heartbeat", done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            (folder / "heartbeat").unlink(missing_ok=True)


def _beat(file: Path, done: threading.Event) -> None:
    while not done.is_set():
        file.touch()
        done.wait(HEARTBEAT_SECONDS)


@contextmanager
def device_slot(folder: Path, device: str, *, waiting: Callable[[], None]) -> Iterator[None]:
    """One run at a time on a device: runs of the command line and the workbench wait for one another, in the order of their start.

    `waiting` is called while another run holds the device or stands before this one.
    """
    file = folder.parents[1] / "cache" / f"slot-{device.replace(':', '-')}"
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        if _first_in_line(folder):
            with _held(file, write=True) as mine:
                if mine:
                    leave_line(folder)
                    yield
                    return
        waiting()
        time.sleep(0.5)


def join_line(folder: Path, process: psutil.Process, device: str) -> None:
    """Let a run that was just started stand in the line for a device; whoever dies in it is passed over."""
    line = _ticket(folder).parent
    line.mkdir(parents=True, exist_ok=True)
    asked = {"pid": process.pid, "created": process.create_time(), "asked": time.time(), "device": device}
    write_json(_ticket(folder), asked)


def leave_line(folder: Path) -> None:
    """Stand in the line no longer."""
    _ticket(folder).unlink(missing_ok=True)


def _first_in_line(folder: Path) -> bool:
    """Whether no run that lives was started before this one and waits for the same device."""
    mine = _asked(_ticket(folder))
    if mine is None:
        return True
    others = [file for file in _ticket(folder).parent.glob("*.json") if file.stem != folder.name]
    before = [file for file in others if (at := _asked(file)) is not None and at[1] == mine[1] and at[0] < mine[0]]
    for file in before:
        if process_of(file) is not None:
            return False
        file.unlink(missing_ok=True)
    return True


def _asked(ticket: Path) -> tuple[float, str] | None:
    """When a run asked for which device."""
    try:
        stored = json.loads(ticket.read_text(encoding="utf-8"))
        return float(stored["asked"]), str(stored["device"])
    except (OSError, ValueError, KeyError):
        return None


def _ticket(folder: Path) -> Path:
    return folder.parents[1] / "cache" / "line" / f"{folder.name}.json"


@contextmanager
def _held(file: Path, *, write: bool = False) -> Iterator[bool]:
    """Try to lock a file for the length of the block; says whether it worked.

    The operating system lets go of the lock when its process ends, so nothing stale stays. The file tells who holds it (process id
    and creation time); it is kept, because removing it could remove another's lock.
    """
    import psutil

    with open(file, "a+" if write else "r+", encoding="utf-8") as opened:
        mine = _try_lock(opened)
        if mine and write:
            opened.truncate(0)
            json.dump({"pid": os.getpid(), "created": psutil.Process().create_time()}, opened)
            opened.flush()
        yield mine


def _try_lock(opened: IO[str]) -> bool:
    """An exclusive lock that does not wait; it ends when the file is closed."""
    try:
        if os.name == "nt":
            import msvcrt

            opened.seek(1 << 20)  # beyond the text, which others may read
            msvcrt.locking(opened.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
