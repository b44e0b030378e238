"""The abdominal phantom: organs of the right size and brightness, masks that belong to their images."""

import numpy as np
import pytest

from gazo.phantoms import abdominal_ct, abdominal_images


def test_organs_have_the_volumes_of_people():
    """Liver 1.1 to 2.4 L, both kidneys 200 to 500 mL, spleen 100 to 420 mL: adults, healthy."""
    each = [abdominal_ct(rng=np.random.default_rng(n), planes=48, size_px=64).truth for n in range(6)]
    liver, kidneys, spleen = (np.array([one[name] for one in each]) for name in ("liver", "kidneys", "spleen"))
    assert 1100 < liver.min() < liver.max() < 2600
    assert 150 < kidneys.min() < kidneys.max() < 500
    assert 90 < spleen.min() < spleen.max() < 450


@pytest.mark.parametrize(("planes", "shape"), [(1, (64, 64)), (5, (5, 64, 64))])
def test_image_and_mask_share_one_geometry(planes, shape):
    made = abdominal_ct(rng=np.random.default_rng(1), planes=planes, size_px=64)
    assert made.image.shape == made.organs.shape == shape
    assert made.image.spacing_mm == made.organs.spacing_mm
    assert made.image.meaning == "HU"
    assert set(np.unique(made.organs.pixels)) <= {0, 1, 2, 3}


def test_organs_are_as_bright_as_told_and_noise_is_what_was_asked_for():
    made = abdominal_ct(rng=np.random.default_rng(2), planes=24, size_px=96, noise_hu=20)
    pixels, organs = made.image.pixels, made.organs.pixels
    for label, low, high in ((1, 85, 135), (2, 140, 230), (3, 90, 145)):
        assert low < np.median(pixels[organs == label]) < high
    corner = pixels[:, :8, :8]
    assert corner.max() < -850
    liver = np.zeros_like(organs, bool)
    liver[1:-1, 4:-4, 4:-4] = (organs == 1)[1:-1, 4:-4, 4:-4]
    for axis in (1, 2):  # inside, away from the border
        for step in (-3, 3):
            liver &= np.roll(organs == 1, step, axis)
    assert np.std(pixels[liver]) == pytest.approx(20, rel=0.2)


def test_a_set_gives_the_same_pixels_again_and_masks_by_their_key():
    images, again = (abdominal_images(seed=4, patients=2, images_per_patient=2, size_px=48) for _ in range(2))
    np.testing.assert_array_equal(images[3].pixels, again[3].pixels)
    assert images.digest(3) == again.digest(3) != images.digest(2)
    mask = images.loader(images.role("mask")[3])
    assert mask.meaning == "mask"
    assert mask.shape == images[3].shape
    assert images[0].patient == images[1].patient != images[2].patient
