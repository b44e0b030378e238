"""Prepared pixels: range, shape, faults, memory that does not grow with the study."""

import numpy as np
import pytest

from gazo.core import DataError, FileError, Image, ImageSet
from gazo.training.pixels import FULL, prepare, prepared_pixels


def test_range_and_area_average():
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    low, high = np.percentile(pixels, (0.5, 99.5))
    unit = np.clip((pixels - low) / (high - low), 0, 1)
    wanted = unit.reshape(4, 2, 4, 2).mean((1, 3))
    got = prepared_pixels(Image(pixels), size_px=4, channels=1)[0] / FULL
    np.testing.assert_allclose(got, wanted, atol=1.5 / FULL)


def test_exposure_and_window_say_nothing():
    pixels = np.random.default_rng(0).random((32, 32))
    a = prepared_pixels(Image(pixels), size_px=16, channels=1)
    b = prepared_pixels(Image(pixels * 700 + 1e4), size_px=16, channels=1)
    assert abs(a.astype(int) - b).max() <= 40


def test_monochrome1_and_monochrome2_look_alike():
    pixels = np.random.default_rng(0).integers(0, 4096, (32, 32))
    a = prepared_pixels(Image(pixels), size_px=16, channels=1)
    b = prepared_pixels(Image(4095 - pixels, inverted=True), size_px=16, channels=1)
    assert abs(a.astype(int) - b).max() <= 2


def test_padding_keeps_the_shape_of_things():
    padded = prepared_pixels(Image(np.eye(40)[:20] + 1), size_px=16, channels=1)[0]
    assert (padded[:4] == 0).all()
    assert (padded[12:] == 0).all()
    assert (prepared_pixels(Image(np.eye(40)[:20] + 1), size_px=16, channels=1, fit="stretch")[0, :2] > 0).any()


def test_grey_becomes_three_equal_channels_and_colour_one_luma():
    rng = np.random.default_rng(1)
    three = prepared_pixels(Image(rng.random((8, 8))), size_px=8, channels=3)
    assert (three[0] == three[2]).all()
    colour = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert prepared_pixels(Image(colour, colour=True), size_px=8, channels=1).shape == (1, 8, 8)
    kept = prepared_pixels(Image(colour, colour=True), size_px=8, channels=3)
    np.testing.assert_allclose(kept / FULL, np.moveaxis(colour / 255, -1, 0), atol=1e-4)


def test_volumes_are_refused():
    with pytest.raises(DataError, match="G-TRAIN-003"):
        prepared_pixels(Image(np.ones((3, 8, 8))), size_px=8, channels=1)


class Loader:
    def __call__(self, reference):
        if reference == "bad":
            raise FileError("G-IO-000", en="broken", ja="壊れています")
        return Image(np.full((8, 8), 5.0) + np.eye(8) * int(reference))

    def digest(self, reference):
        return str(reference)


def images(*references):
    return ImageSet({"image": np.array(references, object)}, {"image": "image"}, Loader())


def test_a_bad_image_is_noted_and_passed_over():
    with prepare(images("1", "bad", "3"), size_px=8, channels=1) as pixels:
        assert pixels.usable.tolist() == [True, False, True]
        assert [(f.row, f.error.code) for f in pixels.faults] == [(1, "G-IO-000")]
        assert pixels.read([2, 0]).shape == (2, 1, 8, 8)
        assert float(pixels.read([2])[0, 0, 3, 3]) == 1.0


def test_no_usable_image_is_an_error_with_the_first_reason():
    with pytest.raises(DataError, match="broken"):
        prepare(images("bad", "bad"), size_px=8, channels=1)


class Odd(Loader):
    def __call__(self, reference):
        pixels = {"volume": np.ones((4, 8, 8)), "nan": np.full((8, 8), np.nan)}.get(reference)
        return super().__call__(reference) if pixels is None else Image(pixels)


def test_one_volume_or_nan_among_images_does_not_stop_the_rest():
    odd = ImageSet({"image": np.array(["1", "volume", "nan", "4"], object)}, {"image": "image"}, Odd())
    with prepare(odd, size_px=8, channels=1) as pixels:
        assert pixels.usable.tolist() == [True, False, False, True]
        assert [f.error.code for f in pixels.faults] == ["G-TRAIN-003", "G-TRAIN-008"]
