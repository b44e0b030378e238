"""IEC 62220-1 and its forerunners: shading, white noise, known spectra, the fast way against the plain one."""

import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError, OptionError
from gazo.core.image import Image
from gazo.phantoms import noise_field
from gazo.quality import nnps, nps_iec, wiener_spectrum_2d
from gazo.quality.nps_lines import pruned_lines

PIXEL = 0.15


def flat(pixels, **facts):
    return Image(pixels, spacing_mm=(PIXEL, PIXEL), **{"meaning": "linear exposure", "unit": "µGy", **facts})


@pytest.fixture(scope="module")
def drawn():
    """2048 x 2048 pixels of Gaussian-filtered noise, SD 30 about 1000."""
    made = noise_field(rng=np.random.default_rng(0), size_px=2048, pixel_mm=PIXEL, sigma_px=0.7, variance=900.0)
    frequency = np.fft.fftfreq(2048, PIXEL)[:1024]
    return made.image.pixels, frequency, made.spectrum[0, :1024]


@pytest.fixture(scope="module")
def white():
    return flat(np.random.default_rng(11).normal(1000, 30, (2048, 2048)).astype(np.float32))


def truth(drawn, at):
    _, frequency, spectrum = drawn
    return np.interp(at, frequency[1:], spectrum[1:])


def shaded(noise):
    y, x = np.mgrid[-1:1:2048j, -1:1:2048j]
    return flat(1000 * (1 + 0.1 * (1 - x**2 - 0.6 * y**2 + 0.3 * x * y)) + noise)


def test_quadratic_shading_does_not_enter(drawn):
    """F9: the lowest three frequencies within 5 % of the truth, the middle ones within 1 % on average, 225 regions of 2048^2."""
    step = 1 / (256 * PIXEL)
    clean, shady = (
        nps_iec([image], field_mm=None, report_step_per_mm=step, bin_half_width_per_mm=0.75 * step)
        for image in (flat(1000 + drawn[0]), shaded(drawn[0]))
    )
    assert dict((str(k), v) for k, v in shady.regions.rows)[str(shady.regions.rows[1][0])] == 225
    for curve in (shady.curve_u, shady.curve_v):
        ratio = curve.y / truth(drawn, curve.x)
        assert ratio[:3].mean() == pytest.approx(1, abs=0.05)
    middle = (shady.radial.y / truth(drawn, shady.radial.x))[20:80]
    assert middle.mean() == pytest.approx(1, abs=0.01)
    assert np.allclose(shady.radial.y, clean.radial.y, rtol=1e-3)
    mean_only = wiener_spectrum_2d([shaded(drawn[0])], detrend="mean")
    assert mean_only.radial.y[0] / truth(drawn, mean_only.radial.x[0]) > 10  # what happens without the polynomial


def test_white_noise_is_flat_within_two_standard_errors(white):
    found = nps_iec([white], field_mm=None)
    expected = white.pixels.astype(np.float64).var() * PIXEL**2
    assert np.allclose(found.radial.x, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
    for curve in (found.curve_u, found.curve_v):
        error = expected / np.sqrt(64 * 70)  # as many independent regions as fit side by side; 14 lines x 5 frequencies
        assert np.all(np.abs(curve.y - expected) < 3 * error)  # 12 values; two of three within one
        assert abs(curve.y.mean() - expected) < 2 * error / np.sqrt(len(curve.y))
    assert found.variance.value == pytest.approx(expected / PIXEL**2, rel=2e-3)
    assert found.warnings == ()


def test_the_pruned_transform_equals_the_whole_one():
    rng = np.random.default_rng(2)
    pixels = rng.normal(size=(100, 120))
    for roi, rows, columns in ((32, [0, 16, 32], [4, 20, 36, 52]), (30, [0, 20], [1, 21, 41]), (32, [5], [7])):
        for row, count, along_u, along_v in pruned_lines(pixels, roi, rows, columns, range(0, 5)):
            powers = sum(np.abs(np.fft.fft2(pixels[row : row + roi, c : c + roi])) ** 2 for c in columns)
            assert count == len(columns)
            assert np.allclose(along_u, powers[:5], rtol=1e-9)
            assert np.allclose(along_v, powers[:, :5].T, rtol=1e-9)


def test_the_lines_equal_a_slow_count(drawn):
    """The standard written out: every point of the 14 lines within f +- 0.01/D of its own radius."""
    pixels = 1000 + drawn[0][:640, :512]
    found = nps_iec([flat(pixels)], field_mm=None)
    y, x = np.mgrid[:640, :512] / 100.0
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], -1).reshape(-1, 6)
    left = pixels - (terms @ np.linalg.lstsq(terms, pixels.ravel(), rcond=None)[0]).reshape(pixels.shape)
    power = np.zeros((256, 256))
    for row in range(0, 385, 128):
        for column in range(0, 257, 128):
            power += np.abs(np.fft.fft2(left[row : row + 256, column : column + 256])) ** 2 * PIXEL**2 / 256**2 / 12
    lines = [k % 256 for k in (*range(-7, 0), *range(1, 8))]
    f = np.fft.fftfreq(256, PIXEL)
    radius = np.hypot(f[lines][:, None], f)
    for curve, values in ((found.curve_u, power[lines]), (found.curve_v, power[:, lines].T)):
        expected = [values[np.abs(radius - at) <= 0.01 / PIXEL].mean() for at in curve.x]
        assert np.allclose(curve.y, expected, rtol=1e-9)


def test_forerunners_follow_their_tables(drawn):
    image = flat(1000 + drawn[0][:1024, :1024])
    for method, lines, with_axis in (("Dobbins", 4, False), ("Samei-Flynn", 7, True)):
        found = nps_iec([image], field_mm=None, method=method)
        assert found.curve_u.y == pytest.approx(truth(drawn, found.curve_u.x), rel=0.12)
        assert f"{lines} lines" in found.sentence.en
        assert ("axis included" in found.sentence.en) is with_axis
        assert "128 × 128" in found.sentence.en
        assert not any("four million" in w.en for w in found.warnings)


def test_float32_and_uint16_agree_with_float64():
    values = np.random.default_rng(3).normal(2000, 40, (700, 600)).round()
    exact = nps_iec([flat(values)], field_mm=None).radial.y
    for kind in (np.float32, np.uint16, np.int32):
        assert np.allclose(nps_iec([flat(values.astype(kind))], field_mm=None).radial.y, exact, rtol=2e-5), kind


def test_nnps_is_the_spectrum_over_the_squared_mean(white):
    absolute = nps_iec([white])
    normal = nnps(absolute)
    assert np.allclose(normal.curve_u.y, absolute.curve_u.y / absolute.mean.value**2)
    assert np.allclose(normal.curve_u.high / normal.curve_u.y, absolute.curve_u.high / absolute.curve_u.y)
    assert (normal.curve_u.y_unit, absolute.curve_u.y_unit) == ("mm²", "µGy² mm²")
    assert np.allclose(nps_iec([white], normalize="relative").curve_v.y, normal.curve_v.y, rtol=1e-3)
    assert normal.relative
    assert not absolute.relative
    whole = nnps(wiener_spectrum_2d([white]))
    assert whole.volume.value == pytest.approx((whole.surface.values.sum()) / (256 * PIXEL) ** 2)
    assert whole.surface.value_unit == "mm²"
    for wrong in (normal, wiener_spectrum_2d([flat(np.random.default_rng(0).normal(0, 1, (256, 256)) - 9)])):
        with pytest.raises(DataError, match="G-QUA-230"):
            nnps(wrong)


def test_another_spacing_scales_the_axes_and_the_spectrum():
    pixels = np.random.default_rng(5).normal(1000, 30, (640, 640))
    fine = nps_iec([Image(pixels, spacing_mm=(0.1, 0.1))], field_mm=None, report_step_per_mm=0.5)
    coarse = nps_iec([Image(pixels, spacing_mm=(0.2, 0.2))], field_mm=None, report_step_per_mm=0.25)
    assert np.allclose(fine.curve_u.x, 2 * coarse.curve_u.x)
    assert np.allclose(4 * fine.curve_u.y, coarse.curve_u.y)


def test_pixels_that_are_not_square():
    made = noise_field(rng=np.random.default_rng(6), size_px=1024, pixel_mm=0.1, variance=100.0)
    stretched = Image(1000 + made.image.pixels, spacing_mm=(0.2, 0.1))
    found = nps_iec([stretched], field_mm=None)
    assert (len(found.curve_u.x), len(found.curve_v.x), len(found.radial.x)) == (9, 4, 4)
    spectrum = made.spectrum * 2
    for curve, line, pitch in ((found.curve_u, spectrum[3], 0.1), (found.curve_v, spectrum[:, 3], 0.2)):
        expected = np.interp(curve.x, np.fft.fftfreq(1024, pitch)[1:512], line[1:512])
        assert curve.y[:3] == pytest.approx(expected[:3], rel=0.2)


def test_it_reads_one_image_at_a_time(white):
    alive = []

    class Lazy:
        def __len__(self):
            return 6

        def __getitem__(self, n):
            raise AssertionError("iterate, do not index")

        def __iter__(self):
            import weakref

            for _ in range(6):
                pixels = white.pixels[:512, :512].copy()
                alive.append(weakref.ref(pixels))
                yield flat(pixels)
                assert sum(a() is not None for a in alive) <= 3  # the first, for the picture, and the one at work

    found = nps_iec(Lazy(), field_mm=None)
    assert "6 images" in found.sentence.en


def test_bad_input_ends_in_a_sentence(white):
    with pytest.raises(ImageError, match="G-IMG-003"):
        nps_iec([Image(white.pixels)])
    with pytest.raises(ImageError, match="G-QUA-309"):
        nps_iec([Image(np.zeros((300, 300, 3)), colour=True, spacing_mm=(0.1, 0.1))])
    with pytest.raises(ImageError, match="G-QUA-202"):
        nps_iec([white, Image(white.pixels, spacing_mm=(0.2, 0.2))])
    with pytest.raises(DataError, match="G-QUA-203"):
        nps_iec([])
    with pytest.raises(OptionError, match="G-QUA-204"):
        nps_iec([white], field_mm=20.0)
    with pytest.raises(ImageError, match="G-QUA-342"):
        wiener_spectrum_2d([Image(np.ones((1, 1)), spacing_mm=(1, 1))])
    with pytest.raises(OptionError, match="G-QUA-205"):
        nps_iec([white], overlap_px=256)
    with pytest.raises(DataError, match="G-QUA-206"):
        nps_iec([flat(white.pixels[:300, :300])], field_mm=None)
    with pytest.raises(OptionError, match="G-QUA-224"):
        nps_iec([white], report_step_per_mm=5.0)
    spoilt = white.pixels.copy()
    spoilt[5, 5] = np.nan
    with pytest.raises(ImageError, match=r"G-QUA-308.* 1 are missing"):
        nps_iec([flat(spoilt)], field_mm=None)
    with pytest.raises(ImageError, match="G-QUA-213"):
        nps_iec([flat(np.full((512, 512), 7, np.uint16))], field_mm=None)


def test_doubts_are_said(white):
    assert any("four million" in w.en for w in nps_iec([white]).warnings)  # 125 mm of one image are 0.7 million
    display = nps_iec([Image(white.pixels, spacing_mm=(PIXEL, PIXEL), meaning="display")], field_mm=None)
    assert any("processed for display" in w.en for w in display.warnings)
    one = wiener_spectrum_2d([flat(white.pixels[:256, :256])])
    assert any("100 %" in w.en for w in one.warnings)
    assert one.radial.low is None
