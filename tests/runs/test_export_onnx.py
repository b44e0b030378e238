"""ONNX gives the probabilities of PyTorch; the export says so itself, and refuses what differs."""

import json
from importlib import import_module

import numpy as np
import pytest

from gazo.core.errors import MissingError, RunError
from gazo.core.imageset import ImageSet

export = import_module("gazo.runs.export_onnx")  # the room exports a function of this name
pytestmark = pytest.mark.slow


def taught(network="lenet", classes=2, **options):
    """A network that learned one epoch of noise; what it says matters, not whether it is right."""
    from gazo.learn import Classifier

    rng = np.random.default_rng(0)
    images = rng.integers(0, 4096, (16, 32, 32)).astype(np.uint16)
    set_ = ImageSet.from_arrays(images, [f"class {n % classes}" for n in range(16)])
    spec = Classifier(network=network, size_px=32, epochs=1, device="cpu", **options)
    return spec.fit(set_, seed=0, validation_share=0), set_


@pytest.mark.parametrize(
    ("network", "options"), [("lenet", {"mirror": True}), ("small_resnet", {}), ("small_resnet", {"classes": 3})]
)
def test_the_model_says_what_gazo_says(tmp_path, network, options):
    onnxruntime = pytest.importorskip("onnxruntime")
    from gazo.learn.classify.fitted import FittedClassifier
    from gazo.training.pixels import prepare

    first, images = taught(network, **options)
    second, _ = taught(network, **options)
    both = FittedClassifier(first.spec, first.classes, (first.nets[0], second.nets[0]), 0, (0.4,))
    folder = both.save(tmp_path / "model")
    made = export.export_onnx(folder, tmp_path / "model.onnx")
    assert made.largest_difference <= 1e-4
    assert made.images >= 8
    with prepare(images, **both.spec.input_options()) as pixels:
        wanted = both.probabilities(pixels, range(16))
        given = pixels.read(range(16)).numpy()
    session = onnxruntime.InferenceSession(str(made.path), providers=["CPUExecutionProvider"])
    (said,) = session.run(None, {"images": given})
    assert np.abs(said - wanted).max() <= 1e-4
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["classes"]) == list(both.classes)
    assert facts["size_px"] == "32"


def test_a_model_that_differs_is_not_written(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    fitted, _ = taught()
    folder = fitted.save(tmp_path / "model")
    right = export._said_by_onnx
    monkeypatch.setattr(export, "_said_by_onnx", lambda *given: right(*given) + 2e-4)
    with pytest.raises(RunError, match="G-EXP-015"):
        export.export_onnx(folder, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_without_the_packages_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"gazo\[onnx\]"):
        export.export_onnx(tmp_path, tmp_path / "model.onnx")
