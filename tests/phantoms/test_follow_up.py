"""Simulated follow-up and series of atrophy: what was asked for is what is in them."""

import numpy as np
import pytest

from gazo.phantoms import atrophied_volume, atrophy_table, survival_table


def columns(table):
    names = [heading.en for heading in table.headings]
    return dict(zip(names, map(np.array, zip(*table.rows, strict=True)), strict=True))


def test_the_median_and_the_censoring_are_those_asked_for():
    made = survival_table(rng=np.random.default_rng(0), patients=4000, log_hazard_ratios=(0.0,), median_time=30.0, censored=0.0)
    assert np.median(made.time) == pytest.approx(30, rel=0.06)
    assert made.event.all()
    some = survival_table(rng=np.random.default_rng(0), patients=1000, censored=0.35)
    assert 1 - some.event.mean() == pytest.approx(0.35, abs=0.01)


def test_hazards_are_proportional_by_the_factor_asked_for():
    """Cumulative hazards (t / s)^k exp(x'b): H(T) is exponential with mean 1 for every x."""
    made = survival_table(
        rng=np.random.default_rng(1), patients=5000, log_hazard_ratios=(0.9,), median_time=10, shape=1.5, censored=0
    )
    scale = 10 / np.log(2) ** (1 / 1.5)
    hazard = (made.time / scale) ** 1.5 * np.exp(made.log_risk)
    high = made.x[:, 0] > 0
    assert hazard[high].mean() == pytest.approx(1, abs=0.06)
    assert hazard[~high].mean() == pytest.approx(1, abs=0.06)


def test_the_table_holds_what_the_arrays_hold():
    made = survival_table(rng=np.random.default_rng(2), patients=30, noise_columns=2, whole=True)
    held = columns(made.table)
    assert held["time"].tolist() == made.time.tolist()
    assert held["event"].tolist() == made.event.astype(int).tolist()
    assert held["x5"].tolist() == made.x[:, 4].tolist()
    assert np.all(made.time == np.round(made.time))
    assert made.beta.tolist() == [0.7, -0.5, 0, 0, 0]
    assert made.log_risk == pytest.approx(made.x @ made.beta)


def test_carriers_lose_what_was_asked_for():
    """Without scatter between subjects and of measurement every slope is known."""
    made = columns(
        atrophy_table(
            rng=np.random.default_rng(0), subjects=40, loss_ml_per_year=0.1, extra_ml_per_allele=0.07, slope_sd_ml=0, noise_ml=0
        )
    )
    for who in np.unique(made["subject"]):
        rows = made["subject"] == who
        slope = np.polyfit(made["years"][rows], made["hippocampus"][rows], 1)[0]
        assert slope == pytest.approx(-0.1 - 0.07 * made["alleles"][rows][0], abs=1e-9)
        assert set(made["carrier"][rows]) == {"e4" if made["alleles"][rows][0] else "e3"}
        assert rows.sum() >= 2


def test_alleles_are_in_hardy_weinberg_proportions():
    made = columns(atrophy_table(rng=np.random.default_rng(0), subjects=3000, visits=2, e4_frequency=0.3))
    alleles = [made["alleles"][np.flatnonzero(made["subject"] == who)[0]] for who in np.unique(made["subject"])[:1500]]
    assert np.bincount(alleles) / 1500 == pytest.approx([0.49, 0.42, 0.09], abs=0.04)


@pytest.mark.parametrize("millilitres", [4.0, 7.0])
def test_the_volume_drawn_is_the_volume_asked_for(millilitres):
    drawn = atrophied_volume(millilitres, rng=np.random.default_rng(0), noise=0.0)
    assert drawn.sum() / 1000 == pytest.approx(millilitres, rel=0.005)
    assert (drawn.min(), drawn.max()) == (0, 1)
    noisy = atrophied_volume(millilitres, rng=np.random.default_rng(0), noise=0.1)
    assert (noisy - drawn).std() == pytest.approx(0.1, rel=0.05)
