from dataclasses import replace

import numpy as np
import pytest

from gazo.phantoms.anatomy import draw_body, draw_pose
from gazo.phantoms.organs import Grid


@pytest.mark.parametrize(("view", "distance"), [("PA", 45 + 90 - 50), ("AP", 45 + 90 + 50)])
def test_magnification_of_a_plane_in_front_of_the_middle(view, distance):
    """Source to image over source to object: the front is near the detector in PA and far from it in AP."""
    pose = replace(draw_pose(np.random.default_rng(0), view), source_mm=1500.0)
    assert pose.magnification(50.0, 90.0) == pytest.approx(1500 / (1500 - distance))


@pytest.mark.parametrize("view", ["PA", "AP"])
def test_a_point_is_projected_onto_the_ray_that_passes_through_it(view):
    rng = np.random.default_rng(7)
    body, pose = draw_body(rng, "M"), draw_pose(rng, view)
    grid = Grid(body, replace(pose, turn_deg=6.0, tilt_deg=4.0), 400, 400.0)
    for point in ((30.0, -80.0, 60.0), (-90.0, 40.0, -70.0)):
        column, row = grid.project(np.array([point]))[0] / grid.pixel_mm + (grid.size - 1) / 2
        x, y = (plane[round(row), round(column)] for plane in grid.at(point[2]))
        assert (x, y) == pytest.approx(point[:2], abs=0.8)


def test_a_turn_to_the_left_moves_the_front_only():
    rng = np.random.default_rng(7)
    body, pose = draw_body(rng, "M"), draw_pose(rng, "PA")
    ahead, turned = (Grid(body, replace(pose, turn_deg=turn), 64, 400.0) for turn in (0.0, 5.0))
    points = np.array([[0.0, 0, 60], [0, 0, 0], [0, 0, -60]])
    moved = (turned.project(points) - ahead.project(points))[:, 0]
    assert moved[0] > 4
    assert moved[1] == pytest.approx(0)
    assert moved[2] < -4
