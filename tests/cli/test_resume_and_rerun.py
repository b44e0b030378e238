"""A run that is killed ends with the numbers it would have had; a run made again has the same numbers."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.cli.main import main

LEARN = [
    "--label",
    "label",
    "--network",
    "small_cnn",
    "--epochs",
    "14",
    "--size-px",
    "32",
    "--evaluation",
    "folds",
    "--folds",
    "2",
    "--threads",
    "1",
]


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """A folder for each class."""
    folder = tmp_path_factory.mktemp("classes")
    rng = np.random.default_rng(0)
    for i in range(60):
        pixels = rng.integers(0, 200, (32, 32), dtype=np.uint8)
        pixels[8:20, 8:20] += np.uint8(30 * (i % 2))
        (folder / "ab"[i % 2]).mkdir(exist_ok=True)
        Pillow.fromarray(pixels).save(folder / "ab"[i % 2] / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def whole(classes, tmp_path_factory):
    """A run that was left alone."""
    place = tmp_path_factory.mktemp("workspace")
    assert main(["learn", "classify", str(classes), *LEARN[2:], "--workspace", str(place), "--name", "whole"]) == 0
    (folder,) = (place / "runs").iterdir()
    return place, folder


def results(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_rerun_is_identical(whole):
    place, folder = whole
    assert main(["rerun", folder.name, "--workspace", str(place)]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("progress", [pytest.param(0.1, marks=pytest.mark.long), 0.45, pytest.param(0.8, marks=pytest.mark.long)])
def test_resume_after_kill_9_is_identical(whole, classes, tmp_path, progress, monkeypatch):
    _, untouched = whole
    environment = {**os.environ, "GAZO_CHECKPOINT_SECONDS": "0"}
    command = [sys.executable, "-m", "gazo.cli.main", "learn", "classify", str(classes), *LEARN[2:], "--workspace", str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = kill_when(tmp_path, progress)
    process.wait(60)
    assert not (folder / "results.json").exists()
    assert main(["run", "--resume", folder.name, "--workspace", str(tmp_path)]) == 0
    assert results(folder) == results(untouched)


def kill_when(place, progress):
    """Kill the worker of the only run when its training has come so far."""
    for _ in range(1200):
        time.sleep(0.05)
        runs = [*(place / "runs").glob("*")] if (place / "runs").exists() else []
        status = runs[0] / "events.jsonl" if runs else None
        if status is None or not status.exists():
            continue
        lines = [json.loads(line) for line in status.read_text(encoding="utf-8").split("\n")[:-1]]
        trained = [line for line in lines if "loss" in line["facts"]]
        if trained and trained[-1]["done"] / trained[-1]["total"] >= progress:
            os.kill(json.loads((runs[0] / "lock").read_text())["pid"], signal.SIGKILL)
            return runs[0]
    raise AssertionError("the training never came so far")


@pytest.mark.slow
def test_report_predict_runs_and_compare_of_a_finished_run(whole, classes, tmp_path, capsys):
    place, folder = whole
    words = ["--workspace", str(place)]
    assert main(["--language", "ja", "report", "whole", *words]) == 0
    assert "研究報告" in (folder / "report.html").read_text(encoding="utf-8")
    assert main(["predict", "whole", str(classes), "--out", str(tmp_path / "予測.xlsx"), *words]) == 0
    assert (tmp_path / "予測.xlsx").stat().st_size > 1000
    capsys.readouterr()
    assert main(["runs", "--json", *words]) == 0
    states = {row["run"]: row["state"] for row in json.loads(capsys.readouterr().out)}
    assert states[folder.name] == "finished"
    assert main(["learn", "classify", str(classes), *LEARN[2:], "--seed", "1", "--name", "other", *words]) == 0
    assert main(["compare", "whole", "other", "--out", str(tmp_path / "page.html"), *words]) == 0
    assert "data:image/svg" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_networks_are_compared_in_one_command(classes, tmp_path, capsys):
    words = [
        "learn",
        "compare-networks",
        str(classes),
        "--networks",
        "small_cnn",
        "small_resnet",
        "--epochs",
        "2",
        "--size-px",
        "32",
    ]
    assert main([*words, "--evaluation", "held-out", "--threads", "1", "--workspace", str(tmp_path), "--language", "en"]) == 0
    assert "Order in which a training loss of 0.45 was reached" in capsys.readouterr().out
    (folder,) = (tmp_path / "runs").iterdir()
    assert {f.name for f in (folder / "figures").iterdir()} >= {"losses.svg", "validation-losses.svg", "roc.svg"}
