"""Simulated reader studies keep what they promise: true areas, correlations, the level of the tests."""

import numpy as np
import pytest

from gazo.core.seeds import generator
from gazo.phantoms import free_response_study, rating_study
from gazo.stats.foms import fom_named
from gazo.stats.mrmc_covariance import jackknife, jackknife_covariance
from gazo.stats.mrmc_models import analysed, components_of
from gazo.stats.reading import reading_of


def compared(study, fom):
    theta, left = jackknife(study, fom)
    covariance = jackknife_covariance(left).reshape(*theta.shape, *theta.shape)
    return theta, analysed(theta, components_of(theta, covariance), readers="random", cases="random")


@pytest.mark.parametrize("categories", [0, 100])
def test_the_mean_area_over_many_readers_and_cases_is_the_true_one(categories):
    made = [
        rating_study(rng=generator(k, "areas"), areas=(0.75, 0.9), readers=20, diseased=200, healthy=200, categories=categories)
        for k in range(8)
    ]
    fom = fom_named("auc", free_response=False)
    found = np.mean(
        [[np.mean([fom.value(reading_of(m.study, i, j)) for j in range(20)]) for i in range(2)] for m in made], axis=0
    )
    assert made[0].truth == (0.75, 0.9)
    assert found == pytest.approx([0.75, 0.9], abs=0.02)


def test_readings_share_the_variance_they_should():
    """Healthy cases: correlation of two readers under one test C + TC = .6, of one reader under two tests C + RC = .5."""
    made = rating_study(
        rng=generator(0, "correlation"), readers=2, diseased=2, healthy=40_000, of_reader=0, of_test_reader=0
    ).study
    rows = made.ratings[..., ~made.truth].reshape(4, -1)
    share = np.corrcoef(rows)
    assert [share[0, 1], share[0, 2], share[0, 3]] == pytest.approx([0.6, 0.5, 0.3], abs=0.02)
    assert rows.std() == pytest.approx(1, abs=0.02)


def test_the_mean_wafroc_area_is_the_true_one():
    fom = fom_named("auto", free_response=True)
    made = [
        free_response_study(rng=generator(k, "wafroc"), separations=(1.0, 2.0), readers=10, diseased=150, healthy=150)
        for k in range(10)
    ]
    found = np.mean(
        [[np.mean([fom.value(reading_of(m.study, i, j)) for j in range(10)]) for i in range(2)] for m in made], axis=0
    )
    assert found == pytest.approx(made[0].truth, abs=0.015)
    assert made[0].truth[0] < made[0].truth[1]


def test_the_same_generator_makes_the_same_study():
    one, two = (free_response_study(rng=generator(3, "again")).study for _ in range(2))
    assert np.array_equal(one.ratings, two.ratings)
    assert one.ratings.shape == (2, 5, 100)
    highest = np.full_like(one.ratings, -np.inf)
    np.maximum.at(highest, (one.marks.test, one.marks.reader, one.marks.case), one.marks.rating)
    assert np.array_equal(highest, one.ratings)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ratings", "marks"])
def test_null_studies_are_rejected_at_the_level(kind):
    """1,000 studies: 3-7 %, as in the proof B5. Shares of 200 scatter from 2 to 9 %, too much to tell a fault from chance."""
    make, name = (rating_study, "auc") if kind == "ratings" else (free_response_study, "wafroc")
    fom = fom_named(name, free_response=kind == "marks")
    p = [compared(make(rng=generator(k, "null")).study, fom)[1].test.p for k in range(1000)]
    assert 0.03 <= np.mean(np.array(p) < 0.05) <= 0.07
