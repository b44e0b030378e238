"""Bands of spectra cover the truth about as often as they say."""

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.phantoms import noise_field
from gazo.quality import nps_iec, wiener_spectrum_1d, wiener_spectrum_2d
from gazo.quality.nps_bands import Repeats


def test_images_are_the_repeats_from_five_on():
    images = [noise_field(rng=np.random.default_rng(n), mean=100.0).image for n in range(5)]
    assert "5 images" in wiener_spectrum_2d(images, roi_px=32, overlap_px=16).sentence.en
    assert "12 groups" in wiener_spectrum_2d(images[:4], roi_px=32, overlap_px=16).sentence.en


def test_the_band_of_independent_repeats_is_students():
    from scipy.stats import t

    curves = np.random.default_rng(0).gamma(20, 1, (8, 3))
    repeats = Repeats(1)
    for curve in curves:
        repeats.add_image([(0, 1.0, curve)])
    low, high = repeats.band()
    half = t.ppf(0.975, 7) * curves.std(0, ddof=1) / np.sqrt(8) / curves.mean(0)
    assert np.allclose(high, curves.mean(0) * np.exp(half))
    assert np.allclose(low * high, curves.mean(0) ** 2)


def test_groups_that_share_pixels_are_not_counted_twice():
    """Each repeat given twice at one place: the band must not shrink."""
    curves = np.random.default_rng(1).gamma(20, 1, (12, 2))
    once, twice = Repeats(4), Repeats(4)
    once.add_image([(10 * n, 1.0, c) for n, c in enumerate(curves)])
    twice.add_image([(10 * n, 1.0, c) for n, c in enumerate(curves) for _ in range(2)])
    narrow, wide = (np.log(r.band()[1] / r.mean) for r in (once, twice))
    assert np.allclose(narrow, wide)


@pytest.mark.parametrize("images", [1, 6])
def test_coverage_of_small_spectra(images):
    """200 repeats of a filtered field whose spectrum is known; pointwise coverage averaged over frequencies."""
    inside = []
    for seed in range(200):
        rng = np.random.default_rng([seed, images])
        made = [noise_field(rng=rng, size_px=128, sigma_px=0.5, mean=50.0) for _ in range(images)]
        found = wiener_spectrum_1d([m.image for m in made], detrend="none", roi_px=None if images > 1 else 32).curve
        truth = np.fft.fftshift(made[0].spectrum.sum(0)) / 12.8
        expected = np.interp(found.x, np.fft.fftshift(np.fft.fftfreq(128, 0.1)), truth)
        use = (np.abs(found.x) > 0.4) & (np.abs(found.x) < 4.5)
        inside.append(((found.low <= expected) & (expected <= found.high))[use].mean())
    assert 0.90 <= np.mean(inside) <= 0.98


def coverage(images: int, size_px: int, repeats: int = 200) -> float:
    """How often the band of the NNPS holds the truth, over all reported frequencies of `repeats` simulated detectors.

    Poisson quanta, then the detector's Gaussian blur with the gain spread over pixels: W = N D^2 |T|^2, NNPS = D^2 |T|^2 / N.
    """
    pixel, quanta, sigma = 0.15, 2000.0, 0.6
    f = np.fft.fftfreq(size_px)
    transfer = np.exp(-2 * np.pi**2 * sigma**2 * (f[:, None] ** 2 + f[: size_px // 2 + 1] ** 2))
    inside = []
    for seed in range(repeats):
        rng = np.random.default_rng([seed, images, 7])
        shots = []
        for _ in range(images):
            counts = rng.poisson(quanta, (size_px, size_px))
            blurred = np.fft.irfft2(np.fft.rfft2(counts) * transfer, s=(size_px, size_px))
            shots.append(Image(blurred.astype(np.float32), spacing_mm=(pixel, pixel), meaning="linear exposure"))
        found = nps_iec(shots, normalize="relative", field_mm=None)
        for curve in (found.curve_u, found.curve_v, found.radial):
            truth = pixel**2 / quanta * np.exp(-4 * np.pi**2 * sigma**2 * (curve.x * pixel) ** 2)
            inside.append((curve.low <= truth) & (truth <= curve.high))
    return float(np.mean(inside))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("images", "size_px"),
    [pytest.param(1, 1024, marks=pytest.mark.long), (4, 512), pytest.param(6, 512, marks=pytest.mark.long)],
)
def test_coverage_of_the_nnps(images, size_px):
    assert 0.90 <= coverage(images, size_px) <= 0.98


def test_the_sentence_promises_no_interval_where_there_is_none():
    rng = np.random.default_rng(0)
    few = [Image(rng.normal(1000, 10, (64, 64)).astype(np.float32), spacing_mm=(0.2, 0.2)) for _ in range(2)]
    one, many = (wiener_spectrum_2d(few * n, roi_px=64) for n in (1, 3))
    assert one.curve_u.low is None
    assert "fewer than three" in one.sentence.en
    assert many.curve_u.low is not None
    assert "95 % intervals" in many.sentence.en
