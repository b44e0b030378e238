"""A15: lines of a simulated grid fall to 5 %, detail below 0.8 of their frequency stays."""

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.process import suppress_grid_lines
from gazo.process.grid_lines import fold

PITCH = 0.15  # mm; Nyquist frequency 3.33 /mm
AMPLITUDE = 0.04


def scene(grid_per_mm, tilt_deg=0.0, n=512, noise=8.0):
    """Linear exposure behind strips that weaken it by a factor, the phase of the strips, and the exposure without them."""
    y, x = np.indices((n, n)) * PITCH
    smooth = 2000 + 1000 * np.exp(-((x - 30) ** 2 + (y - 40) ** 2) / 500)
    tilt = np.deg2rad(tilt_deg)
    phase = 2 * np.pi * grid_per_mm * (x * np.cos(tilt) + y * np.sin(tilt))
    lined = smooth * np.exp(AMPLITUDE * np.sin(phase)) + np.random.default_rng(0).normal(0, noise, x.shape)
    return Image(lined.astype(np.float32), (PITCH, PITCH), meaning="linear exposure"), phase, smooth


def amplitude(values, phase):
    return float(np.hypot(2 * np.mean(values * np.sin(phase)), 2 * np.mean(values * np.cos(phase))))


@pytest.mark.parametrize("grid_per_mm", [4.0, 3.4, 2.3, 5.0])
@pytest.mark.parametrize("tilt_deg", [0.0, 1.0, -3.0])
def test_the_lines_fall_to_five_percent(grid_per_mm, tilt_deg):
    image, phase, smooth = scene(grid_per_mm, tilt_deg)
    out = suppress_grid_lines(image)
    assert out.across == "columns"
    assert out.frequency_per_mm == pytest.approx(fold(grid_per_mm, PITCH), abs=0.01)
    assert amplitude(np.log(out.image.pixels / smooth), phase) <= 0.05 * AMPLITUDE
    assert amplitude(out.lines.pixels, phase) == pytest.approx(AMPLITUDE, rel=0.06)


def test_lines_across_rows_and_a_given_grid():
    image, phase, smooth = scene(4.0)
    turned = Image(image.pixels.T, image.spacing_mm, meaning=image.meaning)
    found, given = suppress_grid_lines(turned), suppress_grid_lines(turned, lines_per_mm=4.0)
    assert (found.across, given.across) == ("rows", "rows")
    assert given.frequency_per_mm == pytest.approx(found.frequency_per_mm, abs=1e-9)
    assert amplitude(np.log(given.image.pixels / smooth.T), phase.T) <= 0.05 * AMPLITUDE


def test_a_harmonic_is_taken_out_where_asked_for():
    image, phase, _ = scene(2.3, tilt_deg=1.0)
    sharp = image.with_pixels((image.pixels * np.exp(0.01 * np.cos(2 * phase))).astype(np.float32))
    once, twice = (np.log(suppress_grid_lines(sharp, harmonics=n).image.pixels) for n in (1, 2))
    assert amplitude(once, 2 * phase) == pytest.approx(0.01, rel=0.05)
    assert amplitude(twice, 2 * phase) < 0.15 * 0.01


@pytest.mark.parametrize("u", [0.2, 0.4, 0.6, 0.8])
def test_detail_below_the_lines_stays(u):
    """Waves along the worst direction: the one in which the lines run."""
    grid = 2.5
    frequency = u * grid
    image, _, _ = scene(grid, noise=0.0)
    x = np.indices(image.shape)[1] * PITCH
    wave = np.cos(2 * np.pi * frequency * x)
    detailed = image.with_pixels((image.pixels * np.exp(0.01 * wave)).astype(np.float32))
    plain, shown = suppress_grid_lines(image).image.pixels, suppress_grid_lines(detailed).image.pixels
    inside = (slice(40, -40), slice(40, -40))
    kept = 2 * np.mean((np.log(shown / plain) * wave)[inside]) / 0.01 / (2 * np.mean((wave * wave)[inside]))
    assert kept == pytest.approx(1, abs=0.02)


def test_detail_of_the_same_frequency_across_the_lines_stays():
    image, _, _ = scene(2.5, noise=0.0)
    y = np.indices(image.shape)[0] * PITCH
    wave = np.cos(2 * np.pi * 2.5 * y)
    detailed = image.with_pixels((image.pixels * np.exp(0.01 * wave)).astype(np.float32))
    out = suppress_grid_lines(detailed, lines_per_mm=2.5)
    assert 2 * np.mean(np.log(out.image.pixels / image.pixels) * wave) == pytest.approx(0.01, rel=0.02)


def test_without_lines_nothing_changes():
    x = np.indices((256, 256))[1]
    pixels = (1000 + 300 * np.sin(x / 40) + np.random.default_rng(0).normal(0, 10, x.shape)).astype(np.float32)
    out = suppress_grid_lines(Image(pixels, (PITCH, PITCH)))
    assert np.array_equal(out.image.pixels, pixels)
    assert (out.frequency_per_mm, out.across) == (None, "")


def test_image_and_lines_add_up_where_the_image_is_not_linear_exposure():
    image, _, _ = scene(2.3)
    log = Image(np.log(image.pixels), image.spacing_mm, meaning="log exposure")
    out = suppress_grid_lines(log)
    np.testing.assert_allclose(out.image.pixels + out.lines.pixels, log.pixels, atol=1e-5)


@pytest.mark.parametrize(("grid", "folded"), [(4.0, 2.6667), (2.0, 2.0), (6.6667, 0.0), (10.0, 10 - 6.6667)])
def test_folding(grid, folded):
    assert fold(grid, PITCH) == pytest.approx(folded, abs=1e-3)


def test_a_grid_that_folds_to_nothing_is_refused():
    image, _, _ = scene(2.3, n=128)
    with pytest.raises(OptionError, match="G-PRC-242"):
        suppress_grid_lines(image, lines_per_mm=1 / PITCH)
