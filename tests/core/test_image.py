import pickle

import numpy as np
import pytest

from gazo.core.errors import ImageError
from gazo.core.history import Step
from gazo.core.image import Image


def grey(rows=4, columns=6, **given):
    return Image(np.arange(rows * columns, dtype=np.float32).reshape(rows, columns), **given)


def test_pixels_cannot_be_changed_and_the_array_given_stays_writable():
    own = np.zeros((3, 3))
    image = Image(own)
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 1
    own[0, 0] = 5  # the caller's array is not locked
    with pytest.raises(AttributeError):
        image.unit = "HU"


@pytest.mark.parametrize("shape", [(4,), (0, 4), (2, 3, 4, 5)])
def test_an_image_has_two_or_three_axes(shape):
    with pytest.raises(ImageError, match="G-IMG-001"):
        Image(np.zeros(shape))


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (5, 4, 4, 1)])
def test_a_colour_image_ends_with_three(shape):
    with pytest.raises(ImageError, match="G-IMG-001"):
        Image(np.zeros(shape), colour=True)


@pytest.mark.parametrize("spacing", [(0.1,), (0.1, 0.1, 0.1), (0.1, 0.0), (0.1, -1.0), (0.1, float("nan"))])
def test_spacing_is_one_positive_length_an_axis(spacing):
    with pytest.raises(ImageError, match="G-IMG-002"):
        grey(spacing_mm=spacing)


def test_shape_leaves_out_the_colours():
    assert Image(np.zeros((2, 5, 7, 3)), colour=True, spacing_mm=(1.0, 2.0, 3.0)).shape == (2, 5, 7)
    assert Image(np.zeros((2, 5, 7))).shape == (2, 5, 7)


def test_spacing_may_be_set_once_for_all_axes_or_for_each():
    assert grey().with_spacing(0.175).spacing_mm == (0.175, 0.175)
    assert grey().with_spacing(0.1, 0.2).spacing_mm == (0.1, 0.2)


def test_a_length_in_mm_needs_a_spacing():
    with pytest.raises(ImageError, match="G-IMG-003"):
        grey().odd_mask(1.0)


@pytest.mark.parametrize(
    ("radius_mm", "spacing_mm", "width_and_height"),
    [
        (1.0, (0.1, 0.1), (21, 21)),  # 20 pixels: 19 and 21 are equally near, the larger is taken
        (1.0, (0.2, 0.1), (21, 11)),  # rows lie 0.2 mm apart: fewer of them
        (0.75, (0.5, 0.5), (3, 3)),
        (0.99, (0.2, 0.2), (9, 9)),
        (0.01, (0.5, 0.5), (1, 1)),
    ],
)
def test_masks_have_the_nearest_odd_width_and_height(radius_mm, spacing_mm, width_and_height):
    assert grey(spacing_mm=spacing_mm).odd_mask(radius_mm) == width_and_height


def test_grey_is_the_luma_of_bt601_and_leaves_grey_images_alone():
    pure = Image(np.eye(3, dtype=np.uint8).reshape(1, 3, 3) * 255, colour=True)
    assert pure.grey().pixels == pytest.approx(np.array([[0.299, 0.587, 0.114]]) * 255, rel=1e-6)
    assert pure.grey().pixels.dtype == np.float32
    assert not pure.grey().colour
    image = grey()
    assert image.grey() is image


def test_new_pixels_keep_what_is_known_about_the_image():
    image = grey(spacing_mm=(0.1, 0.2), unit="HU", modality="CT", patient="P1", meaning="HU", window=(40, 400))
    other = image.with_pixels(np.ones((4, 6)), unit="")
    assert (other.spacing_mm, other.modality, other.patient, other.meaning, other.window) == (
        (0.1, 0.2),
        "CT",
        "P1",
        "HU",
        (40, 400),
    )
    assert other.unit == ""
    assert image.unit == "HU"


def test_history_grows_and_the_older_image_keeps_its_own():
    first = grey().with_step(Step("unsharp_mask", 1, {"radius_mm": 2.0}))
    second = first.with_step(Step("invert", 2))
    assert [str(step) for step in second.history] == ["unsharp_mask(radius_mm=2.0)", "invert()"]
    assert len(first.history) == 1


def test_images_travel_between_processes():
    image = grey(spacing_mm=(0.1, 0.2), unit="HU").with_step(Step("a", 1, {"b": 2}))
    back = pickle.loads(pickle.dumps(image))  # noqa: S301 - our own bytes
    assert np.array_equal(back.pixels, image.pixels)
    assert (back.spacing_mm, back.unit, back.history) == (image.spacing_mm, image.unit, image.history)
    assert not back.pixels.flags.writeable


def test_a_person_can_read_what_it_is():
    assert repr(grey(spacing_mm=(0.1, 0.2))) == "<Image 4 x 6 float32, 0.1/0.2 mm, unknown, 0 steps>"
