"""The proofs of screens pass, and notice when what they look at is broken."""

import pytest

from gazo.core.progress import quiet
from gazo.web.proofs import n1, n2, n3

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "module", [n1, pytest.param(n2, marks=pytest.mark.long), pytest.param(n3, marks=pytest.mark.long)], ids=["N1", "N2", "N3"]
)
def test_it_passes(module):
    shown = module.prove(data=None, seed=0, on_event=quiet)
    assert shown.passed, (shown.measured, shown.table.rows)


def test_a_check_of_data_that_finds_nothing_does_not_pass(monkeypatch):
    from gazo.runs import sets_check

    found = sets_check.check_set
    monkeypatch.setattr("gazo.web.routes.sets_more.check_set", lambda *a, **k: {**found(*a, **k), "findings": []})
    monkeypatch.setattr("gazo.web.routes.sets_more.known_check", lambda *a, **k: {"findings": [], "copies": [], "summary": None})
    assert not n1.prove(data=None, seed=0, on_event=quiet).passed
