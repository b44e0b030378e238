"""Noise fields keep what they promise: mean, variance, spectrum."""

import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.phantoms import noise_field


def drawn(count, **options):
    rng = np.random.default_rng(0)
    return [noise_field(rng=rng, **options) for _ in range(count)]


def test_the_defaults_are_those_of_the_article():
    fields = drawn(256)
    image = fields[0].image
    assert (image.shape, image.spacing_mm) == ((64, 64), (0.1, 0.1))
    assert max(abs(f.image.pixels.mean()) for f in fields) < 1e-12
    variance = np.mean([f.image.pixels.var() for f in fields])
    assert variance == pytest.approx(13.2, abs=4 * 0.046)
    assert fields[0].spectrum.sum() / 6.4**2 == pytest.approx(13.2, rel=1e-12)


@pytest.mark.parametrize("kind", ["white", "gaussian", "ramp"])
@pytest.mark.parametrize("planes", [1, 12])
def test_the_spectrum_is_the_one_it_was_drawn_from(kind, planes):
    fields = drawn(60, kind=kind, planes=planes, size_px=16, pixel_mm=0.5, plane_mm=None if planes == 1 else 2.0, sigma_px=0.6)
    pixels = np.array([f.image.pixels for f in fields])
    cell = np.prod(fields[0].image.spacing_mm)
    power = (np.abs(np.fft.fftn(pixels, axes=tuple(range(1, pixels.ndim)))) ** 2).mean(0) * cell / pixels[0].size
    truth = fields[0].spectrum
    seen = truth > 0
    assert truth.flat[0] == 0
    assert (power[seen] / truth[seen]).mean() == pytest.approx(1, abs=0.03)
    assert np.mean(np.abs(power[seen] / truth[seen] - 1) < 3 / np.sqrt(60)) > 0.97
    if kind == "gaussian" and planes == 1:
        f = np.fft.fftfreq(16)
        shape = np.exp(-4 * np.pi**2 * 0.36 * (f[:, None] ** 2 + f**2))
        assert np.allclose(truth[1:, 1:] / shape[1:, 1:], truth[1, 1] / shape[1, 1])


def test_a_curve_gives_the_form():
    x = np.array([0.0, 2.0, 5.0])
    curve = Curve(x, np.array([4.0, 1.0, 1.0]), Text("f", "f"), Text("W", "W"))
    field = noise_field(curve, rng=np.random.default_rng(0), mean=7.0)
    f = np.fft.fftfreq(64, 0.1)
    expected = np.interp(np.hypot(f[:, None], f), x, curve.y)
    expected[0, 0] = 0
    assert np.allclose(field.spectrum, expected * 13.2 * 6.4**2 / expected.sum())
    assert field.image.pixels.mean() == pytest.approx(7)
    with pytest.raises(DataError, match="G-PHA-201"):
        noise_field(Curve(x, -curve.y, Text("f", "f"), Text("W", "W")), rng=np.random.default_rng(0))
