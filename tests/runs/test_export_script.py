"""A script runs outside the workbench, in a clean process, and gives the numbers of the run."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import gazo
from gazo.core import Curve, Estimate, Image, Table, Text
from gazo.core.errors import RunError
from gazo.core.files import write_json
from gazo.runs.export_script import export_script, numbers_in, script_of
from gazo.runs.given import Given
from gazo.runs.image_files import Opening, files_at
from gazo.runs.make_measurement import make_measurement
from gazo.runs.ownership import read_status
from gazo.runs.processed import with_images
from gazo.runs.recipe import Recipe, read_recipe, write_recipe
from gazo.runs.result_inputs import result_input
from gazo.runs.start import make_run
from gazo.runs.worker import work
from gazo.runs.workspace import new_run_folder, workspace


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    return workspace(tmp_path / "作業")


@pytest.fixture
def images(tmp_path):
    """Two edges, three flats."""
    folder = tmp_path / "画像 山田"
    (folder / "flats").mkdir(parents=True)
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:512, :512]
    edge = (column - 256 - (row - 256) * np.tan(np.radians(2)) > 0).astype(float)
    edge = gaussian_filter(edge.reshape(128, 4, 128, 4).mean((1, 3)), 0.6)
    for name, pixels in [(f"edge{n}", 200 + 1000 * edge + rng.normal(0, 4, edge.shape)) for n in range(2)] + [
        (f"flats/{n}", rng.normal(1000, 20, (96, 96))) for n in range(3)
    ]:
        gazo.write(Image(pixels.astype("float32"), spacing_mm=(0.15, 0.15), meaning="linear exposure"), folder / f"{name}.tif")
    return folder


def started(script, *arguments, cwd):
    """A process that knows no workspace."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GAZO")}
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env={**clean, "HOME": str(cwd), "OMP_NUM_THREADS": "1"}, timeout=300
    )


def spoilt(script, old, new):
    text = script.read_text("utf-8")
    assert old in text
    changed = script.with_name("changed.py")
    changed.write_text(text.replace(old, new, 1), "utf-8")
    return changed


@pytest.mark.slow
def test_a_measurement_with_images(place, images, tmp_path):
    given = Given({"images": files_at([images / "edge0.tif", images / "edge1.tif"])})
    run = make_measurement(("quality", "mtf-edge"), given, place=place, options={"direction": "any"}, opening=Opening())
    work(run)
    script = export_script(run, tmp_path / "repeat.py", language="en")
    text = script.read_text("utf-8")
    assert "from gazo.quality import mtf_edge" in text
    assert "山田" not in text
    assert str(tmp_path) not in text
    elsewhere = tmp_path / "elsewhere"
    (images / "flats").rename(tmp_path / "flats")
    images.rename(elsewhere)
    (elsewhere / "edge0.tif").rename(elsewhere / "another name.tif")  # found by content
    ran = started(script, elsewhere, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "the numbers are those of the run" in ran.stdout
    other = started(spoilt(script, "quiet_tails=True", "quiet_tails=False"), elsewhere, cwd=tmp_path)
    assert other.returncode == 1
    assert "<>" in other.stdout
    lost = started(script, tmp_path / "flats", cwd=tmp_path)
    assert lost.returncode == 1
    assert "not there" in lost.stderr


@pytest.mark.slow
def test_a_measurement_of_another_result(place, images, tmp_path):
    given = Given({"images": files_at([images / "flats"])})
    first = make_measurement(
        ("quality", "nps-iec"), given, place=place, options={"roi_px": 32, "field_mm": 14.0}, opening=Opening()
    )
    work(first)
    from gazo.quality import NoisePowerSpectrum

    word = f"run:{first.name}"
    given = Given({}, {"spectrum": result_input(word, NoisePowerSpectrum, place)}, {"spectrum": word})
    second = make_measurement(("quality", "nnps"), given, place=place, options={}, opening=Opening())
    work(second)
    ran = started(export_script(second, tmp_path / "repeat.py", language="en"), cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.slow
def test_a_chain_of_operations(place, images, tmp_path):
    steps = [
        {"operation": "unsharp-mask", "options": {"radius_mm": 1.0, "amount": 2.0}},
        {"operation": "dynamic-range-compression", "options": {}},
        {"operation": "gaussian", "options": {"sigma_px": 1.0}},
    ]
    write_json(tmp_path / "steps.json", {"steps": steps})
    run = new_run_folder(place, "chain")
    write_recipe(with_images(read_recipe(tmp_path / "steps.json"), images / "flats", place), run)
    work(run)
    script = export_script(run, tmp_path / "repeat.py", language="en")
    ran = started(script, images, tmp_path / "made", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3/3" in ran.stdout
    for number in range(1, 4):
        assert (tmp_path / "made" / f"{number:04d}.tif").read_bytes() == (run / "images" / f"{number:04d}.tif").read_bytes()
    other = started(spoilt(script, "amount=2.0", "amount=2.1"), images, tmp_path / "other", cwd=tmp_path)
    assert other.returncode == 1
    assert "0/3" in other.stdout


@pytest.mark.slow
def test_a_training(place, tmp_path):
    folder = tmp_path / "学習"
    rng = np.random.default_rng(0)
    rows = ["file,patient,sex"]
    (folder / "images").mkdir(parents=True)
    for n in range(30):
        pixels = rng.normal(100, 20, (32, 32))
        pixels[8:24, 4:16] += 60 * (n % 2)
        gazo.write(Image(pixels.clip(0, 255).astype(np.uint8)), folder / "images" / f"{n:02}.png")
        rows.append(f"images/{n:02}.png,{n:05},{'MF'[n % 2]}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n", "utf-8")
    run = make_run(
        ("learn", "classify"), folder / "table.csv", place=place, source={"label": "sex", "patient": "patient"},
        options={"network": "lenet", "size_px": 32, "epochs": 2, "positive": "F"}, protocol={"evaluation": "folds", "folds": 2}, threads=1,
    )  # fmt: skip
    work(run)
    assert read_status(run)["state"] == "finished"
    script = export_script(run, tmp_path / "repeat.py", language="ja")
    ran = started(script, folder / "table.csv", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "実行と同じ値です。" in ran.stdout
    (folder / "table.csv").write_text("\n".join(rows[:-2]) + "\n", "utf-8")
    other = started(script, folder / "table.csv", cwd=tmp_path)
    assert other.returncode == 1
    assert "データではありません" in other.stderr


def test_every_number_of_a_result_is_compared():
    text = Text("値", "value")
    curve = Curve(np.arange(3.0), np.array([1.0, 2.0, 4.0]), text, text, Text("曲線", "curve"))
    assert numbers_in(curve) == [("curve (sum)", "y.sum()", 7.0)]
    table = Table(text, (text, Text("b", "b")), (("x", 1.5), ("y", None)))
    assert numbers_in(table) == [("b (1)", "rows[0][1]", 1.5)]
    from gazo.quality import snr

    found = snr(Image(np.random.default_rng(0).normal(100, 5, (16, 16)).astype("float32"), meaning="linear exposure"))
    told = numbers_in(found)
    assert told
    assert all(eval(f"result.{where}", {"result": found}) == value for _, where, value in told)  # noqa: S307
    assert {name for name, _, _ in told} >= {
        getattr(found, f).name.en for f in vars(found) if isinstance(getattr(found, f), Estimate)
    }


def test_a_run_of_several_processes_is_refused():
    recipe = Recipe(task=("learn", "classify"), version=1, data="a", data_sha256="a", rows=1, source={}, options={}, protocol={}, seed=0, threads=1, processes=2)  # fmt: skip
    with pytest.raises(RunError, match="G-EXP-014"):
        script_of(recipe, None, name="x")


def test_files_of_the_run_stand_beside_the_script():
    from gazo.runs.export_script_lines import arguments_of, call_of

    lines = call_of(
        "method", "Classifier", arguments_of({"network": "file:files/net.py:Net", "weights": "files/w.safetensors", "epochs": 2})
    )
    assert lines[1] == "    network=f\"file:{HERE / 'files/net.py:Net'}\","
    assert lines[2] == "    weights=f\"{HERE / 'files/w.safetensors'}\","
    assert lines[3] == "    epochs=2,"
