"""Contralateral subtraction against a symmetric chest of known tilt and offset (acceptance A12 and part C)."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import symmetric_chest
from gazo.process import contralateral_subtraction
from gazo.process.midline import Midline

QUANTA = 50_000.0


@pytest.fixture(scope="module")
def tilted():
    return symmetric_chest(rng=np.random.default_rng(1), tilt_deg=5.0, shift_mm=10.0, nodules=1, quanta_per_pixel=QUANTA)


@pytest.fixture(scope="module")
def subtracted(tilted):
    return contralateral_subtraction(tilted.image)


def test_the_midline_is_found(tilted, subtracted):
    """Spec: angle within 0.2 degrees, offset within 1 px."""
    assert subtracted.tilt_deg == pytest.approx(5.0, abs=0.1)
    assert subtracted.midline_mm == pytest.approx(10.0, abs=0.3 * tilted.image.spacing_mm[0])


@pytest.mark.parametrize("tilt", [3.37, -6.1])
def test_the_midline_is_found_at_any_tilt_and_polarity(tilt):
    chest = symmetric_chest(rng=np.random.default_rng(2), size_px=256, tilt_deg=tilt, shift_mm=-7.3, output="linear exposure")
    found = contralateral_subtraction(chest.image)
    assert found.tilt_deg == pytest.approx(tilt, abs=0.2)
    assert found.midline_mm == pytest.approx(-7.3, abs=chest.image.spacing_mm[0])


def test_the_rest_is_noise_only(tilted, subtracted):
    """Tilt 5 degrees, offset 10 mm: SD in the lungs <= 1.2 sqrt(2) x noise, away from the nodule and its counterpart."""
    import cv2

    both = tilted.nodule.pixels + np.abs(_opposite(tilted))
    out = (tilted.lungs.pixels > 0) & (cv2.dilate(both, np.ones((11, 11))) < 1e-3)
    noise = np.sqrt(np.mean(np.exp(tilted.image.pixels[out]) / QUANTA))
    assert subtracted.image.pixels[out].std() <= 1.2 * np.sqrt(2) * noise


def test_the_nodule_shows_on_its_side_and_inverted_opposite(tilted, subtracted):
    there, opposite = tilted.nodule.pixels > 0.1, _opposite(tilted) > 0.1
    true = tilted.nodule.pixels[there].mean()
    assert subtracted.image.pixels[there].mean() == pytest.approx(true, rel=0.06)
    assert subtracted.image.pixels[opposite].mean() == pytest.approx(-true, rel=0.06)


def test_the_result_lies_on_the_input_and_is_what_it_says(tilted, subtracted):
    assert (subtracted.image.pixels == tilted.image.pixels - subtracted.mirrored.pixels).all()
    assert subtracted.image.spacing_mm == tilted.image.spacing_mm
    assert subtracted.image.history[-1].name == "contralateral_subtraction"


def test_two_sides_that_differ_by_a_smooth_warp_are_matched():
    """A symmetric chest bent by up to 8 mm: the elastic passes take off what a rigid mirror leaves."""
    from gazo.phantoms.lines import smooth_shift
    from gazo.process.shifts import map_of, sampled

    chest = symmetric_chest(rng=np.random.default_rng(5), size_px=256, tilt_deg=0.0, shift_mm=0.0, quanta_per_pixel=1e8)

    def bent(places):
        axes = places[:, :1] / 200, places[:, 1:] / 200
        return places + smooth_shift(np.random.default_rng(6), 8.0, 3, *axes)[..., 0].T

    spacing = chest.image.spacing_mm
    image = chest.image.with_pixels(sampled(chest.image.pixels, spacing, map_of(bent, (256, 256), spacing)))
    found = contralateral_subtraction(image)
    line = Midline(found.tilt_deg, found.midline_mm)
    rigidly = image.pixels - sampled(image.pixels, spacing, map_of(line.mirrored, (256, 256), spacing))
    lungs = chest.lungs.pixels > 0
    assert found.image.pixels[lungs].std() < 0.35 * rigidly[lungs].std()


def test_mirroring_twice_leads_back_and_the_line_stays():
    line = Midline(7.0, 12.0)
    places = np.random.default_rng(0).uniform(-100, 100, (50, 2))
    assert line.mirrored(line.mirrored(places)) == pytest.approx(places)
    top = line.from_upright(np.array([[-100.0, 0.0]]))
    assert line.mirrored(top) == pytest.approx(top)
    assert top[0, 1] - 12 == pytest.approx(100 * np.sin(np.deg2rad(7.0)))  # the top leans to the right
    assert line.to_upright(line.from_upright(places)) == pytest.approx(places)


def test_bad_input_ends_in_a_sentence():
    noise = np.random.default_rng(0).normal(size=(64, 64))
    for wrong, code in [
        (Image(noise), "G-IMG-003"),
        (Image(np.full((64, 64), 7.0), (5.0, 5.0)), "G-PRC-301"),
        (Image(np.where(noise > 3, np.nan, noise) * np.nan, (5.0, 5.0)), "G-PRC-202"),
        (Image(np.ones((1, 1)), (5.0, 5.0)), "G-PRC-201"),
    ]:
        with pytest.raises(GazoError, match=code):
            contralateral_subtraction(wrong)


def test_an_image_of_noise_gives_a_result_all_the_same():
    found = contralateral_subtraction(Image(np.random.default_rng(0).normal(size=(96, 80)), (4.0, 4.0)))
    assert np.isfinite(found.image.pixels).all()


def test_real_radiographs_lose_most_of_what_is_symmetric(data):
    """Two ordinary frontal images: the midline lies near the middle, and the lungs' share of variance falls by more than half."""
    import cv2

    for name in ("00001281_000.png", "00001303_001.png"):
        pixels = cv2.imread(str(data / "nih_cxr" / "full1024" / name), cv2.IMREAD_GRAYSCALE)
        found = contralateral_subtraction(Image(pixels[::2, ::2], (0.7, 0.7)))
        assert abs(found.tilt_deg) < 4
        assert abs(found.midline_mm) < 20
        lung = np.s_[150:330, 90:200]
        assert found.image.pixels[lung].var() < 0.6 * np.var(pixels[::2, ::2][lung].astype(float))


def _opposite(chest):
    """The nodule mirrored at the true midline."""
    from gazo.process.shifts import map_of, sampled

    line, spacing = Midline(chest.truth["tilt_deg"], chest.truth["shift_mm"]), chest.image.spacing_mm
    return sampled(chest.nodule.pixels, spacing, map_of(line.mirrored, chest.image.shape, spacing))
