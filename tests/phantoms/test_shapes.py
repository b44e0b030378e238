from dataclasses import replace

import numpy as np
import pytest

from gazo.phantoms.anatomy import draw_body, draw_pose
from gazo.phantoms.organs import Grid
from gazo.phantoms.shapes import around, covered, half_chord, lay, resampled, ring, steps, tube
from gazo.phantoms.vessels import unevenness


def plane(size, pixel_mm):
    axis = ((np.arange(size) - (size - 1) / 2) * pixel_mm).astype(np.float32)
    return axis[None, :], axis[:, None]


@pytest.mark.parametrize("tilt", [0.0, 33.0])
def test_volume_of_an_ellipsoid(tilt):
    x, y = plane(400, 0.5)
    volume = 2 * half_chord(x, y, (60, 40, 25), tilt).sum() * 0.25
    assert volume == pytest.approx(4 / 3 * np.pi * 60 * 40 * 25, rel=1e-3)


def test_the_tilt_turns_the_long_axis_down_to_the_right():
    x, y = plane(201, 1.0)
    half = half_chord(x, y, (60, 10, 10), 45.0)
    assert half[130, 130] > 0
    assert half[70, 130] == 0


def test_union_of_pieces_against_sampling():
    rng = np.random.default_rng(0)
    pieces = [around(0, rng.uniform(0, 40, (5, 5)).astype(np.float32) + 0) for _ in range(3)]
    pieces = [(low + shift, high + shift) for (low, high), shift in zip(pieces, (-20, 5, 30), strict=True)]
    limits = around(0, np.full((5, 5), 45, np.float32))
    z = np.linspace(-100, 100, 40001)[:, None, None]
    inside = np.zeros((len(z), 5, 5), bool)
    for low, high in pieces:
        inside |= (z >= low) & (z <= high)
    sampled = (inside & (np.abs(z) <= 45)).sum(0) * (z[1, 0, 0] - z[0, 0, 0])
    assert covered(pieces, limits) == pytest.approx(sampled, abs=0.05)


def test_laid_volume_is_kept_and_lies_where_it_was_put():
    laid = lay(np.array([[3.3, -7.1]]), np.array([12.5]), 0.7, 64)
    x, y = plane(64, 0.7)
    assert laid.sum() * 0.49 == pytest.approx(12.5, rel=1e-5)
    assert (laid * x).sum() / laid.sum() == pytest.approx(3.3, abs=1e-4)
    assert (laid * y).sum() / laid.sum() == pytest.approx(-7.1, abs=1e-4)


def test_a_ring_moved_along_a_line_is_a_thin_walled_tube():
    """Chord through a wall w at distance x from the axis: 2 (sqrt(R2 - x2) - sqrt((R - w)2 - x2)), here with a 1/4 filled core."""
    pixel, radius, wall = 0.25, 8.0, 2.0
    x = ((np.arange(97 * 50) + 0.5) / 50 - 48.5) * pixel
    outer, inner = (2 * np.sqrt(np.maximum(0, r * r - x * x)) for r in (radius, radius - wall))
    formula = ((outer - inner) + 0.25 * outer).reshape(97, 50).mean(1)
    profile = np.zeros(97)
    kernel = ring(radius, wall, pixel)
    profile[48 - len(kernel) // 2 : 49 + len(kernel) // 2] = kernel.sum(0)
    assert profile / profile.sum() == pytest.approx(formula / formula.sum(), abs=0.02 * (formula / formula.sum()).max())


def test_a_tube_holds_section_times_length():
    line = resampled(np.array([[-20.0, -15, 0], [20, 15, 40]]), 0.4)
    shadow = tube(line[:, :2], 30.0, steps(line), ring(5, 1.5, 1.0), 1.0, 128)
    assert shadow.sum() == pytest.approx(30 * np.sqrt(40**2 + 30**2 + 40**2), rel=1e-4)


def test_uneven_tissue_follows_its_power_law():
    rng = np.random.default_rng(5)
    body, pose = draw_body(rng, "F"), draw_pose(rng, "PA")
    spectra = []
    for seed in range(12):
        grid = Grid(replace(body, fine_seed=seed), replace(pose, tilt_deg=0.0), 256, 512.0)
        field = unevenness(grid)[16:-16, 16:-16]
        window = np.hanning(len(field))[:, None] * np.hanning(len(field))
        spectra.append(np.abs(np.fft.fft2((field - field.mean()) * window)) ** 2)
    u = np.hypot(*np.meshgrid(np.fft.fftfreq(224), np.fft.fftfreq(224)))
    band = (u > 0.02) & (u < 0.12)
    slope = np.polyfit(np.log(u[band]), np.log(np.mean(spectra, 0)[band]), 1)[0]
    assert slope == pytest.approx(-3, abs=0.35)
