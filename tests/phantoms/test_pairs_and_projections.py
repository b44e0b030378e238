"""What the phantoms for subtraction and projections promise: warp, symmetry, two materials, the same numbers for a seed."""

import numpy as np
import pytest

from gazo.phantoms import chest_pair, dual_energy_phantom, lateral_chest, symmetric_chest
from gazo.phantoms.dual_energy import MU_HIGH_PER_MM, MU_LOW_PER_MM
from gazo.process.shifts import sampled

SMALL = {"size_px": 128, "quanta_per_pixel": 1e9}


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_previous_image_shows_at_x_plus_shift_what_the_current_shows_at_x():
    pair = chest_pair(rng=rng(), nodules=0, warp_mm=12.0, **SMALL)
    spacing = pair.image.spacing_mm
    axis = (np.arange(128) - 63.5) * spacing[0]
    places = np.stack([axis[:, None] + pair.shift_down.pixels, axis[None, :] + pair.shift_right.pixels]).astype(np.float32)
    inner = np.s_[10:-10, 10:-10]
    rest = (pair.image.pixels - sampled(pair.previous.pixels, spacing, places))[inner]
    assert rest.std() < 0.15 * (pair.image.pixels - pair.previous.pixels)[inner].std()
    assert np.median(np.abs(rest)) < 0.01


@pytest.mark.parametrize("warp_mm", [0.0, 5.0, 12.0])
def test_the_longest_shift_is_as_asked(warp_mm):
    pair = chest_pair(rng=rng(1), warp_mm=warp_mm, nodules=0, **SMALL)
    assert np.hypot(pair.shift_down.pixels, pair.shift_right.pixels).max() == pytest.approx(warp_mm, abs=0.3)


def test_the_new_nodule_is_in_the_current_image_only():
    """Its centre adds 10 mm x (mu soft - mu lung) of the 60 keV table, 0.1637."""
    with_one, without = (chest_pair(rng=rng(2), warp_mm=0.0, nodules=n, blur_mm=0.0, **SMALL) for n in (1, 0))
    assert with_one.nodule.pixels.max() == pytest.approx(10 * (0.2048 * 1.06 - 0.2053 * 0.26) / 10, rel=0.1)
    added = with_one.image.pixels - with_one.previous.pixels
    assert np.corrcoef(added.ravel(), with_one.nodule.pixels.ravel())[0, 1] > 0.98
    assert np.abs(without.image.pixels - without.previous.pixels).max() < 0.01
    assert with_one.boxes.shape == (1, 4)


def test_the_symmetric_chest_is_its_own_mirror_image():
    upright = symmetric_chest(rng=rng(), tilt_deg=0.0, shift_mm=0.0, **SMALL).image.pixels
    assert np.abs(upright - upright[:, ::-1]).max() < 0.01
    moved = symmetric_chest(rng=rng(), tilt_deg=0.0, shift_mm=12.5, **SMALL).image.pixels  # four pixels to the right
    assert np.abs(moved[:, 4:] - upright[:, :-4])[:, 10:-10].max() < 0.01


def test_a_positive_tilt_leans_the_top_to_the_right():
    chest = symmetric_chest(rng=rng(), tilt_deg=8.0, shift_mm=0.0, **SMALL)
    lungs = chest.lungs.pixels
    top, low = (np.mean(np.nonzero(lungs[rows])[1]) for rows in (slice(30, 45), slice(70, 85)))
    assert top > low + 1.5


def test_the_one_sided_nodule_lies_in_the_left_half_of_the_picture_before_the_tilt():
    chest = symmetric_chest(rng=rng(3), nodules=1, tilt_deg=0.0, shift_mm=0.0, **SMALL)
    assert np.argmax(chest.nodule.pixels.max(0)) < 64
    assert chest.lungs.pixels[np.unravel_index(chest.nodule.pixels.argmax(), (128, 128))] == 1


def test_both_energies_follow_the_two_materials():
    chest = dual_energy_phantom(rng=rng(), blur_mm=0.0, **SMALL)
    assert chest.soft.pixels + chest.bone.pixels == pytest.approx(chest.image.pixels, abs=0.05)
    low = sum(t.pixels * MU_LOW_PER_MM[k] / MU_HIGH_PER_MM[k] for k, t in (("soft", chest.soft), ("bone", chest.bone)))
    lungs = chest.lungs.pixels > 0
    assert np.percentile(np.abs(low - chest.low.pixels)[lungs], 99) < 0.1


def test_the_ratios_are_those_of_the_table():
    """NIST SRD 126 at 80 and 40 keV: bone 0.2229 / 0.6655, soft tissue 0.1823 / 0.2688."""
    assert MU_HIGH_PER_MM["bone"] / MU_LOW_PER_MM["bone"] == pytest.approx(0.2229 / 0.6655)
    assert MU_HIGH_PER_MM["soft"] / MU_LOW_PER_MM["soft"] == pytest.approx(0.1823 / 0.2688)


def test_a_lateral_view_has_its_front_left_and_the_spine_behind():
    pixels = lateral_chest(rng=rng(), **SMALL).pixels
    body = pixels > 0.3
    assert 40 < body[64].sum() < 90
    rows = slice(40, 60)
    behind, middle = pixels[rows, 64:90].max(1).mean(), pixels[rows, 45:60].mean()
    assert behind > middle + 0.3


@pytest.mark.parametrize("make", [chest_pair, symmetric_chest, dual_energy_phantom, lateral_chest])
def test_a_seed_gives_the_same_image_and_another_seed_another(make):
    first, again, other = (getattr(m, "image", m).pixels for m in (make(rng=rng(s), size_px=64) for s in (0, 0, 1)))
    assert (first == again).all()
    assert not np.allclose(first, other)
