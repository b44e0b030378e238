"""A15: offset, gain and defects of a simulated detector."""

import numpy as np
import pytest

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.process import find_defects, flat_field_correct


@pytest.fixture(scope="module")
def detector():
    """Exposure with an edge, gain of columns and shading, offset, a dead pixel, a hot one, a line and a cluster."""
    rng = np.random.default_rng(0)
    y, x = np.indices((120, 130))
    exposure = 1000 + 2000 * (x + 0.3 * y > 90) + 5.0 * y
    gain = (1 + 0.2 * np.sin(x / 30)) * rng.normal(1, 0.02, x.shape)
    offset = 100 + 10 * rng.normal(size=x.shape)
    bad = np.zeros(x.shape, np.uint8)
    bad[40, 50] = bad[10:12, 20:22] = bad[:, 70] = bad[0, 0] = bad[119, 129] = 1
    raw = exposure * gain + offset
    raw[bad == 1] = 0
    return {"exposure": exposure, "raw": raw, "flat": 5000 * gain + offset, "dark": offset, "bad": bad}


def test_the_formula(detector):
    d = detector
    out = flat_field_correct(Image(d["raw"]), Image(d["flat"]), Image(d["dark"])).pixels
    gain = d["flat"] - d["dark"]
    expected = (d["raw"] - d["dark"]) / gain * gain.mean()
    assert out == pytest.approx(expected, rel=1e-4, abs=0.5)


def test_the_exposure_comes_back_and_defects_continue_edges(detector):
    d = detector
    out = flat_field_correct(Image(d["raw"]), Image(d["flat"]), Image(d["dark"]), Image(d["bad"])).pixels
    mean_gain = (d["flat"] - d["dark"])[d["bad"] == 0].mean() / 5000
    truth = d["exposure"] * mean_gain
    good = d["bad"] == 0
    assert np.abs(out - truth)[good].max() < 1e-3 * truth.max()
    off = np.abs(out - truth)[~good]
    assert np.mean(off > 0.01 * truth.max()) < 0.05  # the steps of the oblique edge where it crosses the dead line


@pytest.mark.parametrize("direction", ["row", "column", "down", "up"])
def test_a_defect_beside_an_edge_takes_the_value_of_its_side(direction):
    """The median of all eight neighbours fails here: at the corner side of a diagonal edge most belong to the other side."""
    y, x = np.indices((21, 21))
    side = {"row": y <= 10, "column": x <= 10, "down": x - y <= 0, "up": x + y <= 20}[direction]
    raw, bad = np.where(side, 500.0, 100.0), np.zeros((21, 21), np.uint8)
    raw[10, 10], bad[10, 10] = 0, 1
    flat = Image(np.full((21, 21), 300.0))
    assert flat_field_correct(Image(raw), flat, None, Image(bad)).pixels[10, 10] == pytest.approx(500)


def test_nan_in_a_defect_is_replaced():
    raw = np.full((9, 9), 50.0)
    raw[4, 4] = np.nan
    bad = np.isnan(raw).astype(np.uint8)
    flat = Image(np.full((9, 9), 10.0))
    assert flat_field_correct(Image(raw), flat, None, Image(bad)).pixels == pytest.approx(50)
    with pytest.raises(ImageError, match="G-PRC-202"):
        flat_field_correct(Image(raw), flat)


def test_pixels_where_the_flat_is_dark_are_defects():
    flat = np.full((9, 9), 10.0)
    flat[2, 3] = 0
    assert flat_field_correct(Image(np.full((9, 9), 50.0)), Image(flat)).pixels == pytest.approx(50)


def test_exchanged_dark_and_flat_are_refused(detector):
    with pytest.raises(DataError, match="G-PRC-240"):
        flat_field_correct(Image(detector["raw"]), Image(detector["dark"]), Image(detector["flat"] + 1000))


def test_a_dead_region_is_refused():
    bad = np.zeros((40, 40), np.uint8)
    bad[5:35, 5:35] = 1
    with pytest.raises(ImageError, match="G-PRC-241"):
        flat_field_correct(Image(np.ones((40, 40))), Image(np.ones((40, 40))), None, Image(bad), reach_px=4)


@pytest.mark.parametrize("which", [1, 2, 3])
def test_another_shape_is_refused(which):
    given = [Image(np.ones((9, 9))) for _ in range(4)]
    given[which] = Image(np.ones((9, 8)))
    with pytest.raises(ImageError, match="G-PRC-203"):
        flat_field_correct(*given)


def test_planted_defects_are_found_and_nothing_else():
    rng = np.random.default_rng(3)
    y, x = np.indices((200, 210))
    flat = (4000 + 5 * x - 3 * y) + rng.normal(0, 20, x.shape)
    dark = 100 + rng.normal(0, 3, x.shape)
    bad = np.zeros(x.shape, bool)
    bad[50, 60] = bad[120, 5] = bad[:, 150] = bad[90:92, 90:92] = True
    flat[50, 60], flat[120, 5] = 65535, 0
    flat[:, 150] *= 0.7
    flat[90:92, 90:92] *= 1.4
    hot = (30, 40)
    flat[hot] += 3000
    dark[hot] += 3000
    bad[hot] = True
    found = find_defects(Image(flat), Image(dark))
    assert np.array_equal(found.pixels == 1, bad)
    assert (found.meaning, found.pixels.dtype) == ("mask", np.uint8)


def test_a_flat_without_defects_has_none():
    assert find_defects(Image(np.full((30, 30), 7.0))).pixels.sum() == 0
    noisy = np.random.default_rng(0).normal(1000, 10, (300, 300))
    assert find_defects(Image(noisy)).pixels.sum() == 0


def test_found_defects_go_straight_into_the_correction(detector):
    d = detector
    flat = d["flat"].copy()
    flat[d["bad"] == 1] = 0
    found = find_defects(Image(flat), Image(d["dark"]))
    assert (found.pixels[d["bad"] == 1] == 1).all()
    out = flat_field_correct(Image(d["raw"]), Image(flat), Image(d["dark"]), found)
    assert np.isfinite(out.pixels).all()
