"""Short work that a page waits for: taking images in, looking at them, simulating some. One thread each, asked about by its key."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gazo.core.errors import FileError, GazoError, RunError
from gazo.core.language import Language, Text, language, speaking
from gazo.core.progress import Event, OnEvent
from gazo.web.texts import both, error_json

_KEPT_S = 3600.0
_STARTING = Text("準備", "Preparing")


@dataclass
class Job:
    """Where the work is, and what came of it."""

    stage: Text = _STARTING
    done: int = 0
    total: int = 0
    state: str = "running"
    result: Any = None
    error: GazoError | None = None
    ended: float = field(default=0.0)

    def listen(self, event: Event) -> None:
        """Remember the latest event."""
        self.stage, self.done, self.total = event.stage, event.done, event.total

    def json(self) -> dict[str, Any]:
        """For the page."""
        error = None if self.error is None else error_json(self.error)
        return {
            "state": self.state,
            "stage": both(self.stage),
            "done": self.done,
            "total": self.total,
            "result": self.result,
            "error": error,
        }


_jobs: dict[str, Job] = {}
_lock = threading.Lock()


def begin(work: Callable[[OnEvent], Any], spoken: Language | None = None) -> str:
    """Start the work in a thread of its own; the key under which `job` tells of it."""
    job, key = Job(), secrets.token_hex(8)
    with _lock:
        for old in [name for name, one in _jobs.items() if one.ended and time.monotonic() - one.ended > _KEPT_S]:
            del _jobs[old]
        _jobs[key] = job
    threading.Thread(target=_run, args=(job, work, spoken or language()), daemon=True, name=f"job-{key}").start()
    return key


def job(key: str) -> Job:
    """The work behind a key."""
    found = _jobs.get(key)
    if found is None:
        raise FileError(
            "G-SET-040",
            en="this piece of work is not known any more; the server was started anew meanwhile. Begin it again.",
            ja="この処理の記録がありません。途中でサーバーが再起動されました。もう一度始めてください。",
        )
    return found


def _run(job: Job, work: Callable[[OnEvent], Any], spoken: Language) -> None:
    try:
        with speaking(spoken):
            job.result = work(job.listen)
        job.state = "done"
    except GazoError as error:
        job.error, job.state = error, "failed"
    except Exception as error:
        job.error, job.state = _ours(error), "failed"
    finally:
        job.ended = time.monotonic()


def _ours(error: Exception) -> GazoError:
    """A mistake of ours, told without its message, which may hold a name out of a file."""
    kind = type(error).__name__
    return RunError(
        "G-SET-041",
        en=f"something went wrong inside gazo ({kind}); nothing was made. Make a help report with the question mark at the top right.",
        ja=f"gazo の内部で問題が起きたため ({kind})、処理を中止しました。右上の「?」で相談用の文書を作成してください。",
    )
