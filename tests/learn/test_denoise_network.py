"""The noise network: its equations, its crops, and that it learns, on images small enough for a test."""

import json

import numpy as np
import pytest
import torch

from gazo.core import DataError, Image, ImageError, ImageSet, from_json, to_json
from gazo.core.seeds import generator
from gazo.learn import Protocol, load
from gazo.learn.denoise import NoiseNetwork
from gazo.learn.denoise.judged import FIGURES, SIGMAS_PX, best_gaussian, judge, weakened
from gazo.learn.denoise.network import applied
from gazo.learn.denoise.noise import Seen
from gazo.learn.denoise.store import CleanImages, NoisyCrops

QUICK = {"width": 4, "depth": 1, "crop_px": 32, "crops_per_image": 2, "epochs": 2, "batch_size": 4, "device": "cpu"}
MODEL = {"noise_law": "linear", "quanta_per_pixel": 100.0, "blur_px": 0.3}


def discs(count=12, size=64, seed=0):
    """Two images a patient: discs on a slope, no noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    found = np.ones((count, size, size), np.float32) + x / size
    for image in found:
        for _ in range(4):
            row, column, radius = *rng.uniform(0, size, 2).tolist(), rng.uniform(4, 12)
            image[np.hypot(y - row, x - column) < radius] += np.float32(rng.uniform(0.3, 1))
    return ImageSet.from_arrays(found, patients=[f"patient {i // 2}" for i in range(count)], spacing_mm=(0.2, 0.2))


@pytest.fixture(scope="module")
def fitted():
    return NoiseNetwork(**QUICK, **MODEL).fit(discs(), seed=0)


@pytest.fixture(scope="module")
def image():
    pixels = discs(1)[0].pixels + np.random.default_rng(5).normal(0, 0.1, (64, 64))
    return Image(pixels.astype(np.float32), (0.3, 0.2), meaning="linear exposure", orientation=(1, 0, 0, 0, 1, 0), window=(1, 2))


def test_strength_0_gives_the_image_back(fitted, image):
    assert np.array_equal(fitted.restore(image, strength=0).image.pixels, image.pixels)


def test_the_image_is_the_restored_one_and_the_noise(fitted, image):
    found = fitted.restore(image, strength=0.7)
    assert found.image.pixels + found.noise.pixels == pytest.approx(image.pixels, abs=1e-6)
    assert found.noise.pixels.std() > 0


def test_the_noise_is_proportional_to_the_strength(fitted, image):
    half, whole = (fitted.restore(image, strength=s).noise.pixels for s in (0.5, 1.0))
    assert 2 * half == pytest.approx(whole, abs=1e-6)


def test_the_geometry_is_kept(fitted, image):
    made = fitted.restore(image).image
    assert (made.spacing_mm, made.orientation, made.window, made.meaning) == (
        (0.3, 0.2),
        image.orientation,
        (1, 2),
        image.meaning,
    )


@pytest.mark.parametrize("gain", [1000.0, 0.01])
def test_the_gain_changes_nothing(fitted, image, gain):
    expected = gain * fitted.restore(image).noise.pixels
    found = fitted.restore(image.with_pixels(np.float32(gain) * image.pixels)).noise.pixels
    assert found == pytest.approx(expected, abs=1e-4 * gain)


@pytest.mark.parametrize(("law", "low", "high"), [("linear", 0.5, 4.0), ("log", -2.0, 1.0), ("constant", 5.0, 9.0)])
def test_noise_is_seen_alike_everywhere(law, low, high):
    """A ramp with noise of each law: in what the network sees, and with the spread told, its SD is one number in every quarter."""
    ramp = np.tile(np.linspace(low, high, 256, dtype=np.float32), (256, 1))
    noisy = NoiseNetwork(**QUICK, quanta_per_pixel=900, electronic_quanta=0, blur_px=0).noise_model.add(ramp, law, generator(0))
    seen = Seen.of(noisy, law)
    for part in (seen.detail, (noisy - ramp) / seen.spread):
        quarters = [float(part[20:-20, k : k + 50].std()) for k in (20, 75, 130, 185)]
        assert quarters == pytest.approx([1] * 4, rel=0.08)
    assert np.corrcoef(seen.detail[20:-20, 20:-20].ravel(), ((noisy - ramp) / seen.spread)[20:-20, 20:-20].ravel())[0, 1] > 0.99


def test_an_image_without_grain_is_left_alone(fitted):
    flat = Image(np.full((40, 40), 7, np.uint16))
    assert np.array_equal(fitted.restore(flat).image.pixels, flat.pixels)


@pytest.mark.parametrize("target", ["noise", "clean"])
def test_targets_are_the_noise_or_the_clean_image(target):
    """Of one image at one dose: input - noise target = clean target on one scale."""
    spec = NoiseNetwork(**QUICK, **MODEL, dose_spread=1.0, target=target)
    with CleanImages.of(discs(4), spec.noise_model) as clean:
        crops = NoisyCrops(clean, clean.usable, spec.noise_model, spec, target, 32, 2, seed=3)
        batch = next(crops.epoch(0))
        assert batch.images.shape == (4, 1, 32, 32)
        rest = batch.targets if target == "noise" else batch.images - batch.targets
        assert float(rest.mean()) == pytest.approx(0, abs=0.05)
        assert 0.5 < float(rest.std()) < 2  # in units of the level
        flat = torch.diff(batch.images - rest, dim=3).abs().median()
        assert float(flat) < 0.2 * float(torch.diff(batch.images, dim=3).abs().median())


def test_noise2noise_gives_two_noises_of_one_image():
    spec = NoiseNetwork(**QUICK, **MODEL, dose_spread=1.0, target="noise2noise")
    with CleanImages.of(discs(4), spec.noise_model) as clean:
        batch = next(NoisyCrops(clean, clean.usable, spec.noise_model, spec, "noise2noise", 32, 2, seed=3).epoch(0))
    difference = batch.images - batch.targets
    assert float(difference.std()) == pytest.approx(np.sqrt(2), rel=0.25)


def test_crops_follow_from_seed_and_epoch():
    spec = NoiseNetwork(**QUICK, **MODEL)
    with CleanImages.of(discs(6), spec.noise_model) as clean:
        crops = NoisyCrops(clean, clean.usable, spec.noise_model, spec, "noise", 32, 2, seed=3)
        first, again, other = (torch.cat([b.images for b in crops.epoch(n)]) for n in (1, 1, 2))
        assert len(list(crops.epoch(0))) == len(crops) == 4
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("depth", [1, 3])
def test_tiles_leave_no_seam(depth):
    net = NoiseNetwork(**{**QUICK, "depth": depth}).build(seed=0)
    torch.nn.init.normal_(net.classify.weight)
    pixels = np.random.default_rng(0).normal(size=(93, 130)).astype(np.float32)
    whole, tiled = (applied(net, pixels, depth=depth, tile_px=t) for t in (512, 40))
    assert tiled == pytest.approx(whole, abs=1e-5)
    assert whole.std() > 0.1


def test_the_same_seed_gives_the_same_network(image):
    a, b, c = (NoiseNetwork(**QUICK, **MODEL).fit(discs(4), seed=s, validation_share=0).restore(image) for s in (1, 1, 2))
    assert np.array_equal(a.image.pixels, b.image.pixels)
    assert not np.array_equal(a.image.pixels, c.image.pixels)


def test_a_saved_network_says_the_same(fitted, image, tmp_path):
    again = load(fitted.save(tmp_path / "model"))
    assert again.spec == fitted.spec
    assert np.array_equal(again.restore(image).image.pixels, fitted.restore(image).image.pixels)


def test_images_are_made_row_by_row(fitted):
    made = dict(fitted.made(discs(3), strength=0.5))
    assert list(made) == [0, 1, 2]
    assert made[0].spacing_mm == (0.2, 0.2)
    assert len(fitted.predict(discs(3)).rows) == 3
    assert len(fitted.explain(discs(3)).images) == 9


def test_weakening_solves_the_quadratic():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=5000)
    taken = 0.9 * noise + 0.1 * rng.normal(size=5000)
    share = weakened(noise, taken, 0.5)
    assert np.sqrt(np.mean((noise - share * taken) ** 2)) == pytest.approx(0.5)
    assert weakened(noise, noise, 0.0) == pytest.approx(1)


def test_the_best_gaussian_is_the_best():
    truth = np.zeros((64, 64), np.float32)
    noisy = np.random.default_rng(0).normal(size=truth.shape).astype(np.float32)
    assert best_gaussian(truth, noisy)[0] == SIGMAS_PX[-1]  # nothing to lose: the widest
    assert best_gaussian(noisy, noisy)[0] == SIGMAS_PX[0]


def test_taking_off_the_very_noise_is_judged_perfect():
    clean = discs(1)[0].pixels.astype(np.float32)
    noisy = NoiseNetwork(**QUICK, **MODEL).noise_model.add(clean, "linear", generator(0))
    values = dict(zip(FIGURES, judge(clean, noisy, noisy - clean, seed=0)[0], strict=True))
    assert values["psnr"] > 100
    assert values["ssim"] == pytest.approx(1)
    assert values["flat"] == pytest.approx(0, abs=1e-3)
    assert values["overlap"] == pytest.approx(1)
    assert values["leak"] == pytest.approx(values["leak_noise"], rel=1e-3)
    assert values["leak_gaussian"] > values["leak"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    spec = NoiseNetwork(**{**QUICK, "epochs": 1}, **MODEL)
    return spec, folder, spec.study(discs(), Protocol(evaluation="folds", folds=2), seed=0, folder=folder)


def test_every_image_is_judged_once(study):
    _, folder, found = study
    assert [row[0] for row in found.predictions.rows] == list(range(12))
    assert found.metrics[0].low <= found.metrics[0].value <= found.metrics[0].high
    assert len(found.compared.rows) == 4
    assert {test.method.split(",")[0] for test in found.tests} == {"bootstrap by patient"}
    assert len(load(folder).nets) == 2


def test_the_study_comes_back_from_json_without_names(study):
    stored = json.dumps(to_json(study[2]))
    assert json.dumps(to_json(from_json(json.loads(stored)))) == stored
    assert "patient 1" not in stored


def test_finished_folds_are_not_trained_again(study, monkeypatch):
    spec, folder, found = study
    monkeypatch.setattr(NoiseNetwork, "fit_prepared", lambda *a, **k: pytest.fail("trained again"))
    again = spec.study(discs(), Protocol(evaluation="folds", folds=2), seed=0, folder=folder)
    assert to_json(again) == to_json(found)


def test_images_of_nothing_or_of_colour_planes_are_told():
    spec = NoiseNetwork(**QUICK, **MODEL)
    with pytest.raises(DataError, match="G-DEN-002"):
        spec.fit(ImageSet.from_arrays(np.zeros((3, 32, 32), np.uint8)), seed=0, validation_share=0)
    with pytest.raises(DataError, match="G-DEN-002"):
        spec.fit(ImageSet.from_arrays(np.ones((2, 8, 8), np.uint8)), seed=0, validation_share=0)
    volume = ImageSet.from_arrays(np.random.default_rng(0).random((2, 4, 32, 32)))
    with pytest.raises(DataError, match="G-DEN-002"):
        spec.fit(volume, seed=0, validation_share=0)


def test_what_is_too_deep_or_empty_is_told():
    small = ImageSet.from_arrays(np.random.default_rng(0).random((3, 20, 20)))
    with pytest.raises(DataError, match="G-DEN-005"):
        NoiseNetwork(**{**QUICK, "depth": 5}, **MODEL).fit(small, seed=0, validation_share=0)
    spec = NoiseNetwork(**QUICK, **MODEL)
    with CleanImages.of(small, spec.noise_model) as clean, pytest.raises(DataError, match="G-DEN-004"):
        spec.fit_prepared(clean, np.zeros(0, int), np.zeros(0, int), seed=0)


def test_a_volume_is_refused_when_restoring(fitted):
    with pytest.raises(ImageError, match="G-PRC-201"):
        fitted.restore(Image(np.ones((3, 32, 32))))


@pytest.mark.slow
def test_it_learns_to_take_off_noise():
    """Discs: after a few seconds the error is far below that of the noisy image and of the best Gaussian."""
    options = {**QUICK, "width": 8, "depth": 2, "epochs": 8, "crops_per_image": 6, "learning_rate": 4e-3}
    found = NoiseNetwork(**options, **MODEL).fit(discs(24), seed=0)
    judged = {str(e.name.en): e.value for e in found.evaluate(discs(4, seed=9)).metrics}
    table = found.evaluate(discs(4, seed=9)).compared
    noisy, ours, gaussian, _ = (row[1] for row in table.rows)
    assert judged["PSNR [dB]"] == ours
    assert ours > noisy + 3
    assert ours > gaussian + 1
