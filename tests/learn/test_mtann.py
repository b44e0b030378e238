"""The MTANN: its network, its teaching image, its score, and that it tells blobs from bars."""

import json

import numpy as np
import pytest
import torch

from gazo.core import DataError, ImageSet, OptionError, from_json, to_json
from gazo.learn import Protocol, load
from gazo.learn.mtann import MassiveTraining
from gazo.learn.mtann.fitted import Scale
from gazo.nets.mtann import MTANN
from gazo.training.pixels import prepare

QUICK = {"size_px": 24, "hidden": 6, "taught_px": 11, "sigma_px": 3.0, "device": "cpu", "positive": "nodule"}


def candidates(count=24, seed=0, noise=0.1):
    """Round blobs (nodule) and bars of any direction (rib), two a patient."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-12:12, -12:12] + 0.5
    made = np.empty((count, 24, 24), np.float32)
    for number in range(count):
        angle = rng.uniform(0, np.pi)
        across = (x * np.sin(angle) + y * np.cos(angle)) ** 2
        made[number] = np.exp(-(x**2 + y**2 if number % 2 else across) / 18) + rng.normal(0, noise, (24, 24))
    labels = ["nodule" if number % 2 else "rib" for number in range(count)]
    return ImageSet.from_arrays(made, labels, [f"patient {number // 2}" for number in range(count)])


@pytest.fixture(scope="module")
def fitted():
    return MassiveTraining(**QUICK, epochs=60).fit(candidates(), seed=0, validation_share=0)


def test_the_network_is_the_perceptron_of_each_region():
    """The output at one pixel: linear unit over sigmoids of weights (sum 0) x region."""
    torch.manual_seed(0)
    net = MTANN(region_px=5, hidden=3)
    image = torch.randn(1, 1, 12, 12)
    region = image[0, 0, 4:9, 3:8].flatten()
    weights = net.look.weight.flatten(1) - net.look.weight.flatten(1).mean(1, keepdim=True)
    hidden = torch.sigmoid(weights @ region + net.look.bias)
    expected = net.say.weight.flatten() @ hidden + net.say.bias
    assert net(image)[0, 0, 6, 5].item() == pytest.approx(expected.item(), abs=1e-6)
    assert net(image).shape == image.shape


def test_a_level_does_not_change_the_output():
    net, image = MTANN(), torch.randn(1, 1, 20, 20)
    assert torch.allclose(net(image), net(image + 100), atol=1e-3)


def test_the_teaching_image_is_the_gaussian():
    spec = MassiveTraining(**QUICK)
    bell = spec.bell()
    r2 = (3 - 11.5) ** 2 + (7 - 11.5) ** 2
    assert bell[3, 7] == pytest.approx(np.exp(-r2 / 18))
    assert (spec.inner().stop - spec.inner().start, bell.shape) == (11, (24, 24))


def test_the_score_is_the_weighted_mean_of_the_output(fitted):
    with prepare(candidates(4), size_px=24, channels=1) as pixels:
        maps, scores = fitted.maps(pixels, np.arange(4)), fitted.scores(pixels, np.arange(4))
    bell = fitted.spec.bell()
    assert scores == pytest.approx((maps * bell).sum((1, 2)) / bell.sum(), rel=1e-5)


def test_it_tells_blobs_from_bars_it_never_saw(fitted):
    study = fitted.evaluate(candidates(40, seed=9))
    assert study.metrics[0].value > 0.95
    with prepare(candidates(40, seed=9), size_px=24, channels=1) as pixels:
        maps = fitted.maps(pixels, np.arange(40))
    middle = maps[:, 9:15, 9:15].mean((1, 2))
    assert middle[1::2].mean() > middle[::2].mean() + 0.2


@pytest.mark.parametrize(("sensitivity", "kept"), [(1.0, 100), (0.9, 90), (0.977, 98)])
def test_the_threshold_keeps_the_sensitivity(sensitivity, kept):
    scores = np.concatenate([np.random.default_rng(0).normal(1, 1, 100), np.random.default_rng(1).normal(-1, 1, 100)])
    truth = np.repeat([1, 0], 100)
    scale = Scale.of(truth, scores, sensitivity, seed=0)
    assert int((scale.probability(scores[:100]) >= scale.threshold).sum()) == kept
    assert scale.probability(np.array([3.0])) > scale.probability(np.array([-3.0]))


def test_a_saved_mtann_says_the_same(fitted, tmp_path):
    again = load(fitted.save(tmp_path / "model"))
    assert again.predict(candidates(6)) == fitted.predict(candidates(6))
    assert again.spec == fitted.spec


def test_the_same_seed_gives_the_same_network():
    first, again, other = (MassiveTraining(**QUICK, epochs=2).fit(candidates(8), seed=s, validation_share=0) for s in (1, 1, 2))
    assert first.predict(candidates(6)) == again.predict(candidates(6)) != other.predict(candidates(6))


def test_a_study_judges_every_candidate_and_can_be_resumed(tmp_path, monkeypatch):
    spec = MassiveTraining(**QUICK, epochs=20)
    given = {"seed": 0, "folder": tmp_path}
    study = spec.study(candidates(), Protocol(evaluation="folds", folds=2), **given)
    assert [row[0] for row in study.predictions.rows] == list(range(24))
    assert study.classes == ("rib", "nodule")
    assert "patient 1" not in json.dumps(to_json(study))
    monkeypatch.setattr(MassiveTraining, "fit_prepared", lambda *a, **k: pytest.fail("trained again"))
    again = spec.study(candidates(), Protocol(evaluation="folds", folds=2), **given)
    assert to_json(again) == to_json(study) == to_json(from_json(to_json(study)))
    assert len(load(tmp_path).nets) == 2


def test_output_images_are_shown(fitted):
    panels = fitted.explain(candidates(4))
    assert (len(panels.images), len(panels.overlays)) == (4, 4)


def test_what_cannot_be_learned_is_told():
    three = ImageSet.from_arrays(np.zeros((6, 24, 24)), ["a", "b", "c"] * 2, list(range(6)))
    with pytest.raises(DataError, match="G-DEN-008"):
        MassiveTraining(size_px=24).preflight(three, Protocol(), seed=0)
    with pytest.raises(OptionError, match="G-DEN-007"):
        MassiveTraining(size_px=24, region_px=8).preflight(candidates(), Protocol(), seed=0)
    spec = MassiveTraining(**QUICK)
    with prepare(candidates(4), size_px=24, channels=1) as pixels, pytest.raises(DataError, match="G-DEN-006"):
        spec.fit_prepared(pixels, np.ones(4, int), ("rib", "nodule"), np.arange(4), np.arange(0), seed=0)
