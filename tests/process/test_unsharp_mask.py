"""Unsharp mask: the gain of sinusoids follows the formula, identities, density dependence, limits of over- and undershoot."""

import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process import unsharp_mask

U = [0.004, 0.0123, 0.02, 0.032, 0.047, 0.0711, 0.1]  # cycles per pixel


def wave(u_px, spacing_mm=0.1, length=1201):
    x = np.arange(length)
    return Image(
        (1000 + 100 * np.sin(2 * np.pi * u_px * x + 0.3))[None].repeat(40, 0).astype(np.float32), spacing_mm=(spacing_mm,) * 2
    )


def amplitude(image, u_px):
    """Least squares fit of a sinusoid to the middle row, away from the borders."""
    values = image.pixels[20, 150:-150].astype(float)
    x = np.arange(values.size)
    terms = np.stack([np.cos(2 * np.pi * u_px * x), np.sin(2 * np.pi * u_px * x), np.ones(x.size)], 1)
    c, s, _ = np.linalg.lstsq(terms, values, rcond=None)[0]
    return np.hypot(c, s)


@pytest.mark.parametrize("u", U)
def test_gain_of_the_box_follows_the_formula(u):
    width, amount = 31, 0.7
    transfer = np.sin(np.pi * width * u) / (width * np.sin(np.pi * u))
    gain = amplitude(unsharp_mask(wave(u), radius_mm=1.55, amount=amount), u) / amplitude(wave(u), u)
    assert gain == pytest.approx(1 + amount * (1 - transfer), abs=1e-4)


@pytest.mark.parametrize("u", U)
@pytest.mark.parametrize("radius_mm", [0.3, 1.55, 4.0])
def test_gain_of_the_gaussian_follows_the_formula(u, radius_mm):
    sigma = radius_mm / 0.1 / np.sqrt(3)
    transfer = np.exp(-2 * (np.pi * sigma * u) ** 2)
    gain = amplitude(unsharp_mask(wave(u), radius_mm=radius_mm, amount=0.7, mask="gaussian"), u) / amplitude(wave(u), u)
    assert gain == pytest.approx(1 + 0.7 * (1 - transfer), abs=1e-4)


@pytest.mark.parametrize("mask", ["box", "gaussian"])
def test_another_spacing_gives_the_same_gain(mask):
    coarse = amplitude(unsharp_mask(wave(0.04, 0.2), radius_mm=4.1, mask=mask), 0.04)
    fine = amplitude(unsharp_mask(wave(0.02, 0.1, 2401), radius_mm=4.1, mask=mask), 0.02)
    assert fine == pytest.approx(coarse, rel=5e-3)


@pytest.mark.parametrize("mask", ["box", "gaussian"])
def test_amount_0_and_constant_images_come_back(mask):
    noise = Image(np.random.default_rng(0).normal(1e4, 3e3, (70, 81)).astype(np.float32), spacing_mm=(0.1, 0.1))
    for more in ({}, {"undershoot_limit": 5.0}, {"density_low": 0.0, "density_high": 1e4}):
        assert np.array_equal(unsharp_mask(noise, amount=0.0, mask=mask, **more).pixels, noise.pixels)
    flat = Image(np.full((70, 81), 1234.5, np.float32), spacing_mm=(0.1, 0.1))
    assert unsharp_mask(flat, amount=2.0, mask=mask).pixels == pytest.approx(1234.5, rel=1e-6)


def step(height=1000.0):
    return Image(np.where(np.arange(200) < 100, 0.0, height)[None].repeat(64, 0).astype(np.float32), spacing_mm=(0.1, 0.1))


def test_undershoot_of_a_step_is_half_the_amount():
    sharp = unsharp_mask(step(), radius_mm=1.05, amount=0.8).pixels
    assert -sharp.min() == pytest.approx(0.8 * 1000 * 10 / 21, rel=1e-5)  # 21 pixels, 10 of them beyond the edge
    assert sharp.max() - 1000 == pytest.approx(0.8 * 1000 * 10 / 21, rel=1e-5)


def test_limits_hold_each_side_and_leave_small_differences():
    sharp = unsharp_mask(step(), radius_mm=1.05, amount=0.8, undershoot_limit=50.0, overshoot_limit=120.0).pixels
    assert 49.9 < -sharp.min() <= 50
    assert 119 < sharp.max() - 1000 <= 120
    small = unsharp_mask(step(1.0), radius_mm=1.05, amount=0.8, undershoot_limit=50.0, overshoot_limit=120.0).pixels
    assert small == pytest.approx(unsharp_mask(step(1.0), radius_mm=1.05, amount=0.8).pixels, abs=1e-4)


def test_no_border_is_taken_for_an_edge():
    ramp = Image(np.full((50, 60), 3000, np.uint16), spacing_mm=(0.1, 0.1))
    assert np.ptp(unsharp_mask(ramp, radius_mm=10.0, amount=5.0).pixels) < 0.01


def test_density_dependence_spares_the_low_side():
    rng = np.random.default_rng(1)
    halves = np.where(np.arange(400) < 200, 100.0, 3000.0)[None].repeat(200, 0)
    image = Image((halves + rng.normal(0, 5, halves.shape)).astype(np.float32), spacing_mm=(0.1, 0.1))
    plain = unsharp_mask(image, radius_mm=0.35, amount=2.0).pixels
    spared = unsharp_mask(image, radius_mm=0.35, amount=2.0, density_low=500.0, density_high=2500.0, density_floor=0.25).pixels
    low, high = (slice(None), slice(10, 180)), (slice(None), slice(220, 390))
    added = [(p - image.pixels)[low].std() for p in (plain, spared)]
    assert added[1] == pytest.approx(0.25 * added[0], rel=1e-3)
    assert spared[high] == pytest.approx(plain[high], abs=0.02)
    curve = Curve(np.array([0.0, 500, 2500]), np.array([0.25, 0.25, 1]), Text("", ""), Text("", ""))
    by_curve = unsharp_mask(image, curve, radius_mm=0.35, amount=2.0).pixels
    assert by_curve[low] == pytest.approx(spared[low], abs=0.02)


def test_wrong_input_is_refused_in_words():
    image = Image(np.ones((20, 20), np.float32), spacing_mm=(0.1, 0.1))
    with pytest.raises(OptionError, match="G-PRC-101"):
        unsharp_mask(image, density_low=3.0)
    with pytest.raises(OptionError, match="G-PRC-101"):
        unsharp_mask(image, density_low=3.0, density_high=3.0)
    with pytest.raises(DataError, match="G-PRC-102"):
        unsharp_mask(image, Curve(np.arange(3.0), np.array([1, -1, 1.0]), Text("", ""), Text("", "")))
    for x in ([0, 2, 1], [0, 1, np.nan]):
        with pytest.raises(DataError, match="G-PRC-103"):
            unsharp_mask(image, Curve(np.array(x, float), np.ones(3), Text("", ""), Text("", "")))
    with pytest.raises(ImageError, match="G-IMG-003"):
        unsharp_mask(np.ones((20, 20)))
