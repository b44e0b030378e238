"""NEQ and DQE: formulas, the simulated detector of the acceptance bundle, constants, bands, and what is refused."""

import builtins

import numpy as np
import pytest

from gazo.core.errors import DataError, MissingError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.core.seeds import generator
from gazo.phantoms import simulate_detector
from gazo.quality import compare_curves, dqe, linearize, mtf_edge, neq, nps_iec, snr_in2_from_spectrum
from gazo.quality.conversion import conversion_function
from gazo.quality.snr_in2 import BEAMS, SNR_IN2


def curve(y, x=None, band=None, unit="", label=""):
    x = np.linspace(0.5, 3, 6) if x is None else x
    y = np.broadcast_to(np.asarray(y, float), x.shape)
    low, high = (None, None) if band is None else (y / (1 + band), y * (1 + band))
    return Curve(x, y, Text("", "f"), Text(label, label), Text("", "c"), "cycles/mm", unit, low, high)


def test_formulas_at_other_frequencies():
    x = np.linspace(0, 4, 81)
    mtf, nnps = curve(np.exp(-x), x), curve(2e-6, unit="mm²")
    found = dqe(mtf, nnps, kerma_ugy=3, beam="RQA5", standard="2015")
    assert found.curve.x == pytest.approx(nnps.x)
    assert found.neq.y == pytest.approx(np.exp(-2 * nnps.x) / 2e-6, rel=1e-3)
    assert found.curve.y == pytest.approx(found.neq.y / (3 * 29653))
    assert neq(mtf, nnps).curve.y == pytest.approx(found.neq.y)
    assert found.curve.low is None
    assert dqe(mtf, nnps, kerma_ugy=3, snr_in2=1000.0).curve.y == pytest.approx(found.neq.y / 3000)


@pytest.mark.parametrize(("standard", "values"), [("2003", (21759, 30174, 32362, 31077)), ("2015", (20673, 29653, 32490, 31007))])
def test_both_generations_of_constants(standard, values):
    for beam, value in zip(("RQA3", "RQA5", "RQA7", "RQA9"), values, strict=True):
        found = dqe(curve(1.0, np.linspace(0, 4, 9)), curve(1e-6), kerma_ugy=1, beam=beam, standard=standard)
        assert found.snr_in2.value == value
        assert f"{value}" in found.sentence.en
    assert [beam for beam, (_, mark) in SNR_IN2["2015"].items() if mark == "R"] == ["RQA9"]


def test_bands_join_on_the_logarithmic_scale():
    mtf, nnps = curve(0.5, np.linspace(0, 4, 9), band=0.03), curve(1e-6, band=0.05)
    found = dqe(mtf, nnps, kerma_ugy=5, kerma_uncertainty_percent=4)
    half = np.sqrt((2 * np.log(1.03)) ** 2 + np.log(1.05) ** 2 + np.log(1.04) ** 2)
    assert found.curve.high / found.curve.y == pytest.approx(np.exp(half))
    assert found.curve.low / found.curve.y == pytest.approx(np.exp(-half))
    assert found.lowest.low == pytest.approx(found.curve.low[0])


def test_a_lopsided_band_of_the_noise_turns_round_in_the_dqe():
    """High noise means a low DQE: the far side of the NNPS goes to the low side of the DQE."""
    x = np.linspace(0.5, 3, 6)
    ones = np.ones(6)
    nnps = Curve(x, 1e-6 * ones, Text("", ""), Text("", ""), low=0.9e-6 * ones, high=1.5e-6 * ones)
    found = neq(curve(0.5, np.linspace(0, 4, 9)), nnps).curve
    assert found.low == pytest.approx(found.y / 1.5)
    assert found.high == pytest.approx(found.y / 0.9)


def test_a_dqe_above_one_is_doubted():
    assert dqe(curve(1.0, np.linspace(0, 4, 9)), curve(1e-6), kerma_ugy=1).warnings


def test_an_absolute_spectrum_is_refused():
    with pytest.raises(DataError, match="G-QUA-424"):
        dqe(curve(0.5), curve(1e-6, unit="µGy² mm²"), kerma_ugy=1)
    image = Image(np.random.default_rng(0).normal(1000, 30, (256, 256)).astype(np.float32), (0.15, 0.15))
    with pytest.raises(DataError, match="G-QUA-424"):
        neq(curve(0.5), nps_iec([image], roi_px=64, overlap_px=32).curve_u)


def test_curves_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="G-QUA-421"):
        neq(curve(0.5), curve(1e-6, np.linspace(10, 20, 5)))
    with pytest.raises(DataError, match="G-QUA-425"):
        neq(curve(0.5), curve(0.0))
    with pytest.raises(DataError, match="G-QUA-420"):
        neq(curve(0.5, np.linspace(3, 1, 6)), curve(1e-6))
    with pytest.raises(DataError, match="G-QUA-420"):
        neq(curve(np.nan), curve(1e-6))


def test_the_simulated_detector():
    """Acceptance 11: eta .7, s .08 mm, D .15 mm, 2.5 uGy, flats of 1024 x 1024, 10 edge shots, offset and gain by a conversion function."""
    kerma = np.array([0.5, 1, 2.5, 8.0])
    response = conversion_function(Curve(kerma, 100 + 1000 * kerma, Text("", ""), Text("", "")))
    flats = (simulate_detector(rng=generator(k, "F11 flat"), rows_px=1024, columns_px=1024).image for k in range(4))
    edges = [simulate_detector(rng=generator(k, "F11 edge"), exposure="edge", rows_px=700, columns_px=340) for k in range(10)]
    noise = nps_iec(
        [linearize(f, response) for f in flats], normalize="relative", report_step_per_mm=0.3, bin_half_width_per_mm=0.15
    )
    sharp = mtf_edge([linearize(e.image, response) for e in edges], direction="u")
    theory = edges[0]
    assert sharp.curve.y == pytest.approx(np.interp(sharp.curve.x, theory.mtf.x, theory.mtf.y), abs=0.01)
    for spectrum in (noise.curve_u, noise.curve_v):
        found = dqe(sharp.curve, spectrum, kerma_ugy=2.5)
        ratio = found.curve.y / np.interp(found.curve.x, theory.dqe.x, theory.dqe.y)
        share = found.curve.x / (0.5 / 0.15)
        assert share[-1] > 0.98
        assert np.abs(ratio[share <= 0.75] - 1).max() <= 0.05
        assert np.abs(ratio - 1).max() <= 0.10
        assert found.curve.y.max() <= 0.7 * 1.05
        assert found.lowest.low <= 0.7


def test_constants_from_spectra():
    pytest.importorskip("spekpy", reason="SpekPy is not a dependency")
    for beam, (kv, aluminium, hvl) in BEAMS.items():
        found = snr_in2_from_spectrum(kv=kv, added_al_mm=aluminium)
        assert found.snr_in2.value == pytest.approx(SNR_IN2["2015"][beam][0], rel=0.02)
        assert found.hvl.value == pytest.approx(hvl, rel=0.03)


def test_without_spekpy_the_way_out_is_told(monkeypatch):
    right = builtins.__import__

    def without(name, *given, **more):
        if name == "spekpy":
            raise ImportError(name)
        return right(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingError, match=r"G-QUA-422.*pip install spekpy"):
        snr_in2_from_spectrum()


def test_two_detectors_laid_over_each_other():
    x = np.linspace(0.5, 3, 26)
    first, second = curve(0.6, x, band=0.02), curve(0.5, np.linspace(0, 4, 9), band=0.03)
    found = compare_curves(first, second)
    assert found.difference.y == pytest.approx(0.1)
    low = 0.1 - np.hypot(0.6 - 0.6 / 1.02, 0.5 * 1.03 - 0.5)
    assert found.difference.low == pytest.approx(low)
    assert found.apart.value == 100
    percent = compare_curves(first, second, difference_as="percent")
    assert percent.difference.y == pytest.approx(20)
    half = np.hypot(np.log(1.02), np.log(1.03))
    assert percent.difference.high == pytest.approx(100 * (1.2 * np.exp(half) - 1))
    assert len(percent.curves) == 2


def test_equal_curves_are_not_told_apart_and_bare_ones_are_mentioned():
    x = np.linspace(0, 3, 30)
    assert compare_curves(curve(0.6, x, band=0.02), curve(0.61, x, band=0.02)).apart.value == 0
    assert compare_curves(curve(0.6, x), curve(0.5, x)).warnings
    with pytest.raises(DataError, match="G-QUA-421"):
        compare_curves(curve(0.6, x), curve(0.5, x + 10))
