"""Networks timed and judged in one table; the merged form of RepVGG says what its training form says."""

import numpy as np
import pytest
import torch

from gazo.core import ImageSet, OptionError, from_json, to_json
from gazo.learn import NetworkSpeed, Protocol
from gazo.learn.classify.speed import largest_difference
from gazo.nets import create, fuse
from gazo.runs.sections import sections

QUICK = {"size_px": 32, "batch_size": 4, "timed": 3, "device": "cpu", "epochs": 1, "baseline": False}


def images():
    pixels = np.random.default_rng(0).integers(0, 255, (24, 32, 32), dtype=np.uint8)
    pixels[::2, 8:16, 8:16] //= 2
    return ImageSet.from_arrays(pixels, ["a", "b"] * 12, list(range(24)))


@pytest.fixture(scope="module")
def study():
    spec = NetworkSpeed(**QUICK, networks=("lenet", "small_cnn"))
    return spec.study(images(), Protocol(evaluation="held-out"), seed=0)


def test_speed_and_merit_stand_in_one_table(study):
    assert [row[0].en for row in study.table.rows] == ["lenet", "small_cnn"]
    for row, judged, rate in zip(study.table.rows, study.comparison.table.rows, study.prediction, strict=True):
        assert row[1] == judged[1]
        assert row[4:7] == judged[2:5]
        assert row[2] > 0
        assert rate.low <= row[3] == rate.value <= rate.high


def test_the_report_has_the_table(study):
    made = {section.key: section for section in sections(study)}
    assert made["speed"].tables == (study.table,)
    assert study.machine in made["speed"].sentences
    assert to_json(from_json(to_json(study))) == to_json(study)


def test_repvgg_merged_says_the_same():
    """After a pass in training mode, when the means and variances of the normalisation are no longer 0 and 1."""
    torch.manual_seed(0)
    net, batch = create("repvgg_a0", classes=2, channels=1, size_px=32), torch.randn(4, 1, 32, 32)
    with torch.no_grad():
        net.train()(batch)
    merged = fuse(net)
    assert 0 < largest_difference(net, merged, batch) < 1e-5
    assert sum(p.numel() for p in merged.parameters()) < sum(p.numel() for p in net.parameters())


def test_one_network_is_no_comparison():
    with pytest.raises(OptionError, match="G-LEARN-007"):
        NetworkSpeed(networks=("lenet",)).preflight(images(), Protocol(), seed=0)
