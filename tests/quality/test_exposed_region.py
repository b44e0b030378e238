"""Collimator, direct exposure and anatomy against the truth of a phantom."""

import numpy as np
import pytest

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.phantoms import exposed_chest
from gazo.quality import find_exposed_region


def dice(found, truth):
    a, b = found.pixels > 0, truth.pixels > 0
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def drawn(seed):
    """Options of one exposure, different in sex, posture, size, place and turn of the field, dose and pixels."""
    rng = np.random.default_rng([seed, 1])
    return dict(
        sex="FM"[seed % 2],
        kyphosis_deg=float(rng.uniform(20, 80)),
        field_turn_deg=float(rng.uniform(-10, 10)) if seed % 3 else 0.0,
        field_width_mm=float(rng.uniform(280, 440)),
        field_height_mm=float(rng.uniform(280, 440)),
        open_kerma_ugy=float(rng.choice([2, 20, 60])),
        size_px=int(rng.choice([200, 256, 512])),
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_relevant_region_agrees_with_the_truth(seed):
    made = exposed_chest(rng=np.random.default_rng(seed), **drawn(seed))
    found = find_exposed_region(made.image)
    assert dice(found.field, made.field) >= 0.98
    assert dice(found.anatomy, made.anatomy) >= 0.95
    if made.direct.pixels.mean() > 0.02:
        assert dice(found.direct, made.direct) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 60))
def test_the_relevant_region_agrees_with_the_truth_in_many(seed):
    made = exposed_chest(rng=np.random.default_rng(seed), **drawn(seed))
    assert dice(find_exposed_region(made.image).anatomy, made.anatomy) >= 0.95


def test_without_collimation_the_field_is_the_image():
    made = exposed_chest(rng=np.random.default_rng(4), field_width_mm=700.0, field_height_mm=700.0)
    found = find_exposed_region(made.image)
    assert found.field.pixels.mean() > 0.97
    assert dice(found.anatomy, made.anatomy) >= 0.97


@pytest.mark.parametrize("turn", [-8.0, 0.0, 6.0])
def test_the_turn_of_the_field_is_found(turn):
    made = exposed_chest(rng=np.random.default_rng(1), field_turn_deg=turn, field_width_mm=330.0, field_height_mm=330.0)
    assert find_exposed_region(made.image).turn_deg == pytest.approx(turn, abs=1.0)


def test_scaling_mirroring_and_turning_do_not_change_the_answer():
    made = exposed_chest(rng=np.random.default_rng(3), field_turn_deg=4.0)
    pixels = made.image.pixels
    before = find_exposed_region(made.image).anatomy.pixels
    assert (find_exposed_region(Image(pixels * 1000)).anatomy.pixels == before).mean() > 0.999
    assert (np.rot90(find_exposed_region(Image(np.rot90(pixels).copy())).anatomy.pixels, -1) == before).mean() > 0.99
    assert (find_exposed_region(Image(pixels[:, ::-1].copy())).anatomy.pixels[:, ::-1] == before).mean() > 0.99


def test_direct_and_anatomy_share_out_the_field():
    made = exposed_chest(rng=np.random.default_rng(2))
    found = find_exposed_region(made.image)
    assert (found.direct.pixels + found.anatomy.pixels == found.field.pixels).all()
    assert found.field.spacing_mm == made.image.spacing_mm


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (Image(np.ones((100, 100))), "G-QUA-305"),
        (Image(np.ones((10, 10))), "G-QUA-311"),
        (Image(np.full((100, 100), np.nan)), "G-QUA-308"),
        (Image(np.ones((100, 100, 3)), colour=True), "G-QUA-309"),
        (Image(np.eye(100), meaning="display"), "G-QUA-310"),
    ],
)
def test_unfit_images_are_refused(image, code):
    with pytest.raises(ImageError, match=code):
        find_exposed_region(image)
