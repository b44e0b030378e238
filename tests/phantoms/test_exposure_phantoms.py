"""What the phantoms of exposure, posture, back-scatter and delay promise."""

import numpy as np
import pytest

from gazo.phantoms import back_scatter_pair, exposed_chest, exposure_delay_traces, raw_panel
from gazo.phantoms.exposed_chest import foreshortening, oblique
from gazo.phantoms.organs import Grid, apex


def chest(**options):
    return exposed_chest(rng=np.random.default_rng(0), **options)


def test_the_open_beam_has_the_kerma_asked_for():
    made = chest(open_kerma_ugy=12.0, scatter_to_primary=0.0)
    assert made.image.pixels[made.direct.pixels > 0].mean() == pytest.approx(12.0, rel=0.01)
    assert made.image.unit == "µGy"


def test_kerma_scales_and_noise_follows_poisson():
    low, high = (chest(open_kerma_ugy=k, scatter_to_primary=0.0, size_px=430) for k in (0.5, 5.0))
    inside = low.direct.pixels > 0
    inside[:30] = False  # off the edge of the collimator
    ratio = (low.image.pixels[inside].std() / 0.5) / (high.image.pixels[inside].std() / 5.0)
    assert ratio == pytest.approx(np.sqrt(10), rel=0.25)


def test_outside_the_collimator_only_leakage_and_scatter_arrive():
    made = chest(leakage=0.01, scatter_to_primary=0.0, field_width_mm=250.0, field_height_mm=250.0, open_kerma_ugy=1000.0)
    again = chest(leakage=0.02, scatter_to_primary=0.0, field_width_mm=250.0, field_height_mm=250.0, open_kerma_ugy=1000.0)
    corner = np.s_[:20, :20]
    assert again.image.pixels[corner].mean() / made.image.pixels[corner].mean() == pytest.approx(2, rel=0.02)
    assert made.field.pixels.mean() == pytest.approx((250 / 430) ** 2, rel=0.02)


def test_the_masks_share_out_the_field():
    made = chest(field_turn_deg=5.0)
    assert (made.direct.pixels + made.anatomy.pixels == made.field.pixels).all()


def test_thirty_degrees_is_the_straight_phantom():
    assert foreshortening(30.0) == pytest.approx(1)
    made = chest()
    longer = oblique(made.truth["body"], made.truth["pose"], Grid(made.truth["body"], made.truth["pose"], 64, 430.0), 30.0)
    assert longer == pytest.approx(1)


def test_an_arc_looks_shorter_by_its_chord():
    """Height of an arc of angle k and length 1: 2 (1/k) sin(k/2)."""
    k, k0 = np.deg2rad([90, 30])
    assert foreshortening(90.0) == pytest.approx((2 / k * np.sin(k / 2)) / (2 / k0 * np.sin(k0 / 2)))


def test_paths_grow_as_one_over_the_cosine_of_the_lean():
    made = chest(kyphosis_deg=80.0)
    body, pose = made.truth["body"], made.truth["pose"]
    grid = Grid(body, pose, 256, 430.0)
    longer = oblique(body, pose, grid, 80.0)
    _, y = grid.at(0)
    top = np.abs(y - apex(body)).argmin(0)[128]
    assert longer[top, 128] == pytest.approx(np.cos(np.deg2rad(15)) / np.cos(np.deg2rad(40)), rel=0.01)
    assert longer.min() == pytest.approx(1, abs=1e-3)


def test_more_kyphosis_lets_less_through():
    medians = [np.median((m := chest(kyphosis_deg=k)).image.pixels[m.anatomy.pixels > 0]) for k in (10.0, 30.0, 50.0, 70.0)]
    assert (np.diff(medians) < 0).all()


def test_a_shield_leaves_the_square_of_its_transmission():
    made = back_scatter_pair(rng=np.random.default_rng(0), lead_mm=0.1)
    assert made.shielded_share.pixels == pytest.approx(made.share.pixels * np.exp(-2 * 5.699 * 0.1), rel=1e-4)
    assert made.image.pixels.mean() == pytest.approx(5 * (1 + made.share.pixels.mean()), rel=1e-3)
    assert made.shielded.pixels.mean() == pytest.approx(5 * (1 + made.shielded_share.pixels.mean()), rel=1e-3)


def test_delays_have_the_mean_and_spread_asked_for():
    made = exposure_delay_traces(
        rng=np.random.default_rng(0), connections=("A",), delays_ms=(200.0,), spread_ms=(10.0,), exposures=60, sample_ms=10.0
    )
    delays = np.array([row[2] for row in made.delays.rows])
    assert delays.mean() == pytest.approx(200, abs=5)
    assert delays.std() == pytest.approx(10, rel=0.3)
    assert len({row[:2] for row in made.traces.rows}) == 60


def test_a_dark_frame_is_offset_and_noise():
    made = raw_panel(rng=np.random.default_rng(0), kerma_ugy=0.0, frames=30, size_px=64, defect_share=0.0)
    assert made.image.pixels.mean(0) == pytest.approx(made.offset.pixels, abs=5)
    assert made.image.pixels.std(0, ddof=1).mean() == pytest.approx(4, rel=0.05)


def test_the_response_bends():
    light, heavy = (
        raw_panel(rng=np.random.default_rng(0), kerma_ugy=k, frames=2, size_px=64, defect_share=0.0, shading_percent=0.0)
        for k in (1.0, 10.0)
    )
    slopes = [(m.image.pixels - m.offset.pixels).mean() / k for m, k in ((light, 1.0), (heavy, 10.0))]
    assert slopes[1] / slopes[0] == pytest.approx((1 - 0.04) / (1 - 0.004), rel=0.003)
