"""The noise that is added: its mean, its size, its spectrum; and the level that is read from an image."""

import numpy as np
import pytest

from gazo.core import DataError, Image
from gazo.core.seeds import generator
from gazo.learn.denoise import NoiseModel, noise_level
from gazo.learn.denoise.noise import correlation
from gazo.phantoms import simulate_detector
from gazo.quality.wiener_2d import wiener_spectrum_2d

FLAT = np.full((256, 256), 2.0, np.float32)


def noise(model, law, image=FLAT, seed=0, **options):
    return model.add(image, law, generator(seed, "noise"), **options) - image


@pytest.mark.parametrize("dose", [0.25, 1.0, 4.0])
def test_quantum_noise_has_the_variance_of_the_formula(dose):
    """Without blur the kernel is a pixel: (m / q)^2 (q + e^2) for q quanta and e quanta of electronic noise."""
    model = NoiseModel(quanta_per_pixel=400, electronic_quanta=8, blur_px=0)
    quanta = 400 * dose
    found = noise(model, "linear", dose=dose)
    assert found.var() == pytest.approx((2 / quanta) ** 2 * (quanta + 64), rel=0.03)
    assert found.mean() == pytest.approx(0, abs=4 * float(found.std()) / 256)


def test_quantum_noise_follows_the_signal():
    image = np.repeat(np.float32([[1.0, 3.0]]), 256, 0).repeat(128, 1)
    found = noise(NoiseModel(quanta_per_pixel=200, electronic_quanta=0, blur_px=0), "linear", image)
    assert found[:, 140:].var() / found[:, :116].var() == pytest.approx(3, rel=0.06)


def test_noise_of_a_log_image_is_that_of_its_exposure():
    """d(-ln e) = de / e: SD 1 / sqrt(quanta)."""
    found = noise(NoiseModel(quanta_per_pixel=2500, electronic_quanta=0, blur_px=0), "log")
    assert found.std() == pytest.approx(1 / 50, rel=0.03)


def test_constant_noise_is_a_share_of_the_range_with_any_blur():
    ramp = np.tile(np.linspace(0, 1000, 256, dtype=np.float32), (256, 1))
    found = noise(NoiseModel(noise_percent=2, blur_px=1.5), "constant", ramp)
    low, high = np.percentile(ramp, (0.5, 99.5))
    assert found.std() == pytest.approx(0.02 * (high - low), rel=0.03)


@pytest.mark.parametrize("blur_px", [0.3, 0.6])
def test_the_spectrum_is_that_of_the_simulated_flat_panel(blur_px):
    """NNPS along an axis against the theory of `simulate_detector`, which has the same pixel, blur and quanta."""
    panel = simulate_detector(
        rng=generator(0), rows_px=16, columns_px=16, pixel_mm=0.2, blur_mm=0.2 * blur_px, electronic_quanta=0, quantise=False
    )
    quanta = 0.2**2 / panel.nnps.y[0]  # at frequency 0 the NNPS is the pixel area over the quanta
    flat = np.full((1024, 1024), 5.0, np.float32)
    model = NoiseModel(quanta_per_pixel=quanta, electronic_quanta=0, blur_px=blur_px)
    field = model.add(flat, "linear", generator(1))
    curve = wiener_spectrum_2d([Image(field, (0.2, 0.2))], roi_px=64, normalize="relative", detrend="mean").curve_u
    theory = np.interp(np.abs(curve.x), panel.nnps.x, panel.nnps.y)
    there = (np.abs(curve.x) > 0.2) & (theory > 0.1 * theory.max())  # below, the leakage of the regions is seen
    assert curve.y[there] / theory[there] == pytest.approx(1, abs=0.15)


def test_the_kernel_keeps_the_mean():
    assert correlation(0.8).sum() == pytest.approx(1)
    assert correlation(0.8) == pytest.approx(correlation(0.8)[::-1])
    assert correlation(0.0)[15] == pytest.approx(1, abs=0.03)


def test_the_same_generator_gives_the_same_noise():
    assert np.array_equal(noise(NoiseModel(), "linear"), noise(NoiseModel(), "linear"))
    assert not np.array_equal(noise(NoiseModel(), "linear"), noise(NoiseModel(), "linear", seed=1))


@pytest.mark.parametrize("scale", [1.0, 250.0])
def test_the_level_of_white_noise_is_its_standard_deviation(scale):
    white = np.float32(scale) * np.random.default_rng(0).standard_normal((256, 256), np.float32)
    slope = np.linspace(0, 50 * scale, 256, dtype=np.float32)
    assert noise_level(white + slope) == pytest.approx(scale, rel=0.02)


def test_an_image_without_grain_has_no_level():
    assert noise_level(FLAT) == 0


def test_the_law_follows_the_meaning():
    law = NoiseModel().law_of
    pixels = np.ones((16, 16))
    assert [law(Image(pixels, meaning=m)) for m in ("linear exposure", "log exposure", "display")] == [
        "linear",
        "log",
        "constant",
    ]
    assert NoiseModel(noise_law="linear").law_of(Image(pixels, meaning="display")) == "linear"


def test_no_exposure_is_refused():
    with pytest.raises(DataError, match="G-DEN-001"):
        noise(NoiseModel(), "linear", np.zeros((32, 32), np.float32))
