"""`gazo process`: the same pixels by Python, command, chain, recipe and cluster; nothing tells whose images they were."""

import argparse
import json
import subprocess
import sys

import numpy as np
import pytest

import gazo
from gazo.cli import measure as measure_command
from gazo.cli import process as process_command
from gazo.cli.main import main
from gazo.core import Image
from gazo.core.language import speaking
from gazo.core.parameters import parameters_of
from gazo.process import gaussian, unsharp_mask
from gazo.runs.catalog import discover
from gazo.runs.inputs import image_operations, inputs_of, measurements
from gazo.runs.ownership import read_status
from gazo.runs.worker import work

USM = ["--radius-mm", "1", "--amount", "0.7"]
NAME, PATIENT_ID = "YAMADA^TARO", "ID-4711-SECRET"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of its own as workspace and place of work; the work of a run is done in this process."""
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "workspace"))
    monkeypatch.setattr("gazo.runs.start.default_threads", lambda: 1)
    monkeypatch.setattr("gazo.cli.finish.run", lambda folder, on_event: work(folder) or read_status(folder))
    monkeypatch.setattr("gazo.runs.rerun.run", lambda folder, on_event: work(folder) or read_status(folder))
    return tmp_path


@pytest.fixture
def dicom(here):
    """Three DICOM radiographs with a planted name, in 画像/."""
    import pydicom
    from pydicom.data import get_testdata_file

    (here / "画像").mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        one = pydicom.dcmread(get_testdata_file("CT_small.dcm", download=False))
        one.PatientName, one.PatientID = NAME, PATIENT_ID
        one.InstitutionName = "SECRET HOSPITAL"
        one.PixelData = rng.integers(0, 2000, (128, 128), dtype=np.int16).tobytes()
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        one.save_as(here / "画像" / f"I{number}.dcm")
    return here / "画像"


def run_folder(here):
    return sorted((here / "workspace" / "runs").iterdir())[-1]


def test_every_operation_has_a_command(capsys):
    """The options of the door and of no operation are called the same, and every help text can be shown."""
    discover()
    doors = [("gazo process", process_command, image_operations())]
    rooms = {"measure": ("process", "quality"), "stats": ("stats",), "radiomics": ("radiomics",)}
    doors += [(f"gazo {name}", measure_command, measurements(*own)) for name, own in rooms.items()]
    for prog, module, found in doors:
        for language in ("en", "ja"):
            with speaking(language):
                top = argparse.ArgumentParser(prog=prog)
                module.add(top)
                for entry in found:
                    with pytest.raises(SystemExit):
                        top.parse_args([entry.name, "--help"])
                    text = capsys.readouterr().out
                    assert all(f"--{p.name.replace('_', '-')}" in text for p in parameters_of(entry.target)), entry.name
                    assert all(
                        ("data" if i.is_set else i.name.replace("_", "-").lower()) in text.lower() for i in inputs_of(entry)
                    ), entry.name
    assert {"unsharp-mask", "linearize"} <= {e.name for e in image_operations()}
    assert {"mtf-edge", "dqe", "grid-factors"} <= {e.name for e in measurements("process", "quality")}


def test_python_command_chain_and_recipe_give_the_same_pixels(dicom, here, capsys, monkeypatch):
    assert main(["process", "unsharp-mask", str(dicom), str(here / "out"), *USM, "--workers", "1"]) == 0
    (here / "steps.json").write_text('{"steps": [{"operation": "unsharp-mask", "options": {"radius_mm": 1, "amount": 0.7}}]}')
    assert main(["process", "chain", str(here / "steps.json"), str(dicom), str(here / "chain"), "--workers", "1"]) == 0
    assert main(["run", str(here / "out" / "manifest.json"), "--data", str(dicom)]) == 0
    first = run_folder(here)
    assert main(["run", str(here / "steps.json"), "--data", str(dicom)]) == 0
    second = run_folder(here)
    assert first != second
    for number in range(3):
        wanted = unsharp_mask(gazo.read(dicom / f"I{number}.dcm"), radius_mm=1, amount=0.7)
        places = (here / "out" / f"I{number}.tif", here / "chain" / f"I{number}.tif")
        runs = (first / "images" / f"000{number + 1}.tif", second / "images" / f"000{number + 1}.tif")
        for path in (*places, *runs):
            found = gazo.read(path)
            np.testing.assert_array_equal(found.pixels, wanted.pixels)
            assert found.spacing_mm == wanted.spacing_mm
    capsys.readouterr()
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    assert main(["rerun", first.name]) == 0
    assert main(["report", first.name, "--language", "ja"]) == 0
    assert "研究報告" in (first / "report.html").read_text("utf-8")


def test_a_planted_name_reaches_nothing(dicom, here):
    assert (
        main(["process", "gaussian", str(dicom), str(here / "out"), "--sigma-px", "1", "--file-bits", "16", "--workers", "1"])
        == 0
    )
    assert main(["run", str(here / "out" / "manifest.json"), "--data", str(dicom)]) == 0
    written = [f for f in (*(here / "out").rglob("*"), *run_folder(here).rglob("*")) if f.is_file()]
    assert len([f for f in written if f.suffix == ".dcm"]) == 6
    for file in written:
        content = file.read_bytes()
        for word in (NAME, "YAMADA", PATIENT_ID, "SECRET", str(here)):
            assert word.encode() not in content, file.name


def test_a_bad_file_is_named_and_told_by_the_exit_code(dicom, here, capsys):
    (dicom / "I1.dcm").write_bytes((dicom / "I1.dcm").read_bytes()[:3000])
    assert main(["process", "gaussian", str(dicom), str(here / "out"), "--sigma-px", "1", "--workers", "1", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["made"], found["kept"], [f["file"] for f in found["failed"]]) == (2, 0, ["I1.dcm"])
    assert found["failed"][0]["code"].startswith("G-IO-")
    assert (
        main(["process", "gaussian", str(dicom), str(here / "out"), "--sigma-px", "1", "--workers", "1", "--language", "ja"]) == 1
    )
    out, err = capsys.readouterr()
    assert "I1.dcm" in out
    assert "作成済み 2 枚" in out
    assert "Traceback" not in err


def test_one_file_to_one_file_with_a_check(here, capsys):
    rng = np.random.default_rng(0)
    pixels = (np.kron(rng.integers(0, 2, (8, 8)), np.ones((32, 32))) * 1000 + rng.normal(0, 5, (256, 256)) + 500).astype(
        np.uint16
    )
    gazo.write(Image(pixels, spacing_mm=(0.2, 0.2)), here / "a.png")
    words = ["process", "unsharp-mask", str(here / "a.png"), str(here / "b.png"), "--radius-mm", "2", "--amount", "8", "--check"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert "edge_leak" in out
    assert "a.png: Caution: over- or undershoot" in err
    assert gazo.read(here / "b.png").spacing_mm == (0.2, 0.2)
    assert (here / "b.png.manifest.json").exists()
    assert main(words) == 0
    assert "1 made before" in capsys.readouterr().out


def test_maps_stand_beside_the_image_and_numbers_are_told(here, capsys):
    rng = np.random.default_rng(0)
    gazo.write(
        Image(rng.normal(1000, 10, (128, 128)).astype("float32"), spacing_mm=(1, 1), meaning="linear exposure"), here / "a.tif"
    )
    assert main(["process", "virtual-grid", str(here / "a.tif"), str(here / "b.tif")]) == 0
    assert {p.name for p in here.glob("b-*.tif")} == {"b-primary.tif", "b-scatter.tif", "b-thickness.tif"}
    assert "scatter_fraction" in capsys.readouterr().out


def test_two_single_images_need_not_be_called_the_same(here):
    for number, name in enumerate(("new", "old")):
        gazo.write(Image(np.full((40, 40), 100 + number, np.uint16)), here / f"{name}.png")
    assert main(["process", "difference-image", str(here / "old.png"), str(here / "new.png"), str(here / "d.tif")]) == 0
    assert gazo.read(here / "d.tif").pixels.max() == -1


def test_further_inputs_of_a_chain(here, capsys):
    for name in ("a", "b"):
        gazo.write(Image(np.random.default_rng(3).integers(0, 99, (40, 40)).astype(np.uint16)), here / f"{name}.png")
    (here / "s.json").write_text(
        '{"steps": [{"operation": "gaussian", "options": {"sigma_px": 1}}, {"operation": "difference-image"}]}'
    )
    words = ["process", "chain", str(here / "s.json"), str(here / "a.png"), str(here / "d.tif")]
    assert main(words) == 1
    assert "G-CLI-020" in capsys.readouterr().err
    assert main([*words, "--input", f"processed={here / 'b.png'}"]) == 0
    image = gazo.read(here / "a.png")
    wanted = image.pixels.astype("float32") - gaussian(image, sigma_px=1).pixels
    np.testing.assert_allclose(gazo.read(here / "d.tif").pixels, wanted, atol=1e-4)
    assert main(["run", str(here / "s.json"), "--data", str(here / "a.png")]) == 1
    assert "G-RUN-039" in capsys.readouterr().err


WRONG = {
    "nothing there": (["gaussian", "no.png", "out"], "G-IO-001"),
    "no spacing": (["unsharp-mask", "plain.png", "out.tif"], "G-IMG-003"),
    "option out of its limits": (["gaussian", "plain.png", "out.tif", "--sigma-px", "-1"], "G-OPT-002"),
    "unknown kind of file": (["gaussian", "plain.png", "out", "--sigma-px", "1", "--file-kind", "bmp"], "G-OPT-001"),
    "over itself": (["gaussian", "plain.png", "plain.png", "--sigma-px", "1"], "G-RUN-032"),
    "over another file": (["gaussian", "plain.png", "mine.tif", "--sigma-px", "1"], "G-RUN-033"),
    "a rule for RAW that is none": (["gaussian", "plain.png", "out", "--raw", "10x10:uint99"], "G-OPT-001"),
    "a curve that is none": (["unsharp-mask", "plain.png", "out.tif", "--density-curve", "words.csv"], "G-RUN-027"),
    "an option beside 'options' of a step": (["chain", "steps.json", "plain.png", "out.tif"], "G-RUN-041"),
    "a run that is none": (["unsharp-mask", "plain.png", "out.tif", "--density-curve", "run:x/y"], "G-RUN-001"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_sentence_with_a_code(name, language, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    gazo.write(Image(np.arange(100, dtype=np.uint8).reshape(10, 10)), "plain.png")
    (here / "mine.tif").write_bytes(b"mine")
    (here / "words.csv").write_text("a,b\nx,y\n")
    (here / "steps.json").write_text('{"steps": [{"operation": "gaussian", "sigma_px": 1}]}')
    words, code = WRONG[name]
    assert main(["process", *words, "--language", language]) == 1
    out, err = capsys.readouterr()
    assert code in out + err
    assert "Traceback" not in err
    assert (here / "mine.tif").read_bytes() == b"mine"
    assert not (here / "out.tif").exists()


@pytest.mark.slow
def test_a_cluster_gives_the_same_pixels(dicom, here):
    pytest.importorskip("distributed", reason="the cluster is Dask, which gazo[cluster] brings")
    words = [sys.executable, "-W", "ignore", "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*words, "--host", "127.0.0.1"], stderr=subprocess.PIPE, text=True)
    address = next(line.split("Scheduler at:")[1].strip() for line in scheduler.stderr if "Scheduler at:" in line)
    words = [sys.executable, "-W", "ignore", "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    worker = subprocess.Popen([*words, "--no-nanny"], stderr=subprocess.DEVNULL)
    try:
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "gazo.cli.main",
            "process",
            "unsharp-mask",
            str(dicom),
            str(here / "dask"),
            *USM,
        ]
        done = subprocess.run([*command, "--dask", address], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert main(["process", "unsharp-mask", str(dicom), str(here / "here"), *USM, "--workers", "1"]) == 0
        for path in (here / "here").glob("*.tif"):
            assert path.read_bytes() == (here / "dask" / path.name).read_bytes()
    finally:
        worker.terminate()
        worker.wait(20)
        scheduler.terminate()
        scheduler.wait(20)
        scheduler.stderr.close()
