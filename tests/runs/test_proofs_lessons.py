"""The proofs of the teaching experiments and of lessons as folders."""

import pytest

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce


@pytest.mark.slow
@pytest.mark.parametrize("id", ["C10", "N8"])
def test_the_proof_reaches_its_bar(id):
    shown = reproduce(id, seed=1)
    assert shown.passed, shown.measured
    assert from_json(to_json(shown)) == shown
