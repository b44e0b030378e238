"""A10: OpenCV's result, a limit that means the same at every depth, maps that rise."""

import cv2
import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.process import clahe


@pytest.fixture(scope="module")
def smooth():
    rng = np.random.default_rng(0)
    field = cv2.GaussianBlur(rng.normal(size=(300, 260)).astype(np.float32), (0, 0), 12)
    field = (field - field.min()) / (field.max() - field.min())
    return np.rint(4095 * field).astype(np.uint16)  # 12 bits, both ends used


@pytest.mark.parametrize("tiles", [1, 4, 8])
def test_equal_to_opencv_on_the_same_input(smooth, tiles):
    wide = np.rint(smooth.astype(np.float32) * np.float32(65535 / 4095)).astype(np.uint16)
    theirs = cv2.createCLAHE(256 * 0.01 * 65536 / 4096, (tiles, tiles)).apply(wide)
    ours = clahe(Image(smooth), clip_limit=0.01, tiles=tiles).pixels
    assert np.abs(ours * (65535 / 4095) - theirs).max() <= 1


def test_the_curve_of_a_tile_rises_and_keeps_to_its_limit(smooth):
    bent = clahe(Image(smooth), clip_limit=0.01, tiles=1).pixels
    order = np.argsort(smooth, axis=None, kind="stable")
    x, y = smooth.ravel()[order].astype(float), bent.ravel()[order]
    assert (np.diff(y) >= 0).all()
    levels, first = np.unique(x, return_index=True)
    gain = (y[first][64::64] - y[first][:-64:64]) / (levels[64::64] - levels[:-64:64])
    assert gain.max() <= 2.56 * 1.1
    assert gain.max() > 1.3


def test_the_limit_means_the_same_at_8_and_at_12_bits(smooth):
    """OpenCV alone with one clip limit: 8 and 16 bits differ several times as much."""
    shallow = np.rint(smooth / 4095 * 255).astype(np.uint8)
    given = {"clip_limit": 0.008, "tiles": 2}
    ours = np.abs(clahe(Image(smooth), **given).pixels / 4095 - clahe(Image(shallow), **given).pixels / 255)
    tool = cv2.createCLAHE(256 * 0.008, (2, 2))
    bare = np.abs(tool.apply(np.rint(smooth * (65535 / 4095)).astype(np.uint16)) / 65535 - tool.apply(shallow) / 255)
    assert ours.mean() < 0.015
    assert bare.mean() > 3 * ours.mean()


def test_a_uniform_image_stays():
    flat = Image(np.full((256, 256), 1234, np.uint16))
    assert np.array_equal(clahe(flat).pixels, flat.pixels)
    inside = clahe(flat, low=0, high=4095, clip_limit=1 / 256, tiles=1).pixels
    assert inside.mean() == pytest.approx(1234, abs=2)  # one level for the limit, one for rounding


def test_local_contrast_rises(smooth):
    x = np.indices(smooth.shape)[1]
    weak = Image((smooth / 8 + 2000 + 40 * np.sin(x)).astype(np.float32))
    strong = clahe(weak, clip_limit=0.02)
    assert strong.pixels.std() / np.ptp(strong.pixels) > weak.pixels.std() / np.ptp(weak.pixels)


def test_a_turned_range_is_refused(smooth):
    with pytest.raises(OptionError, match="G-PRC-229"):
        clahe(Image(smooth), low=10, high=5)
