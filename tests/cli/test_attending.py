"""Runs that are looked on, relinked, compared or listed."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.cli.main import main
from gazo.core import Table, Text, speaking
from gazo.io.rows import read_rows
from gazo.io.write_table import write_table
from gazo.runs.ownership import owning, write_status
from gazo.runs.start import make_run
from gazo.runs.workspace import workspace

OPTIONS = {"network": "small_cnn", "epochs": 1, "size_px": 16, "baseline": False}


def pictures(folder, count=12, names="{}.png"):
    """Images, every second one brighter, and a table of them."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label"])
        for i in range(count):
            pixels = rng.integers(0, 120, (16, 16), dtype=np.uint8)
            pixels[8:] += np.uint8(100 * (i % 2))
            Pillow.fromarray(pixels).save(folder / names.format(i))
            rows.writerow([names.format(i), "ab"[i % 2]])
    return folder / "labels.csv"


@pytest.fixture
def made(tmp_path):
    """A run that nobody works on yet, and its data."""
    place = workspace(tmp_path / "workspace")
    table = pictures(tmp_path / "first")
    run = make_run(
        ("learn", "classify"),
        table,
        place=place,
        source={"label": "label"},
        options=OPTIONS,
        protocol={"evaluation": "folds", "folds": 2},
        threads=1,
    )
    return place, run, table


@pytest.mark.slow
def test_resume_looks_on_where_a_worker_goes_on(made, capsys, tmp_path):
    """Only the command line is killed; its worker lives, and another command line follows it to its end."""
    place, run, _ = made
    code = "import sys; from pathlib import Path; from gazo.runs.start import run; run(Path(sys.argv[1]))"
    first = subprocess.Popen([sys.executable, "-c", code, str(run)], start_new_session=True)
    for _ in range(600):
        time.sleep(0.05)
        if (run / "lock").exists() and (run / "lock").read_text():
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    worker = json.loads((run / "lock").read_text())["pid"]
    assert main(["run", "--resume", run.name, "--workspace", str(place), "--json", "--language", "en"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] == str(run)
    assert json.loads((run / "lock").read_text())["pid"] == worker


def test_resume_of_a_run_that_dies_while_looked_on_says_how_to_go_on(made, capsys):
    place, run, _ = made
    code = (
        "import sys, time; from pathlib import Path; from gazo.runs.ownership import owning, write_status\n"
        "folder = Path(sys.argv[1])\nwith owning(folder):\n write_status(folder, state='running'); print('on', flush=True); time.sleep(1)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(run)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "on\n"
        assert main(["run", "--resume", run.name, "--workspace", str(place), "--language", "en"]) == 1
    told = capsys.readouterr().err
    assert "G-RUN-012" in told
    assert "gazo run --resume" in told


def test_data_that_moved_is_linked_again_by_its_content(made, tmp_path, capsys, monkeypatch):
    place, run, table = made
    other = pictures(tmp_path / "other", count=14)
    words = ["run", "--resume", run.name, "--workspace", str(place), "--language", "en", "--data"]
    assert main([*words, str(other)]) == 1
    assert "G-RUN-009" in capsys.readouterr().err
    monkeypatch.setattr("gazo.cli.run.begin", lambda arguments, make: 0)  # what follows has tests of its own
    shutil.move(table.parent, tmp_path / "moved")
    assert main([*words, str(tmp_path / "moved" / "labels.csv")]) == 0
    (known,) = (place / "data").glob("reference-*.json")
    assert json.loads(known.read_text(encoding="utf-8"))["path"] == str(tmp_path / "moved" / "labels.csv")


def test_an_archive_is_unpacked_in_the_workspace_that_was_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "elsewhere"))
    table = pictures(tmp_path / "first")
    with zipfile.ZipFile(tmp_path / "first.zip", "w") as archive:
        for file in table.parent.iterdir():
            archive.write(file, file.name)
    place = workspace(tmp_path / "workspace")
    run = make_run(
        ("learn", "classify"), tmp_path / "first.zip", place=place, source={"label": "label"}, options=OPTIONS, protocol={}
    )
    assert run.exists()
    assert list((place / "cache" / "unpacked").rglob("labels.csv"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_study_is_not_taken_for_images(made, tmp_path, capsys):
    place, *_ = made
    words = ["--workspace", str(place), "--language", "en"]
    assert main(["study", "new", "mine", *words]) == 0
    assert main(["study", "export", "mine", str(tmp_path / "mine.zip"), *words]) == 0
    capsys.readouterr()
    assert main(["learn", "classify", str(tmp_path / "mine.zip"), *words]) == 1
    assert "`gazo study import mine.zip`" in capsys.readouterr().err


def test_a_run_is_not_compared_with_itself(made, capsys):
    place, run, _ = made
    assert main(["compare", run.name, str(run), "--workspace", str(place), "--language", "ja"]) == 1
    assert "G-RUN-016: 同じ実行結果が 2 回" in capsys.readouterr().err


def test_states_are_told_in_words(made, capsys):
    place, run, _ = made
    words = ["runs", "--workspace", str(place)]
    assert main([*words, "--language", "ja"]) == 0
    assert "未開始" in capsys.readouterr().out
    with owning(run):
        write_status(run, state="running")
        assert main([*words, "--language", "ja"]) == 0
        assert main([*words, "--json"]) == 0
        assert main(["report", run.name, *words[1:], "--language", "ja"]) == 1
    out, err = capsys.readouterr()
    assert "実行中" in out
    assert json.loads(out.splitlines()[-1])[0]["state"] == "running"
    assert "(状態: 実行中)" in err
    (run / "recipe.json").write_text("{}", encoding="utf-8")
    assert main([*words, "--language", "en"]) == 0
    assert "is not a recipe of gazo" in " ".join(capsys.readouterr().out.split())


def test_pictures_are_joined_by_file_without_being_told(tmp_path, capsys):
    table = pictures(tmp_path / "first", count=4)
    table.unlink()
    headings = (Text("画像名", "画像名"), Text("診断", "診断"))
    write_table(Table(Text("表", "table"), headings, tuple((f"{i}.png", "良性") for i in range(3))), tmp_path / "表.csv")
    words = ["data", "join", str(tmp_path / "表.csv"), str(table.parent), "--label", "診断", "--language", "en"]
    assert main([*words, "--file", "画像名", "--out", str(tmp_path / "結合.csv")]) == 0
    assert read_rows(tmp_path / "結合.csv").column("診断") == ["良性"] * 3
    capsys.readouterr()
    assert main([*words, "--on", "patient", "--patient", "画像名"]) == 1
    told = capsys.readouterr().err
    assert "--on file" in told
    assert "画像名, 診断" in told
    assert main(words) == 1
    assert "--file" in capsys.readouterr().err


def test_predictions_name_files(made, tmp_path, capsys):
    from gazo.io import read_table
    from gazo.learn import Classifier

    place, run, table = made
    fitted = Classifier(**OPTIONS).fit(read_table(table, label="label"), seed=0)
    fitted.save(run)
    (table.parent / "3.png").write_bytes(b"\x89PNG broken")
    out = tmp_path / "predictions.csv"
    assert main(["predict", run.name, str(table.parent), "--out", str(out), "--workspace", str(place), "--language", "en"]) == 0
    rows = read_rows(out)
    assert rows.headings[0] == "file"
    assert rows.column("file") == sorted(f"{i}.png" for i in range(12) if i != 3)
    assert "could not be read: 3.png" in capsys.readouterr().out
    with speaking("ja"):
        assert str(fitted.predict(read_table(table, label="label")).headings[0]) == "ファイル"
