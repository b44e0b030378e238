"""The formulas of proof D2 agree, and fall when a loss is changed."""

import pytest

from gazo.runs.proofs.d2 import TOLERANCE, equations


def test_equations_4_to_7_agree():
    assert max(row[3] for row in equations(0)) <= TOLERANCE


def test_a_wrong_loss_is_seen(monkeypatch):
    from gazo.learn.detect import losses

    right = losses.smooth_l1
    monkeypatch.setattr(losses, "smooth_l1", lambda x, *, beta=1.0: right(x, beta=0.9 * beta))
    assert max(row[3] for row in equations(0)) > 1e-3


@pytest.mark.long
@pytest.mark.parametrize("system", ["D1", "D2", "D3"])
def test_detectors_reach_their_bars(system):
    from gazo.runs.proof import reproduce

    shown = reproduce(system, seed=0)
    assert shown.passed, shown.measured
