"""Start a run in a process of its own, cancel it, go on with it. Whoever does so may go away: the run folder is the truth."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gazo.core.errors import RunError
from gazo.core.files import write_json
from gazo.runs.ownership import (
    CANCEL,
    LAUNCHED,
    STATES,
    UNDER_WAY,
    alive,
    cancel_asked,
    join_line,
    locked,
    process_of,
    read_status,
    write_status,
)
from gazo.runs.recipe import Recipe, read_recipe

if TYPE_CHECKING:
    import psutil

TERMINATE_SECONDS, KILL_SECONDS = 15.0, 25.0  # after a worker was asked to end; it is gone within 30 s
_ending: set[Path] = set()  # runs that a thread of this process sees to their end
_LEAVING_SECONDS = 10.0  # an ended worker needs so long at most until its process is gone


def launch(folder: Path) -> None:
    """Start the worker of a run, which goes on when this process ends; it waits in the queue of its device by itself."""
    process = start_worker(folder)
    threading.Thread(target=process.wait, daemon=True).start()  # a dead child that nobody waits for would look alive


def resume(folder: Path) -> None:
    """Go on with a run that was cancelled, stopped or failed, from its last checkpoint and in the same folder."""
    if read_status(folder)["state"] == "finished":
        raise RunError(
            "G-JOB-001",
            en=f"'{folder.name}' is finished; nothing is left to go on with. Repeat it instead.",
            ja=f"「{folder.name}」は完了しており、続きはありません。もう一度行う場合は「繰り返す」を使ってください。",
        )
    launch(folder)


def cancel(folder: Path) -> dict[str, Any]:
    """End a run and wait until it has ended, at most 30 s; its status then.

    The worker is asked to stop after the batch, so that its last checkpoint can be used; one that does not is terminated after
    15 s and killed after 25 s. A run that nobody works on is marked only. A run that finishes meanwhile is "finished". Who goes on with
    the run takes the wish to cancel back, so that no new worker is ended in place of the old one.
    """
    ask_to_end(folder)
    _wait_for_the_end(folder)
    return read_status(folder)


def _wait_for_the_end(folder: Path) -> None:
    """Wait for a worker that was asked to end, and end it where it does not."""
    asked, ended = time.monotonic(), False
    while cancel_asked(folder) and alive(folder):
        waited = time.monotonic() - asked
        if waited > KILL_SECONDS:
            for member in family(folder):
                with suppress(_gone()):
                    member.kill()
        elif waited > TERMINATE_SECONDS and not ended:
            ended = True
            for member in family(folder):
                with suppress(_gone()):
                    member.terminate()
        if waited > 2 * KILL_SECONDS:
            raise _out_of_reach(folder)
        time.sleep(0.1)


def cancel_soon(folder: Path) -> None:
    """As `cancel`, without waiting; what has to be done later is done in a thread."""
    ask_to_end(folder)
    see_to_the_end(folder)


def see_to_the_end(folder: Path) -> None:
    """End, in a thread, a run that was asked to end by somebody who may be gone since."""
    if folder not in _ending:
        _ending.add(folder)
        threading.Thread(target=_behind_the_scenes, args=(folder,), daemon=True).start()


def ask_to_end(folder: Path) -> None:
    """Ask the worker of a run to end; refused for a run that has ended by itself."""
    state = read_status(folder)["state"]
    if state in ("finished", "failed"):
        raise RunError(
            "G-JOB-002",
            en=f"'{folder.name}' has ended already (state: {STATES[state].en}); there is nothing to cancel.",
            ja=f"「{folder.name}」はすでに終わっています (状態: {STATES[state].ja})。取り消すものはありません。",
        )
    if not (folder / CANCEL).exists():
        (folder / CANCEL).touch()


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    """A process that works on the run, in a session of its own, so that no signal meant for its parent reaches it."""
    _let_leave(folder)
    if alive(folder):
        raise RunError(
            "G-RUN-011",
            en=f"'{folder.name}' is being worked on already.",
            ja=f"「{folder.name}」はすでに処理中です。",
        )
    recipe = read_recipe(folder)
    command = _command(recipe, folder)
    (folder / CANCEL).unlink(missing_ok=True)
    write_status(folder, state="starting")
    with open(folder / "worker.log", "ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_apart())
    _record(process, folder, device=recipe.device if recipe.task[0] == "learn" else None)  # only what learns waits for a device
    return process


def family(folder: Path) -> list[psutil.Process]:
    """The processes of a run: the one that was started for it, its worker, and all they started."""
    found: dict[int, psutil.Process] = {}
    for process in filter(None, (process_of(folder / LAUNCHED), process_of(folder / "lock") if locked(folder) else None)):
        with suppress(_gone()):
            found |= {member.pid: member for member in [process, *process.children(recursive=True)]}
    return list(found.values())


def end(members: Iterable[psutil.Process], *, patience_s: float = 10.0) -> None:
    """Terminate processes, and kill those that are still there after a while."""
    import psutil

    members = list(members)
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    for member in psutil.wait_procs(members, timeout=patience_s)[1]:
        with suppress(psutil.NoSuchProcess):
            member.kill()


def _command(recipe: Recipe, folder: Path) -> list[str]:
    launcher: list[str] = []
    if recipe.processes > 1:
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={recipe.processes}"]
    return [sys.executable, *launcher, "-m", "gazo.runs.worker", str(folder)]


def _apart() -> dict[str, Any]:
    """How a process is started that outlives its parent; the Windows flags follow its documentation and were not tried."""
    if os.name == "nt":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
    return {"start_new_session": True}


def _record(process: subprocess.Popen[bytes], folder: Path, *, device: str | None = None) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):  # it may be gone already
        started = psutil.Process(process.pid)
        write_json(folder / LAUNCHED, {"pid": process.pid, "created": started.create_time()})
        if device:
            join_line(folder, started, device)


def _let_leave(folder: Path) -> None:
    """Wait for a worker that has ended its run and is about to leave, so that the run can be gone on with at once."""
    until = time.monotonic() + _LEAVING_SECONDS
    while read_status(folder)["state"] not in UNDER_WAY and alive(folder) and time.monotonic() < until:
        time.sleep(0.05)


def _behind_the_scenes(folder: Path) -> None:
    try:
        with suppress(RunError):  # out of reach: the list goes on saying that it is being cancelled
            _wait_for_the_end(folder)
    finally:
        _ending.discard(folder)


def _gone() -> type[Exception]:
    import psutil

    return psutil.NoSuchProcess


def _out_of_reach(folder: Path) -> RunError:
    return RunError(
        "G-JOB-003",
        en=f"the process of '{folder.name}' cannot be ended from here; it may belong to another user or computer. End it there.",
        ja=f"「{folder.name}」のプロセスをここから終了できません。別の利用者やコンピューターで動いている可能性があります。そちらで終了してください。",
    )
