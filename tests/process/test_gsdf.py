"""A8: the numbers of DICOM PS3.14."""

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process import gsdf_jnd, gsdf_luminance, presentation_lut


@pytest.mark.parametrize(("jnd", "luminance"), [(1, 0.04998), (100, 1.8508), (500, 119.13), (1023, 3993.33)])
def test_published_luminances(jnd, luminance):
    assert float(gsdf_luminance(jnd)) == pytest.approx(luminance, rel=5e-5)


def test_the_curve_rises_and_its_inverse_finds_the_index():
    index = np.arange(1, 1024)
    luminance = gsdf_luminance(index)
    assert (np.diff(luminance) > 0).all()
    assert np.abs(gsdf_jnd(luminance) - index).max() <= 0.1


def test_p_values_lie_at_equal_steps_of_jnd():
    curve = presentation_lut(l_min_cdm2=0.5, l_max_cdm2=500, bits=10)
    steps = np.diff(gsdf_jnd(curve.y))
    assert curve.x[-1] == 1023
    assert steps.std() / steps.mean() < 0.05  # 7-2 is itself only within 0.1 JND
    assert (curve.y[0], curve.y[-1]) == (pytest.approx(0.5, rel=2e-3), pytest.approx(500, rel=2e-3))


def test_a_measured_display_is_driven_onto_the_curve():
    levels = np.arange(256.0)
    display = Curve(levels, 0.8 + 300 * (levels / 255) ** 2.2, Text("", ""), Text("", ""))
    lut = presentation_lut(display, bits=8)
    shown = np.interp(lut.y, display.x, display.y)
    wanted = presentation_lut(l_min_cdm2=0.8, l_max_cdm2=300.8, bits=8).y
    assert shown == pytest.approx(wanted, rel=1e-2)
    assert (np.diff(lut.y) >= 0).all()
    assert lut.y[-1] == pytest.approx(255, abs=0.2)


@pytest.mark.parametrize("wrong", [0, 1024, np.nan])
def test_indices_outside_are_refused(wrong):
    with pytest.raises(DataError, match="G-PRC-221"):
        gsdf_luminance([5, wrong])


@pytest.mark.parametrize("wrong", [0.01, 5000, np.nan, -1])
def test_luminances_outside_are_refused(wrong):
    with pytest.raises(DataError, match="G-PRC-222"):
        gsdf_jnd(wrong)


def test_a_range_without_width_and_a_display_that_falls_are_refused():
    with pytest.raises(OptionError, match="G-PRC-223"):
        presentation_lut(l_min_cdm2=50, l_max_cdm2=20)
    falling = Curve(np.arange(3.0), np.array([1.0, 5.0, 4.0]), Text("", ""), Text("", ""))
    with pytest.raises(DataError, match="G-PRC-224"):
        presentation_lut(falling)
