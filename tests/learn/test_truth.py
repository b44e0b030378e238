"""Masks and boxes as truth: read in the geometry of the image, refused when they cannot be meant."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.learn.truth import boxes_about, boxes_of, mask_of, need_lesions

IMAGES = np.zeros((3, 8, 10), np.uint8)


def with_masks(masks):
    return ImageSet.from_arrays(IMAGES, masks=np.asarray(masks))


def with_boxes(*boxes):
    return ImageSet.from_arrays(IMAGES, boxes=[*boxes, *[None] * (3 - len(boxes))])


def test_a_picture_of_two_values_is_one_structure_and_numbers_stay_numbers():
    masks = np.zeros((3, 8, 10), np.uint8)
    masks[0, 2:4, 3:6] = 255
    masks[1, :2], masks[1, 5:] = 1, 2
    images = with_masks(masks)
    assert sorted(np.unique(mask_of(images, 0))) == [0, 1]
    assert sorted(np.unique(mask_of(images, 1))) == [0, 1, 2]
    assert mask_of(images, 2).sum() == 0
    np.testing.assert_array_equal(mask_of(images, 0) > 0, masks[0] > 0)


def test_boxes_come_from_boxes_or_from_the_parts_of_a_mask():
    masks = np.zeros((3, 8, 10), np.uint8)
    masks[0, 2:4, 3:6] = 1
    masks[0, 4, 6] = 1  # touches by a corner: the same part
    masks[0, 7, 0] = 1
    np.testing.assert_array_equal(boxes_about(masks[0]), [[3, 2, 4, 3], [0, 7, 1, 1]])
    np.testing.assert_array_equal(boxes_of(with_masks(masks), 0), [[3, 2, 4, 3], [0, 7, 1, 1]])
    images = with_boxes(np.array([[1, 2, 3, 4], [5, 5, 0, 0]]))
    np.testing.assert_array_equal(boxes_of(images, 0), [[1, 2, 3, 4], [5, 5, 0, 0]])
    assert boxes_of(images, 1).shape == (0, 4)


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ([8, 0, 3, 1], "G-LEARN-052"),
        ([0, 6, 1, 3], "G-LEARN-052"),
        ([-1, 0, 2, 2], "G-LEARN-052"),
        ([1, 1, -1, 2], "G-LEARN-052"),
        ([np.nan, 1, 1, 2], "G-LEARN-052"),
        ([1, 2, 3], "G-LEARN-053"),
        (["a", "b", "c", "d"], "G-LEARN-053"),
    ],
)
def test_a_box_that_cannot_be_meant_is_refused(box, code):
    with pytest.raises(GazoError) as caught:
        boxes_of(with_boxes(box), 0)
    assert caught.value.code == code


def test_masks_that_do_not_fit_are_refused():
    wrong = ImageSet.from_arrays(IMAGES, masks=np.zeros((3, 8, 9), np.uint8))
    smooth = with_masks(np.linspace(0, 1, 240).reshape(3, 8, 10).astype(np.float32))
    for images, code in ((wrong, "G-LEARN-050"), (smooth, "G-LEARN-051")):
        with pytest.raises(GazoError) as caught:
            mask_of(images, 0)
        assert caught.value.code == code


def test_a_set_without_any_lesion_is_refused():
    with pytest.raises(GazoError) as caught:
        need_lesions(with_boxes())
    assert caught.value.code == "G-LEARN-054"
    need_lesions(with_boxes([[1, 1, 1, 1]]))
