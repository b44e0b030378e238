"""The live lane: work for sliders. Of each view only the newest request is computed; those it overtook are told so at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

Made = TypeVar("Made")
WORKERS = 2


@dataclass
class _View:
    """What a view is having computed, the one request that waits for it, and the highest number that came."""

    busy: bool = False
    newest: int = 0
    waiting: tuple[Callable[[], Any], Future[Any]] | None = None


class Lane:
    """A few threads (the kernels of OpenCV and NumPy let go of the interpreter). A view uses one of them at a time."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="live")
        self._views: dict[str, _View] = {}
        self._lock = threading.Lock()

    def ask(self, view: str, work: Callable[[], Made], number: int = 0) -> Made | None:
        """
        The result of `work`; None when a newer request of the same view came before it was begun. Requests may arrive in
        another order than they were sent in: of those that carry a `number`, the higher one is the newer.
        """
        answer: Future[Made | None] = Future()
        with self._lock:
            found = self._views.setdefault(view, _View())
            if number < found.newest:
                return None
            found.newest = number
            overtaken, found.waiting = found.waiting, (work, answer)
            if not found.busy:
                found.busy = True
                self._pool.submit(self._serve, view)
        if overtaken is not None:
            overtaken[1].set_result(None)
        return answer.result()

    def _serve(self, view: str) -> None:
        """Compute what waits in a view until nothing does."""
        while True:
            with self._lock:
                found = self._views[view]
                if found.waiting is None:
                    del self._views[view]
                    return
                (work, answer), found.waiting = found.waiting, None
            try:
                answer.set_result(work())
            except BaseException as error:
                answer.set_exception(error)
