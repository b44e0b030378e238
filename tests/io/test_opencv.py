"""Arrays go to OpenCV and come back with every value in its place."""

import numpy as np
import pytest

from gazo.core import Image
from gazo.core.errors import ImageError
from gazo.io import from_opencv, read, to_opencv


@pytest.mark.parametrize("kind", ["uint8", "int8", "uint16", "int16", "int32", "float32", "float64", ">u2", ">f4"])
@pytest.mark.parametrize("colour", [False, True])
def test_there_and_back_is_exact(kind, colour):
    pixels = (np.random.default_rng(1).normal(size=(5, 7, 3) if colour else (5, 7)) * 100).astype(kind)
    image = Image(pixels, spacing_mm=(0.2, 0.1), colour=colour, meaning="HU", patient="p", modality="CT")
    back = from_opencv(to_opencv(image), like=image)
    assert np.array_equal(back.pixels, pixels)
    assert (back.spacing_mm, back.colour, back.meaning, back.patient) == ((0.2, 0.1), colour, "HU", "p")


def test_opencv_writes_what_gazo_reads(tmp_path):
    import cv2

    rgb = np.random.default_rng(2).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    assert cv2.imwrite(str(tmp_path / "colour.png"), to_opencv(Image(rgb, colour=True)))
    assert np.array_equal(read(tmp_path / "colour.png").pixels, rgb)
    assert np.array_equal(from_opencv(cv2.imread(str(tmp_path / "colour.png"))).pixels, rgb)


def test_the_array_is_free_to_write_on():
    image = Image(np.zeros((3, 3), np.uint8))
    array = to_opencv(image)
    array[0, 0] = 9
    assert image.pixels[0, 0] == 0
    assert np.array_equal(np.unique(to_opencv(Image(np.eye(3) > 0))), [0, 255])


def test_what_does_not_fit_is_told():
    volume = Image(np.zeros((2, 3, 4), np.float32))
    with pytest.raises(ImageError, match=r"\(2, 3, 4\)") as told:
        to_opencv(volume)
    assert told.value.code == "G-IO-170"
    with pytest.raises(ImageError, match="uint32"):
        to_opencv(Image(np.zeros((3, 4), np.uint32)))
    with pytest.raises(ImageError, match=r"\(3, 4, 2\)"):
        from_opencv(np.zeros((3, 4, 2)))
    with pytest.raises(ImageError, match="spacing"):
        from_opencv(np.zeros((2, 2)), like=Image(np.zeros((3, 4))))
