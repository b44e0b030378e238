"""ONNX models of segmenters, noise networks, super-resolvers and regressors: the numbers of PyTorch, at other sizes too."""

import json
from importlib import import_module

import numpy as np
import onnxruntime
import pytest
import torch

from gazo.core.errors import RunError

export = import_module("gazo.runs.export_onnx")  # the room exports a function of this name


def answer(path, images):
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    return session.run(None, {"images": images.astype(np.float32)})[0], facts


def stirred(net):
    """Weights that are not zero anywhere, so that the answer depends on the image."""
    torch.manual_seed(0)
    with torch.no_grad():
        for value in net.parameters():
            value.add_(0.05 * torch.randn_like(value))
    return net.eval()


def test_super_resolution_of_any_size(tmp_path):
    from gazo.learn.estimate import SuperResolver
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

    spec = SuperResolver(network="srcnn-9-1-5")
    fitted = FittedSuperResolver(spec, tuple(stirred(spec.build(seed=n)) for n in (0, 1)), 0)
    fitted.save(tmp_path / "model")
    export.export_onnx(tmp_path / "model", tmp_path / "m.onnx")
    plane = np.random.default_rng(0).random((61, 45)).astype(np.float32)
    said, facts = answer(tmp_path / "m.onnx", plane[None, None])
    assert np.allclose(said[0, 0], fitted.restored(plane), atol=1e-5)
    assert facts["factor"] == "2"


def test_noise_network_of_any_size(tmp_path):
    from gazo.learn.denoise import FittedNoiseNetwork, NoiseNetwork

    spec = NoiseNetwork(depth=2, width=4)
    fitted = FittedNoiseNetwork(spec, (stirred(spec.build(seed=0)),), 0)
    fitted.save(tmp_path / "model")
    export.export_onnx(tmp_path / "model", tmp_path / "m.onnx")
    plane = np.random.default_rng(0).standard_normal((1, 1, 96, 72)).astype(np.float32)
    said, facts = answer(tmp_path / "m.onnx", plane)
    with torch.inference_mode():
        assert np.allclose(said, fitted.nets[0](torch.from_numpy(plane)).numpy(), atol=1e-5)
    assert facts["multiple_of"] == "4"


def segmenter(sides):
    from gazo.learn.segment import Segmenter
    from gazo.learn.segment.fitted import FittedSegmenter
    from gazo.learn.segment.plan import SegmentationPlan

    spec = Segmenter(width=4, depth=3, mirror="horizontal")
    plans = tuple(SegmentationPlan(2, True, (side, side), 2, ((2, 2), (2, 2)), ((3, 3),) * 3) for side in sides)
    nets = tuple(stirred(spec.build(3, plan, seed=n)) for n, plan in enumerate(plans))
    return FittedSegmenter(spec, ("肺", "心臓"), plans, nets, 0)


def test_segmenter_gives_the_shares_of_its_structures(tmp_path):
    from gazo.learn.segment.infer import shares_of

    fitted = segmenter((32,))
    fitted.save(tmp_path / "model")
    export.export_onnx(tmp_path / "model", tmp_path / "m.onnx")
    pixels = np.random.default_rng(0).standard_normal((1, 1, 32, 32)).astype(np.float32)
    said, facts = answer(tmp_path / "m.onnx", pixels)
    assert np.allclose(said[0], shares_of(fitted.nets, pixels, fitted.plans[0], mirror="horizontal")[:, 0], atol=1e-5)
    assert np.allclose(said.sum(1), 1, atol=1e-5)
    assert json.loads(facts["structures"]) == ["肺", "心臓"]


def test_what_is_no_one_network_is_refused():
    families = import_module("gazo.runs.export_onnx_families")
    with pytest.raises(RunError, match="G-EXP-036"):
        families.exportable(segmenter((32, 48)), "segment")
    with pytest.raises(RunError, match=r"G-EXP-035.*gazo export weights"):
        families.exportable(object(), "detect")
