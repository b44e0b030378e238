"""Double-ring filter, shape index and Gabor bank: formulas, published numbers on a real fundus, and scikit-image."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.process import double_ring_filter, gabor_bank, shape_index

Y, X = np.mgrid[-30:31, -30:31].astype(float)
SPOT, RIDGE = np.exp(-(X**2 + Y**2) / 18), np.exp(-(X**2) / 18)


@pytest.fixture(scope="module")
def fundus():
    """A crop of a real fundus photograph with microaneurysms that scikit-image ships (102 x 102)."""
    from skimage import data

    return Image(data.microaneurysms())


def test_the_double_ring_answers_spots_more_than_lines():
    """Gaussian sigma 3, radii 2.5 / 5 / 7: 0.699 dark spot, 0.445 dark line, -0.699 bright spot."""
    assert double_ring_filter(-SPOT)[30, 30] == pytest.approx(0.699, abs=5e-4)
    assert double_ring_filter(-RIDGE)[30, 30] == pytest.approx(0.445, abs=5e-4)
    assert double_ring_filter(SPOT)[30, 30] == pytest.approx(-0.699, abs=5e-4)
    assert double_ring_filter(SPOT, spots="bright")[30, 30] == pytest.approx(0.699, abs=5e-4)


def test_the_double_ring_is_a_difference_of_two_means():
    picture = np.random.default_rng(0).normal(100, 5, (61, 61))
    radius = np.hypot(X, Y)
    expected = picture[(radius > 4) & (radius <= 9)].mean() - picture[radius <= 3].mean()
    found = double_ring_filter(picture, disc_radius_px=3.0, ring_inner_px=4.0, ring_outer_px=9.0)[30, 30]
    assert found == pytest.approx(expected, abs=1e-4)


def test_the_double_ring_is_blind_to_constants_and_ramps():
    assert np.abs(double_ring_filter(np.full((40, 40), 4095.0))).max() < 1e-3
    assert np.abs(double_ring_filter(3 * X + 2 * Y + 1000)[10:-10, 10:-10]).max() < 1e-3


def test_the_double_ring_on_a_real_fundus(fundus):
    """Highest peaks (row, column): (22, 16) 38.1, (87, 17) 24.5, (52, 69) 23.5."""
    from skimage.feature import peak_local_max

    found = double_ring_filter(fundus).pixels
    peaks = peak_local_max(found, min_distance=5, num_peaks=3)
    assert peaks.tolist() == [[22, 16], [87, 17], [52, 69]]
    assert found[tuple(peaks.T)] == pytest.approx([38.1, 24.5, 23.5], abs=0.05)


def test_several_scales_give_the_highest_response(fundus):
    alone = [double_ring_filter(fundus, scales=(s,)).pixels for s in (1.0, 1.5)]
    assert (double_ring_filter(fundus, scales=(1.0, 1.5)).pixels == np.maximum(*alone)).all()


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
@pytest.mark.parametrize(
    ("surface", "index"),
    [(X**2 + Y**2, -1), (X**2, -0.5), (X**2 - Y**2, 0), (-(Y**2), 0.5), (-(X**2) - Y**2, 1), ((X + Y) ** 2, -0.5), (X * Y, 0)],
)
def test_five_surfaces_have_their_index_exactly(surface, index, sigma):
    assert shape_index(surface, sigma_px=sigma).image.pixels[30, 30] == pytest.approx(index, abs=1e-6)


def test_curvedness_is_that_of_the_quadratic_and_flat_is_zero():
    """k1 = 6, k2 = -2: sqrt((36 + 4) / 2)."""
    assert shape_index(3 * X**2 - Y**2).curvedness.pixels[30, 30] == pytest.approx(np.sqrt(20), rel=1e-6)
    flat = shape_index(np.full((40, 40), 1000.0))
    assert (flat.image.pixels == 0).all()
    assert (flat.curvedness.pixels == 0).all()


@pytest.mark.parametrize(("sigma", "index"), [(1.0, -0.98), (2.0, -0.95), (3.0, -0.93)])
def test_the_shape_index_of_a_real_microaneurysm(fundus, sigma, index):
    assert shape_index(fundus, sigma_px=sigma).image.pixels[22, 16] == pytest.approx(index, abs=0.005)


def test_the_shape_index_agrees_with_scikit_image_but_for_its_sign(fundus):
    from skimage.feature import hessian_matrix

    down, mixed, right = hessian_matrix(fundus.pixels.astype(float), sigma=2.0, mode="reflect", use_gaussian_derivatives=True)
    expected = -2 / np.pi * np.arctan2(down + right, np.sqrt((down - right) ** 2 + 4 * mixed**2))
    found = shape_index(fundus)
    curved = found.curvedness.pixels > np.median(found.curvedness.pixels)  # where it is flat the index is arbitrary
    assert np.abs(found.image.pixels - expected)[12:-12, 12:-12][curved[12:-12, 12:-12]].max() < 0.005


def grating(frequency, degrees):
    angle = np.deg2rad(degrees)
    y, x = np.mgrid[:200, :200]
    return np.cos(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)))


@pytest.mark.parametrize("degrees", [0, 45, 90, 135, 165])
def test_a_grating_answers_at_its_angle_with_its_amplitude(degrees):
    found = gabor_bank(500 + 20 * grating(0.1, degrees), frequency_per_px=0.1)
    inner = np.s_[60:140, 60:140]
    assert (found.angle.pixels[inner] == degrees).all()
    assert found.image.pixels[inner] == pytest.approx(20, rel=0.02)


def test_a_grating_answers_most_at_its_frequency_and_half_an_octave_away():
    picture = grating(0.1, 30)
    at = {f: gabor_bank(picture, frequency_per_px=f).image.pixels[100, 100] for f in (0.05, 0.07, 0.1, 0.14, 0.2)}
    assert max(at, key=at.get) == 0.1
    # one octave wide at half height: 2^b = (f + c) / (f - c), so f = 0.1 lies on the half height of 0.075 and of 0.15
    for f in (0.075, 0.15):
        assert gabor_bank(picture, frequency_per_px=f).image.pixels[100, 100] == pytest.approx(0.5, abs=0.01)


def test_a_constant_gives_zero_and_parts_have_their_sign():
    assert np.abs(gabor_bank(np.full((64, 64), 4095.0)).image.pixels).max() < 1e-3
    assert gabor_bank(-RIDGE, frequency_per_px=0.08, part="dark").image.pixels[30, 30] > 0.25
    assert gabor_bank(-RIDGE, frequency_per_px=0.08, part="bright", angles=1).image.pixels[30, 30] < -0.25


def test_the_kernel_is_scikit_images_but_for_its_mean():
    from skimage.filters import gabor_kernel

    from gazo.process.enhance.gabor import _kernels

    peer = gabor_kernel(0.1, theta=0.5, bandwidth=1.0, sigma_y=2 * np.sqrt(np.log(2) / 2) / np.pi * 3 / 0.1)
    even, odd = _kernels(0.1, 0.5, 1.0, 0.5)
    ours, theirs = (k[tuple(slice(n // 2 - 15, n // 2 + 16) for n in k.shape)] for k in (odd, peer.imag))
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.9999
    assert even.sum() == pytest.approx(0, abs=1e-5)


def test_the_filters_do_not_touch_their_input_and_refuse_what_they_cannot_use(fundus):
    kept = fundus.pixels.copy()
    for run in (double_ring_filter, shape_index, gabor_bank):
        made = run(fundus)
        assert getattr(made, "image", made).history[-1].name == run.__name__
        for wrong, code in [
            (np.full((9, 9), np.nan), "G-PRC-202"),
            (np.ones((1, 1)), "G-PRC-201"),
            (np.ones((9, 9, 3)), "G-PRC-201"),
        ]:
            with pytest.raises(GazoError, match=code):
                run(wrong)
    assert (fundus.pixels == kept).all()
    with pytest.raises(GazoError, match="G-PRC-310"):
        double_ring_filter(fundus, ring_inner_px=8.0)
