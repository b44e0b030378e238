"""Uniformity, dark level, defects and lag on simulated frames of known truth."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.image import Image
from gazo.phantoms import raw_panel
from gazo.quality import dark_level, defect_map, detector_defects, lag, lag_iec, uniformity

MM = (0.5, 0.5)


def frames(panel):
    return [Image(f, panel.image.spacing_mm[1:]) for f in panel.image.pixels]


def test_uniformity_of_a_known_slope():
    """Means of 10 mm regions on a slope of +-10 % over 100 mm: the outer ones differ by 9 %."""
    x = (np.arange(200) + 0.5) / 200
    found = uniformity(Image(np.tile(1000 * (1 + 0.1 * (2 * x - 1)), (200, 1)), MM), roi_mm=10.0)
    assert found.signal.value == pytest.approx(9.0, rel=1e-6)
    assert found.integral.value == pytest.approx(9.0, rel=1e-6)
    assert found.signal_map.values.shape == (10, 10)
    assert found.signal_map.values.mean() == pytest.approx(1)
    assert found.signal_map.x[0] == pytest.approx(9.5 * 0.5)
    assert len(found.regions.rows) == 100


def test_uniformity_does_not_change_with_the_pixel():
    rng = np.random.default_rng(0)
    coarse = 1000 + rng.normal(0, 30, (100, 100))
    fine = np.kron(coarse, np.ones((2, 2)))
    a, b = uniformity(Image(coarse, (1.0, 1.0))), uniformity(Image(fine, (0.5, 0.5)))
    assert a.signal.value == pytest.approx(b.signal.value, rel=1e-9)


def test_noise_that_differs_is_told_from_signal_that_differs():
    rng = np.random.default_rng(1)
    noise = np.where(np.arange(200)[None, :] < 100, 10.0, 20.0)
    found = uniformity(Image(1000 + noise * rng.normal(size=(200, 200)), MM), roi_mm=20.0)
    assert 30 < found.noise.value < 45  # 100 and 50 about 75: 33, and the scatter of the regions
    assert found.signal.value < 0.5


def test_dark_level_separates_noise_and_pattern():
    rng = np.random.default_rng(2)
    pattern = 3 * rng.normal(size=(128, 128)) + 2 * rng.normal(size=(1, 128))
    pattern -= pattern.mean()
    found = dark_level([Image(100 + drift + pattern + 4 * rng.normal(size=pattern.shape)) for drift in np.arange(8) * 0.1])
    assert found.level.low < 100.35 < found.level.high
    assert found.noise.low < 4 < found.noise.high
    assert found.fixed_pattern.value == pytest.approx(np.sqrt(13), rel=0.05)
    assert found.line_pattern.value == pytest.approx(2, rel=0.25)
    assert np.polyfit(found.drift.x, found.drift.y, 1)[0] == pytest.approx(0.1, abs=0.03)


def test_drift_does_not_count_as_noise():
    rng = np.random.default_rng(4)
    found = dark_level([Image(100 + 10 * n + 2 * rng.normal(size=(96, 96))) for n in range(6)])
    assert found.noise.value == pytest.approx(2, rel=0.02)
    assert found.drift.y == pytest.approx(100 + 10 * np.arange(6), abs=0.2)


def test_defects_of_every_kind_are_counted():
    rng = np.random.default_rng(3)
    flats = [1000 + rng.normal(0, 10, (200, 220)) for _ in range(4)]
    darks = [50 + rng.normal(0, 2, (200, 220)) for _ in range(12)]
    for flat in flats:
        flat[20, 20], flat[40, 60], flat[60, 30] = 50, 1600, 450  # dead, over, under
        flat[100:102, 100:103] = 50  # a cluster of six
        flat[:, 150], flat[180, :] = 400, 400  # a column and a row
    for dark in darks:
        dark[90, 20] = 50 + rng.normal(0, 60)
    found = detector_defects([Image(f) for f in flats], [Image(d) for d in darks])
    kinds = {row[0].en: row[1] for row in found.kinds.rows}
    assert kinds == {"dead": 7, "over-responding": 1, "under-responding": 1 + 200 + 220 - 1, "noisy": 1, "all": 429}
    groups = {row[0].en.split(" ")[0]: row[1:] for row in found.groups.rows}
    assert groups == {"row": (1, 220), "column": (1, 199), "cluster": (1, 6), "single": (4, 4)}
    assert found.share.value == pytest.approx(429 / 44_000)
    assert found.share.low < 429 / 44_000 < found.share.high


def test_defects_of_a_panel_are_found():
    rng = np.random.default_rng(0)
    flats, darks = (raw_panel(rng=rng, kerma_ugy=k, frames=12, size_px=200) for k in (8.0, 0.0))
    found = defect_map(frames(flats), frames(darks)).pixels > 0
    truth = flats.defects.pixels > 0
    assert (found & truth).sum() / truth.sum() > 0.98
    assert (found & ~truth).sum() < 3


def test_non_uniform_pixels_are_asked_for():
    rng = np.random.default_rng(5)
    flats = [1000 + rng.normal(0, 1, (100, 100)) for _ in range(4)]
    for flat in flats:
        flat[50, 50] = 1050
    darks = [Image(rng.normal(0, 1, (100, 100))) for _ in range(4)]
    assert detector_defects([Image(f) for f in flats], darks).share.value == 0
    assert detector_defects([Image(f) for f in flats], darks, uniform_percent=2.0).kinds.rows[4][1] == 1


@pytest.mark.parametrize("first", [0.002, 0.02, 0.1])
def test_lag_is_the_part_left_behind(first):
    rng = np.random.default_rng(6)
    levels = [0, 0, 1, first, first / 2, first / 4]
    series = [Image(100 + 5000 * level + rng.normal(0, 5, (96, 96))) for level in levels]
    found = lag(series, dark_frames=2, exposed_frames=1)
    assert found.first_frame.value == pytest.approx(first, abs=1e-4)
    assert found.first_frame.low <= first <= found.first_frame.high
    assert found.decay.y == pytest.approx([first, first / 2, first / 4], abs=1e-4)
    assert bool(found.warnings) == (first > 0.005)


def test_lag_does_not_depend_on_offset_or_gain():
    rng = np.random.default_rng(7)
    series = np.array([0, 1, 0.03])[:, None, None] * 4000 + 50 + rng.normal(0, 3, (3, 64, 64))
    plain = lag([Image(f) for f in series]).first_frame.value
    assert lag([Image(7 * f + 300) for f in series]).first_frame.value == pytest.approx(plain, rel=1e-3)
    assert lag(Image(series)).first_frame.value == pytest.approx(plain, rel=1e-9)


def test_iec_lag_tells_additive_from_multiplicative():
    rng = np.random.default_rng(8)
    opaque = np.zeros((160, 160), bool)
    opaque[:, :80] = True
    noise = lambda: rng.normal(0, 4, opaque.shape)  # noqa: E731
    shot = np.where(opaque, 0, 4000.0) + 100 + noise()
    dark = 100 + np.where(opaque, 0, 4000 * 0.01) + noise()
    beam = np.where(opaque, 1.1, 1.0)  # the beam is not even; what was so before is no lag
    before, after = 4000 * beam + noise(), 4000 * beam * np.where(opaque, 1, 0.98) + noise()
    found = lag_iec(*(Image(i) for i in (shot, dark, before, after)))
    assert found.additive.value == pytest.approx(0.01, abs=2e-4)
    assert found.additive.low <= 0.01 <= found.additive.high
    assert found.multiplicative.value == pytest.approx(-0.02, abs=2e-4)
    assert "2." in found.warnings[0].en or "1." in found.warnings[0].en
    clean = lag_iec(*(Image(i) for i in (shot, 100 + noise(), before, before + noise())))
    assert clean.warnings == ()


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: uniformity(Image(np.ones((50, 50)), MM)), "G-QUA-305"),
        (lambda: uniformity(Image(np.random.default_rng(0).normal(9, 1, (50, 50)), MM), roi_mm=50.0), "G-QUA-324"),
        (lambda: uniformity(Image(np.eye(50))), "G-IMG-003"),
        (lambda: dark_level([Image(np.eye(50))]), "G-QUA-302"),
        (lambda: dark_level([Image(np.eye(50)), Image(np.eye(40))]), "G-QUA-303"),
        (lambda: detector_defects([Image(np.zeros((50, 50)))], [Image(np.ones((50, 50)))] * 2), "G-QUA-325"),
        (lambda: lag([Image(np.ones((50, 50)))] * 3), "G-QUA-327"),
        (lambda: lag([Image(np.ones((50, 50)))] * 2), "G-QUA-302"),
        (lambda: lag_iec(*[Image(np.ones((50, 50)))] * 4), "G-QUA-327"),
        (lambda: lag_iec(*[Image(np.eye(20) + 1)] * 4), "G-QUA-326"),
    ],
)
def test_unfit_input_is_refused(call, code):
    with pytest.raises(GazoError, match=code):
        call()
