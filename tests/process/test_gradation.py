"""A8: slope, centre and shift act as their formula says, for every family."""

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.process import gradation

RAMP = Image(np.linspace(0, 1000, 1001, dtype=np.float32).reshape(7, 143))
FAMILIES = ["linear", "sigmoid", "toe", "shoulder"]


@pytest.mark.parametrize("gt", FAMILIES)
@pytest.mark.parametrize("ga", [0.5, 1.0, 2.5])
def test_every_family_rises_and_keeps_its_range(gt, ga):
    bent = gradation(RAMP, gt=gt, ga=ga).pixels.ravel()
    assert (np.diff(bent) >= 0).all()
    assert bent.min() >= 0
    assert bent.max() <= 1000.001
    if ga >= 1:
        assert (bent[0], bent[-1]) == (pytest.approx(0, abs=1e-3), pytest.approx(1000, abs=1e-3))


def test_linear_of_slope_one_is_the_identity():
    assert gradation(RAMP, gt="linear").pixels == pytest.approx(RAMP.pixels, abs=1e-3)


@pytest.mark.parametrize(("ga", "gc", "gs"), [(0.7, 0.5, 0.0), (2.0, 0.3, 0.1), (1.0, 0.5, -0.2)])
def test_linear_follows_its_formula(ga, gc, gs):
    share = RAMP.pixels / 1000
    expected = 1000 * np.clip(ga * (share - gc) + gc + gs, 0, 1)
    assert gradation(RAMP, gt="linear", ga=ga, gc=gc, gs=gs).pixels == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("gt", "at_middle"), [("sigmoid", 0.5), ("toe", 0.5**1.6), ("shoulder", 1 - 0.5**1.6), ("linear", 0.5)])
def test_values_at_the_middle(gt, at_middle):
    assert gradation(RAMP, gt=gt, low=0, high=1000).pixels.ravel()[500] == pytest.approx(1000 * at_middle, abs=0.01)


def test_the_slope_of_the_sigmoid_at_the_centre():
    """6/4 of the steepness over the range g(1) - g(0), times GA."""
    bent = gradation(RAMP, gt="sigmoid", ga=1.4).pixels.ravel()
    g = 1 / (1 + np.exp(3))
    assert (bent[501] - bent[499]) / 2 == pytest.approx(1.4 * 1.5 / (1 - 2 * g), rel=1e-3)


def test_a_constant_image_needs_a_range():
    flat = Image(np.full((4, 4), 7.0))
    with pytest.raises(OptionError, match="G-PRC-228"):
        gradation(flat)
    assert gradation(flat, low=0, high=14, gt="linear").pixels == pytest.approx(7)
