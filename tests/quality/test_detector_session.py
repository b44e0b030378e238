"""A whole session on a simulated detector whose response, MTF, DQE, lag and noise are known; and what a session refuses."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms.flat_panel import simulate_detector
from gazo.quality.detector_session import detector
from gazo.quality.session_table import Reference, exposures, levels, mean_kerma

SIZE = {"rows_px": 400, "columns_px": 400, "pixel_mm": 0.2}
KERMAS = (0.8, 1.25, 2.5, 5.0, 10.0)
BOOK = Reference(20.0, 1013.25)
Row = tuple[str, float | None, str]


def table(rows, headings=("role", "kerma_ugy", "beam")) -> Table:
    return Table(Text("s", "s"), tuple(Text(h, h) for h in headings), tuple(rows))


@pytest.fixture(scope="module")
def session():
    """Images and rows: 3 dark, 4 flats at each of 5 kermas, 5 edges in each direction, 3 frames with a lag of 2 %."""
    rng = np.random.default_rng(5)
    shots: list[tuple[object, Row]] = []

    def add(role: str, kerma: float | None, beam: str, previous=None, **options):
        image = simulate_detector(previous, rng=rng, **SIZE, **options).image
        shots.append((image, (role, kerma, beam)))
        return image

    for _ in range(3):
        add("dark", None, "", exposure="dark")
    for kerma in KERMAS:
        for _ in range(4):
            add("flat", kerma, "RQA5", kerma_ugy=kerma)
    for axis, role in (("u", "edge-v"), ("v", "edge-h")):
        for _ in range(5):
            add(role, None, "RQA5", exposure="edge", edge_along=axis, kerma_ugy=10)
    add("lag", None, "", exposure="dark")
    exposed = add("lag", None, "", kerma_ugy=5)
    add("lag", None, "", exposed, exposure="dark", lag_percent=2.0)
    return [image for image, _ in shots], [row for _, row in shots]


@pytest.fixture(scope="module")
def found(session):
    images, rows = session
    return detector(images, table(rows), roi_px=128, field_mm=None)


def value(found, name: str):
    return next(e for e in found.values if e.name.en.startswith(name))


def test_the_response_is_that_of_the_detector(found):
    assert value(found, "b").value == pytest.approx(1000, rel=1e-3)
    assert found.response[0].y == pytest.approx([100 + 1000 * k for k in KERMAS], rel=1e-3)


def test_mtf_and_dqe_follow_the_theory_in_both_directions(found):
    truth = simulate_detector(rng=np.random.default_rng(0), kerma_ugy=10, **SIZE)
    assert [curve.title.en for curve in found.mtf] == ["along u", "along v"]
    for curve in found.mtf:
        assert np.abs(curve.y - np.interp(curve.x, truth.mtf.x, truth.mtf.y)).max() < 0.01
    assert len(found.dqe_u) == len(found.dqe_v) == len(KERMAS)
    for curve in (found.dqe_u[-1], found.dqe_v[-1]):
        ratio = curve.y / np.interp(curve.x, truth.dqe.x, truth.dqe.y)
        assert np.abs(ratio - 1).max() < 0.12
        assert np.abs(ratio.mean() - 1) < 0.05
        assert (curve.low < curve.y).all()
        assert (curve.high > curve.y).all()


def test_the_table_holds_all_that_dqe_is_computed_from(found):
    for _, _, mtf, nnps, kerma, snr, dqe, *_ in found.dqe_table.rows:
        assert dqe == pytest.approx(mtf**2 / (kerma * snr * nnps), rel=1e-9)
    assert {row[1] for row in found.dqe_table.rows} == {"u", "v"}


def test_noise_lag_and_dark_level_are_found(found):
    assert value(found, "First-frame lag").value == pytest.approx(0.02, abs=5e-4)
    assert value(found, "Dark level").value == pytest.approx(100, abs=0.1)
    q = value(found, "quantum noise")
    truth = simulate_detector(rng=np.random.default_rng(0), kerma_ugy=10, **SIZE).nnps
    both = np.concatenate([truth.y[::-1], truth.y[1:]])
    assert q.value > 0
    assert (
        q.value / 10 < both.max() / 0.2**2
    )  # variance over kerma lies below the spectrum's largest value times the pixel density
    assert value(found, "Share of defective").value == 0


def test_levels_tell_the_exposure_index(found):
    kermas = [row[0] for row in found.levels.rows]
    from_image = [row[4] for row in found.levels.rows]
    assert kermas == pytest.approx(KERMAS)
    assert from_image == pytest.approx([100 * k for k in KERMAS], rel=2e-3)


def test_order_and_repeats_of_the_rows_do_not_matter(session, found):
    images, rows = session
    order = [*range(20, len(images) - 3), *range(20)[::-1], *range(len(images) - 3, len(images))]
    again = detector([images[i] for i in order], table([rows[i] for i in order]), roi_px=128, field_mm=None)
    assert again.dqe_u[0].y == pytest.approx(found.dqe_u[0].y, rel=1e-6)
    assert [e.value for e in again.values] == pytest.approx([e.value for e in found.values], rel=1e-6)


def test_what_the_session_lacks_is_said(session):
    images, rows = session
    keep = [i for i, row in enumerate(rows) if row[0] in ("flat", "edge-v")]
    few = detector([images[i] for i in keep], table([rows[i] for i in keep]), roi_px=128, field_mm=None)
    said = " ".join(w.en for w in few.warnings)
    assert "edge-h" in said
    assert "dark" in said
    assert "lag" in said
    assert len(few.mtf) == 1
    assert few.defects is None


def test_another_dosimeter_reading_moves_dqe_as_the_kerma_does(session, found):
    """A reading 10 % too low makes kerma 10 % lower and DQE 1/0.9 times higher."""
    images, rows = session
    low = [(role, None if k is None else 0.9 * k, beam) for role, k, beam in rows]
    wrong = detector(images, table(low), roi_px=128, field_mm=None)
    assert wrong.dqe_v[-1].y == pytest.approx(found.dqe_v[-1].y / 0.9, rel=1e-6)


def test_kerma_from_reading_and_corrections():
    """10 uGy x 1.02 x (295.15/293.15) x (1013.25/1000) x (150/180)^2 = 7.226..., by hand."""
    headings = (
        "role", "reading_ugy", "calibration_factor", "temperature_c", "pressure_hpa", "chamber_distance_cm", "detector_distance_cm",
    )  # fmt: skip
    one = exposures(table([("flat", 10, 1.02, 22, 1000, 150, 180)], headings), 1, BOOK)[0]
    by_hand = 10 * 1.02 * (295.15 / 293.15) * (1013.25 / 1000) * (150 / 180) ** 2
    assert one.kerma_ugy == pytest.approx(by_hand, rel=1e-12)
    assert one.corrections == pytest.approx(by_hand / 10, rel=1e-12)


def test_japanese_headings_and_roles_are_read():
    rows = [("均一照射", "2.5", "rqa5"), ("暗画像", None, None)]
    flat, dark = exposures(table(rows, ("役割", "カーマ", "線質")), 2, BOOK)
    assert (flat.role, flat.kerma_ugy, flat.beam) == ("flat", 2.5, "RQA5")
    assert (dark.role, dark.kerma_ugy) == ("dark", None)


def test_levels_are_kermas_within_15_percent_or_as_the_table_says():
    kermas = (2.0, 2.2, 2.4, 5.0, 1.0)
    shots = exposures(table([("flat", k, "") for k in kermas]), 5, BOOK)
    assert [[e.kerma_ugy for e in group] for group in levels(shots)] == [[1.0], [2.0, 2.2], [2.4], [5.0]]
    named = [dataclasses.replace(e, level="N") if e.kerma_ugy in (2.0, 2.2, 2.4) else e for e in shots]
    assert [round(mean_kerma(group), 3) for group in levels(named)] == [1.0, 2.2, 5.0]


@pytest.mark.parametrize(
    ("code", "rows", "options"),
    [
        ("G-QUA-501", table([("x",)], ("file",)), {}),
        ("G-QUA-502", table([("flat", None, "RQA5")]), {}),
        ("G-QUA-502", table([("flat", -1, "RQA5")]), {}),
        ("G-QUA-503", table([("flat", 1, 100)], ("role", "reading_ugy", "chamber_distance_cm")), {}),
        ("G-QUA-504", table([("flat", 1, 0)], ("role", "reading_ugy", "pressure_hpa")), {}),
        ("G-QUA-505", table([("flatt", 1, "RQA5")]), {}),
        ("G-QUA-506", table([("flat", "much", "RQA5")]), {}),
        ("G-QUA-507", table([("flat", 1, "RQA5")] * 2), {}),
        ("G-QUA-511", table([("flat", 1, "RQR6")]), {}),
        ("G-QUA-512", table([("dark", None, "")]), {}),
        ("G-QUA-512", table([("flat", 1, "RQA5")]), {"beam": "RQA9"}),
    ],
)
def test_a_faulty_table_is_refused_in_words(session, code, rows, options):
    with pytest.raises(GazoError) as error:
        detector(session[0][3:4], rows, **options)
    assert error.value.code == code
    assert error.value.text.ja != error.value.text.en


def test_two_beams_need_a_choice(session):
    images, rows = session
    mixed = [(role, k, "RQA7" if n % 2 and role == "flat" else beam) for n, (role, k, beam) in enumerate(rows)]
    with pytest.raises(GazoError, match="G-QUA-510"):
        detector(images, table(mixed))
    one = detector(images, table(mixed), beam="RQA7", roi_px=128, field_mm=None)
    assert "RQA7" in one.sentence.en
    assert sum(row[1] for row in one.levels.rows) == 10
