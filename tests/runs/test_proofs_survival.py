"""C7 and C8 reach their bars; C7 falls when ties are treated otherwise, C8 when the volumes are measured wrongly."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from gazo.runs.proof import reproduce
from gazo.runs.proofs import c7, c8
from gazo.stats import cox_model


@pytest.fixture
def folder(shared: Path) -> Path:
    found = shared / "reference" / "survival"
    if not found.is_dir():
        pytest.skip(f"needs the survival reference cases in {found}")
    return found


@pytest.mark.long
@pytest.mark.parametrize("proof", ["C7", "C8"])
def test_the_proofs_reach_their_bars(proof, folder):
    shown = reproduce(proof, data=folder, seed=0)
    assert shown.passed, shown.measured


def test_published_values_come_out_and_wrong_ties_are_seen(folder, monkeypatch):
    found = c7._published(folder)
    assert c7._row("published_error", found["published_error"])[-1] == "ok"
    assert found["published_values"] > 100
    monkeypatch.setattr(c7, "cox_model", lambda *given, ties, **more: partial(cox_model, ties="breslow")(*given, **more))
    assert c7._row("published_error", c7._published(folder)["published_error"])[-1] == "missed"


def test_the_remission_of_freireichs_patients_is_in_its_limits():
    assert [c7._row(name, value)[-1] for name, value in c7._remission().items()] == ["ok"] * 3


def test_a_wrong_volume_would_be_seen():
    """Half of the loss would be half of the difference, which lies outside the limits."""
    _, low, high = c8.BARS["volumes_drawn"]
    assert low < 1 < high
    assert c8._row("volumes_drawn", 0.5)[-1] == "missed"
    drawn = [c8.measured_ml(c8.atrophied_volume(v, rng=np.random.default_rng(0))) for v in (5.0, 6.0, 7.0)]
    assert np.diff(drawn) == pytest.approx([1, 1], abs=0.08)
