"""Polygons against formulas: areas of circles, polygons that share borders, holes, and the way back from a mask."""

import numpy as np
import pytest

from gazo.io.polygons import area, filled, outlines


def circle(row, column, radius, corners=4000):
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.c_[row + radius * np.sin(angle), column + radius * np.cos(angle)]


@pytest.mark.parametrize("radius", [5.3, 20.7, 90.25])
def test_pixels_in_a_circle_are_its_area(radius):
    """Counting lattice points in a circle errs by O(r^(2/3)); the mean over sub-pixel shifts is the area (Kendall 1948)."""
    rng = np.random.default_rng(1)
    counts = [filled([circle(*(100 + rng.random(2)), radius)], (200, 201)).sum() for _ in range(40)]
    assert np.mean(counts) == pytest.approx(np.pi * radius**2, rel=2e-3 if radius > 10 else 2e-2)
    assert np.abs(np.array(counts) - np.pi * radius**2).max() < 4 * radius ** (2 / 3)


def test_each_pixel_is_that_of_the_inequality():
    row, column = np.mgrid[:64, :64]
    inside = (row - 30.37) ** 2 + (column - 28.81) ** 2 <= 19.62**2
    assert np.array_equal(filled([circle(30.37, 28.81, 19.62)], (64, 64)), inside)


def test_a_contour_inside_another_is_a_hole_and_another_beside_it_an_island():
    found = filled([circle(30, 30, 20), circle(30, 30, 8), circle(30, 30, 3), circle(70, 70, 9)], (90, 90)).sum()
    assert found == pytest.approx(np.pi * (20**2 - 8**2 + 3**2 + 9**2), rel=0.02)


def test_a_keyhole_is_a_hole():
    outer, inner = circle(30, 30, 20, 720), circle(30, 30, 8, 720)[::-1]
    joined = np.concatenate([outer, outer[:1], inner[-1:], inner])
    assert np.array_equal(filled([joined], (60, 60)), filled([outer, inner], (60, 60)))


def test_polygons_that_share_borders_cover_each_pixel_once():
    """Borders run exactly through centres of pixels, the hard case."""
    corners = [(5, 5), (5, 20), (20, 35), (40, 35), (40, 5)]
    middle = (20.0, 20.0)
    parts = [np.array([a, b, middle], float) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    times = sum(filled([part], (50, 50)).astype(int) for part in parts)
    assert times.max() == 1
    assert np.array_equal(times > 0, filled([np.array(corners, float)], (50, 50)))


def test_what_lies_outside_is_cut_off():
    assert filled([circle(0, 0, 10)], (40, 40)).sum() == filled([circle(50, 50, 10)], (101, 101))[50:, 50:].sum()
    assert not filled([circle(-50, 20, 10)], (40, 40)).any()
    assert filled([circle(20, 20, 500)], (40, 40)).all()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.0])
def test_outlines_lead_back_to_the_same_pixels(share):
    mask = np.random.default_rng(2).random((37, 41)) < share
    assert np.array_equal(filled(outlines(mask), mask.shape), mask)


def test_area_is_that_of_the_shoelace():
    assert area(np.array([(0, 0), (0, 4), (3, 4)], float)) == 6
    assert area(circle(3, 5, 7, 100_000)) == pytest.approx(np.pi * 49, rel=1e-6)
