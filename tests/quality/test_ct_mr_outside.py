"""Numbers of other programs: pylinac on a Catphan 504, hazen and its MATLAB forerunner on MR phantoms."""

import json

import numpy as np
import pytest

import gazo
from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.quality import ct_roi_statistics, ct_uniformity, mr_snr, mr_uniformity


@pytest.fixture(scope="module")
def reference(shared):
    return shared / "reference" / "image_quality"


@pytest.fixture(scope="module")
def catphan(reference):
    return json.loads((reference / "ct_catphan504" / "pylinac_expected.json").read_text())


def circles(rois):
    rows = tuple((name, r["center_x"], r["center_y"], r["radius_px"]) for name, r in rois.items())
    return Table(Text("円", "circles"), tuple(Text(n, n) for n in ("name", "x", "y", "radius")), rows)


def stored(path):
    import pydicom

    return Image(pydicom.dcmread(path).pixel_array)


def test_ct_numbers_of_the_inserts_are_those_of_pylinac(reference, catphan):
    rois = catphan["CTP404"]["hu_rois"]
    found = ct_roi_statistics(gazo.read(reference / "ct_catphan504" / "ctp404_slice45.dcm"), circles(rois))
    for row in found.regions.rows:
        assert row[1] == rois[row[0]]["pixel_value"]
        assert row[5] * np.sqrt(1 - 1 / row[6]) == pytest.approx(rois[row[0]]["std"], rel=1e-6)
        assert row[2] <= row[1] <= row[3]


def test_circles_laid_out_by_gazo_find_the_inserts(reference, catphan):
    image = gazo.read(reference / "ct_catphan504" / "ctp404_slice45.dcm")
    expected = {name: r["pixel_value"] for name, r in catphan["CTP404"]["hu_rois"].items()}
    found = {row[0]: row[1] for row in ct_roi_statistics(image, roll_deg=catphan["catphan_roll_deg"]).regions.rows}
    assert found == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("given", [True, False])
def test_ct_uniformity_is_that_of_pylinac(reference, catphan, given):
    rois = catphan["CTP486"]["rois"]
    image = gazo.read(reference / "ct_catphan504" / "ctp486_slice12.dcm")
    found = ct_uniformity(image, circles(rois) if given else None)
    assert {row[0]: row[1] for row in found.regions.rows} == {name: r["pixel_value"] for name, r in rois.items()}
    assert found.index.value == pytest.approx(catphan["CTP486"]["uniformity_index"], rel=1e-9)
    assert found.integral_nonuniformity.value == pytest.approx(catphan["CTP486"]["integral_non_uniformity"], rel=1e-9)
    assert found.index.low < found.index.value < found.index.high


@pytest.mark.parametrize(
    ("folder", "names", "centre", "expected"),
    [
        ("mr_snr_siemens", ("tra_250_2meas_1.dcm", "tra_250_2meas_2.dcm"), (131.0, 122.0), "mr_snr_siemens"),
        ("mr_snr_siemens", ("tra_250_2meas_1.dcm", "tra_250_2meas_2.dcm"), None, "mr_snr_siemens"),
        ("mr_snr_philips", ("5.dcm", "6.dcm"), (127.0, 129.0), "mr_snr_philips"),
        ("mr_snr_philips", ("5.dcm", "6.dcm"), None, "mr_snr_philips"),
    ],
)
def test_mr_snr_is_that_of_hazen(reference, folder, names, centre, expected):
    wanted = json.loads((reference / "mr_expected.json").read_text())[expected]
    found = mr_snr(*(stored(reference / folder / name) for name in names), centre_px=centre)
    assert found.ratio.value == pytest.approx(wanted["snr_subtraction_raw"], rel=wanted["tolerance_rel"])
    assert found.ratio.low < found.ratio.value < found.ratio.high


def test_a_moved_zero_of_the_signal_is_told(reference):
    pair = [gazo.read(reference / "mr_snr_philips" / name) for name in ("5.dcm", "6.dcm")]
    assert "intercept" in mr_snr(*pair).warnings[0].en


def test_mr_uniformity_is_that_of_hazen(reference):
    wanted = json.loads((reference / "mr_expected.json").read_text())["mr_uniformity/axial_oil.dcm"]
    found = mr_uniformity(gazo.read(reference / "mr_uniformity" / "axial_oil.dcm"))
    assert found.horizontal.value == pytest.approx(wanted["horizontal"], abs=wanted["tolerance_abs"])
    assert found.vertical.value == pytest.approx(wanted["vertical"], abs=wanted["tolerance_abs"])
    assert [len(c.x) for c in found.profiles] == [160, 160]


def test_mr_snr_of_known_noise():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :200] - 99.5
    phantom = np.where(np.hypot(y, x) < 80, 1000.0, 0.0)
    one, two = (Image(phantom + rng.normal(0, 10, phantom.shape)) for _ in range(2))
    found = mr_snr(one, two)
    assert found.ratio.value == pytest.approx(100, rel=0.05)
    assert found.ratio.low < 100 < found.ratio.high


def test_uniformity_of_a_known_slope():
    """+-20 % over 160 pixels: half of the profile lies within 10 %."""
    y, x = np.mgrid[:200, :200] - 99.5
    slope = np.where(np.hypot(y, x) < 95, 1000 * (1 + 0.2 * x / 80), 0.0)
    found = mr_uniformity(Image(slope), centre_px=(100.0, 100.0))
    assert found.horizontal.value == pytest.approx(0.5, abs=0.02)
    assert found.vertical.value == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: mr_snr(Image(np.eye(200)), Image(np.eye(200)), centre_px=(100.0, 100.0)), "G-QUA-321"),
        (lambda: mr_snr(Image(np.zeros((200, 200))), Image(np.zeros((200, 200)))), "G-QUA-322"),
        (lambda: mr_uniformity(Image(np.eye(64)), centre_px=(32.0, 32.0)), "G-QUA-323"),
        (lambda: ct_roi_statistics(Image(np.full((64, 64), -1000.0), (1.0, 1.0))), "G-QUA-318"),
        (
            lambda: ct_roi_statistics(Image(np.zeros((64, 64))), circles({"A": {"center_x": 2, "center_y": 9, "radius_px": 5}})),
            "G-QUA-319",
        ),
        (
            lambda: ct_uniformity(Image(np.zeros((64, 64))), circles({"A": {"center_x": 9, "center_y": 9, "radius_px": 5}})),
            "G-QUA-320",
        ),
        (
            lambda: ct_roi_statistics(Image(np.zeros((64, 64))), Table(Text("", ""), (Text("name", "name"),), (("A",),))),
            "G-QUA-306",
        ),
    ],
)
def test_unfit_input_is_refused(call, code):
    with pytest.raises(GazoError, match=code):
        call()
