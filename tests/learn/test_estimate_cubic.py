"""Cubic resizing and luminance: formulas, MATLAB's published images, laws."""

from fractions import Fraction

import numpy as np
import pytest

from gazo.core import Image, ImageError
from gazo.learn import cubic_resize
from gazo.learn.estimate.cubic import bicubic, keys_kernel, resized_along
from gazo.learn.estimate.planes import plane_of, rgb, ycbcr

SET5 = ("baby", "bird", "butterfly", "head", "woman")


@pytest.fixture(scope="module")
def set5(shared):
    from PIL import Image as Picture

    folder = shared / "reference" / "restoration" / "set5"
    if not folder.is_dir():
        pytest.skip(f"needs the images of Set5 in {folder}")
    return lambda name, factor, kind: np.array(Picture.open(folder / f"{name}_x{factor}_{kind}.png"))


def test_keys_kernel():
    assert keys_kernel(np.array([0.0, 0.5, 1.0, 1.5, 2.0])).tolist() == pytest.approx([1, 0.5625, 0, -0.0625, 0])
    x = np.linspace(0, 1, 7)
    assert sum(keys_kernel(x + shift) for shift in (-2, -1, 0, 1)) == pytest.approx(np.ones(7))


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1, 3), 2, 3, 4])
def test_planes_and_parabolas_stay_what_they_are(scale):
    """Of third order: a parabola sampled at other places, away from the border; shrinking averages, so only a plane stays."""
    y, x = np.mgrid[:48, :60].astype(np.float64)
    made = cubic_resize(2 * y - x, scale)
    v, u = ((np.arange(n) + 0.5) / float(scale) - 0.5 for n in made.shape)
    inner = (slice(12, -12),) * 2 if scale > 1 else (slice(4, -4),) * 2
    assert made[inner] == pytest.approx((2 * v[:, None] - u)[inner], abs=1e-3)
    if scale > 1:
        assert cubic_resize(x**2, scale)[inner] == pytest.approx(np.broadcast_to(u**2, made.shape)[inner], abs=2e-3)


def test_shrinking_does_not_alias():
    stripes = np.tile([0.0, 1.0], (40, 20))
    assert np.ptp(cubic_resize(stripes, Fraction(1, 4))[:, 2:-2]) < 0.02


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("name", SET5)
def test_the_published_small_images_to_the_last_bit(set5, name, factor):
    """SelfExSR's low-resolution images were made by MATLAB's imresize, which rounds after each axis."""
    small = _rounded_after_each_axis(set5(name, factor, "HR"), factor)
    assert np.array_equal(small, set5(name, factor, "LR"))


@pytest.mark.parametrize(("factor", "published"), [(2, 33.69), (3, 30.41), (4, 28.43)])
def test_bicubic_psnr_of_set5(set5, factor, published):
    """The papers print 33.66, 30.39 and 28.42, from images of 8 bits."""
    found = []
    for name in SET5:
        truth = plane_of(Image(set5(name, factor, "HR"), colour=True)).pixels
        error = (truth - bicubic(truth, factor))[factor:-factor, factor:-factor]
        found.append(-10 * np.log10(np.mean(error.astype(np.float64) ** 2)))
    assert np.mean(found) == pytest.approx(published, abs=0.05)


def test_luminance_and_back():
    """White is 235, black 16; Cb and Cr of grey are 128 (BT.601); all colours come back."""
    corners = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]], [[7, 250, 31], [99, 99, 99], [0, 0, 255]]], np.uint8)
    planes = ycbcr(Image(corners, colour=True))
    assert planes[0, :, 0].tolist() == pytest.approx([16, 235, 81.481], abs=1e-3)
    assert planes[1, 1].tolist() == pytest.approx([16 + 99 * 219 / 255, 128, 128], abs=1e-3)
    assert np.array_equal(rgb(planes), corners)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (lambda: Image(np.zeros((8, 8, 3), np.uint16), colour=True), "G-EST-004"),
        (lambda: Image(np.full((8, 8), 3.0)), "G-EST-003"),
        (lambda: Image(np.array([[np.nan, 1.0], [0.0, 2.0]])), "G-EST-002"),
    ],
)
def test_planes_that_cannot_be_used(image, code):
    with pytest.raises(ImageError, match=code):
        plane_of(image())


def _rounded_after_each_axis(pixels, factor):
    for axis in (0, 1):
        pixels = np.clip(np.floor(resized_along(pixels, Fraction(1, factor), axis) + 0.5), 0, 255)
    return pixels.astype(np.uint8)
