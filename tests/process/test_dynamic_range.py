"""Dynamic range compression: monotone, detail kept, low frequencies by 1 + f', over-strong settings warned of or refused."""

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process import dynamic_range_compression

OPTIONS = {"radius_mm": 5.0, "low_threshold": 1500.0, "high_threshold": 3000.0}


def patches(values, side=200):
    """Flat areas far wider than the mask, side by side."""
    return Image(np.repeat(np.asarray(values, np.float32), side)[None].repeat(40, 0), spacing_mm=(0.5, 0.5))


@pytest.mark.parametrize(("low", "high"), [(0.3, 0.0), (0.0, 0.5), (0.8, 0.8), (0.5, 0.2)])
def test_flat_patches_follow_a_rising_curve(low, high):
    values = np.linspace(0, 4000, 21)
    made = dynamic_range_compression(patches(values), low_strength=low, high_strength=high, **OPTIONS)
    found = made.image.pixels[20, 100::200].astype(float)
    knee = 400.0

    def bent(d):
        return np.where(d > knee / 2, d, np.where(d < -knee / 2, 0, (d + knee / 2) ** 2 / (2 * knee)))

    assert found == pytest.approx(values + low * bent(1500 - values) - high * bent(values - 3000), abs=0.5)
    assert (np.diff(found) >= 0.199 * np.diff(values)).all()
    assert made.least_slope == pytest.approx(1 - max(low, high), abs=1e-3)


@pytest.mark.parametrize("level", [500.0, 2200.0, 3800.0])
def test_fine_detail_keeps_its_amplitude(level):
    cut_off_px = 0.1874 / (5.0 / 0.5 / np.sqrt(3))  # where the mask passes a half
    u = np.ceil(5 * cut_off_px * 200) / 200
    detail = 50 * np.sin(2 * np.pi * u * np.arange(400))
    image = Image((level + detail)[None].repeat(100, 0).astype(np.float32), spacing_mm=(0.5, 0.5))
    made = dynamic_range_compression(image, low_strength=0.6, high_strength=0.6, **OPTIONS).image.pixels
    line = made[50, 100:300].astype(float)
    assert 2 * abs(np.fft.rfft(line - line.mean())[round(u * 200)]) / 200 == pytest.approx(50, rel=0.01)


def test_low_frequencies_are_weakened_by_the_slope():
    slow = 100 * np.sin(2 * np.pi * np.arange(1600) / 800)
    image = Image((500 + slow)[None].repeat(64, 0).astype(np.float32), spacing_mm=(0.5, 0.5))
    made = dynamic_range_compression(image, low_strength=0.4, **OPTIONS).image.pixels[32].astype(float)
    assert 2 * abs(np.fft.rfft(made)[2]) / 1600 / 100 == pytest.approx(0.6, abs=2e-3)


def test_strength_0_changes_nothing():
    noise = Image(np.random.default_rng(0).normal(1000, 300, (90, 91)).astype(np.float32), spacing_mm=(0.5, 0.5))
    made = dynamic_range_compression(noise, low_strength=0.0)
    assert np.array_equal(made.image.pixels, noise.pixels)
    assert made.least_slope == pytest.approx(1)


def test_what_is_added_is_shown():
    noise = Image(np.random.default_rng(0).normal(1000, 300, (90, 91)).astype(np.float32), spacing_mm=(0.5, 0.5))
    made = dynamic_range_compression(noise, low_strength=0.5)
    assert made.image.pixels - noise.pixels == pytest.approx(made.correction.pixels, abs=1e-3)
    assert made.curve.y[0] - made.curve.x[0] == pytest.approx(made.lowest_change)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"high_strength": 0.7}, "maximum density falls"),
        ({"low_strength": 0.7}, "white areas turn dark"),
        ({"low_strength": 0.2}, ""),
    ],
)
def test_an_over_strong_setting_is_warned_of(options, word):
    """The booklet: compressed too strongly, white areas turn dark and the maximum density falls."""
    made = dynamic_range_compression(patches(np.linspace(0, 4000, 9), 60), **{"low_strength": 0.0, **options})
    assert len(made.warnings) == bool(word)
    assert all(word in w.en and w.ja != w.en for w in made.warnings)
    if "high_strength" in options:
        assert made.image.pixels[20, -30] == pytest.approx(4000 - 0.7 * 2000, abs=5)
        assert made.highest_change == pytest.approx(-0.7 * 2000, abs=5)


def test_a_curve_without_contrast_is_refused():
    image = patches(np.linspace(0, 4000, 9), 60)
    with pytest.raises(OptionError, match=r"G-PRC-110.*0\.10"):
        dynamic_range_compression(image, low_strength=0.9)
    with pytest.raises(OptionError, match="G-PRC-110"):  # each side is allowed, but the two overlap
        dynamic_range_compression(image, low_strength=0.5, high_strength=0.5, low_threshold=3000.0, high_threshold=1000.0)
    falling = Curve(np.array([0.0, 4000]), np.array([0.0, -3600]), Text("", ""), Text("", ""))
    with pytest.raises(OptionError, match=r"G-PRC-110.*0\.10"):
        dynamic_range_compression(image, falling)
    gentle = Curve(np.array([0.0, 4000]), np.array([0.0, -2000]), Text("", ""), Text("", ""))
    assert dynamic_range_compression(image, gentle).image.pixels[20, -30] == pytest.approx(2000, abs=1)
