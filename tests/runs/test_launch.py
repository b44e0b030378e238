"""A run lives apart from whoever started it: launched, cancelled from every state, killed, resumed with the same numbers."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import psutil
import pytest
from PIL import Image as Pillow

from gazo.core import RunError
from gazo.runs import launch as launching
from gazo.runs.launch import cancel, cancel_soon, launch, resume
from gazo.runs.ownership import CANCEL, alive, device_slot, read_status, write_status
from gazo.runs.start import make_run
from gazo.runs.workspace import workspace

SOURCE = {"label": "label"}
TINY = {"network": "small_cnn", "size_px": 32, "baseline": False, "device": "cpu"}
HELD_OUT = {"evaluation": "held-out"}


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """A folder for each class."""
    folder = tmp_path_factory.mktemp("classes")
    rng = np.random.default_rng(0)
    for i in range(40):
        pixels = rng.integers(0, 200, (32, 32), dtype=np.uint8)
        pixels[8:20, 8:20] += np.uint8(30 * (i % 2))
        (folder / "ab"[i % 2]).mkdir(exist_ok=True)
        Pillow.fromarray(pixels).save(folder / "ab"[i % 2] / f"{i}.png")
    return folder


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "workspace")


def made(classes, place, *, epochs, processes=1):
    return make_run(
        ("learn", "classify"), classes, place=place, source={}, options=TINY | {"epochs": epochs}, protocol=HELD_OUT, threads=1, processes=processes
    )  # fmt: skip


def until(condition, seconds=240.0):
    """Wait for something; says how long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it never happened"
        time.sleep(0.05)
    return time.monotonic() - begun


def state(folder):
    return read_status(folder)["state"]


def epochs_done(folder):
    log = folder / "events.jsonl"
    lines = log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []
    return max((json.loads(line)["facts"].get("epoch", 0) for line in lines if '"loss"' in line), default=0)


def results(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def weights(folder):
    from safetensors.numpy import load_file

    (file,) = folder.rglob("*.safetensors")
    return load_file(file)


def a_process(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], stdout=subprocess.PIPE)


HOLDS = """
    import sys, time, signal
    from pathlib import Path
    from gazo.runs.ownership import owning, write_status
    {extra}
    with owning(Path(sys.argv[1])):
        write_status(Path(sys.argv[1]), state="running")
        print("on", flush=True)
        time.sleep(100)
"""


# --- what a folder says


def test_a_run_nobody_began_is_cancelled_at_once(tmp_path):
    assert state(tmp_path) == "made"
    assert cancel(tmp_path)["state"] == "cancelled"
    assert state(tmp_path) == "cancelled"


def test_a_dead_worker_means_stopped_and_cancelled_where_that_was_asked(tmp_path):
    for word in ("starting", "queued", "running"):
        write_status(tmp_path, state=word)
        stored = json.loads((tmp_path / "status.json").read_text())
        (tmp_path / "status.json").write_text(json.dumps(stored | {"time": time.time() - 11}))
        assert state(tmp_path) == "stopped"
        (tmp_path / CANCEL).touch()
        assert state(tmp_path) == "cancelled"
        (tmp_path / CANCEL).unlink()


@pytest.mark.parametrize("word", ["finished", "failed"])
def test_a_run_that_has_ended_cannot_be_cancelled(tmp_path, word):
    write_status(tmp_path, state=word)
    with pytest.raises(RunError, match="G-JOB-002"):
        cancel(tmp_path)
    assert state(tmp_path) == word


def test_a_finished_run_is_not_gone_on_with(tmp_path):
    write_status(tmp_path, state="finished")
    with pytest.raises(RunError, match="G-JOB-001"):
        resume(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no zombies")
def test_a_dead_child_that_nobody_waited_for_is_not_alive(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    launching._record(process, tmp_path)
    assert alive(tmp_path)
    process.kill()
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
    assert not alive(tmp_path)
    process.wait()


def test_another_process_with_the_same_number_is_not_the_worker(tmp_path):
    (tmp_path / launching.LAUNCHED).write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time() - 100}))
    assert not alive(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("extra", "at_least", "at_most"),
    [("", 1.0, 2.0), ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", 2.0, 4.0)],
    ids=["terminated", "killed"],
)
def test_a_worker_that_does_not_listen_is_terminated_then_killed(tmp_path, monkeypatch, extra, at_least, at_most):
    monkeypatch.setattr(launching, "TERMINATE_SECONDS", 1.0)
    monkeypatch.setattr(launching, "KILL_SECONDS", 2.0)
    process = a_process(HOLDS.format(extra=extra), tmp_path)
    assert process.stdout.readline() == b"on\n"
    begun = time.monotonic()
    assert cancel(tmp_path)["state"] == "cancelled"
    assert at_least <= time.monotonic() - begun < at_most
    assert process.wait(5) < 0
    process.stdout.close()


@pytest.mark.slow
def test_who_cancels_does_not_end_the_worker_that_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(launching, "TERMINATE_SECONDS", 0.5)
    monkeypatch.setattr(launching, "KILL_SECONDS", 1.0)
    process = a_process(HOLDS.format(extra=""), tmp_path)
    assert process.stdout.readline() == b"on\n"
    cancel_soon(tmp_path)
    (tmp_path / CANCEL).unlink()  # as a resume does
    time.sleep(2)
    assert process.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_promise_of_thirty_seconds():
    assert launching.TERMINATE_SECONDS <= 15
    assert launching.KILL_SECONDS < 30


# --- whole runs


@pytest.mark.slow
def test_cancel_while_starting_and_the_folder_can_be_gone_on_with(classes, place):
    folder = made(classes, place, epochs=2)
    launch(folder)
    assert state(folder) in ("starting", "queued", "running")
    with pytest.raises(RunError, match="G-RUN-011"):
        launch(folder)
    assert cancel(folder)["state"] == "cancelled"
    resume(folder)  # at once, though the process may not be gone yet
    until(lambda: state(folder) == "finished")


@pytest.mark.slow
def test_cancel_of_a_waiting_run_and_the_next_one_starts(classes, place):
    first, second, third = (made(classes, place, epochs=e) for e in (10_000, 10_000, 1))
    launch(first)
    until(lambda: epochs_done(first) > 0)
    launch(second)
    until(lambda: state(second) == "queued")
    launch(third)
    assert cancel(second)["state"] == "cancelled"
    cancel_soon(first)
    assert until(lambda: state(first) == "cancelled", 30) < 30
    until(lambda: state(third) == "finished")
    assert not (first / "results.json").exists()


@pytest.mark.long
def test_a_cancelled_run_ends_with_the_numbers_it_would_have_had(classes, place, monkeypatch):
    monkeypatch.setenv("GAZO_CHECKPOINT_SECONDS", "0")
    whole, broken = (made(classes, place, epochs=60) for _ in range(2))
    launch(whole)
    launch(broken)
    until(lambda: epochs_done(broken) >= 5)
    assert cancel(broken)["state"] == "cancelled"
    assert list((broken / "checkpoints").glob("*.pt"))
    before = epochs_done(broken)
    assert before < 60
    resume(broken)
    until(lambda: state(broken) == "finished")
    first = next(line for line in (broken / "events.jsonl").read_text().split("\n")[::-1] if '"epoch": 60' in line)
    assert "loss" in json.loads(first)["facts"]
    assert results(broken) == results(whole)
    again, once = weights(broken), weights(whole)
    assert all(np.array_equal(again[name], once[name]) for name in once)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
@pytest.mark.long
def test_a_killed_worker_is_seen_and_gone_on_with(classes, place, monkeypatch):
    monkeypatch.setenv("GAZO_CHECKPOINT_SECONDS", "0")
    whole, broken = (made(classes, place, epochs=60) for _ in range(2))
    launch(whole)
    until(lambda: state(whole) == "finished")
    launch(broken)
    until(lambda: epochs_done(broken) >= 5)
    os.kill(json.loads((broken / "lock").read_text())["pid"], signal.SIGKILL)
    assert until(lambda: state(broken) == "stopped", 30) < 30
    children = {child.status() for child in psutil.Process().children()}
    until(lambda: psutil.STATUS_ZOMBIE not in {child.status() for child in psutil.Process().children()}, 5)
    assert children is not None
    resume(broken)
    until(lambda: state(broken) == "finished")
    assert results(broken) == results(whole)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_the_run_ends_though_its_starter_is_killed(classes, place):
    folder = made(classes, place, epochs=30)
    starter = a_process(
        """
        import sys, time
        from pathlib import Path
        from gazo.runs.launch import launch
        launch(Path(sys.argv[1])); print("launched", flush=True); time.sleep(100)
        """,
        folder,
    )
    assert starter.stdout.readline() == b"launched\n"
    starter.kill()
    starter.wait()
    starter.stdout.close()
    until(lambda: state(folder) == "finished")


@pytest.mark.slow
@pytest.mark.long
def test_several_processes_that_train_together_are_cancelled(classes, place):
    folder = made(classes, place, epochs=10_000, processes=2)
    launch(folder)
    until(lambda: epochs_done(folder) > 0)
    members = launching.family(folder)
    assert len(members) >= 3
    begun = time.monotonic()
    assert cancel(folder)["state"] == "cancelled"
    assert time.monotonic() - begun < 30
    assert psutil.wait_procs(members, timeout=5)[1] == []


@pytest.mark.slow
@pytest.mark.long
def test_the_queue_is_that_of_the_command_line(classes, place):
    folder = made(classes, place, epochs=1)
    with device_slot(place / "runs" / "other", "cpu", waiting=lambda: None):
        launch(folder)
        until(lambda: state(folder) == "queued")
    until(lambda: state(folder) == "finished")
