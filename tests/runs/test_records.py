"""Workspace, recipes, events, ownership, comparison of results: what runs are kept with."""

import json
import subprocess
import sys
import threading

import pytest

from gazo.core import FileError, RunError, StorageError, Text
from gazo.core.progress import Event
from gazo.runs.events import EventLog, follow, read_events
from gazo.runs.ownership import alive, device_slot, join_line, owning, read_status
from gazo.runs.recipe import Recipe, environment, read_recipe, with_own_files, write_recipe
from gazo.runs.references import recall, remember
from gazo.runs.rerun import differences
from gazo.runs.workspace import find_run, new_run_folder, run_folders, workspace


def recipe(**changes):
    plain = {
        "task": ("learn", "classify"),
        "version": 1,
        "data": "abc",
        "data_sha256": "abc",
        "rows": 3,
        "source": {"label": "性別"},
        "options": {"epochs": 2},
        "protocol": {},
        "seed": 0,
        "threads": 1,
    }
    return Recipe(**(plain | changes))


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業 フォルダ")


def test_run_folders_are_never_shared(place):
    names = {new_run_folder(place, "分類/a b").name for _ in range(50)}
    assert len(names) == 50
    assert all("/" not in name and " " not in name for name in names)


def test_a_recipe_comes_back_as_it_was(place):
    folder = new_run_folder(place, "x")
    write_recipe(recipe(**environment()), folder)
    assert read_recipe(folder) == recipe(**environment())
    assert run_folders(place) == [folder]
    assert find_run("last", place) == find_run(folder.name[-4:], place) == find_run(str(folder), place) == folder


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("no json", "G-RUN-003"),
        ("[1]", "G-RUN-003"),
        ('{"task": ["a", "b"], "format": 99}', "G-RUN-004"),
        ('{"task": ["a", "b"]}', "G-RUN-005"),
    ],
)
def test_recipes_that_cannot_be_read(tmp_path, content, code):
    (tmp_path / "recipe.json").write_text(content)
    with pytest.raises((FileError, RunError), match=code):
        read_recipe(tmp_path)


def test_names_that_mean_no_run_or_several(place):
    with pytest.raises(FileError, match="G-RUN-002"):
        read_recipe(place / "nothing")
    for _ in range(2):
        write_recipe(recipe(), new_run_folder(place, "twin"))
    with pytest.raises(RunError, match="names 2 runs"):
        find_run("twin", place)


def test_a_recipe_holds_no_path(place, tmp_path):
    key = remember(tmp_path / "山田太郎" / "labels.csv", "f" * 64, place)
    assert recall(key, place) == tmp_path / "山田太郎" / "labels.csv"
    assert "山田" not in key
    with pytest.raises(RunError, match="G-RUN-006"):
        recall("unknown", place)


def test_files_named_by_options_move_into_the_run(place, tmp_path):
    mine = tmp_path / "mynet.py"
    mine.write_text("x = 1")
    folder = new_run_folder(place, "x")
    kept = with_own_files({"network": f"file:{mine}:MyNet", "weights": "none", "epochs": 3}, folder)
    assert kept == {"network": "file:files/mynet.py:MyNet", "weights": "none", "epochs": 3}
    assert (folder / "files" / "mynet.py").read_text() == "x = 1"


def test_events_survive_a_half_written_line(tmp_path):
    events = [
        Event(Text("学習", "Training"), 1, 2, {"loss": 0.1, "bad": float("nan")}),
        Event(Text("a", "b"), note=Text("注", "note")),
    ]
    with EventLog(tmp_path) as log:
        for event in events:
            log(event)
    with open(tmp_path / "events.jsonl", "a") as file:
        file.write('{"time": 1, "sta')
    found = read_events(tmp_path)
    assert found[0].facts == {"loss": 0.1}
    assert found[1].note == Text("注", "note")
    assert len(found) == 2


def test_followers_see_events_while_they_are_written(tmp_path):
    going = threading.Event()
    seen = []

    def look():
        seen.extend(follow(tmp_path, lambda: not going.is_set()))

    thread = threading.Thread(target=look)
    thread.start()
    with EventLog(tmp_path) as log:
        log(Event(Text("a", "a"), 1, 1))
    going.set()
    thread.join(5)
    assert [e.done for e in seen] == [1]


DIE = """
import os, sys
from pathlib import Path
from gazo.runs.ownership import owning, write_status
with owning(Path(sys.argv[1])):
    write_status(Path(sys.argv[1]), state="running")
    os._exit(9)
"""


def test_a_run_whose_process_died_is_stopped_and_can_be_owned_again(tmp_path):
    assert subprocess.run([sys.executable, "-c", DIE, str(tmp_path)]).returncode == 9
    assert (tmp_path / "lock").exists()
    assert not alive(tmp_path)
    assert read_status(tmp_path)["state"] == "stopped"
    with owning(tmp_path):
        assert alive(tmp_path)
        with pytest.raises(RunError, match="G-RUN-007"), owning(tmp_path):
            raise AssertionError("owned twice")
    assert not alive(tmp_path)


def test_a_device_is_used_by_one_run_at_a_time(place):
    waited, order = threading.Event(), []

    def second():
        with device_slot(place / "runs" / "one", "cpu", waiting=waited.set):
            order.append("second")

    with device_slot(place / "runs" / "one", "cpu", waiting=lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        assert waited.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_differences_are_found_to_the_last_digit():
    a = {"metrics": [{"value": 0.1}, {"value": 0.2}], "n": 3}
    assert differences(a, json.loads(json.dumps(a))) == []
    b = {"metrics": [{"value": 0.1}, {"value": 0.2 + 2**-54}], "n": 3.0, "more": 1}
    found = differences(a, b)
    assert [d.split(":")[0] for d in found] == ["/metrics/1/value", "/more", "/n"]


def test_a_workspace_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="G-DISK"):
        workspace(tmp_path / "file")


def test_the_device_goes_to_the_run_that_was_started_first(place):
    """A later run that is ready earlier lets the first one pass; one that died or wants another device stands in nobody's way."""
    import psutil

    first, second = place / "runs" / "first", place / "runs" / "second"
    me = psutil.Process()
    ended = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    join_line(place / "runs" / "dead", psutil.Process(ended.pid), "auto")
    ended.kill()
    ended.wait()
    join_line(place / "runs" / "elsewhere", me, "cuda")
    join_line(first, me, "auto")
    join_line(second, me, "auto")
    order, asked = [], threading.Event()

    def late():
        with device_slot(second, "cpu", waiting=asked.set):
            order.append("second")

    thread = threading.Thread(target=late)
    thread.start()
    assert asked.wait(20)
    assert order == []
    with device_slot(first, "cpu", waiting=lambda: None):
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    assert not list((place / "cache" / "line").glob("second*"))
