"""The equalities of Nishiki and Doi between spectra of different dimension, and the spectrum of fields that are known."""

import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.phantoms import noise_field
from gazo.quality import (
    central_section,
    integrate_section,
    radial_nps,
    spectrum_of_dft,
    wiener_dimension_check,
    wiener_spectrum_1d,
    wiener_spectrum_2d,
    wiener_spectrum_3d,
)

PIXEL = (0.2, 0.1)


def noise(shape, seed=0, **facts):
    return Image(np.random.default_rng(seed).normal(5, 2, shape), **{"meaning": "quantity", **facts})


@pytest.fixture(scope="module")
def images():
    return [noise((48, 64), seed, spacing_mm=PIXEL) for seed in range(6)]


@pytest.fixture(scope="module")
def plane(images):
    return wiener_spectrum_2d(images, roi_px=None, detrend="mean")


def relative(left, right):
    return np.abs(left - right).max() / np.abs(right).max()


@pytest.mark.parametrize("shape", [(48, 64), (33, 40), (40, 33), (9, 9)])
def test_eq_8_equals_the_full_dft(shape):
    image = noise(shape, spacing_mm=PIXEL)
    pixels = image.pixels - image.pixels.mean()
    expected = np.fft.fftshift(np.abs(np.fft.fft2(pixels)) ** 2) * 0.2 * 0.1 / pixels.size
    found = wiener_spectrum_2d([image], roi_px=None, detrend="mean").surface
    assert relative(found.values, expected) < 1e-12
    assert np.array_equal(found.x, np.fft.fftshift(np.fft.fftfreq(shape[1], 0.1)))
    assert np.array_equal(found.y, np.fft.fftshift(np.fft.fftfreq(shape[0], 0.2)))


def test_volume_equals_the_population_variance(images, plane):
    variance = np.mean([image.pixels.var() for image in images])
    assert plane.volume.value == pytest.approx(variance, rel=1e-12)
    assert plane.variance.value == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize(("axis", "length_mm"), [("u", 48 * 0.2), ("v", 64 * 0.1)])
def test_eq_11_in_each_image(images, axis, length_mm):
    for image in images:
        section = central_section(wiener_spectrum_2d([image], roi_px=None, detrend="mean").surface, axis=axis).curve
        slit = wiener_spectrum_1d([image], axis=axis, aperture="slit").curve
        assert np.array_equal(section.x, slit.x)
        assert relative(section.y, length_mm * slit.y) < 1e-12


@pytest.mark.parametrize("axis", ["u", "v"])
def test_eq_12_averaged_over_rows(images, plane, axis):
    rows = wiener_spectrum_1d(images, axis=axis)
    integral = integrate_section(plane.surface, axis=axis).curve
    assert relative(integral.y, rows.curve.y) < 1e-12
    assert relative((plane.projection_u if axis == "u" else plane.projection_v).y, rows.curve.y) < 1e-12
    assert rows.area.value == pytest.approx(plane.volume.value, rel=1e-12)


def test_one_row_alone_differs(images, plane):
    row = Image(images[0].pixels[:1].repeat(48, 0), spacing_mm=PIXEL)
    alone = wiener_spectrum_1d([row], detrend="none").curve.y[5:25]
    assert np.median(np.abs(alone / plane.projection_u.y[5:25] - 1)) > 0.2


@pytest.mark.parametrize("axis", ["t", "v", "u"])
def test_eqs_6_and_7_primed(axis):
    volume = noise((10, 12, 16), spacing_mm=(0.7, 0.5, 0.25))
    found = wiener_spectrum_3d([volume], axis=axis)
    place = {"t": 0, "v": 1, "u": 2}[axis]
    pixels = volume.pixels - volume.pixels.mean()
    rest = [s for n, s in enumerate(volume.spacing_mm) if n != place]
    cell = np.prod(rest) / (pixels.size / pixels.shape[place])
    slab = np.abs(np.fft.fft2(pixels.mean(place))) ** 2 * cell
    planes = (np.abs(np.fft.fft2(np.moveaxis(pixels, place, 0))) ** 2).mean(0) * cell
    length = pixels.shape[place] * volume.spacing_mm[place]
    assert relative(found.central.values, np.fft.fftshift(slab) * length) < 1e-12
    assert relative(found.integral.values, np.fft.fftshift(planes)) < 1e-12
    assert found.volume.value == pytest.approx(pixels.var(), rel=1e-12)


def test_a_slab_leads_from_7_to_6():
    volume = noise((10, 12, 16), spacing_mm=(0.7, 0.5, 0.25))
    whole = wiener_spectrum_3d([volume], slab_px=10)
    assert relative(whole.integral.values, whole.central.values / (10 * 0.7)) < 1e-12


def test_frames_have_a_temporal_axis():
    series = noise((10, 12, 16), spacing_mm=(1.0, 0.5, 0.25), unit="µGy")
    found = wiener_spectrum_3d([series], frame_interval_s=0.1)
    assert found.curve_t.x_unit == "1/s"
    assert found.curve_t.x[-1] == pytest.approx(5.0)
    assert found.central.value_unit == "µGy² mm² s"
    assert found.volume.value == pytest.approx(series.pixels.var(), rel=1e-12)
    assert len(found.radial.x) == 4  # rings of (u, v) up to 1 cycles/mm in steps of 1/4


def test_the_check_is_at_rounding_and_sees_a_fault(images, monkeypatch):
    check = wiener_dimension_check(images)
    assert check.worst.value < 1e-12
    assert len(check.table.rows) == 7
    assert wiener_dimension_check([noise((6, 12, 16), spacing_mm=(1, 0.5, 0.5))]).worst.value < 1e-12
    right = np.fft.fft2
    monkeypatch.setattr(np.fft, "fft2", lambda a, **more: right(a, **more) / a.size)  # eq. (10) where (9) is meant
    assert wiener_dimension_check(images).worst.value > 0.9


def test_the_aperture_of_eq_5(plane):
    u = plane.surface.x
    wide = integrate_section(plane.surface, slit_width_mm=0.3).curve.y
    assert np.allclose(wide, integrate_section(plane.surface).curve.y * np.sinc(0.3 * u) ** 2)
    full = integrate_section(plane.surface, slit_length_mm=48 * 0.2, transfer="sampled").curve.y
    assert relative(full, central_section(plane.surface).curve.y / (48 * 0.2)) < 1e-12  # eq. (6) with L = 2Y


def test_a_wide_slit_loses_what_its_sinc_says():
    drawn = [noise_field(rng=np.random.default_rng(n), kind="white") for n in range(40)]
    found = wiener_spectrum_1d([d.image for d in drawn], slit_width_px=4).curve
    kept = np.sinc(0.4 * found.x) / np.sinc(0.1 * found.x)
    expected = np.interp(found.x, np.sort(found.x), np.full(len(found.x), 13.2 * 0.1)) * kept**2
    middle = np.abs(found.x) > 0.5
    assert (found.y[middle]).mean() == pytest.approx(expected[middle].mean(), rel=0.05)


def test_radial_mean_is_without_bias_for_a_known_form():
    """Integer truncation of the radius, as some programs do it, is off by 2 to 6 % here."""
    axis = np.fft.fftshift(np.fft.fftfreq(256, 0.15))
    radius = np.hypot(axis[:, None], axis)
    drawn = wiener_spectrum_2d([noise((256, 256), spacing_mm=(0.15, 0.15))], roi_px=None).surface
    known = drawn.__class__(**{**vars(drawn), "values": np.exp(-((radius / 1.5) ** 2))})
    curve = radial_nps(known).curve
    assert np.allclose(curve.y, np.exp(-((curve.x / 1.5) ** 2)), rtol=3e-3)
    assert curve.x[-1] < 1 / 0.3 + 0.02
    whole = wiener_spectrum_2d([noise((256, 256), spacing_mm=(0.15, 0.15))], roi_px=None)
    assert np.allclose(radial_nps(whole.surface).curve.y, whole.radial.y, rtol=1e-12)
    centres = np.arange(1, 129) / 38.4  # rings lie around multiples of du
    assert np.allclose(radial_nps(whole.surface).curve.x, centres, atol=0.25 / 38.4)


def test_both_dft_conventions():
    pixels = noise_field(rng=np.random.default_rng(1)).image.pixels
    eight = spectrum_of_dft(np.fft.fft2(pixels), (0.1, 0.1), variance=pixels.var())
    ten = spectrum_of_dft(np.fft.fft2(pixels, norm="forward"), (0.1, 0.1), dft_norm="mean", variance=pixels.var())
    assert relative(ten, eight) < 1e-12
    assert eight.sum() / 6.4**2 == pytest.approx(pixels.var(), rel=1e-12)
    with pytest.raises(DataError, match=r"G-QUA-235.*dft_norm='sum'"):
        spectrum_of_dft(np.fft.fft2(pixels), (0.1, 0.1), dft_norm="mean", variance=pixels.var())
    with pytest.raises(DataError, match=r"G-QUA-235.*windowed"):
        spectrum_of_dft(np.fft.fft2(pixels * np.hanning(64)), (0.1, 0.1), variance=pixels.var())
    with pytest.raises(DataError, match="G-QUA-234"):
        spectrum_of_dft(np.fft.fft2(pixels), (0.1,))


def test_absolute_and_relative_by_dose():
    rng = np.random.default_rng(2)
    shots = [
        Image(rng.poisson(n, (4, 128, 128)) * 1.0, spacing_mm=(1, 0.1, 0.1), meaning="linear exposure") for n in (1000, 4000)
    ]
    low, high = (wiener_spectrum_2d(s, roi_px=64).volume.value for s in shots)
    assert high / low == pytest.approx(4, rel=0.05)
    low, high = (wiener_spectrum_2d(s, roi_px=64, normalize="relative").volume.value for s in shots)
    assert high / low == pytest.approx(1 / 4, rel=0.05)


def test_relative_needs_a_mean():
    with pytest.raises(ImageError, match="G-QUA-207"):
        wiener_spectrum_2d(
            [noise((64, 64), spacing_mm=PIXEL).with_pixels(np.eye(64) - 1)], roi_px=32, overlap_px=0, normalize="relative"
        )


def test_difference_removes_what_images_share():
    rng = np.random.default_rng(3)
    pattern = 20 * np.sin(np.arange(256) / 3)[None] + np.linspace(0, 50, 256)[:, None]
    images = [Image(100 + pattern + rng.normal(0, 2, (256, 256)), spacing_mm=(0.1, 0.1)) for _ in range(4)]
    found = wiener_spectrum_2d(images, roi_px=64, overlap_px=0, detrend="difference")
    assert found.volume.value == pytest.approx(4, rel=0.03)
    assert found.mean.value == pytest.approx(125, abs=1)
    assert wiener_spectrum_2d(images, roi_px=64, overlap_px=0).volume.value > 150
    for wrong in (images[:1], images[:3]):
        with pytest.raises(DataError, match="G-QUA-208"):
            wiener_spectrum_2d(wrong, roi_px=64, detrend="difference")
    with pytest.raises(ImageError, match="G-QUA-209"):
        wiener_spectrum_2d([images[0], images[1].with_pixels(images[1].pixels[:128])], roi_px=64, detrend="difference")
