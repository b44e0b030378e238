"""What a calibration leaves, against the quantum noise: known patterns, and the whole chain on a raw panel."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import raw_panel
from gazo.quality import compare_calibrations


def flats(rng, pattern, count=4, signal=1000.0, noise=10.0):
    return [Image(signal * (1 + pattern) + rng.normal(0, noise, pattern.shape)) for _ in range(count)]


def test_the_ratio_is_the_root_of_both_variances():
    """Quantum noise 1 %, fixed pattern 2 %: sqrt(1 + 4) = 2.236."""
    rng = np.random.default_rng(0)
    clean, rough = np.zeros((128, 128)), 0.02 * rng.normal(size=(128, 128))
    found = compare_calibrations([*flats(rng, clean), *flats(rng, rough)], methods=("A",) * 4 + ("B",) * 4)
    a, b = found.ratios
    assert a.value == pytest.approx(1, abs=0.01)
    assert a.low <= 1 <= a.high + 0.005
    assert b.value == pytest.approx(np.sqrt(5), rel=0.02)
    assert b.low < np.sqrt(5) < b.high
    row = dict(zip(("quantum", "fixed", "outliers"), found.groups.rows[1][3:6], strict=True))
    assert row["quantum"] == pytest.approx(1, rel=0.02)
    assert row["fixed"] == pytest.approx(2, rel=0.03)
    assert [w.en.split("'")[1] for w in found.warnings] == ["B"]


def test_scale_does_not_matter():
    rng = np.random.default_rng(1)
    images = flats(rng, 0.01 * rng.normal(size=(96, 96)))
    plain = compare_calibrations(images, methods=("A",) * 4).ratios[0]
    scaled = compare_calibrations([Image(i.pixels * 37) for i in images], methods=("A",) * 4).ratios[0]
    assert scaled.value == pytest.approx(plain.value, rel=1e-5)


def test_the_output_of_the_tube_does_not_count_as_noise():
    rng = np.random.default_rng(2)
    images = [Image(i.pixels * f) for i, f in zip(flats(rng, np.zeros((96, 96))), (1, 1.05, 0.95, 1.02), strict=True)]
    assert compare_calibrations(images, methods=("A",) * 4).ratios[0].value == pytest.approx(1, abs=0.02)


def test_ratios_against_exposure_are_curves():
    rng = np.random.default_rng(3)
    images = [*flats(rng, np.zeros((64, 64)), 2), *flats(rng, 0.03 * rng.normal(size=(64, 64)), 2)]
    found = compare_calibrations(images, methods=("A",) * 4, exposures_ugy=(8.0, 8.0, 2.0, 2.0))
    assert found.curves[0].x.tolist() == [2.0, 8.0]
    assert found.curves[0].y[0] > 2 > found.curves[0].y[1]
    assert (found.curves[0].low < found.curves[0].high).all()
    assert found.ratios[0].value == found.curves[0].y[1]


def test_defects_left_over_are_outliers():
    rng = np.random.default_rng(4)
    pattern = np.zeros((100, 100))
    pattern[::20, ::20] = -1
    found = compare_calibrations(flats(rng, pattern), methods=("A",) * 4)
    assert found.groups.rows[0][5] == pytest.approx(25 / 10_000, abs=2e-4)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda i: compare_calibrations(i, methods=("A",)), "G-QUA-333"),
        (lambda i: compare_calibrations(i, methods=("A",) * 4, exposures_ugy=(1.0,)), "G-QUA-333"),
        (lambda i: compare_calibrations(i, methods=("A", "A", "A", "B")), "G-QUA-302"),
        (lambda i: compare_calibrations([i[0]] * 4, methods=("A",) * 4), "G-QUA-334"),
        (lambda i: compare_calibrations([Image(-p.pixels) for p in i], methods=("A",) * 4), "G-QUA-334"),
    ],
)
def test_unfit_input_is_refused(call, code):
    with pytest.raises(GazoError, match=code):
        call(flats(np.random.default_rng(0), np.zeros((32, 32))))


def test_one_panel_stays_the_same_panel():
    one, two = (raw_panel(rng=np.random.default_rng(n), size_px=64, panel=3) for n in range(2))
    other = raw_panel(rng=np.random.default_rng(0), size_px=64, panel=4)
    assert (one.gain.pixels == two.gain.pixels).all()
    assert (one.image.pixels != two.image.pixels).any()
    assert (one.gain.pixels != other.gain.pixels).any()


def test_the_noise_of_the_panel_is_quantum_noise():
    made = raw_panel(
        rng=np.random.default_rng(0),
        kerma_ugy=4.0,
        frames=30,
        size_px=64,
        bend_percent=0.0,
        defect_share=0.0,
        electronic_counts=0.0,
    )
    pixels = made.image.pixels - made.offset.pixels
    relative = pixels.std(0, ddof=1) / pixels.mean(0)
    quanta = 0.7 * 30_000 * 0.15**2 * pixels.mean() / 1000
    assert np.sqrt((relative**2).mean()) == pytest.approx(1 / np.sqrt(quanta), rel=0.03)
