"""`gazo predict` with images: masks and restored images beside the names of their inputs, in the kind asked for."""

import json
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pydicom
import pytest

import gazo
from gazo.cli.main import main
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.progress import quiet
from gazo.core.results import Table
from gazo.learn import saved
from gazo.runs.export_runs import family_of, is_learned


class Fake:
    """A model that finds what is brighter than 100, or smooths."""

    structures = ("肺", "心臓")

    def __init__(self, masks):
        self.masks = masks

    def predict(self, images, *, on_event=quiet):
        return Table(Text("表", "table"), (Text("ファイル", "file"),), tuple((name,) for name in images.role("image")))

    def made(self, images, *, on_event=quiet):
        for row, image in images.stream(faults=[]):
            pixels = np.asarray(image.pixels)
            if self.masks:
                labels = (pixels > 100).astype(np.uint8) + (pixels > 200)
                yield row, replace(image, pixels=labels.astype(np.uint8), meaning="mask", inverted=False, window=None)
            else:
                yield row, image.with_pixels(pixels.astype(np.float32) / 2)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder of a model of a family of its own."""
    module = ModuleType("fake_family")
    module.kind = "masks"
    module.load = lambda folder, *, trust_file=False: (
        Fake(True) if module.kind == "masks" else Fake(False) if module.kind == "images" else object()
    )
    monkeypatch.setitem(sys.modules, "fake_family", module)
    monkeypatch.setitem(saved.LOADERS, "fake", "fake_family:load")
    folder = tmp_path / "runs" / "fake"
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text("{}")
    (folder / "model.json").write_text(json.dumps({"method": "fake"}))
    return folder, module


@pytest.fixture
def images(tmp_path):
    """A PNG, a DICOM radiograph and a volume, below folders."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data"
    (folder / "胸部").mkdir(parents=True)
    flat = Image(rng.integers(0, 256, (20, 30)).astype(np.uint8), spacing_mm=(0.2, 0.3))
    gazo.write(flat, folder / "胸部" / "a.png")
    gazo.write(replace(flat, modality="DX"), folder / "胸部" / "b.dcm")
    volume = Image(
        rng.integers(0, 256, (4, 8, 9)).astype(np.int16),
        spacing_mm=(3.0, 1.0, 1.5),
        orientation=(1.0, 0, 0, 0, 1.0, 0),
        origin_mm=(4.0, 5.0, 6.0),
    )
    gazo.write(volume, folder / "c.nii.gz")
    return folder


def test_masks_lie_in_the_geometry_of_their_images(run, images, tmp_path, capsys):
    assert main(["predict", str(run[0]), str(images), "--images", str(tmp_path / "out"), "--workspace", str(tmp_path)]) == 0
    assert sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")) == [
        "c.nii.gz",
        "胸部/a.png",
        "胸部/b.png",
    ]
    for name, made in (("胸部/a.png", "胸部/a.png"), ("c.nii.gz", "c.nii.gz")):
        image, mask = gazo.read(images / name), gazo.read(tmp_path / "out" / made)
        assert np.array_equal(mask.pixels, (np.asarray(image.pixels) > 100).astype(int) + (np.asarray(image.pixels) > 200))
        assert (mask.spacing_mm, mask.orientation, mask.origin_mm) == (image.spacing_mm, image.orientation, image.origin_mm)
    assert "3" in capsys.readouterr().out


def test_a_segmentation_refers_to_its_radiograph(run, images, tmp_path, capsys):
    where = ["--workspace", str(tmp_path)]
    assert (
        main(["predict", str(run[0]), str(images / "胸部" / "b.dcm"), "--images", str(tmp_path / "out"), "--kind", "seg", *where])
        == 0
    )
    masks = gazo.read_masks(tmp_path / "out" / "b.dcm", images / "胸部" / "b.dcm")
    pixels = np.asarray(gazo.read(images / "胸部" / "b.dcm").pixels)
    assert list(masks) == ["肺", "心臓"]
    assert np.array_equal(masks["心臓"].pixels, pixels > 200)
    assert pydicom.dcmread(tmp_path / "out" / "b.dcm").SegmentSequence[0].SegmentAlgorithmType == "AUTOMATIC"
    assert (
        main(["predict", str(run[0]), str(images / "胸部" / "a.png"), "--images", str(tmp_path / "out"), "--kind", "seg", *where])
        != 0
    )
    assert "G-IO-128" in capsys.readouterr().err
    assert (
        main(["predict", str(run[0]), str(images / "胸部" / "a.png"), "--images", str(tmp_path / "out"), "--kind", "dcm", *where])
        != 0
    )
    assert "G-EXP-031" in capsys.readouterr().err


def test_restored_images_keep_values_and_geometry(run, images, tmp_path, capsys):
    run[1].kind = "images"
    where = ["--images", str(tmp_path / "out"), "--workspace", str(tmp_path)]
    assert main(["predict", str(run[0]), str(images), "--out", str(tmp_path / "t.csv"), *where]) == 0
    assert (tmp_path / "t.csv").exists()
    for name, made in (("胸部/a.png", "胸部/a.tif"), ("c.nii.gz", "c.nii.gz")):
        image, restored = gazo.read(images / name), gazo.read(tmp_path / "out" / made)
        assert np.allclose(restored.pixels, np.asarray(image.pixels) / 2)
        assert restored.spacing_mm == image.spacing_mm
    assert main(["predict", str(run[0]), str(images), "--kind", "rtstruct", *where]) != 0
    assert "G-EXP-032" in capsys.readouterr().err


def test_a_model_without_images_says_so(run, images, tmp_path, capsys):
    run[1].kind = "table"
    assert main(["predict", str(run[0]), str(images), "--images", str(tmp_path / "out"), "--workspace", str(tmp_path)]) != 0
    assert "G-EXP-030" in capsys.readouterr().err


def test_a_run_of_any_family_counts_as_learned(run, tmp_path):
    assert is_learned(run[0])
    assert family_of(run[0]) == "fake"
    (tmp_path / "runs" / "fold" / "folds" / "repeat0-fold0").mkdir(parents=True)
    assert not is_learned(tmp_path / "runs" / "fold")
    (tmp_path / "runs" / "fold" / "folds" / "repeat0-fold0" / "classifier.json").write_text(json.dumps({"method": "classify"}))
    assert family_of(tmp_path / "runs" / "fold") == "classify"
