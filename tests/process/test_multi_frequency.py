"""Multi-frequency processing: bands add up, gain by the formula, less undershoot than one mask, the term for the dynamic range."""

import itertools

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.process import dynamic_range_compression, multi_frequency_processing, unsharp_mask
from gazo.process.masks import Blurred, blurred, enlarged

GAINS = (0.5, 1.0, 2.0, 0.3, 1.5, 0.7)


def noise(shape=(200, 240), spacing_mm=0.15):
    rng = np.random.default_rng(3)
    slow = np.cumsum(np.cumsum(rng.normal(size=shape), 0), 1)
    return Image(
        (2000 + 1000 * slow / np.abs(slow).max() + rng.normal(0, 20, shape)).astype(np.float32), spacing_mm=(spacing_mm,) * 2
    )


def test_bands_and_the_last_mask_add_up_to_the_image():
    pixels = noise().pixels
    masks, grid = blurred(pixels, [(2.0**k, 2.0**k) for k in range(6)])
    chain = [Blurred(pixels, 0), *masks]
    total = enlarged(masks[-1], grid).astype(np.float64)
    for finer, coarser in itertools.pairwise(chain):
        band = Blurred(finer.pixels - enlarged(coarser, grid, finer.level), finer.level)
        total += enlarged(band, grid)
    assert np.abs(total - pixels).max() <= 1e-6 * np.ptp(pixels)


def test_equal_gains_without_limit_are_one_unsharp_mask_with_the_widest_mask():
    """Through the door: the sum of the bands is S - S_n, so the result must be that of a Gaussian mask of sigma 32 pixels."""
    image = noise((400, 420))
    made = multi_frequency_processing(image, gains=(0.8,) * 6, limit_sd=None).pixels
    usm = unsharp_mask(image, radius_mm=0.15 * 32 * np.sqrt(3), amount=0.8, mask="gaussian").pixels
    assert made == pytest.approx(usm, abs=2e-5 * float(np.ptp(image.pixels)))


@pytest.mark.parametrize("u", [0.005, 0.01, 0.02, 0.04, 0.08, 0.12, 0.2, 0.3])
def test_linear_gain_follows_the_formula(u):
    x = np.arange(1000)
    image = Image((1000 + 100 * np.cos(2 * np.pi * u * x))[None].repeat(64, 0).astype(np.float32), spacing_mm=(0.15, 0.15))
    made = multi_frequency_processing(image, gains=GAINS, limit_sd=None, amount=0.6).pixels[32, 200:800].astype(float)
    gain = 2 * abs(np.fft.rfft(made)[round(u * 600)]) / 600 / 100
    passed = [1.0, *(np.exp(-2 * (np.pi * 2**k * u) ** 2) for k in range(6))]
    expected = 1 + 0.6 * sum(a * (passed[k] - passed[k + 1]) for k, a in enumerate(GAINS))
    assert gain == pytest.approx(expected, abs=1e-3)


def halves(height, rng, sd=2.0):
    step = np.where(np.arange(512) < 256, 0.0, height)[None].repeat(256, 0)
    return Image((step + rng.normal(0, sd, step.shape)).astype(np.float32), spacing_mm=(0.15, 0.15))


def test_undershoot_is_at_most_60_percent_of_a_single_mask():
    """A step of 1000; both have gain 2 for small signals at high frequencies (unlimited bands equal the mask of the widest sigma)."""
    image = halves(1000.0, np.random.default_rng(0))
    multi = multi_frequency_processing(image, gains=(1.0,) * 6).pixels
    single = unsharp_mask(image, radius_mm=0.15 * 32 * np.sqrt(3), amount=1.0, mask="gaussian").pixels
    under = [-np.median(p, axis=0).min() for p in (multi, single)]
    assert under[1] > 450
    assert under[0] <= 0.6 * under[1]
    small = Image(image.pixels[:, :200], spacing_mm=(0.15, 0.15))
    gains = [
        (multi_frequency_processing(small, gains=(1.0,) * 6, limit_sd=50.0).pixels - small.pixels).std() / small.pixels.std()
    ]
    assert gains[0] == pytest.approx(1.0, rel=0.01)


def test_constant_images_and_amount_0_come_back():
    flat = Image(np.full((100, 90), 1234.5, np.float32), spacing_mm=(0.15, 0.15))
    assert multi_frequency_processing(flat, gains=(3.0,) * 6, limit_sd=None).pixels == pytest.approx(1234.5, rel=1e-6)
    assert np.array_equal(multi_frequency_processing(noise(), amount=0.0).pixels, noise().pixels)


def test_the_dynamic_range_term_is_that_of_the_compression():
    image = noise((300, 320))
    sides = {"low_threshold": 2000.0, "low_strength": 0.5, "high_threshold": 2500.0, "high_strength": 0.2}
    alone = dynamic_range_compression(image, radius_mm=0.15 * 32 * np.sqrt(3), **sides)
    both = multi_frequency_processing(image, amount=0.0, **sides).pixels
    assert both == pytest.approx(alone.image.pixels, abs=0.002 * float(np.ptp(image.pixels)))
    enhanced = multi_frequency_processing(image, **sides).pixels - multi_frequency_processing(image).pixels
    assert enhanced == pytest.approx(both - image.pixels, abs=1e-2)


def test_bands_given_to_the_compression_are_compressed_too():
    """With g = 0 for all bands D works on the image itself: small detail shrinks by the slope; with g = 1 it stays."""
    detail = 20 * np.sin(2 * np.pi * 0.1 * np.arange(400))
    ends = np.where(np.arange(400) < 4, 4000.0, 500.0)  # so that the range, and with it the knee, is wide
    image = Image((ends + detail)[None].repeat(100, 0).astype(np.float32), spacing_mm=(0.15, 0.15))
    for kept, gain in (((1.0,), 1.0), ((0.0,) * 6, 0.5), ((0.5,), 0.75)):
        made = (
            multi_frequency_processing(image, amount=0.0, low_threshold=2000.0, low_strength=0.5, compression_gains=kept)
            .pixels[50, 200:300]
            .astype(float)
        )
        assert 2 * abs(np.fft.rfft(made)[10]) / 100 / 20 == pytest.approx(gain, rel=0.03)


def test_an_external_crease_is_enhanced_too():
    """The booklet's pitfall: strong settings make clothing creases and elastic bands stand out."""
    image = noise((256, 256))
    crease = image.pixels.copy()
    crease[:, 128:131] -= 30
    shown = []
    for strength in (0.0, 1.0, 3.0):
        made = multi_frequency_processing(image.with_pixels(crease), gains=(1.0,) * 6, amount=strength, limit_sd=None).pixels
        without = multi_frequency_processing(image, gains=(1.0,) * 6, amount=strength, limit_sd=None).pixels
        shown.append(float((without - made)[:, 129].mean()))
    assert shown[0] < shown[1] < shown[2]
    assert shown[2] > 3 * shown[0]


def test_wrong_numbers_of_gains_are_refused():
    for options in ({"gains": ()}, {"gains": (1.0, 1.0), "compression_gains": (1.0, 1.0, 1.0)}):
        with pytest.raises(OptionError, match="G-PRC-111"):
            multi_frequency_processing(noise(), **options)
    with pytest.raises(OptionError, match="G-PRC-110"):
        multi_frequency_processing(noise(), low_strength=1.0)
