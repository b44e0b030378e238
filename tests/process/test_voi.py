"""A8: windows and tables as pydicom applies them; MONOCHROME1 inverted once."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_voi, apply_windowing

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process import apply_voi_lut

STORED = np.random.default_rng(0).integers(0, 4096, (60, 70)).astype(np.uint16)


def header(centre, width, function):
    ds = Dataset()
    ds.BitsStored, ds.PixelRepresentation, ds.PhotometricInterpretation = 12, 0, "MONOCHROME2"
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = centre, width, function
    return ds


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("centre", "width"), [(2048, 4096), (1200, 700), (1200.5, 1), (40, 400), (3000, 5.5)])
def test_windows_equal_pydicom(function, centre, width):
    with np.errstate(over="ignore"):  # its exp
        theirs = apply_windowing(STORED, header(centre, width, function))
    ours = apply_voi_lut(Image(STORED), centre=centre, width=width, function=function, bits=12)
    assert np.abs(ours.pixels - theirs).max() <= 1  # least significant bit
    assert ours.meaning == "display"


def test_tables_equal_pydicom():
    ds = header(0, 1, "LINEAR")
    item = Dataset()
    item.LUTDescriptor, item.LUTExplanation = [1000, 500, 16], ""
    item.add_new(0x00283002, "US", [1000, 500, 16])
    entries = (65535 * (np.arange(1000) / 999) ** 0.5).astype(np.uint16)
    item.LUTData = entries.tolist()
    item["LUTData"].VR = "US"
    ds.VOILUTSequence = [item]
    theirs = apply_voi(STORED, ds)
    table = Curve(np.arange(500.0, 1500), entries.astype(float), Text("", ""), Text("", ""))
    assert np.abs(apply_voi_lut(Image(STORED), table, bits=16).pixels - theirs).max() <= 1


def test_the_window_of_the_image_serves_where_none_is_given():
    image = Image(STORED, window=(1000.0, 500.0))
    assert np.array_equal(apply_voi_lut(image).pixels, apply_voi_lut(Image(STORED), centre=1000, width=500).pixels)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_monochrome1_is_inverted_once(function):
    given = {"centre": 2000.0, "width": 1000.0, "function": function}
    plain = apply_voi_lut(Image(STORED), **given)
    turned = apply_voi_lut(Image(STORED, inverted=True), **given)
    assert turned.pixels == pytest.approx(255 - plain.pixels)
    assert not turned.inverted
    again = apply_voi_lut(turned, centre=128, width=256)
    assert again.pixels == pytest.approx(turned.pixels, abs=1e-3)


@pytest.mark.parametrize("given", [{}, {"centre": 5.0}, {"width": 5.0}])
def test_half_a_window_is_refused(given):
    with pytest.raises(OptionError, match="G-PRC-225"):
        apply_voi_lut(Image(STORED), **given)


def test_a_linear_window_below_one_and_an_unsorted_table_are_refused():
    with pytest.raises(OptionError, match="G-PRC-226"):
        apply_voi_lut(Image(STORED), centre=1, width=0.5)
    with pytest.raises(DataError, match="G-PRC-227"):
        apply_voi_lut(Image(STORED), Curve(np.array([3.0, 1.0]), np.ones(2), Text("", ""), Text("", "")))
