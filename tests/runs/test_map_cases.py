"""One function over many cases: every case answered once, whoever computes it, and nothing left behind."""

import functools
import math
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from gazo.core.cases import map_cases, one_thread
from gazo.core.errors import FileError, MissingError, RunError, StorageError
from gazo.core.files import write_text
from gazo.io import read

ROOTS = [n * n for n in range(40)]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_case_is_answered_once(workers):
    found = {done.number: done.value for done in map_cases(math.sqrt, ROOTS, workers=workers)}
    assert found == dict(enumerate(range(40)))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_case_that_fails_leaves_the_others(workers):
    found = {done.number: done for done in map_cases(math.sqrt, [4, -1, 9], workers=workers)}
    assert (found[0].value, found[2].value) == (2, 3)
    assert found[1].error.code == "G-ENV-001"
    assert "ValueError" in str(found[1].error)


def test_the_sentence_of_an_error_comes_back_from_a_worker(tmp_path):
    found = list(map_cases(read, [str(tmp_path / "a.png"), str(tmp_path / "b.png")], workers=2))
    assert all(isinstance(done.error, FileError) and done.error.code == "G-IO-001" for done in found)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_place_that_cannot_be_written_ends_the_work(tmp_path, workers):
    work = map_cases(functools.partial(write_text, text="x"), [str(tmp_path / "no" / str(n)) for n in range(9)], workers=workers)
    with pytest.raises(StorageError, match="G-DISK"):
        list(work)


def test_a_killed_worker_is_a_sentence():
    with pytest.raises(RunError, match="G-ENV-002"):
        list(map_cases(os._exit, [1, 1, 1], workers=2))


def test_workers_compute_with_one_thread(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "2")  # what the workers' libraries begin with
    look = "__import__('numpy') and [p['num_threads'] for p in __import__('threadpoolctl').threadpool_info()]"
    for done in map_cases(eval, [look, look], workers=2):
        assert done.value
        assert set(done.value) == {1}


def test_threads_of_this_process_are_given_back():
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    with threadpool_limits(2, "blas"):
        with one_thread():
            assert cv2.getNumThreads() == 1
            assert blas_threads() == {1}
        assert cv2.getNumThreads() == 2
        assert blas_threads() == {2}
    cv2.setNumThreads(before)


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]}


def test_only_a_few_cases_are_under_way_at_a_time():
    class Watched(list):
        taken = 0

        def __getitem__(self, number):
            self.taken = max(self.taken, number)
            return super().__getitem__(number)

    cases = Watched(ROOTS)
    first = next(map_cases(math.sqrt, cases, workers=2))
    assert first.value is not None
    assert cases.taken <= 4


SLEEP = """
import time
from gazo.core.cases import map_cases
if __name__ == "__main__":
    print("ready", flush=True)
    list(map_cases(time.sleep, [60] * 8, workers=2))
"""


def test_workers_end_when_their_parent_is_killed(tmp_path):
    (tmp_path / "sleep.py").write_text(SLEEP)
    parent = subprocess.Popen([sys.executable, str(tmp_path / "sleep.py")], stdout=subprocess.PIPE)
    parent.stdout.readline()
    me = psutil.Process(parent.pid)
    assert until(lambda: len(workers_of(me)) == 2)
    children = workers_of(me)
    time.sleep(1)  # they import what they need before they watch
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()
    assert not psutil.wait_procs(children, timeout=20)[1]


def workers_of(process):
    return [c for c in process.children() if "resource_tracker" not in " ".join(c.cmdline())]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingError, match=r"gazo\[cluster\]"):
        list(map_cases(math.sqrt, [1], address="tcp://127.0.0.1:1"))


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and one worker, each a process of its own, reached by address only."""
    pytest.importorskip("distributed", reason="the cluster is Dask, which gazo[cluster] brings")
    words = [sys.executable, "-W", "ignore", "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*words, "--host", "127.0.0.1"], stderr=subprocess.PIPE, text=True)
    address = next(line.split("Scheduler at:")[1].strip() for line in scheduler.stderr if "Scheduler at:" in line)
    words = [sys.executable, "-W", "ignore", "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    worker = subprocess.Popen([*words, "--no-nanny"], stderr=subprocess.DEVNULL)
    yield address
    worker.terminate()
    worker.wait(20)
    scheduler.terminate()
    scheduler.wait(20)
    scheduler.stderr.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_cluster_gives_the_same(cluster):
    found = {done.number: done for done in map_cases(math.sqrt, [*ROOTS, -1], address=cluster)}
    assert [found[n].value for n in range(40)] == list(range(40))
    assert found[40].error.code == "G-ENV-001"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_nobody_at_the_address_is_a_sentence(monkeypatch):
    pytest.importorskip("distributed", reason="the cluster is Dask, which gazo[cluster] brings")
    monkeypatch.setattr("gazo.core.cases._CONNECT_SECONDS", 1)
    with pytest.raises(MissingError, match="G-ENV-005"):
        list(map_cases(math.sqrt, [1], address="tcp://127.0.0.1:9"))
