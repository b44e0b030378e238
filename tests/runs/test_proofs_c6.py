"""The proof of classification from features."""

import pytest

from gazo.core.results import from_json, to_json
from gazo.runs.proof import reproduce


@pytest.mark.long
def test_the_proof_reaches_its_bar():
    shown = reproduce("C6", seed=1)
    assert shown.passed, shown.measured
    assert from_json(to_json(shown)) == shown
