import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.stats import (
    auc,
    expected_auc,
    expected_auc_width,
    expected_proportion_width,
    hanley_mcneil_se,
    patients_for_auc_width,
    patients_for_proportion_width,
    proportion,
)


def test_standard_error_by_hand():
    """A = .85, 10 and 20: Q1 = .85/1.15, Q2 = 1.445/1.85; SE^2 = (.1275 + 9 (Q1 - .7225) + 19 (Q2 - .7225)) / 200."""
    by_hand = ((0.1275 + 9 * (0.85 / 1.15 - 0.7225) + 19 * (1.445 / 1.85 - 0.7225)) / 200) ** 0.5
    assert hanley_mcneil_se(0.85, 10, 20) == pytest.approx(by_hand, abs=1e-12)


def test_expected_width_is_what_exponential_scores_show():
    """Hanley and McNeil's formula is exact for exponential scores: area = rate / (1 + rate)."""
    rng, truth = np.random.default_rng(0), np.repeat([1, 0], [40, 60])
    found = [auc(truth, np.concatenate([rng.exponential(4, 40), rng.exponential(1, 60)])) for _ in range(300)]
    assert np.mean([e.high - e.low for e in found]) == pytest.approx(expected_auc_width(40, 60, 0.8), rel=0.03)


def test_the_number_of_patients_is_the_smallest_that_does():
    patients = patients_for_auc_width(0.1, 0.85)
    positives, fewer = round(patients / 2), round((patients - 1) / 2)
    assert expected_auc_width(positives, patients - positives, 0.85) <= 0.1
    assert expected_auc_width(fewer, patients - 1 - fewer, 0.85) > 0.1
    rare = patients_for_auc_width(0.1, 0.85, prevalence=0.1)
    assert rare > 1.5 * patients


def test_proportions_follow_wilson():
    found = proportion(90, 100)
    assert expected_proportion_width(100, 0.9) == pytest.approx(found.high - found.low)
    patients = patients_for_proportion_width(0.1, 0.9)
    assert expected_proportion_width(patients, 0.9) <= 0.1 < expected_proportion_width(patients - 1, 0.9)


def test_the_interval_stays_inside():
    found = expected_auc(5, 5, 0.98)
    assert 0 < found.low < 0.98 < found.high < 1


def test_impossible_plans_are_refused():
    with pytest.raises(DataError, match="G-STAT-010"):
        expected_auc(0, 10, 0.8)
    with pytest.raises(DataError, match="G-STAT-011"):
        patients_for_proportion_width(1e-6, 0.5)
    with pytest.raises(OptionError, match="G-STAT-007"):
        expected_auc(10, 10, 1.0)
