"""MTF from slits, wires and beads, and the TTF of round inserts."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.ndimage import gaussian_filter
from scipy.special import erf, j0, j1

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.quality import mtf_circular_edge, mtf_edge, mtf_point, mtf_slit, mtf_wire
from gazo.quality.wire import disc_transform

PIXEL = 0.15


def slit(width=0.2, blur=0.1, angle=2.0, shape=(300, 160), turn=0, noise=0.0, seed=0, sign=1):
    """A slit of some width, Gaussian blur, averaged over square pixels by fine sampling; background 50, a slope across."""
    fine = 8
    rows, columns = ((np.arange(n * fine) + 0.5) / fine - n / 2 for n in shape)
    a = np.radians(angle)
    away = PIXEL * (columns[None] * np.cos(a) - rows[:, None] * np.sin(a))
    high = (erf((away + width / 2) / blur / 2**0.5) - erf((away - width / 2) / blur / 2**0.5)) / 2
    pixels = sign * 1000 * high.reshape(shape[0], fine, shape[1], fine).mean((1, 3)) + 50 + 0.1 * np.arange(shape[1])
    pixels = pixels + np.random.default_rng(seed).normal(0, noise, shape)
    return Image(np.rot90(pixels, turn).copy(), (PIXEL, PIXEL))


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_slit_gives_blur_times_pixel(turn, sign):
    found = mtf_slit(slit(turn=turn, sign=sign), slit_mm=0.2)
    f, a = found.curve.x, np.radians(2)
    true = np.exp(-2 * (np.pi * 0.1 * f) ** 2) * np.sinc(f * PIXEL * np.cos(a)) * np.sinc(f * PIXEL * np.sin(a))
    assert np.abs(found.curve.y - true).max() <= 0.005
    assert abs(found.angle.value) == pytest.approx(2, abs=0.02)


def test_without_its_width_the_slit_reads_low_by_its_transform():
    wide, bare = mtf_slit(slit(), slit_mm=0.2), mtf_slit(slit(), slit_mm=0.0)
    assert bare.curve.y / wide.curve.y == pytest.approx(np.sinc(wide.curve.x * 0.2), abs=1e-9)


def test_repeats_of_a_slit_bring_the_truth_into_the_band():
    found = mtf_slit([slit(noise=10, seed=s) for s in range(6)], slit_mm=0.2, half_width_mm=4)
    f = found.curve.x
    true = np.exp(-2 * (np.pi * 0.1 * f) ** 2) * np.sinc(f * PIXEL)
    assert np.abs(found.curve.y - true).max() < 0.03
    assert np.mean((found.curve.low <= true) & (true <= found.curve.high)) > 0.7


def test_a_flat_image_has_no_slit():
    with pytest.raises(DataError, match="G-QUA-414"):
        mtf_slit(Image(np.full((64, 64), 3.0), (0.1, 0.1)))
    with pytest.raises(ImageError, match="G-IMG-003"):
        mtf_slit(slit().pixels)


def test_slit_and_edge_of_one_detector_fall_alike(shared):
    """Flat-panel edge (1x1) and slit (2x2, scatter rejected by the slit): same order, no closer agreement is published."""
    folder = shared / "reference" / "image_quality" / "xray_mtf"
    a = mtf_slit(Image(np.load(folder / "2d_SlitWire_Proc.npy"), (0.388, 0.388)), slit_mm=0.25).curve
    b = mtf_edge(Image(np.load(folder / "2d_Edge_bench1x1.npy"), (0.194, 0.194))).curve
    f = np.array([0.25, 0.5, 0.75, 1.0, 1.25])
    without_pixel = [np.interp(f, c.x, c.y) / np.sinc(p * f) for c, p in ((a, 0.388), (b, 0.194))]
    assert np.abs(without_pixel[0] - without_pixel[1]).max() < 0.15


def spot(sigma, pixel=0.3, size=61, at=(9.07, 8.93), slope=0.5):
    y, x = np.mgrid[:size, :size] * pixel
    return 1000 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * sigma**2)) + 20 + slope * x


@pytest.mark.parametrize("sigma", [0.25, 0.4, 0.7])
@pytest.mark.parametrize("measure", [mtf_wire, mtf_point])
def test_a_gaussian_spot(measure, sigma):
    found = measure(Image(spot(sigma), (0.3, 0.3)))
    assert np.abs(found.curve.y - np.exp(-2 * (np.pi * sigma * found.curve.x) ** 2)).max() <= 0.005
    exact = np.sqrt(np.log(2) / 2) / (np.pi * sigma)
    assert found.mtf50.value == pytest.approx(exact, rel=0.005)


def test_planes_of_one_image_and_a_dark_wire():
    planes = np.stack([-spot(0.5, at=(9 + 0.02 * k, 9.1)) for k in range(6)])
    found = mtf_wire(Image(planes, (1.0, 0.3, 0.3)))
    assert np.abs(found.curve.y - np.exp(-2 * (np.pi * 0.5 * found.curve.x) ** 2)).max() <= 0.005
    assert "6 slices" in found.sentence.en


@pytest.mark.parametrize("wire", [0.05, 0.1, 0.2])
def test_the_wire_correction_is_the_transform_of_a_disc(wire):
    """2 J1(z)/z against the Hankel transform of a disc, by quadrature; and the curve is divided by exactly that."""
    for f in (0.3, 1.0, 1.6):
        by_hand = quad(lambda r, f=f: r * j0(2 * np.pi * f * r), 0, wire / 2)[0] * 8 / wire**2
        assert disc_transform(np.array([np.pi * wire * f]))[0] == pytest.approx(by_hand, rel=1e-9)
    image = Image(spot(0.4), (0.3, 0.3))
    bare, corrected = mtf_wire(image), mtf_wire(image, wire_mm=wire)
    z = np.pi * wire * bare.curve.x[1:]
    assert corrected.curve.y[1:] == pytest.approx(bare.curve.y[1:] / (2 * j1(z) / z), rel=1e-12)


def test_the_bead_correction_is_the_transform_of_a_sphere():
    image = Image(spot(0.4), (0.3, 0.3))
    bare, corrected = mtf_point(image), mtf_point(image, bead_mm=0.4)
    f = bare.curve.x[-1]
    chord = quad(lambda r: r * 2 * np.sqrt(0.04 - r * r) * j0(2 * np.pi * f * r), 0, 0.2)[0] * 2 * np.pi / (np.pi * 0.4**3 / 6)
    assert bare.curve.y[-1] / corrected.curve.y[-1] == pytest.approx(chord, rel=1e-6)


def test_the_band_of_one_noisy_wire_covers_the_truth():
    """300 curves at 20 frequencies that depend on one another; the mean coverage of the normal interval is 95 %."""
    inside = []
    for seed in range(60):
        noisy = spot(0.6, slope=0) + np.random.default_rng(seed).normal(0, 5, (61, 61))
        curve = mtf_wire(Image(noisy, (0.3, 0.3)), radius_mm=3).curve
        at = np.array([0.2, 0.4, 0.6])
        true = np.exp(-2 * (np.pi * 0.6 * at) ** 2)
        inside.append((np.interp(at, curve.x, curve.low) <= true) & (true <= np.interp(at, curve.x, curve.high)))
    assert 0.88 <= np.mean(inside) <= 0.99


def test_a_wire_that_is_not_there_or_too_near_the_border():
    noise = np.random.default_rng(0).normal(0, 5, (61, 61))
    with pytest.raises(DataError, match="G-QUA-415"):
        mtf_wire(Image(noise, (0.3, 0.3)))
    with pytest.raises(DataError, match="G-QUA-416"):
        mtf_wire(Image(spot(0.5, at=(1.0, 9.0)), (0.3, 0.3)))


def test_the_cbct_wire(shared):
    """Against a plain computation: mean over slices of |FFT2| in rings, noise floor and all."""
    volume = np.load(shared / "reference" / "image_quality" / "xray_mtf" / "3d_Wire_Filter11_Cios.npy")
    found = mtf_wire(Image(np.moveaxis(volume, 2, 0), (0.313, 0.313, 0.313)), radius_mm=4)
    part = volume[17 - 8 : 17 + 9, 14 - 8 : 14 + 9]
    transform = np.abs(np.fft.fft2(part - np.median(part), axes=(0, 1))).mean(2)
    f = np.fft.fftfreq(17, 0.313)
    radius = np.hypot(f[:, None], f)
    rings = [transform[np.abs(radius - at) < 0.1].mean() for at in (0.376, 0.752, 1.128)]
    ours = np.interp([0.376, 0.752, 1.128], found.curve.x, found.curve.y)
    assert ours[1:] / ours[0] == pytest.approx(np.array(rings[1:]) / rings[0], abs=0.08)
    assert 0.7 < found.mtf50.value < 1.1


def insert(radius=12.5, sigma=0.6, pixel=0.5, contrast=100.0, noise=0.0, seed=0):
    size, fine = int(4.6 * radius / pixel) | 1, 5
    y, x = (np.mgrid[: size * fine, : size * fine] + 0.5) * pixel / fine
    centre = size * pixel / 2 + 0.13
    disc = np.clip((radius - np.hypot(x - centre, y - centre)) / (pixel / fine) + 0.5, 0, 1)
    disc = gaussian_filter(disc, sigma * fine / pixel)[fine // 2 :: fine, fine // 2 :: fine]
    return Image(1000 + contrast * disc + np.random.default_rng(seed).normal(0, noise, disc.shape), (pixel, pixel))


@pytest.mark.parametrize("contrast", [100, -300])
@pytest.mark.parametrize("radius", [8, 12.5])
def test_the_ttf_of_a_blurred_disc(radius, contrast):
    found = mtf_circular_edge(insert(radius, contrast=contrast), diameter_mm=2 * radius)
    assert np.abs(found.curve.y - np.exp(-2 * (np.pi * 0.6 * found.curve.x) ** 2)).max() <= 0.01
    assert found.diameter.value == pytest.approx(2 * radius, abs=0.1)
    assert found.contrast.value == pytest.approx(contrast, rel=0.01)


def test_noisy_slices_and_a_centre_by_hand():
    slices = [insert(noise=20, seed=s) for s in range(8)]
    found = mtf_circular_edge(slices, diameter_mm=25, row_px=56, column_px=58)
    true = np.exp(-2 * (np.pi * 0.6 * found.curve.x) ** 2)
    assert np.abs(found.curve.y - true).max() < 0.15
    assert np.mean((found.curve.low <= true) & (true <= found.curve.high)) > 0.75
    assert found.cnr.value == pytest.approx(100 / 20 * np.sqrt(8), rel=0.1)
    assert found.warnings[0].en.startswith("the CNR") if found.cnr.value < 15 else not found.warnings


def test_inserts_that_cannot_be_measured():
    with pytest.raises(DataError, match="G-QUA-417"):
        mtf_circular_edge(insert(), diameter_mm=60)
    with pytest.raises(DataError, match="G-QUA-418"):
        mtf_circular_edge(
            Image(np.random.default_rng(0).normal(0, 1, (120, 120)), (0.5, 0.5)), diameter_mm=25, row_px=60, column_px=60
        )
