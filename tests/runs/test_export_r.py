"""The tables that go to R are whole, and the script runs in R and notices a number that was changed."""

import csv
import importlib
import io
import shutil
import subprocess
import zipfile

import numpy as np
import pytest

from gazo.core import Curve, Table, Text
from gazo.core.results import Estimate
from gazo.io.workbook import Sheet
from gazo.runs.export_r import export_r, script_for_r

HEADS = ("row", "patient", "truth", "predicted", "probability 0", "probability 1")
SCORES = (0.1, 1 / 3, 0.35, 0.8, 0.7, 0.2)
JUDGED = Table(
    Text("画像ごとの予測", "Predictions"),
    tuple(Text(h, h) for h in HEADS),
    tuple((n, f"00{n}", str(n % 2), "1", 1 - p, p) for n, p in enumerate(SCORES)),
)
ODD = Table(
    Text("表", "Table"), (Text("名前", "name"), Text("値", "value")), (("=1+1", 0.1), ('日本 "x", y', None), ("-3", 1e-300))
)
CURVE = Curve(
    np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.25, 1 / 7]), Text("周波数", "frequency"), Text("MTF", "MTF"), Text("MTF", "MTF")
)


@pytest.fixture
def packed(tmp_path, monkeypatch):
    pages = [Sheet("predictions", JUDGED), Sheet("odd / 表", ODD), Sheet("mtf", CURVE.table(), chart=True)]
    room = importlib.import_module("gazo.runs.export_r")  # the room shows the function by the same name
    monkeypatch.setattr(room, "outcome_of", lambda run: Estimate(Text("", ""), 1.0))
    monkeypatch.setattr(room, "pages_of", lambda outcome: pages)
    export_r(tmp_path / "20260401-run", tmp_path / "for_r.zip", language="ja")
    with zipfile.ZipFile(tmp_path / "for_r.zip") as archive:
        archive.extractall(tmp_path / "out")
    return tmp_path / "out"


def test_every_digit_is_in_the_tables(packed):
    text = (packed / "tables" / "01-predictions.csv").read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == list(HEADS)
    assert [float(row[5]) for row in rows[1:]] == list(SCORES)
    assert [row[1] for row in rows[1:3]] == ["000", "001"]
    assert sorted(p.name for p in (packed / "tables").iterdir()) == ["01-predictions.csv", "02-odd.csv", "03-mtf.csv"]


def test_quotes_and_ends_of_line_cannot_leave_a_string():
    table = Table(Text("a", 'x"); quit(); ("\n'), (Text("a", 'p"\\'), Text("b", "q")), ((1.0, 2.0),))
    text = script_for_r([Sheet("evil\nquit()", table, chart=True)], ["01-evil.csv"], name="run")
    assert not any(line.startswith("quit()") for line in text.splitlines())
    assert r'main = "x\"); quit(); (\""' in text
    assert r'xlab = "p\"\\"' in text


def test_r_reads_what_was_written(packed):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    script = packed / "analyse.R"
    done = subprocess.run(["Rscript", "--vanilla", str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "AUC 0.5555556" in done.stdout  # of 3 x 3 pairs, 5 in the right order
    assert '"000"' in done.stdout
    assert "=1+1" in done.stdout
    assert "'=1+1" not in done.stdout
    assert (packed / "curves.pdf").read_bytes().startswith(b"%PDF")
    table = packed / "tables" / "03-mtf.csv"
    table.write_text(table.read_text("utf-8-sig").replace("0.25", "0.26"), "utf-8")
    spoilt = subprocess.run(["Rscript", "--vanilla", str(script)], capture_output=True, text=True, timeout=120)
    assert spoilt.returncode == 1
