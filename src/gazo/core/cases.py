"""One function over many cases: on all cores of this machine, or on a Dask cluster by its address.

Nothing piles up: only a few cases are under way at a time, and their values are handed on as they come. Each case is computed with one
thread, so that its numbers do not depend on how many workers there are.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError, MissingError, RunError, StorageError
from gazo.core.registry import feature

_AHEAD = 2  # cases a worker has waiting, so that it never stands still
_CONNECT_SECONDS = 10
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # read by what is not loaded yet


@dataclass(frozen=True)
class CaseDone:
    """What became of one case: a value, or the error it ended with."""

    number: int
    value: Any = None
    error: GazoError | None = None


@feature("多数の症例の並列処理", "One function over many cases", booklet="B1")
def map_cases(
    function: Callable[[Any], Any], cases: Sequence[Any], *, workers: int | None = None, address: str = ""
) -> Generator[CaseDone, None, None]:
    """The function's value, or its error, for each case, in the order in which they are finished.

    A case that fails is handed on with its error and the others go on; only a full disk (StorageError) ends the work.
    Worker processes are spawned: a script that calls this needs ``if __name__ == "__main__":``.

    Parameters
    ----------
    function : takes one case; it, the cases and the values have to survive pickling unless there is one worker.
    cases : one small thing a case, such as a file name.
    workers : processes on this machine; None takes one a core that may be used. One worker is this process itself.
    address : of a Dask scheduler, such as "tcp://10.0.0.5:8786". Its workers need gazo and see files under the same paths.

    Raises
    ------
    StorageError : what the function met. RunError : a worker was killed. MissingError : no Dask, or nobody answers at the address.
    """
    call = _Guarded(function)
    count = min(workers or usable_cores(), len(cases))
    if address:
        found = _on_cluster(call, cases, address)
    elif count > 1:
        found = _on_cores(call, cases, count)
    else:
        found = (call(number, case) for number, case in enumerate(cases))
    with closing(found):  # before an error leaves, the workers have ended and taken their half files away
        for done in found:
            if isinstance(done.error, StorageError):
                raise done.error
            yield done


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_thread() -> Iterator[None]:
    """The block in which BLAS, OpenMP and OpenCV compute with one thread."""
    from threadpoolctl import threadpool_limits

    cv2 = sys.modules.get("cv2")
    before = cv2.getNumThreads() if cv2 else 0
    if cv2:
        cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        if cv2:
            cv2.setNumThreads(before)


@dataclass(frozen=True)
class _Guarded:
    """The function with every error turned into a value, so that one case cannot end the others."""

    function: Callable[[Any], Any]

    def __call__(self, number: int, case: Any) -> CaseDone:
        try:
            with one_thread():
                return CaseDone(number, self.function(case))
        except GazoError as error:
            return CaseDone(number, error=error)
        except Exception as error:
            return CaseDone(number, error=_our_fault(error))


def _our_fault(error: Exception) -> RunError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
    return RunError(
        "G-ENV-001",
        en=f"this case ended in an error inside gazo ({where}), which is our mistake. The others go on; please send us this line.",
        ja=f"この症例は gazo の内部エラーで終わりました ({where})。gazo 側の誤りです。ほかの症例の処理は続きます。この行をお送りください。",
    )


# --- this machine


def _on_cores(call: _Guarded, cases: Sequence[Any], workers: int) -> Generator[CaseDone, None, None]:
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_settle, initargs=(call,))
    try:
        yield from _in_turn(lambda number: pool.submit(_in_worker, number, cases[number]), len(cases), _AHEAD * workers)
    except (BrokenProcessPool, OSError):  # OSError: a case handed out while the pool notices that a worker is gone
        raise RunError(
            "G-ENV-002",
            en="a worker process was killed, most often because the memory was full. Start again with fewer --workers; what is done is kept.",
            ja="処理用のプロセスが強制終了されました。多くはメモリ不足が原因です。--workers を減らしてもう一度実行してください。済んだ分は残っています。",
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_turn(submit: Callable[[int], Future[CaseDone]], count: int, ahead: int) -> Generator[CaseDone, None, None]:
    """Values as they come, with at most `ahead` cases handed out."""
    waiting: set[Future[CaseDone]] = set()
    for number in range(count):
        waiting.add(submit(number))
        if len(waiting) >= ahead:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in ready)
    while waiting:
        ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in ready)


_call: _Guarded | None = None  # what a worker process was started for


def _settle(call: _Guarded) -> None:
    """Begin a worker: one thread, Ctrl-C left to the parent, an end when the parent is gone."""
    global _call
    from multiprocessing import parent_process

    _call = call
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _in_worker(number: int, case: Any) -> CaseDone:
    assert _call is not None
    return _call(number, case)


# --- a cluster


def _on_cluster(call: _Guarded, cases: Sequence[Any], address: str) -> Generator[CaseDone, None, None]:
    distributed = _dask()
    with _client(distributed, address) as client:
        shared = client.scatter(call, broadcast=True)
        ahead = _AHEAD * max(1, sum(client.ncores().values()))
        first = range(min(ahead, len(cases)))
        under_way = distributed.as_completed(
            [client.submit(_guarded, shared, n, cases[n], pure=False) for n in first], loop=client.loop
        )
        following = iter(range(len(first), len(cases)))
        for future in under_way:
            yield _fetched(future)
            for number in following:
                under_way.add(client.submit(_guarded, shared, number, cases[number], pure=False))
                break


def _guarded(call: _Guarded, number: int, case: Any) -> CaseDone:
    return call(number, case)


def _fetched(future: Any) -> CaseDone:
    """The value of a future; a worker that is gone, or one without this gazo, ends the work with a sentence."""
    try:
        done: CaseDone = future.result()
    except Exception as error:
        kind = type(error).__name__
        raise RunError(
            "G-ENV-003",
            en=f"the cluster could not compute a case ({kind}). Its workers need the same gazo and Python; see the log of the workers.",
            ja=f"クラスタで症例を計算できませんでした ({kind})。すべてのワーカーに同じ版の gazo と Python が必要です。ワーカーのログを確かめてください。",
        ) from None
    return done


def _dask() -> Any:
    try:
        return import_module("distributed")
    except ImportError:
        raise MissingError(
            "G-ENV-004",
            en='a cluster is reached through Dask, which is not installed. Install it with: pip install "gazo[cluster]"',
            ja='クラスタの利用には Dask が必要ですが、入っていません。次のコマンドで入れてください: pip install "gazo[cluster]"',
        ) from None


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError):
        raise MissingError(
            "G-ENV-005",
            en=f"no Dask scheduler answers at '{address}'. Start one with `dask scheduler`, and give its address as tcp://HOST:8786.",
            ja=f"「{address}」で Dask のスケジューラが応答しません。`dask scheduler` で起動し、アドレスを tcp://ホスト名:8786 の形で指定してください。",
        ) from None
