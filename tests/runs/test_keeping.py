"""Names, notes, the archive and deletion: a person's words stand beside the recipe, and deleting is always possible."""

import json
import sys
import time
from dataclasses import replace

import pytest

from gazo.cli.main import main
from gazo.core import OptionError, StorageError
from gazo.runs import keeping
from gazo.runs.kept import called, kept
from gazo.runs.ownership import read_status, write_status
from gazo.runs.study import list_studies, new_study, write_study
from gazo.runs.workspace import find_run, new_run_folder, run_folders, workspace


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "作業 フォルダ")


@pytest.fixture
def run(place):
    return a_run(place)


def a_run(place, name="方向", state="finished"):
    folder = new_run_folder(place, name)
    (folder / "recipe.json").write_text('{"task": ["learn", "classify"]}', encoding="utf-8")
    write_status(folder, state=state, seconds=1)
    return folder


def test_a_run_is_called_as_its_folder_until_it_gets_a_name(run):
    before = (run / "recipe.json").read_bytes()
    assert called(run) == "方向"
    keeping.rename(run, "  胸部\n方向 ① ")
    assert called(run) == "胸部 方向 ①"
    keeping.rename(run, "")
    assert called(run) == "方向"
    assert (run / "recipe.json").read_bytes() == before


def test_each_word_stays_when_another_changes(run):
    keeping.rename(run, "A")
    keeping.set_note(run, "白黒反転あり\n2 回目")
    keeping.archive(run)
    assert (kept(run).name, kept(run).note, kept(run).archived) == ("A", "白黒反転あり\n2 回目", True)
    assert not keeping.archive(run, archived=False).archived


@pytest.mark.parametrize("broken", ["", "[]", "null", "{", '{"name": 5}'])
def test_a_broken_file_says_nothing(run, broken):
    (run / "kept.json").write_text(broken, encoding="utf-8")
    assert called(run) in ("方向", "5")


def test_what_is_too_long_is_refused(run):
    with pytest.raises(OptionError, match="G-JOB-010"):
        keeping.rename(run, "あ" * 101)
    with pytest.raises(OptionError, match="G-JOB-011"):
        keeping.set_note(run, "a" * 10_001)
    assert kept(run).name == ""


def test_a_run_is_found_by_the_name_it_was_given(place, run):
    other = a_run(place)
    keeping.rename(run, "LeNet")
    assert find_run("LeNet", place) == run
    assert find_run(other.name, place) == other


def test_a_deleted_run_is_gone_in_one_step(place, run, monkeypatch):
    other = a_run(place)
    monkeypatch.setattr("gazo.runs.keeping.shutil.rmtree", lambda *_, **__: None)  # the power fails here
    keeping.delete(run)
    assert run_folders(place) == [other]


@pytest.mark.parametrize("state", ["made", "stopped", "failed", "cancelled", "finished", "running"])
def test_deleting_is_possible_in_every_state(place, state):
    folder = a_run(place, state=state)
    keeping.delete(folder)
    assert not folder.exists()
    assert list((place / "cache").iterdir()) == []


def test_what_cannot_be_deleted_is_said(run, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("gazo.runs.keeping.os.replace", refused)
    with pytest.raises(StorageError, match="G-DISK-002"):
        keeping.delete(run)
    assert (run / "recipe.json").exists()


def test_the_studies_of_a_run_are_named(place, run):
    write_study(replace(new_study("胸部", place), runs=(run.name,)), place)
    new_study("別の研究", place)
    assert len(list_studies(place)) == 2
    assert keeping.studies_with(run) == ["胸部"]


def test_a_run_under_way_is_cancelled_before_it_is_deleted(place):
    import subprocess

    folder = a_run(place)
    code = """
import sys, time
from pathlib import Path
from gazo.runs.ownership import cancel_asked, owning, write_status
folder = Path(sys.argv[1])
with owning(folder):
    write_status(folder, state="running"); print("on", flush=True)
    while not cancel_asked(folder): time.sleep(0.05)
"""
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"on\n"
        assert read_status(folder)["state"] == "running"
        begun = time.monotonic()
        keeping.delete(folder)
        assert process.wait(5) == 0
    assert time.monotonic() - begun < 15
    assert not folder.exists()


def test_the_command_line_does_the_same(place, run, capsys):
    where = ["--workspace", str(place)]
    assert main(["--language", "en", "runs", *where, "rename", run.name, "LeNet"]) == 0
    assert main(["--language", "en", "runs", "note", "LeNet", "second try", *where]) == 0
    assert main(["--language", "en", "runs", "archive", "LeNet", *where]) == 0
    assert kept(run).note == "second try"
    capsys.readouterr()
    assert main(["runs", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["runs", "--all", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "LeNet"
    assert main(["runs", *where, "cancel", "LeNet"]) != 0
    assert "G-JOB-002" in capsys.readouterr().err
    assert main(["runs", *where, "delete", "LeNet"]) == 1  # nobody is there to be asked
    assert run.exists()
    assert main(["runs", *where, "delete", "LeNet", "--yes"]) == 0
    assert not run.exists()
