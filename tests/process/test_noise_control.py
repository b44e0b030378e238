"""Flexible noise control: the two-edge test, the difference image, noise measured at every dose, the booklet's pitfalls."""

import cv2
import numpy as np
import pytest
from scipy.special import erf

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process import edge_leak, flexible_noise_control, multi_frequency_processing
from gazo.process.noise_control import white_share

PITCH, BLUR = 0.15, 0.08  # mm


def slanted(contrast, size=256, angle_deg=2.5):
    """A sharp edge seen by a detector of Gaussian blur, and the distance of each pixel from it in mm."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    angle = np.deg2rad(angle_deg)
    distance = (x * np.cos(angle) + y * np.sin(angle)) * PITCH
    return 1000 + contrast * 0.5 * (1 + erf(distance / (np.sqrt(2) * BLUR))), distance


def response(pixels, distance, frequencies):
    """|FFT of the differentiated edge spread function|, 4 bins a pixel, normalised at 0."""
    places, reach = np.round(distance / PITCH * 4).astype(int).ravel(), 107
    near = np.abs(places) <= reach
    index = places[near] + reach
    spread = np.bincount(index, pixels.ravel()[near], 2 * reach + 1) / np.bincount(index, minlength=2 * reach + 1)
    spectrum = np.abs(np.fft.rfft(np.diff(spread)))
    return np.interp(frequencies, np.fft.rfftfreq(2 * reach, PITCH / 4), spectrum / spectrum[0])


def noisy(truth, rng, sd=1.0):
    return Image((truth + rng.normal(0, sd, truth.shape)).astype(np.float32), spacing_mm=(PITCH, PITCH))


FLAT = (slice(30, -30), slice(10, 80))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_strong_edge_stays_and_flat_noise_goes(seed):
    truth, distance = slanted(190.0)
    image = noisy(truth, np.random.default_rng(seed))
    made = flexible_noise_control(image, strength=0.8).image
    u = np.arange(0.25, 3.34, 0.25)
    ratio = response(made.pixels, distance, u) / response(image.pixels, distance, u)
    assert ratio.min() >= 0.95
    assert made.pixels[FLAT].std() <= 0.30 * image.pixels[FLAT].std()


def test_a_weak_edge_stays_for_the_most_part():
    truth, distance = slanted(10.0)
    rng = np.random.default_rng(0)
    images = [noisy(truth, rng) for _ in range(40)]
    made = [flexible_noise_control(image, strength=0.5).image.pixels for image in images]
    u = np.array([0.5, 1, 1.5, 2, 2.5])
    ratio = response(np.mean(made, 0), distance, u) / response(np.mean([i.pixels for i in images], 0), distance, u)
    assert ratio[:3].min() >= 0.80
    assert ratio.min() >= 0.70
    assert abs(np.mean(made) - np.mean([i.pixels for i in images])) < 0.02


def test_what_is_taken_off_is_returned():
    truth, _ = slanted(50.0, 128)
    image = noisy(truth, np.random.default_rng(0))
    made = flexible_noise_control(image, strength=0.7)
    assert image.pixels - made.noise.pixels == pytest.approx(made.image.pixels, abs=1e-3)
    assert np.array_equal(flexible_noise_control(image, strength=0.0).image.pixels, image.pixels)
    assert len(made.noise_sd) == 3


def test_fewer_edges_are_taken_off_than_by_smoothing_or_a_median():
    truth, _ = slanted(100.0)
    image = noisy(truth, np.random.default_rng(0))
    leak = {
        "fnc": edge_leak(image, flexible_noise_control(image, strength=0.8).image),
        "gauss": edge_leak(image, image.with_pixels(cv2.GaussianBlur(image.pixels, (0, 0), 0.8))),
    }
    assert leak["fnc"].index.value < 1
    assert leak["gauss"].index.value > 3
    assert leak["fnc"].on_flat.value == pytest.approx(leak["gauss"].on_flat.value, rel=0.25)  # compared at like noise reduction


@pytest.mark.parametrize("k", [0, 1, 2])
def test_noise_is_measured_as_it_is_at_each_density(k):
    """Quantum noise: the SD follows the root of the signal; structure in the image must not be taken for noise."""
    rng = np.random.default_rng(0)
    truth = np.linspace(200, 4000, 512)[None].repeat(512, 0)
    truth[200:208] += 500
    image = Image((truth + rng.normal(0, 1, truth.shape) * np.sqrt(truth)).astype(np.float32))
    curve = flexible_noise_control(image).noise_sd[k]
    assert curve.y == pytest.approx(np.sqrt(curve.x) * white_share(k), rel=(0.1, 0.12, 0.25)[k])


@pytest.mark.parametrize("k", [1, 2])
def test_anatomy_everywhere_is_not_taken_for_noise(k):
    """At half of the densities there is no flat area: texture of four times the noise of its band is all over."""
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.normal(size=(512, 512)), (0, 0), 2.0**k)
    band = cv2.GaussianBlur(texture, (0, 0), 2.0 ** (k - 1)) - cv2.GaussianBlur(texture, (0, 0), 2.0**k)
    texture *= 4 * white_share(k) / band.std()
    truth = np.where(np.arange(512) < 256, 1000 + texture, 2000.0)
    curve = flexible_noise_control(Image((truth + rng.normal(0, 1, truth.shape)).astype(np.float32))).noise_sd[k]
    assert np.interp(1000, curve.x, curve.y) < 1.6 * white_share(k)


def test_shares_of_white_noise_in_the_bands():
    white = np.random.default_rng(0).normal(size=(1024, 1024)).astype(np.float32)
    smooth = [white, *(cv2.GaussianBlur(white, (0, 0), s) for s in (1, 2, 4))]
    for k in range(3):
        assert (smooth[k] - smooth[k + 1]).std() == pytest.approx(white_share(k), rel=0.01)


def test_a_given_noise_curve_is_used_instead():
    truth, _ = slanted(0.0, 128)
    image = noisy(truth, np.random.default_rng(0))

    def left(sd):
        curve = Curve(np.array([0.0, 2000]), np.full(2, sd), Text("", ""), Text("", ""))
        return flexible_noise_control(image, curve, strength=1.0).image.pixels.std()

    assert left(1.0) == pytest.approx(flexible_noise_control(image, strength=1.0).image.pixels.std(), rel=0.2)
    assert left(0.1) > 0.9  # noise ten times what the curve says is taken for structure
    assert left(1.0) < 0.3


def test_dose_changes_the_effect_of_a_fixed_noise_model_only():
    """The booklet: the effect changes with dose. Noise measured in the image follows it, a model of another dose does not."""
    rng = np.random.default_rng(0)
    full = Curve(np.array([0.0, 2000]), np.full(2, 1.0), Text("", ""), Text("", ""))
    ratios = {}
    for sd in (1.0, 2.0):  # a quarter of the dose, twice the relative noise
        image = noisy(np.full((256, 256), 1000.0), rng, sd)
        for name, given in (("measured", ()), ("model", (full,))):
            ratios[name, sd] = flexible_noise_control(image, *given, strength=0.8).image.pixels.std() / image.pixels.std()
    assert ratios["measured", 2.0] == pytest.approx(ratios["measured", 1.0], rel=0.05)
    assert ratios["model", 2.0] > 1.5 * ratios["model", 1.0]


def test_order_with_other_processing_changes_the_result():
    """The booklet: tune it with the other processing, not alone."""
    truth, _ = slanted(30.0)
    image = noisy(truth, np.random.default_rng(0))
    before = multi_frequency_processing(flexible_noise_control(image, strength=0.8).image).pixels
    after = flexible_noise_control(multi_frequency_processing(image), strength=0.8).image.pixels
    assert np.abs(before - after)[30:-30, 30:-30].max() > 0.5  # of a noise of 1


def test_constant_images_have_no_noise():
    made = flexible_noise_control(np.full((40, 50), 77.0), strength=1.0)
    assert made.image.pixels == pytest.approx(77.0, rel=1e-6)
    assert np.abs(made.noise.pixels).max() < 1e-4
