import numpy as np
import PIL.Image
import pydicom
import pytest
from pydicom.pixels import apply_windowing

from gazo.io import read_dicom
from gazo.process.voi import windowed


@pytest.mark.parametrize(
    ("render", "file"),
    [
        ("CT_small_minmax", "CT_small"),
        ("dx_image_window1", "dx_image"),
        ("examples_overlay_window1_nooverlay", "examples_overlay"),
        ("examples_palette", "examples_palette"),
        ("mlut_18_minmax", "mlut_18"),
        ("vlut_04_voilut1", "vlut_04"),
    ],
)
def test_rendering_equals_dcmtk(shared, render, file):
    """DCMTK 3.6.7 dcm2pnm; one grey level of rounding, as its provenance says."""
    folder = shared / "reference/dicom"
    with PIL.Image.open(folder / f"dcmtk_render/{render}.png") as picture:
        want = np.asarray(picture).astype(int)
    shown = read_dicom(folder / f"files/{file}.dcm", voi=True)
    assert shown.pixels.dtype == np.uint8
    assert np.abs(shown.pixels - want).max() <= 1


def test_a_window_of_ones_own_equals_dcmtk(shared):
    folder = shared / "reference/dicom"
    with PIL.Image.open(folder / "dcmtk_render/CT1_window_40_400.png") as picture:
        want = np.asarray(picture).astype(int)
    hu = read_dicom(folder / "files/CT1_UNC.dcm").pixels
    assert np.abs(np.rint(windowed(np.float32(hu), 40, 400, "LINEAR", 255)) - want).max() <= 1


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_equal_pydicom(function):
    dataset = pydicom.Dataset()
    dataset.PhotometricInterpretation, dataset.BitsStored, dataset.PixelRepresentation = "MONOCHROME2", 8, 0
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = 100.5, 37.25, function
    values = np.arange(256, dtype="uint8")
    np.testing.assert_allclose(
        windowed(np.float32(values), 100.5, 37.25, function, 255), apply_windowing(values, dataset), atol=1e-3
    )


def test_a_window_of_width_one_is_a_threshold():
    np.testing.assert_array_equal(windowed(np.array([9.0, 9.5, 9.6, 10.0], np.float32), 10, 1, "LINEAR", 255), [0, 0, 255, 255])
