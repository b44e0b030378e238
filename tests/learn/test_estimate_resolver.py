"""Super-resolution the whole way, on small images whose truth is known."""

import json

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gazo.core import DataError, Image, ImageSet, from_json, to_json
from gazo.datasets import pictures
from gazo.learn import Protocol, SuperResolver, load
from gazo.learn.estimate.cubic import cubic_resize
from gazo.learn.estimate.patches import Cutting, PatchFeed, patch_pairs
from gazo.learn.estimate.sharpness import edge_places, edge_widths, laplacian_energy, radial_power

QUICK = {
    "depth": 3,
    "width": 16,
    "epochs": 3,
    "patch_px": 24,
    "stride_px": 12,
    "batch_size": 4,
    "learning_rate": 3e-3,
    "device": "cpu",
}


def discs(count=6, side=72, seed=0):
    """Discs with a blur of 0.7 pixels on a soft ground: what bicubic enlargement blurs more and a network can give back."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    planes = []
    for _ in range(count):
        plane = gaussian_filter(rng.normal(size=(side, side)), 12) * 150 + 100
        for row, column, radius, step in rng.uniform((6, 6, 3, -60), (side - 6, side - 6, 10, 60), (8, 4)):
            plane = plane + step * (np.hypot(y - row, x - column) < radius)
        planes.append(plane)
    return np.clip(np.stack([gaussian_filter(plane, 0.7) for plane in planes]), 0, 255).astype(np.uint8)


def images(**more):
    return ImageSet.from_arrays(discs(), patients=[f"patient {i // 2}" for i in range(6)], name="discs", **more)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resolver")
    spec = SuperResolver(**{**QUICK, "epochs": 10})
    return spec, folder, spec.study(images(), Protocol(evaluation="folds", folds=2, validation_share=0), seed=0, folder=folder)


@pytest.fixture(scope="module")
def fitted():
    return SuperResolver(**QUICK).fit(images(), seed=0, validation_share=0.3)


def test_a_few_seconds_beat_bicubic_enlargement(judged):
    _, _, study = judged
    assert study.gains[0].low > 0
    assert study.metrics[0].name.en == "PSNR" == study.baseline_metrics[0].name.en
    assert study.against_baseline.difference.value == pytest.approx(study.gains[0].value)
    assert study.metrics[4].value > study.baseline_metrics[4].value  # power of the lost band
    assert [row[0] for row in study.predictions.rows] == list(range(6))


def test_spectra_lie_between_bicubic_and_truth_where_it_was_lost(judged):
    truth, bicubic, estimate = judged[2].spectra
    lost = truth.x > 0.3
    assert (bicubic.y[lost] < truth.y[lost]).all()
    assert (estimate.y[lost] > bicubic.y[lost]).mean() > 0.8


def test_no_patient_name_and_every_digit_in_the_result(judged):
    text = json.dumps(to_json(judged[2]), ensure_ascii=False)
    assert "P0001" in text
    assert "patient 1" not in text
    assert json.dumps(to_json(from_json(json.loads(text))), ensure_ascii=False) == text


def test_a_stored_study_is_read_again(judged):
    spec, folder, study = judged
    again = spec.study(images(), Protocol(evaluation="folds", folds=2, validation_share=0), seed=0, folder=folder)
    assert again.metrics == study.metrics
    assert len(load(folder).nets) == 2


def test_fit_predict_save_load(fitted, tmp_path):
    assert "validation_loss" in fitted.histories[0].rows[0]
    others = ImageSet.from_arrays(discs(2, seed=5), spacing_mm=(0.2, 0.2))
    restored = load(fitted.save(tmp_path / "保存"))
    rows = restored.predict(others).rows
    assert rows == fitted.predict(others).rows == ((0, 72, 72, 144, 144, 0.1), (1, 72, 72, 144, 144, 0.1))
    pairs = zip(fitted.made(others), restored.made(others), strict=True)
    assert all(np.array_equal(a[1].pixels, b[1].pixels) for a, b in pairs)
    assert [panel.shape for panel in fitted.explain(others).images] == [(144, 144)] * 2
    assert fitted.evaluate(others).metrics[0].value > 20


def test_the_enlarged_image_lies_where_the_image_lay(fitted):
    image = Image(
        discs(1)[0].astype(np.uint16) * 16,
        spacing_mm=(0.4, 0.2),
        orientation=(1, 0, 0, 0, 1, 0),
        origin_mm=(10.0, 20.0, 5.0),
        modality="DX",
    )
    made = fitted.enlarge(image)
    assert (made.pixels.shape, made.pixels.dtype, made.modality) == ((144, 144), np.uint16, "DX")
    assert made.spacing_mm == (0.2, 0.1)
    assert made.origin_mm == pytest.approx((10 - 0.05, 20 - 0.1, 5))  # the corner of the first pixel stays
    corner = [o - s / 2 for o, s in zip(image.origin_mm, (0.2, 0.4), strict=False)]
    assert [o - s / 2 for o, s in zip(made.origin_mm, (0.1, 0.2), strict=False)] == pytest.approx(corner)
    assert "super_resolution" in str(made.history[-1])


def test_colour_keeps_its_hue(fitted):
    grey = discs(1)[0]
    rgb = np.stack([grey, grey // 2, grey // 3], -1)
    made = fitted.enlarge(Image(rgb, colour=True))
    assert (made.pixels.shape, made.pixels.dtype) == ((144, 144, 3), np.uint8)
    small = made.pixels.reshape(72, 2, 72, 2, 3).mean((1, 3))
    assert np.abs(small - rgb).mean() < 6


@pytest.mark.parametrize("network", ["srcnn-9-1-5", "vdsr-light"])
def test_tiles_have_no_seams(network, monkeypatch):
    from gazo.learn.estimate import fitted_resolver
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

    spec = SuperResolver(network=network, depth=4, width=4)
    net = spec.build(seed=1)
    for parameter in net.parameters():
        parameter.data.normal_(0, 0.1)
    one = FittedSuperResolver(spec, (net,), 0)
    plane = np.random.default_rng(0).random((90, 70), np.float32)
    whole = one.restored(plane)
    monkeypatch.setattr(fitted_resolver, "TILE_PX", 32)
    assert np.abs(one.restored(plane) - whole).max() < 1e-6


def test_multi_scale_options_and_seeds():
    several = SuperResolver(**{**QUICK, "epochs": 1}, all_factors=True)
    assert several.factors == (2, 3, 4)
    first, again, other = (
        SuperResolver(**{**QUICK, "epochs": 1})
        .fit(images(), seed=seed, validation_share=0)
        .restored(np.eye(40, dtype=np.float32))
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_pairs_come_from_the_same_place_and_turn_together():
    cut = Cutting((2, 3), 24, 24, 4, 0)
    with patch_pairs(images(), cut) as pairs:
        assert (pairs.count, pairs.image.tolist()[:9]) == (48, [0] * 8 + [1])
        both = pairs.read(range(48))
        assert np.corrcoef(both[:, 0].ravel(), both[:, 1].ravel())[0, 1] > 0.95
        feed = PatchFeed(pairs, np.arange(48), 8, seed=3)
        batches = list(feed.epoch(0))
        assert sum(len(b.images) for b in batches) == 48 == len({id(b) for b in batches}) * 8
        for batch in batches:
            assert np.corrcoef(batch.images.ravel(), batch.targets.ravel())[0, 1] > 0.95
        assert all(np.array_equal(a.images, b.images) for a, b in zip(batches, feed.epoch(0), strict=True))


def test_the_last_layer_of_srcnn_learns_at_the_rate_asked_for():
    """One step of plain SGD: a tenth of the gradient is a tenth of the step."""
    import torch

    steps = {}
    for rate in (1.0, 0.1):
        spec = SuperResolver(network="srcnn-9-1-5", optimizer="sgd", last_layer_rate=rate)
        net = spec.build(seed=0)
        spec._slow_last_layer(net)
        torch.manual_seed(0)
        (net(torch.rand(1, 1, 20, 20)) ** 2).mean().backward()
        steps[rate] = net[5].weight.grad, net[1].weight.grad
    assert torch.allclose(steps[0.1][0], 0.1 * steps[1.0][0])
    assert torch.allclose(steps[0.1][1], steps[1.0][1])


def test_edge_width_of_a_known_blur():
    """A Gaussian blur of sigma s turns a step into erf: 10-90 % is 2 x 1.2816 s."""
    from scipy.special import erf

    y, x = np.mgrid[:64, :64]
    distance = (x - 32) * np.cos(0.3) + (y - 32) * np.sin(0.3)
    for sigma in (0.8, 1.5):
        plane = 0.5 + 0.3 * erf(distance / sigma / np.sqrt(2))
        widths = edge_widths(plane, *edge_places(plane))
        assert np.nanmedian(widths) == pytest.approx(2 * 1.2816 * sigma, abs=0.15)
    assert np.isnan(edge_widths(0.01 * plane, *edge_places(plane))).all()


def test_radial_power_of_white_noise_and_of_a_wave():
    rng = np.random.default_rng(0)
    frequency, power = radial_power(rng.normal(0, 2, (256, 192)))
    assert power[3:].mean() == pytest.approx(4, rel=0.05)
    wave = np.sin(2 * np.pi * 0.25 * np.arange(128)) * np.ones((128, 1))
    frequency, power = radial_power(wave)
    assert frequency[power.argmax()] == pytest.approx(0.25, abs=0.01)
    assert np.isnan(radial_power(np.ones((40, 200)))[1]).all()
    assert laplacian_energy(wave) == pytest.approx(2, rel=0.05)  # (2 sin)^2, mean 2, borders apart


def test_what_cannot_be_learned_or_judged_is_told(fitted):
    tiny = ImageSet.from_arrays(discs(4, side=20), patients=list("aabb"))
    with pytest.raises(DataError, match="G-EST-005"):
        SuperResolver(**QUICK).fit(tiny, seed=0, validation_share=0)
    with pytest.raises(DataError, match="G-EST-008"):
        fitted.evaluate(tiny)
    deep = ImageSet.from_arrays(np.zeros((2, 3, 40, 40)))
    with pytest.raises(DataError, match="G-EST-001"):
        fitted.enlarge(deep[0])
    flat = np.concatenate([discs(2), np.full((1, 72, 72), 9, np.uint8)])
    faulty = ImageSet.from_arrays(flat.astype(np.uint16))
    assert fitted.predict(faulty).notes[0].en.endswith("enlarged: 2")
    study = fitted.evaluate(faulty)
    assert len(study.predictions.rows) == 2
    assert any("G-EST-003" in warning.en for warning in study.warnings)


def test_one_patient_only_is_told():
    alone = ImageSet.from_arrays(discs(), patients=["a"] * 6)
    with pytest.raises(DataError, match="G-DATA-103"):
        SuperResolver(**QUICK).preflight(alone, Protocol(evaluation="folds"), seed=0)


def test_pictures_that_teach():
    found = pictures()
    assert len(found) == 14
    assert found[0].colour
    assert found[2].shape == (512, 512)
    assert found.digest(0) != found.digest(1)


def test_a_leak_of_the_teaching_pictures_is_told():
    from gazo.learn.estimate.resolver_study import _copies

    named = pictures()
    leaked = ImageSet.from_arrays(np.stack([named[2].pixels, np.ascontiguousarray(named[2].pixels[::-1] // 2)]))
    assert "row" in _copies(leaked, named, lambda event: None)[0].en


def test_enlarging_is_bicubic_before_anything_was_learned():
    from gazo.learn.estimate.fitted_resolver import FittedSuperResolver

    spec = SuperResolver(factor=3)
    image = Image(discs(1)[0].astype(np.float32))
    made = FittedSuperResolver(spec, (spec.build(seed=0),), 0).enlarge(image)
    assert made.pixels == pytest.approx(cubic_resize(image.pixels, 3), abs=0.02)
