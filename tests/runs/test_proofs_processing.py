"""The proofs of the processing room reach their bars, and do not when what they prove is broken."""

import numpy as np
import pytest

from gazo.core.results import to_json
from gazo.runs.proof import reproduce


@pytest.mark.parametrize("id", ["P1", "P2", "P3", "P4", "P7"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_proof_reaches_its_bar(id, seed):
    shown = reproduce(id, seed=seed)
    assert shown.passed, shown.table.rows
    assert to_json(shown)


def test_p1_falls_with_another_amount(monkeypatch):
    from gazo.runs.proofs import p1

    right = p1.unsharp_mask
    monkeypatch.setattr(p1, "unsharp_mask", lambda image, **o: right(image, **(o | {"amount": 0.71})))
    assert not reproduce("P1").passed


def test_p2_falls_without_its_warnings(monkeypatch):
    from gazo.process import dynamic_range

    monkeypatch.setattr(dynamic_range, "_warnings", lambda *given: ())
    assert reproduce("P2").measured["wrong"] == 3


def test_p3_falls_when_strong_edges_are_enhanced_in_full(monkeypatch):
    from gazo.runs.proofs import p3

    right = p3.multi_frequency_processing
    monkeypatch.setattr(p3, "multi_frequency_processing", lambda image, **o: right(image, **(o | {"limit_sd": None})))
    assert not reproduce("P3").passed


def test_p4_falls_when_edges_are_smoothed_too(monkeypatch):
    from gazo.process import noise_control

    right = noise_control.add_noise_like
    monkeypatch.setattr(noise_control, "add_noise_like", lambda *given: right(*given[:2], np.zeros_like(given[2]), *given[3:]))
    assert not reproduce("P4").passed


def test_p7_falls_when_nothing_is_warned_of(monkeypatch):
    from gazo.process import difference

    for name in ("NOISE", "HALO", "SHIFT"):
        monkeypatch.setattr(difference, name, 1e9)
    assert reproduce("P7").measured["wrong"] >= 3
