"""The proofs of exposure index, delay, back-scatter and calibration reach their bars, and do not when what they prove is broken."""

import numpy as np
import pytest

from gazo.runs.proof import reproduce


@pytest.mark.parametrize("id", ["W8", "W9", "W10"])
def test_the_proof_reaches_its_bar(id):
    shown = reproduce(id, seed=0)
    assert shown.passed, shown.measured
    assert all(shown.bar)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "seed"),
    [
        pytest.param("W7", 0, marks=pytest.mark.long),
        pytest.param("W7", 1, marks=pytest.mark.long),
        ("W8", 1),
        ("W9", 1),
        ("W10", 1),
    ],
)
def test_the_long_proof_and_other_seeds_reach_their_bars(id, seed):
    shown = reproduce(id, seed=seed)
    assert shown.passed, shown.measured


def test_w7_falls_when_the_posture_is_not_seen(monkeypatch):
    from gazo.phantoms import exposed_chest as module  # the operation of that name
    from gazo.runs.proofs import w7

    monkeypatch.setattr(w7, "PATIENTS", 3)
    monkeypatch.setattr(w7, "exposed_chest", lambda **given: module(**(given | {"kyphosis_deg": 30.0})))
    shown = reproduce("W7")
    assert not shown.passed
    assert shown.measured["doubling_error"] < 0.02


def test_w8_falls_when_the_threshold_is_wrong(monkeypatch):
    from gazo.runs.proofs import w8

    right = w8.exposure_delay
    monkeypatch.setattr(w8, "REPEATS", 2)
    monkeypatch.setattr(w8, "exposure_delay", lambda traces, at_half: right(traces, threshold=0.05))
    monkeypatch.setattr(w8, "RISE_MS", 40.0)
    assert not reproduce("W8").passed


def test_w9_falls_when_the_groups_are_exchanged(monkeypatch):
    from gazo.runs.proofs import w9

    right = w9.back_scatter
    monkeypatch.setattr(w9, "LEADS_MM", (0.5,))
    monkeypatch.setattr(w9, "back_scatter", lambda a, b, **more: right(b, a, **more))
    shown = reproduce("W9")
    assert not shown.passed
    assert shown.measured["worst_map_error"] > 0.05


def test_w10_falls_when_the_offset_is_forgotten(monkeypatch):
    from gazo.runs.proofs import w10

    right = w10.flat_field_correct
    nothing = lambda dark: dark.with_pixels(np.zeros_like(dark.pixels))  # noqa: E731
    monkeypatch.setattr(w10, "flat_field_correct", lambda shot, flat, dark, defects: right(shot, flat, nothing(dark), defects))
    assert not reproduce("W10").passed
