"""Dose reduction: the noise power spectrum is that of an exposure simulated at the lower dose."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve, Surface
from gazo.process import simulate_dose_reduction

PITCH, SIZE, GAIN, ELECTRONIC = 0.15, 256, 4.0, 12.0
NAMES = Text("", ""), Text("", "")


def exposed(rng, quanta):
    """A flat exposure: Poisson quanta, blurred in the detector, gain, white electronic noise of constant SD."""
    light = ndimage.gaussian_filter(rng.poisson(quanta, (SIZE, SIZE)).astype(float), 0.7, mode="wrap")
    return GAIN * light + rng.normal(0, ELECTRONIC, (SIZE, SIZE))


def spectrum(images):
    """Mean 2-D NPS of flat images, in pixel value squared x mm^2."""
    return np.mean([np.abs(np.fft.fft2(i - i.mean())) ** 2 for i in images], 0) * PITCH**2 / SIZE**2


def radial(nps, bins=12):
    f = np.fft.fftfreq(SIZE, PITCH)
    radius = np.hypot(f[:, None], f)
    edges = np.linspace(0.1, 0.5 / PITCH, bins + 1)
    return np.array([nps[(radius >= a) & (radius < b)].mean() for a, b in itertools.pairwise(edges)])


def expected(quanta, u, v):
    """Gaussian blur of 0.7 pixels with its sampled kernel of ndimage."""
    taps = ndimage.gaussian_filter1d(np.eye(1, 31, 15)[0], 0.7)
    transfer = [np.abs(np.tensordot(taps, np.exp(-2j * np.pi * PITCH * np.multiply.outer(np.arange(31), f)), 1)) for f in (u, v)]
    return PITCH**2 * (GAIN**2 * quanta * (transfer[0] * transfer[1]) ** 2 + ELECTRONIC**2)


def surface(quanta):
    f = np.linspace(0, 0.5 / PITCH, 40)
    u, v = np.meshgrid(f, f)
    return Surface(f, f, expected(quanta, u, v), *NAMES, Text("", ""))


@pytest.mark.parametrize("fraction", [0.5, 0.25])
def test_spectrum_equals_that_of_an_exposure_at_the_lower_dose(fraction):
    rng, quanta = np.random.default_rng(0), 100.0
    full = [Image(exposed(rng, quanta), spacing_mm=(PITCH, PITCH), meaning="linear exposure") for _ in range(24)]
    made = [
        simulate_dose_reduction(
            image, surface(quanta), dose_fraction=fraction, electronic_sd=ELECTRONIC, reference_value=GAIN * quanta, seed=n
        ).pixels
        for n, image in enumerate(full)
    ]
    true = [exposed(rng, quanta * fraction) for _ in range(24)]
    assert np.mean(made) == pytest.approx(np.mean(true), rel=2e-3)
    assert radial(spectrum(made)) == pytest.approx(radial(spectrum(true)), rel=0.05)


def test_noise_follows_the_signal_and_the_transformed_variance_is_even():
    """Anscombe: 2 sqrt(N + 3/8) of Poisson numbers has variance 1 at every level, after the simulation as well."""
    rng = np.random.default_rng(1)
    quanta = np.array([20.0, 100, 400])[:, None, None].repeat(200, 1).repeat(600, 2).reshape(600, 600)
    image = Image(rng.poisson(quanta).astype(np.float32), spacing_mm=(PITCH, PITCH))
    white = Curve(np.array([0.0, 3]), np.full(2, quanta.mean() * PITCH**2), *NAMES)
    made = simulate_dose_reduction(image, white, dose_fraction=0.4, reference_value=float(quanta.mean())).pixels
    even = 2 * np.sqrt(np.maximum(made, 0) + 3 / 8)
    assert [even[200 * k : 200 * k + 200].std() for k in range(3)] == pytest.approx([1, 1, 1], rel=0.04)


def test_full_dose_and_seeds():
    image = Image(np.random.default_rng(0).poisson(100, (64, 70)), spacing_mm=(PITCH, PITCH))
    nps = Curve(np.array([0.0, 3]), np.full(2, 100 * PITCH**2), *NAMES)
    assert np.array_equal(simulate_dose_reduction(image, nps, dose_fraction=1.0).pixels, image.pixels)
    one, same, other = (simulate_dose_reduction(image, nps, seed=s).pixels for s in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_surface_over_both_signs_is_used_as_it_stands():
    """Noise along one diagonal only: W(u, v) is not W(u, -v)."""
    f = np.linspace(-3.3, 3.3, 67)
    u, v = np.meshgrid(f, f)
    slanted = Surface(f, f, np.exp(-((u - v) ** 2) / 0.1), *NAMES, Text("", ""))
    image = Image(np.full((SIZE, SIZE), 100.0), spacing_mm=(PITCH, PITCH))
    power = np.abs(np.fft.fft2(simulate_dose_reduction(image, slanted).pixels - 50)) ** 2
    with_it, against = power[10:60, 10:60], power[10:60, -60:-10]
    assert with_it.sum() > 5 * against.sum()


def test_wrong_input_is_refused_in_words():
    image = Image(np.full((32, 32), 100.0), spacing_mm=(PITCH, PITCH))
    nps = Curve(np.array([0.0, 3]), np.ones(2), *NAMES)
    with pytest.raises(ImageError, match="G-PRC-120"):
        simulate_dose_reduction(image.with_pixels(image.pixels, meaning="log exposure"), nps)
    with pytest.raises(DataError, match="G-PRC-121"):
        simulate_dose_reduction(image, Curve(np.array([0.0, 3]), np.array([1.0, -1]), *NAMES))
    with pytest.raises(DataError, match="G-PRC-122"):
        simulate_dose_reduction(image, nps, electronic_sd=100.0)
    with pytest.raises(ImageError, match="G-IMG-003"):
        simulate_dose_reduction(np.ones((8, 8)), nps)
