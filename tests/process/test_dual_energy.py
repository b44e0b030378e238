"""Dual-energy subtraction against a phantom of two materials (acceptance A13)."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import dual_energy_phantom
from gazo.phantoms.dual_energy import MU_HIGH_PER_MM, MU_LOW_PER_MM
from gazo.process import dual_energy_subtraction

QUIET = {"quanta_per_pixel": 1e9, "size_px": 256}


@pytest.fixture(scope="module")
def chest():
    return dual_energy_phantom(rng=np.random.default_rng(0), **QUIET)


@pytest.fixture(scope="module")
def parted(chest):
    return dual_energy_subtraction(chest.image, chest.low)


def test_two_thicknesses_are_solved_exactly():
    """-ln of two exponentials with the ratios of the phantom: mu_soft t and mu_bone t of the high energy come back."""
    rng = np.random.default_rng(0)
    soft, bone = rng.uniform(0, 300, (32, 32)), rng.uniform(0, 30, (32, 32))
    high, low = (
        Image(np.exp(-mu["soft"] * soft - mu["bone"] * bone), meaning="linear exposure") for mu in (MU_HIGH_PER_MM, MU_LOW_PER_MM)
    )
    found = dual_energy_subtraction(
        high,
        low,
        bone_ratio=MU_HIGH_PER_MM["bone"] / MU_LOW_PER_MM["bone"],
        soft_ratio=MU_HIGH_PER_MM["soft"] / MU_LOW_PER_MM["soft"],
    )
    assert found.image.pixels == pytest.approx(MU_HIGH_PER_MM["soft"] * soft, abs=2e-4)
    assert found.bone.pixels == pytest.approx(MU_HIGH_PER_MM["bone"] * bone, abs=2e-4)


def test_ribs_vanish_from_the_soft_image(chest, parted):
    """Rib contrast <= 2 % of the original, in the parts of ribs where thickness is even (pixels average before the logarithm)."""
    bone, lungs = chest.bone.pixels, chest.lungs.pixels > 0
    even = lungs & (np.hypot(*np.gradient(bone)) < 0.02)
    assert _weight(chest.image, chest, even) == pytest.approx(1, abs=0.03)
    assert abs(_weight(parted.image, chest, even)) <= 0.02
    assert abs(_weight(parted.image, chest, lungs)) <= 0.03  # edges of ribs as well


def test_the_nodule_keeps_its_contrast(chest, parted):
    """At least 95 %: the same chest without a nodule is taken away from both."""
    plain = dual_energy_phantom(rng=np.random.default_rng(0), nodules=0, **QUIET)
    without = dual_energy_subtraction(plain.image, plain.low)
    there = chest.nodule.pixels > 0.5 * chest.nodule.pixels.max()
    original = (chest.image.pixels - plain.image.pixels)[there].mean()
    assert (parted.image.pixels - without.image.pixels)[there].mean() == pytest.approx(original, rel=0.05)
    assert abs((parted.bone.pixels - without.bone.pixels)[there].mean()) < 0.05 * original


def test_soft_and_bone_sum_up_to_the_high_energy_image_with_noise_control_too(chest, parted):
    assert parted.image.pixels + parted.bone.pixels == pytest.approx(chest.image.pixels, abs=1e-5)
    calmed = dual_energy_subtraction(chest.image, chest.low, noise_strength=0.5)
    assert calmed.image.pixels + calmed.bone.pixels == pytest.approx(chest.image.pixels, abs=1e-5)


def test_cross_subtraction_lowers_the_noise():
    """The noise of the soft image grows with the low-energy image's; noise control of the bone image takes a part of it off."""
    noisy, quiet = (dual_energy_phantom(rng=np.random.default_rng(3), size_px=256, quanta_per_pixel=q) for q in (1e5, 1e9))
    lungs = noisy.lungs.pixels > 0

    def noise(**options):
        made = [dual_energy_subtraction(p.image, p.low, **options).image.pixels for p in (noisy, quiet)]
        return (made[0] - made[1])[lungs].std()

    single = (noisy.image.pixels - quiet.image.pixels)[lungs].std()
    assert noise() > 1.5 * single
    assert noise(noise_strength=1.0) < 0.92 * noise()


def test_the_meaning_of_pixels_decides_and_can_be_given(chest, parted):
    linear = [image.with_pixels(np.exp(-image.pixels), meaning="linear exposure") for image in (chest.image, chest.low)]
    assert dual_energy_subtraction(*linear).image.pixels == pytest.approx(parted.image.pixels, abs=1e-4)
    bare = dual_energy_subtraction(chest.image.pixels, chest.low.pixels, values="log exposure")
    assert bare.image.pixels == pytest.approx(parted.image.pixels)
    with pytest.raises(GazoError, match="G-PRC-303"):
        dual_energy_subtraction(chest.image.pixels, chest.low.pixels)


def test_bad_input_ends_in_a_sentence(chest):
    for wrong, code in [
        (chest.low.with_pixels(np.ones((9, 9))), "G-PRC-203"),
        (chest.low.with_pixels(np.zeros((256, 256)), meaning="linear exposure"), "G-PRC-304"),
        (chest.low.with_pixels(np.full((256, 256), np.nan)), "G-PRC-202"),
        (chest.low.with_pixels(chest.low.pixels, meaning="display"), "G-PRC-303"),
    ]:
        with pytest.raises(GazoError, match=code):
            dual_energy_subtraction(chest.image, wrong)
    with pytest.raises(GazoError, match="G-PRC-302"):
        dual_energy_subtraction(chest.image, chest.low, bone_ratio=0.7)


def _weight(image, chest, where):
    """How much of the true bone is in an image: least squares on true soft tissue, true bone and a constant."""
    parts = np.stack([chest.soft.pixels[where], chest.bone.pixels[where], np.ones(where.sum())], 1)
    return np.linalg.lstsq(parts, image.pixels[where], rcond=None)[0][1]
