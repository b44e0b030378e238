import numpy as np
import pytest

from gazo.core.errors import DataError
from gazo.stats import calibration, proportion, reliability, temperature


@pytest.fixture(scope="module")
def honest():
    """Probabilities that mean what they say."""
    rng = np.random.default_rng(0)
    p = rng.beta(2, 3, 4000)
    return rng.random(4000) < p, p


def test_bins_by_hand():
    truth, p = [0, 1, 0, 0, 1, 1], [0.05, 0.1, 0.45, 0.5, 0.95, 1.0]
    found = reliability(truth, p, bins=10)
    np.testing.assert_array_equal(found.counts, [2, 2, 2])
    np.testing.assert_allclose(found.probability, [0.075, 0.475, 0.975])
    np.testing.assert_allclose(found.observed, [0.5, 0.0, 1.0])
    assert found.ece == pytest.approx((2 * 0.425 + 2 * 0.475 + 2 * 0.025) / 6)
    assert found.low[2] == pytest.approx(proportion(2, 2).low)


def test_brier_and_its_parts(honest):
    from sklearn.metrics import brier_score_loss

    parts = reliability(*honest).brier
    assert parts.brier == pytest.approx(brier_score_loss(*honest), abs=1e-12)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins
    assert total == pytest.approx(parts.brier, abs=1e-12)
    assert abs(parts.within_bins) < 0.002


def test_no_within_term_when_a_bin_holds_one_value():
    """Murphy 1973: exact for forecasts that take a few values."""
    rng = np.random.default_rng(1)
    p = rng.choice([0.1, 0.3, 0.7], 300)
    assert reliability(rng.random(300) < p, p, bins=10).brier.within_bins == pytest.approx(0, abs=1e-12)


def test_honest_probabilities_are_found_calibrated(honest):
    intercept, slope = calibration(*honest)
    assert intercept.low < 0 < intercept.high
    assert slope.low < 1 < slope.high
    assert reliability(*honest).ece < 0.03


def test_planted_distortion_is_recovered(honest):
    """Logits stretched by 2 and moved by 1: slope 1/2; with slope 1 forced, the shift is seen in the intercept."""
    truth, p = honest
    logits = np.log(p / (1 - p))
    _, slope = calibration(truth, 1 / (1 + np.exp(-2 * logits)))
    assert slope.low < 0.5 < slope.high
    intercept, _ = calibration(truth, 1 / (1 + np.exp(-(logits - 1))))
    assert intercept.low < 1 < intercept.high
    assert intercept.high - intercept.low < 0.2


def test_coefficients_are_those_of_scikit_learn(honest):
    from sklearn.linear_model import LogisticRegression

    truth, p = honest
    logits = np.log(p / (1 - p))
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logits[:, None], truth)
    assert calibration(truth, p)[1].value == pytest.approx(peer.coef_[0, 0], abs=1e-5)


def test_copies_of_patients_do_not_narrow_the_interval(honest):
    truth, p = honest[0][:400], honest[1][:400]
    once = calibration(truth, p)[1]
    copied = calibration(np.repeat(truth, 3), np.repeat(p, 3), patients=np.repeat(np.arange(400), 3))[1]
    assert copied.value == pytest.approx(once.value)
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.1)
    assert copied.method.endswith("by patient")


def test_separated_classes_have_no_slope():
    _, slope = calibration([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert np.isnan(slope.value)
    assert slope.low is None
    assert "separate" in slope.method


@pytest.mark.parametrize("true_t", [0.5, 1.0, 3.0])
def test_temperature_is_recovered(true_t):
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(8000, 3)) * 2
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (rng.random((8000, 1)) > np.cumsum(p, axis=1)).sum(axis=1)
    assert temperature(logits * true_t, truth) == pytest.approx(true_t, rel=0.05)


def test_two_classes_as_one_logit_or_two():
    rng = np.random.default_rng(3)
    z = rng.normal(size=500) * 3
    truth = (rng.random(500) < 1 / (1 + np.exp(-z / 3))).astype(int)
    assert temperature(z, truth) == pytest.approx(temperature(np.column_stack([0 * z, z]), truth), rel=1e-6)
    assert 2 < temperature(z, truth) < 4.5


def test_scores_are_not_probabilities():
    with pytest.raises(DataError, match="G-STAT-012"):
        reliability([0, 1], [-1.0, 2.0])
