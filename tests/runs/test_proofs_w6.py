"""The proof of W6 reaches its bar, and falls when the measurement or the simulated panel is changed."""

import pytest

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce


@pytest.mark.slow
def test_w6_reaches_its_bar():
    shown = reproduce("W6", seed=0)
    assert shown.passed, shown.measured
    assert shown.seconds < 120
    assert from_json(to_json(shown)).measured == shown.measured


@pytest.mark.slow
def test_w6_falls_with_a_wrong_kerma(monkeypatch):
    from gazo.runs.proofs import w6

    right = w6.dqe
    monkeypatch.setattr(w6, "dqe", lambda m, n, **given: right(m, n, **(given | {"kerma_ugy": 1.1 * given["kerma_ugy"]})))
    shown = reproduce("W6", seed=0)
    assert not shown.passed
    assert shown.measured["DQE_A"] > 0.05 >= shown.measured["NEQ_A"]
