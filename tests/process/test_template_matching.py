"""Multiple-template matching on blobs and crossings, and identification of the projection on simulated chests."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import chest_radiograph, lateral_chest
from gazo.process import identify_projection, template_matching
from gazo.stats import auc


def blob(rng):
    """A Gaussian nodule on noise, anywhere near the middle."""
    y, x = np.mgrid[-16:16, -16:16] - rng.uniform(-2, 2, 2)[:, None, None]
    return np.exp(-(x**2 + y**2) / (2 * rng.uniform(4, 6) ** 2)) + rng.normal(0, 0.25, (32, 32))


def crossing(rng):
    """Two ribs that cross."""
    y, x = np.mgrid[-16:16, -16:16] - rng.uniform(-2, 2, 2)[:, None, None]
    made = rng.normal(0, 0.25, (32, 32))
    for angle in rng.uniform(0, np.pi / 3) + np.array([0, rng.uniform(0.8, 1.8)]):
        made += 0.6 * np.exp(-((x * np.sin(angle) + y * np.cos(angle)) ** 2) / (2 * rng.uniform(3, 4.5) ** 2))
    return made


def images(make, count, seed, patient=""):
    rng = np.random.default_rng(seed)
    return [Image(make(rng), patient=patient and f"{patient}{n}") for n in range(count)]


def test_nodules_are_told_from_rib_crossings():
    """Spec: AUC > 0.95 on 100 + 100; an invention of the class order would give 0.05."""
    candidates = images(blob, 100, 0) + images(crossing, 100, 1)
    found = template_matching(candidates, images(blob, 25, 2), images(crossing, 25, 3))
    score = np.array([row[3] for row in found.scores.rows])
    assert auc(np.repeat([1, 0], 100), score).value > 0.95
    owners = [row[4].en for row in found.scores.rows]
    assert owners.count("nodule") == sum(score > 0)
    assert found.warnings == ()
    assert len(found.shown.images) == 12


def test_the_similarity_is_the_correlation_coefficient_and_knows_no_contrast():
    a, b, c = (np.random.default_rng(n).normal(size=(32, 32)) for n in range(3))
    row = template_matching([3 * a + 7], [b, c], [a], shift_percent=0.0).scores.rows[0]
    assert row[1] == pytest.approx(max(np.corrcoef(a.ravel(), t.ravel())[0, 1] for t in (b, c)), abs=1e-5)
    assert row[2] == pytest.approx(1, abs=1e-5)
    assert row[5] == 1


def test_a_shift_within_reach_is_followed():
    wide = np.random.default_rng(0).normal(size=(40, 40))
    moved, template, other = wide[4:36, 2:34], wide[2:34, 4:36], np.random.default_rng(1).normal(size=(32, 32))
    assert template_matching([moved], [template], [other], shift_percent=10.0).scores.rows[0][1] == pytest.approx(1, abs=1e-4)
    assert template_matching([moved], [template], [other], shift_percent=3.0).scores.rows[0][1] < 0.5


def test_templates_of_the_same_patient_are_left_out_and_copies_are_told():
    nodules, others = images(blob, 5, 0, "P"), images(crossing, 5, 1, "Q")
    found = template_matching(nodules, nodules, others)
    assert max(row[1] for row in found.scores.rows) < 0.999
    assert all(row[5] != row[0] for row in found.scores.rows if row[4].en == "nodule")
    nameless = [Image(i.pixels) for i in nodules]
    again = template_matching(nameless, nameless, others, shift_percent=0.0)
    assert "5 candidates" in again.warnings[0].en


@pytest.fixture(scope="module")
def chests():
    def made(simulate, seeds):
        return [simulate(np.random.default_rng(s), "FM"[s % 2]) for s in seeds]

    def frontal(rng, sex):
        return chest_radiograph(rng=rng, sex=sex, size_px=96, output="log exposure").image

    def side(rng, sex):
        return lateral_chest(rng=rng, sex=sex, size_px=96)

    return {
        "pa": made(frontal, range(6)),
        "lateral": made(side, range(6)),
        "new": made(frontal, range(50, 56)) + made(side, range(50, 56)),
    }


def test_projections_are_identified(chests):
    found = identify_projection(chests["new"], chests["pa"], chests["lateral"])
    assert [row[4].en for row in found.scores.rows] == ["PA"] * 6 + ["lateral"] * 6
    assert len(found.shown.images) == 2
    swapped = identify_projection(chests["new"][:1], chests["lateral"], chests["pa"]).scores.rows[0]
    assert swapped[4].en == "lateral"


def test_the_second_step_identifies_them_too(chests):
    found = identify_projection(chests["new"], chests["pa"], chests["lateral"], doubt=2.0)
    assert all(row[5] for row in found.scores.rows)
    assert [row[4].en for row in found.scores.rows] == ["PA"] * 6 + ["lateral"] * 6


def test_an_inverted_image_is_turned_round_and_size_and_window_do_not_matter(chests):
    import cv2

    image = chests["new"][0]
    other = Image(-cv2.resize(image.pixels, (250, 250)) * 100 + 5000, inverted=True)
    rows = identify_projection([image, other], chests["pa"], chests["lateral"]).scores.rows
    assert rows[1][1:4] == pytest.approx(rows[0][1:4], abs=0.02)


def test_bad_input_ends_in_a_sentence(chests):
    fine = chests["pa"][0]
    for wrong, code in [
        (Image(np.ones((32, 32))), "G-PRC-301"),
        (Image(np.full((32, 32), np.nan)), "G-PRC-202"),
        (Image(np.ones((1, 1))), "G-PRC-201"),
    ]:
        with pytest.raises(GazoError, match=code):
            template_matching([wrong], [fine], [fine])
        with pytest.raises(GazoError, match=code):
            identify_projection([fine], [wrong], [fine])
    with pytest.raises(GazoError, match="G-PRC-305"):
        identify_projection([fine], [fine], [])
