"""Measurements in a study: their images travel by content, or are found again at the colleague's, and the numbers are the same."""

import json
import zipfile

import numpy as np
import pytest

import gazo
from gazo.cli.main import main
from gazo.core import Image
from gazo.runs.ownership import read_status
from gazo.runs.worker import work


@pytest.fixture
def sent(tmp_path, monkeypatch):
    """A study of two runs: CNR of one image with two masks, and the DQE of two curves."""
    monkeypatch.setattr("gazo.cli.finish.run", lambda folder, on_event: work(folder) or read_status(folder))
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "mine"))
    images = tmp_path / "山田"
    images.mkdir()
    pixels = np.random.default_rng(0).normal(100, 5, (64, 64)).astype("float32")
    pixels[:32] += 20
    for name, array in (("image", pixels), ("signal", np.eye(2) @ [[1], [0]]), ("background", np.eye(2) @ [[0], [1]])):
        whole = array if name == "image" else np.kron(array, np.ones((32, 64))).astype(np.uint8)
        gazo.write(Image(whole, spacing_mm=(0.2, 0.2)), images / f"{name}.tif")
    for name, ys in (("mtf", (1, 0.5)), ("nnps", (1e-5, 1e-5))):
        (tmp_path / f"{name}.csv").write_text(f"f,y\n0.5,{ys[0]}\n1.0,{ys[1]}\n")
    assert main(["measure", "cnr", *(str(images / f"{n}.tif") for n in ("image", "signal", "background")), "--name", "cnr"]) == 0
    curves = ["--mtf", str(tmp_path / "mtf.csv"), "--nnps", str(tmp_path / "nnps.csv")]
    assert main(["measure", "dqe", *curves, "--kerma-ugy", "2", "--name", "dqe"]) == 0
    assert main(["study", "new", "S"]) == 0
    assert main(["study", "add", "S", *(run.name for run in (tmp_path / "mine" / "runs").iterdir())]) == 0
    return tmp_path


def runs(place):
    return {folder.name.split("-")[2]: folder for folder in (place / "runs").iterdir()}


@pytest.mark.parametrize("images", [True, False])
def test_a_colleague_gets_the_same_numbers(sent, monkeypatch, images, capsys):
    assert main(["study", "export", "S", str(sent / "S.zip"), *(["--images"] if images else [])]) == 0
    with zipfile.ZipFile(sent / "S.zip") as archive:
        names = archive.namelist()
        assert sum("/input/" in name for name in names) == (3 if images else 0)
        assert not any("山田" in name or "signal" in name for name in names)
    place = sent / "theirs"
    monkeypatch.setenv("GAZO_HOME", str(place))
    capsys.readouterr()
    found = [] if images else ["--data", str(sent / "山田")]
    assert main(["study", "import", str(sent / "S.zip"), *found, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == {}
    for name, folder in runs(place).items():
        before = (folder / "results.json").read_bytes()
        (folder / "results.json").unlink()
        work(folder)
        assert (folder / "results.json").read_bytes() == before, name


def test_what_did_not_come_along_is_told(sent, monkeypatch, capsys):
    assert main(["study", "export", "S", str(sent / "S.zip")]) == 0
    monkeypatch.setenv("GAZO_HOME", str(sent / "theirs"))
    capsys.readouterr()
    assert main(["study", "import", str(sent / "S.zip"), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["missing"]) == 3


def test_images_that_changed_are_not_packed(sent, capsys):
    gazo.write(Image(np.zeros((64, 64), np.float32)), sent / "山田" / "image.tif")
    assert main(["study", "export", "S", str(sent / "S.zip"), "--images"]) == 1
    assert "G-STU-010" in capsys.readouterr().err
    assert not (sent / "S.zip").exists()


def test_identified_dicom_is_not_packed(sent, capsys):
    import shutil

    from pydicom.data import get_testdata_file

    shutil.copy(get_testdata_file("CT_small.dcm", download=False), sent / "a.dcm")
    assert main(["measure", "snr", str(sent / "a.dcm"), "--name", "snr"]) == 0
    assert main(["study", "add", "S", runs(sent / "mine")["snr"].name]) == 0
    assert main(["study", "export", "S", str(sent / "S.zip"), "--images"]) == 1
    assert "G-STU-012" in capsys.readouterr().err
