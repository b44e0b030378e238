"""Iris filter, vesselness and directional contrast: published values, polarity, laws."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.process import directional_contrast, iris_filter, vesselness

Y, X = np.mgrid[-80:81, -80:81].astype(float)
AWAY = np.hypot(X, Y)


def test_gradients_converge_on_the_centre_of_a_cone_and_of_a_hemisphere():
    for surface in (np.maximum(0, 20 - AWAY), np.sqrt(np.maximum(0, 400 - AWAY**2))):
        assert iris_filter(surface)[80, 80] == pytest.approx(1, abs=0.01)
        assert iris_filter(-surface, spots="dark")[80, 80] == pytest.approx(1, abs=0.01)
        assert iris_filter(-surface)[80, 80] < 0


@pytest.mark.parametrize(
    "region", [np.maximum(0, 60 - AWAY), np.maximum(0, 30 - np.abs(X))], ids=["round", "half a cylinder (a roof)"]
)
def test_the_boundary_of_a_convex_region_is_one_over_pi(region):
    """Just within the boundary the outer lines give cos, the inner ones cancel over their chord: the mean is 1/pi (Kobatake & Hashimoto)."""
    edge = int(np.flatnonzero(region[80] > 0)[-1])
    found = iris_filter(region, least_radius_px=1, largest_radius_px=130)
    assert found[80, edge] == pytest.approx(1 / np.pi, abs=0.04)
    assert found[80, edge - 6] > found[80, edge] > found[80, edge + 2] + 0.2


def test_the_iris_filter_does_not_know_contrast():
    cone = np.maximum(0, 20 - AWAY) + 0.2 * np.sin(X / 5)
    assert iris_filter(0.01 * cone + 7) == pytest.approx(iris_filter(cone), abs=2e-3)
    assert (iris_filter(np.full((40, 40), 1000.0)) == 0).all()


def test_long_things_answer_less_than_round_ones():
    assert iris_filter(np.maximum(0, 20 - np.abs(X)))[80, 80] < 0.75 < iris_filter(np.maximum(0, 20 - AWAY))[80, 80]


@pytest.mark.parametrize("measure", ["sato", "frangi"])
def test_a_tube_answers_in_its_polarity_only(measure):
    tube = np.exp(-(X**2) / 18)
    assert vesselness(-tube, measure=measure)[80, 80] > 0.3
    assert vesselness(tube, measure=measure)[80, 80] == 0
    assert vesselness(tube, measure=measure, tubes="bright")[80, 80] > 0.3
    assert np.abs(vesselness(np.full((60, 60), 500.0), measure=measure)).max() < 1e-6


def test_frangi_holds_spots_down_against_tubes():
    spot, tube = np.exp(-(AWAY**2) / 18), np.exp(-(X**2) / 18)
    assert vesselness(-spot, measure="frangi")[80, 80] < 0.2 * vesselness(-tube, measure="frangi")[80, 80]


def test_directional_contrast_is_the_depth_of_a_spot_and_nothing_of_a_line():
    spot, line = np.where(AWAY <= 4, -10.0, 0), np.where(np.abs(X) <= 4, -10.0, 0)
    given = {"radii_px": (7.0,), "sigma_px": 0.0, "left_out": 3}
    assert directional_contrast(spot, **given)[80, 80] == 10
    assert directional_contrast(line, **given)[80, 80] == 0
    assert directional_contrast(-spot, spots="bright", **given)[80, 80] == 10


def test_directional_contrast_is_a_rank_of_the_points_on_the_circle():
    picture = np.random.default_rng(0).normal(size=(31, 31))
    angles = 2 * np.pi * np.arange(16) / 16
    ring = sorted(picture[15 + round(6 * np.sin(a)), 15 + round(6 * np.cos(a))] for a in angles)
    found = directional_contrast(picture, radii_px=(6.0,), sigma_px=0.0, left_out=2)[15, 15]
    assert found == pytest.approx(ring[2] - picture[15, 15], abs=1e-6)


def test_radii_in_the_wrong_order_are_refused():
    with pytest.raises(GazoError, match="G-PRC-311"):
        iris_filter(AWAY, least_radius_px=9, largest_radius_px=8)
