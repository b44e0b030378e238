"""Temporal subtraction against phantoms whose warp, nodule and noise are known (acceptance A11 and part C)."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import chest_pair
from gazo.process import temporal_subtraction
from gazo.process.shifts import Vectors, fitted, legendre, map_of, rigid, sampled

QUANTA = 50_000.0


@pytest.fixture(scope="module")
def pair():
    return chest_pair(rng=np.random.default_rng(0), warp_mm=12.0, quanta_per_pixel=QUANTA)


@pytest.fixture(scope="module")
def difference(pair):
    return temporal_subtraction(pair.image, pair.previous)


def test_the_known_warp_is_recovered(pair, difference):
    """Spec: RMS < 0.5 px and mean error <= 1 px in the lungs at 512 px; 0.02 px is reached, so 0.1 px is asked."""
    lungs = pair.lungs.pixels > 0
    truth = np.hypot(pair.shift_down.pixels, pair.shift_right.pixels)[lungs] / pair.image.spacing_mm[0]
    error = (
        np.hypot(difference.shift_down.pixels - pair.shift_down.pixels, difference.shift_right.pixels - pair.shift_right.pixels)[
            lungs
        ]
        / pair.image.spacing_mm[0]
    )
    assert truth.max() > 5
    assert np.sqrt(np.mean(error**2)) < 0.1
    assert error.max() < 0.3


def test_the_rest_is_noise_only(pair, difference):
    """SD in the lungs beside the nodule <= 1.5 sqrt(2) x the Poisson noise of -ln, 1 / sqrt(quanta counted)."""
    out = (pair.lungs.pixels > 0) & (pair.nodule.pixels == 0)
    noise = np.sqrt(np.mean(np.exp(pair.image.pixels[out]) / QUANTA))
    before = (pair.image.pixels - pair.previous.pixels)[out].std()
    after = difference.image.pixels[out].std()
    assert after <= 1.1 * np.sqrt(2) * noise
    assert before > 3 * after


def test_the_nodule_keeps_its_contrast(pair, difference):
    """A 10 mm nodule keeps at least 90 %: slope of the difference on the true surplus of mu t around it."""
    x0, y0, x1, y1 = pair.boxes[0].round().astype(int)
    here = np.s_[y0 - 12 : y1 + 12, x0 - 12 : x1 + 12]
    slope = np.polyfit(pair.nodule.pixels[here].ravel(), difference.image.pixels[here].ravel(), 1)[0]
    assert slope == pytest.approx(1, abs=0.1)


def test_the_subtraction_is_a_fifth_of_the_plain_difference_when_noise_is_low():
    pair = chest_pair(rng=np.random.default_rng(2), nodules=0, quanta_per_pixel=1e7)
    lungs = pair.lungs.pixels > 0
    found = temporal_subtraction(pair.image, pair.previous).image.pixels[lungs].std()
    assert found <= 0.2 * (pair.image.pixels - pair.previous.pixels)[lungs].std()


def test_another_exposure_and_other_pixels_of_the_previous_image_do_not_matter(pair, difference):
    import cv2

    previous = pair.previous
    other = previous.with_pixels(2 * cv2.resize(previous.pixels, (640, 640), interpolation=cv2.INTER_CUBIC) + 1)
    other = other.with_spacing(previous.spacing_mm[0] * 512 / 640)
    lungs = pair.lungs.pixels > 0
    again = temporal_subtraction(pair.image, other)
    assert np.abs(again.shift_down.pixels - difference.shift_down.pixels)[lungs].max() < 0.15
    assert again.image.pixels[lungs].mean() == pytest.approx(0, abs=0.02)
    plain = temporal_subtraction(pair.image, other, match_density=False)
    assert plain.image.pixels[lungs].mean() < -1


def test_equal_images_give_zero_and_the_inputs_stay(pair):
    kept = pair.image.pixels.copy()
    same = temporal_subtraction(pair.image, pair.image, iterations=1)
    assert np.abs(same.shift_right.pixels).max() < 0.2
    assert np.abs(same.image.pixels[pair.lungs.pixels > 0]).max() < 0.02
    assert (pair.image.pixels == kept).all()
    assert same.image.history[-1].name == "temporal_subtraction"


def test_a_mask_says_where_regions_may_lie(pair, difference):
    masked = temporal_subtraction(pair.image, pair.previous, pair.lungs, order=4)
    lungs = pair.lungs.pixels > 0
    error = np.hypot(masked.shift_down.pixels - pair.shift_down.pixels, masked.shift_right.pixels - pair.shift_right.pixels)
    assert error[lungs].max() < 0.8
    assert not np.allclose(masked.shift_down.pixels, difference.shift_down.pixels, atol=0.01)


def test_bad_input_ends_in_a_sentence():
    fine = Image(np.random.default_rng(0).normal(size=(64, 64)), (5.0, 5.0))
    hole = fine.with_pixels(np.where(np.arange(64) == 3, np.nan, fine.pixels))
    for wrong, code in [
        (fine.with_pixels(np.zeros((64, 64))), "G-PRC-301"),
        (hole, "G-PRC-202"),
        (fine.with_pixels(np.ones((1, 1))), "G-PRC-201"),
        (Image(fine.pixels), "G-IMG-003"),
        (Image(np.zeros((64, 64, 3)), (5.0, 5.0), colour=True), "G-PRC-201"),
    ]:
        with pytest.raises(GazoError, match=code):
            temporal_subtraction(fine, wrong)
        with pytest.raises(GazoError, match=code):
            temporal_subtraction(wrong, fine)
    with pytest.raises(GazoError, match="G-PRC-203"):
        temporal_subtraction(fine, fine, Image(np.ones((9, 9)), meaning="mask"))


def test_a_polynomial_field_is_fitted_exactly_and_an_odd_vector_is_left_out():
    rng = np.random.default_rng(0)
    places = rng.uniform(-100, 100, (200, 2))
    truth = rng.normal(size=(2, 10))
    shifts = legendre(places, (100, 100), 3) @ truth.T
    shifts[:5] += 40
    field = fitted(Vectors(places, shifts, np.tile(np.eye(2), (200, 1, 1))), 3, (100, 100), stiffness=0.0)
    assert np.abs(field.at(places[5:]) - shifts[5:]).max() < 0.05
    assert field.order == 3


def test_a_region_on_a_straight_edge_counts_across_it_only():
    """Information of one direction: what the vectors say along the edge is arbitrary and must not enter."""
    places = np.random.default_rng(1).uniform(-100, 100, (100, 2))
    shifts = np.column_stack([np.full(100, 3.0), np.random.default_rng(2).normal(0, 50, 100)])
    blind = np.tile(np.diag([1.0, 0.0]), (100, 1, 1))
    blind[:20] = np.eye(2)
    shifts[:20, 1] = -2.0
    assert fitted(Vectors(places, shifts, blind), 1, (100, 100)).at(np.zeros((1, 2)))[0] == pytest.approx([3, -2], abs=0.01)


def test_maps_are_exact_for_cubics_and_a_quarter_turn_is_numpys():
    field = map_of(lambda p: p**3 / 1e4, (200, 150), (0.5, 0.7))
    axis = (np.arange(200) - 99.5) * 0.5
    assert field[0] == pytest.approx(np.broadcast_to(axis[:, None] ** 3 / 1e4, (200, 150)), abs=1e-4)
    picture = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)
    turned = sampled(picture, (1.0, 1.0), map_of(rigid(90.0, 0, 0, (16, 16)).places, (32, 32), (1.0, 1.0)))
    assert turned == pytest.approx(np.rot90(picture, 1), abs=1e-3)  # contents sampled clockwise appear counter-clockwise
