"""Risk against coverage: by hand, its laws, and a simulation with known truth."""

import numpy as np
import pytest

from gazo.stats.risk_coverage import aurc, excess_aurc, risk_coverage


def test_four_cases_by_hand():
    """Errors at ranks 2 and 4: risks 0, 1/2, 1/3, 2/4; the best order has 0, 0, 1/3, 1/2."""
    errors, sure = np.array([0.0, 1, 0, 1]), np.array([0.9, 0.8, 0.7, 0.6])
    assert aurc(errors, sure) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert excess_aurc(errors, sure) == pytest.approx((1 / 2) / 4)
    found = risk_coverage(errors, sure, repeats=50)
    np.testing.assert_allclose(np.interp([0.25, 0.5, 0.75, 1], found.coverage, found.risk), [0, 0.5, 1 / 3, 0.5])
    assert found.all_risk == 0.5


def test_ties_have_no_order():
    """All equally sure: the risk is that of all cases at every coverage, whatever the order of the rows."""
    errors = np.array([1.0, 0, 0, 1, 0])
    for order in (errors, errors[::-1]):
        assert aurc(order, np.ones(5)) == pytest.approx(0.4)


def test_laws_only_the_order_of_confidence_counts():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.1, 1, 300)
    errors = (rng.random(300) > sure).astype(float)
    one, other = (risk_coverage(errors, s, repeats=100) for s in (sure, np.log(sure) * 5))
    np.testing.assert_array_equal(one.risk, other.risk)
    assert one.aurc == other.aurc
    shuffled = rng.permutation(300)
    assert aurc(errors[shuffled], sure[shuffled]) == pytest.approx(aurc(errors, sure))
    assert excess_aurc(errors, -errors) == pytest.approx(0)
    assert aurc(errors, -errors) < aurc(errors, sure) < aurc(errors, rng.random(300)) < aurc(errors, errors)


def test_true_confidence_gives_the_risk_that_theory_says():
    """Confidence c uniform on (0, 1), error with the chance 1 - c: among the surest share t the risk is t / 2, the area 1/4."""
    rng = np.random.default_rng(1)
    sure = rng.random(20_000)
    found = risk_coverage((rng.random(20_000) > sure).astype(float), sure, repeats=100)
    np.testing.assert_allclose(found.risk[9:], found.coverage[9:] / 2, atol=0.02)
    assert found.aurc.low < 0.25 < found.aurc.high


def test_patients_with_many_images_make_the_interval_wider():
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(40), 10)
    errors = np.repeat((rng.random(40) < 0.3).astype(float), 10)
    sure = rng.random(400)
    alone, together = (risk_coverage(errors, sure, patients=p, repeats=300).aurc for p in (None, patients))
    assert together.high - together.low > 2 * (alone.high - alone.low)
