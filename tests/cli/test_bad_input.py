"""Every wrong thing a user can bring ends in one sentence with a code, in both languages, and leaves nothing half made."""

import csv
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.cli.main import main

FAST = ["--network", "small_cnn", "--epochs", "1", "--size-px", "16", "--no-baseline", "--threads", "1"]


def study(folder, patients=12, **columns):
    """A table with one 8-bit image a patient; half of them are brighter below."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = []
    for i in range(patients):
        pixels = rng.integers(0, 120, (24, 24), dtype=np.uint8)
        pixels[12:] += np.uint8(60 * (i % 2))
        Pillow.fromarray(pixels).save(folder / "images" / f"{i}.png")
        rows.append(
            {"file": f"images/{i}.png", "patient_id": f"{i:05d}", "label": "ab"[i % 2]} | {k: v(i) for k, v in columns.items()}
        )
    write(folder / "labels.csv", rows)
    return folder / "labels.csv"


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def learn(table, workspace, *more, language="en"):
    words = ["learn", "classify", str(table), "--label", "label", "--patient", "patient_id", *FAST, "--workspace", str(workspace)]
    return main([*words, *more, "--language", language])


def one_class(folder):
    return study(folder, label=lambda i: "a")


def few_patients(folder):
    return study(folder, patients=12, patient_id=lambda i: f"{i % 3}")


def nothing_there(folder):
    return folder / "not" / "there.csv"


def empty_folder(folder):
    folder.mkdir()
    return folder


def no_labels(folder):
    return study(folder, label=lambda i: "")


def not_a_table(folder):
    folder.mkdir()
    (folder / "labels.csv").write_bytes(os.urandom(500))
    return folder / "labels.csv"


CASES = {
    "one class only": (one_class, []),
    "fewer patients than folds": (few_patients, ["--evaluation", "folds", "--folds", "5"]),
    "a path that is not there": (nothing_there, []),
    "empty folder": (empty_folder, []),
    "no labels": (no_labels, []),
    "random bytes": (not_a_table, []),
    "label column missing": (study, ["--label", "sex"]),
    "unknown network": (study, ["--network", "resnet19"]),
    "option out of its limits": (study, ["--epochs", "0"]),
    "positive class that is no class": (study, ["--positive", "c"]),
    "a network file without trust": (study, ["--network", "file:mynet.py:Net"]),
    "image too small for the network": (study, ["--network", "inception_v3", "--size-px", "32"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_sentence_with_a_code_in_both_languages(name, tmp_path, capsys):
    make, more = CASES[name]
    path = make(tmp_path / "画像 テスト ①")
    said = {}
    for language in ("en", "ja"):
        assert learn(path, tmp_path / "workspace", *more, language=language) == 1
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        said[language] = (
            err.strip().splitlines()[-1]
            if "G-" in err.strip().splitlines()[-1]
            else next(x for x in err.splitlines() if re.match(r"G-[A-Z]+-\d+", x))
        )
        assert out == ""
    assert not any((tmp_path / "workspace" / "runs").glob("*"))
    code = re.match(r"G-[A-Z]+-\d{3}(?=: )", said["en"])[0]
    assert said["ja"].startswith(code)
    assert re.search("[ぁ-んァ-ン一-龥]", said["ja"])
    assert not re.search("[ぁ-んァ-ン一-龥]", re.sub("「.*?」|'.*?'|画像 テスト ①", "", said["en"]))


def test_an_unknown_option_is_refused_with_exit_code_2(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        learn(study(tmp_path / "a"), tmp_path / "w", "--epocs", "3")
    assert stop.value.code == 2
    assert "--epocs" in capsys.readouterr().err


def test_mixed_sizes_depths_colours_and_a_broken_file_go_through_with_a_warning(tmp_path, capsys):
    table = study(tmp_path / "胸部 ①", patients=16)
    images = table.parent / "images"
    rng = np.random.default_rng(1)
    Pillow.fromarray(rng.integers(0, 60000, (40, 30), dtype=np.uint16)).save(images / "0.png")
    Pillow.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)).save(images / "1.png")
    (images / "5.png").write_bytes(b"\x89PNG broken")
    assert learn(table, tmp_path / "w", "--evaluation", "held-out") == 0
    out = capsys.readouterr().out
    assert "1 of 16 images were passed over" in out
    assert "report.html" in out


def test_no_space_left_is_a_sentence_and_leaves_no_half_file(tmp_path):
    """The workspace lies on a file system of 300 kB."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted as root")
    try:
        table = study(tmp_path / "a", patients=12)
        command = [
            sys.executable,
            "-m",
            "gazo.cli.main",
            "learn",
            "classify",
            str(table),
            "--label",
            "label",
            "--patient",
            "patient_id",
            *FAST,
        ]
        done = subprocess.run(
            [*command, "--size-px", "64", "--network", "resnet18", "--workspace", str(small)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 1
        assert re.search("G-DISK-001", done.stderr)
        assert "Traceback" not in done.stderr
        assert not [f for f in small.rglob("*") if f.name.endswith(".part")]
    finally:
        subprocess.run(["umount", str(small)], check=True)
