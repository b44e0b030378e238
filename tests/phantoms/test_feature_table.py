"""Simulated feature tables keep what they promise."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.seeds import generator
from gazo.phantoms.feature_table import feature_table


def columns(made):
    rows = made.table.rows
    return np.array([row[6:] for row in rows], float), np.array([row[4] for row in rows]), rows


def test_effect_prevalence_and_best_area():
    made = feature_table(rng=generator(0), patients=8000, features=4, informative=2, effect=0.8, prevalence=0.3)
    x, label, _ = columns(made)
    positive = label == "positive"
    assert positive.mean() == pytest.approx(0.3, abs=1e-3)
    assert x[positive].mean(0) - x[~positive].mean(0) == pytest.approx([0.8, 0.8, 0, 0], abs=0.06)
    assert x[~positive].std(0) == pytest.approx(1, abs=0.04)
    assert made.auc == pytest.approx(0.7881446, abs=1e-6)  # Phi(0.8)
    score = x[:, :2].sum(1)
    ranks = np.argsort(np.argsort(score)) + 1
    n = positive.sum()
    assert (ranks[positive].sum() - n * (n + 1) / 2) / (n * (~positive).sum()) == pytest.approx(made.auc, abs=0.015)


def test_sites_repeats_rows_and_copies():
    made = feature_table(
        rng=generator(1),
        patients=400,
        features=6,
        informative=1,
        rows_per_patient=2,
        sites=2,
        repeats=2,
        unreliable=0.5,
        redundant=1,
    )
    x, _, rows = columns(made)
    assert len(rows) == 1600
    first, second = x[:800], x[800:]
    r = [np.corrcoef(first[:, j], second[:, j])[0, 1] for j in range(7)]
    assert r == pytest.approx(made.reliability, abs=0.06)
    assert np.corrcoef(x[::2, 1], x[1::2, 1])[0, 1] == pytest.approx(0.5, abs=0.08)
    shifted = feature_table(rng=generator(2), patients=200, features=50, sites=2, site_shift=2.0)
    y, _, rows = columns(shifted)
    site = np.array([row[2] for row in rows])
    assert (y[site == "site 1"].mean(0) - y[site == "site 2"].mean(0)).std() == pytest.approx(2 * 2**0.5, rel=0.3)
    copied = feature_table(rng=generator(3), patients=2000, features=3, informative=1, redundant=1)
    z = columns(copied)[0]
    assert np.corrcoef(z[:, 0], z[:, 3])[0, 1] == pytest.approx(0.97, abs=0.01)


def test_what_it_refuses():
    with pytest.raises(GazoError, match="G-PHA-420"):
        feature_table(rng=generator(0), features=3, informative=4)
