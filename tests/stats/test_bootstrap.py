import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.stats import bootstrap, paired_bootstrap
from gazo.stats.bootstrap import _jackknife, resamples
from gazo.stats.delong import auc_value


@pytest.fixture
def skewed():
    return np.random.default_rng(0).exponential(size=60)


@pytest.mark.parametrize(("method", "peer"), [("percentile", "percentile"), ("bca", "BCa")])
def test_limits_are_those_of_scipy(skewed, method, peer):
    from scipy import stats

    theirs = stats.bootstrap((skewed,), np.std, n_resamples=10_000, method=peer, rng=np.random.default_rng(1)).confidence_interval
    ours = bootstrap(np.std, skewed, repeats=10_000, method=method)
    assert ours == pytest.approx((theirs.low, theirs.high), rel=0.02)


def test_bca_moves_the_limits_of_a_skewed_statistic(skewed):
    plain, corrected = bootstrap(np.std, skewed), bootstrap(np.std, skewed, method="bca")
    assert corrected[0] > plain[0] + 0.02
    assert corrected[1] > plain[1] + 0.05


def test_groups_come_and_go_together():
    groups = np.array([0, 1, 0, 2, 1, 0])
    for rows in resamples(groups, repeats=50, seed=0):
        counts = np.bincount(rows, minlength=6)
        assert counts[0] == counts[2] == counts[5]
        assert counts[1] == counts[4]
        assert counts[[0, 1, 3]].sum() == 3


def test_strata_keep_their_size():
    groups, strata = np.arange(10), np.repeat([0, 1], [7, 3])
    drawn = [rows for rows in resamples(groups, repeats=50, seed=0, strata=strata)]
    assert {int((rows >= 7).sum()) for rows in drawn} == {3}
    assert len({tuple(rows) for rows in drawn}) == 50


def test_copies_of_a_patient_bring_no_certainty(skewed):
    once, patients = bootstrap(np.mean, skewed, repeats=4000), np.repeat(np.arange(60), 5)
    copied = bootstrap(np.mean, np.repeat(skewed, 5), groups=patients, repeats=4000)
    assert copied == pytest.approx(once, rel=0.03)
    low, high = bootstrap(np.mean, np.repeat(skewed, 5), repeats=4000)
    assert high - low < 0.55 * (once[1] - once[0])


def test_a_seed_gives_the_same_limits(skewed):
    assert bootstrap(np.mean, skewed, seed=3) == bootstrap(np.mean, skewed, seed=3) != bootstrap(np.mean, skewed, seed=4)


def test_jackknife_leaves_out_whole_patients():
    values, groups = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 1, 0, 2])
    np.testing.assert_array_equal(_jackknife(np.sum, [values], groups), [10, 13, 7])


def test_bca_of_copies_is_that_of_the_patients(skewed):
    patients = np.repeat(np.arange(60), 2)
    once = bootstrap(np.std, skewed, repeats=4000, method="bca")
    assert bootstrap(np.std, np.repeat(skewed, 2), groups=patients, repeats=4000, method="bca") == pytest.approx(once, rel=0.03)


def test_undefined_resamples_are_refused_when_they_are_many():
    truth = np.arange(40) == 0
    with pytest.raises(DataError, match="G-STAT-008"):
        bootstrap(lambda t: np.nan if t.sum() != 1 else 1.0, truth, repeats=200)
    assert bootstrap(auc_value, truth, np.arange(40), repeats=200, strata=truth)[1] <= 1


def test_bca_of_a_constant_is_the_constant():
    assert bootstrap(np.mean, np.ones(10), method="bca", repeats=100) == (1, 1)


@pytest.fixture
def readings():
    rng = np.random.default_rng(2)
    truth = np.repeat([True, False], 80)
    shared = rng.normal(size=160)
    return truth, shared + rng.normal(size=160) + 2 * truth, shared + rng.normal(size=160) + truth


def test_paired_bootstrap_agrees_with_delong(readings):
    from gazo.stats import compare_aucs

    truth, a, b = readings
    exact, found = compare_aucs(truth, a, b), paired_bootstrap(auc_value, truth, a, b, repeats=4000)
    assert found.difference.value == pytest.approx(exact.difference.value)
    width = exact.difference.high - exact.difference.low
    assert found.difference.high - found.difference.low == pytest.approx(width, rel=0.08)
    assert found.p == pytest.approx(exact.p, abs=0.01)
    assert 0 < found.p < 0.05


def test_p_of_a_small_difference_is_two_sided(readings):
    from gazo.stats import compare_aucs

    truth, a, b = readings
    middle = 0.75 * b + 0.25 * a
    exact = compare_aucs(truth, a - 0.6 * truth, middle)
    found = paired_bootstrap(auc_value, truth, a - 0.6 * truth, middle, repeats=2000)
    assert 0.1 < exact.p < 0.7
    assert found.p == pytest.approx(exact.p, rel=0.2)


def test_paired_bootstrap_of_equal_readings_finds_no_difference(readings):
    truth, a, _ = readings
    found = paired_bootstrap(auc_value, truth, a, a, repeats=200)
    assert (found.p, found.difference.value, found.difference.low) == (1, 0, 0)


def test_the_last_digit_is_no_difference():
    ones = np.ones(20)
    found = paired_bootstrap(lambda t, said: float(said.max()), ones, 0.3 * ones, (0.1 + 0.2) * ones, repeats=200)
    assert found.difference.value != 0
    assert found.p == 1


def test_pairing_uses_the_same_patients(readings):
    """Were the two drawn apart, the width would be that of independent readings."""
    truth, a, _ = readings
    rng = np.random.default_rng(0)
    found = paired_bootstrap(auc_value, truth, a, a + 0.1 * rng.normal(size=160), repeats=500)
    apart = np.hypot(found.first.high - found.first.low, found.second.high - found.second.low)
    assert found.difference.high - found.difference.low < 0.3 * apart
