"""Agreement of two measurements: formulas, published numbers, coverage."""

import numpy as np
import pytest
from scipy import stats

from gazo.core import DataError
from gazo.stats import bland_altman, concordance, intraclass_correlation, linear_calibration

# Shrout & Fleiss 1979, table 2: six targets, four judges
RATINGS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def pairs(n=50, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(60, 10, n)
    return truth + rng.normal(2, 4, n), truth


def test_intraclass_correlations_are_those_of_shrout_and_fleiss():
    found = intraclass_correlation(RATINGS)
    assert [found.between_subjects, found.within_subjects, found.between_raters, found.rest] == pytest.approx(
        [11.2417, 6.2639, 32.4861, 1.0194], abs=5e-5
    )
    single = [found.one_way.value, found.agreement.value, found.consistency.value]
    assert single == pytest.approx([0.1657, 0.2898, 0.7148], abs=5e-5)
    of_mean = [found.one_way_mean.value, found.agreement_mean.value, found.consistency_mean.value]
    assert of_mean == pytest.approx([0.4428, 0.6201, 0.9093], abs=5e-5)


def test_intervals_of_intraclass_correlations():
    """Those that R's psych prints for the same table: ICC1 -.13 .72, ICC2 .02 .76, ICC3 .34 .95; of the mean -.88 .91, .07 .93, .68 .99."""
    found = intraclass_correlation(RATINGS)
    limits = {name: (getattr(found, name).low, getattr(found, name).high) for name in ("one_way", "agreement", "consistency")}
    assert limits["one_way"] == pytest.approx((-0.13, 0.72), abs=5e-3)
    assert limits["agreement"] == pytest.approx((0.02, 0.76), abs=5e-3)
    assert limits["consistency"] == pytest.approx((0.34, 0.95), abs=5e-3)
    assert (found.agreement_mean.low, found.agreement_mean.high) == pytest.approx((0.07, 0.93), abs=5e-3)
    assert (found.consistency_mean.low, found.consistency_mean.high) == pytest.approx((0.68, 0.99), abs=5e-3)


def test_equal_raters_agree_wholly_and_a_shift_breaks_agreement_only():
    column = np.arange(6.0)
    same = intraclass_correlation(np.stack([column, column], 1))
    assert same.agreement.value == same.consistency.value == 1
    shifted = intraclass_correlation(np.stack([column, column + 3], 1))
    assert shifted.consistency.value == pytest.approx(1)
    assert shifted.agreement.value < 0.6


def test_bland_altman_by_its_formulas():
    a, b = pairs()
    found, d = bland_altman(a, b, unit="years"), pairs()[0] - pairs()[1]
    s, t = d.std(ddof=1), stats.t.ppf(0.975, 49)
    assert found.bias.value == pytest.approx(d.mean())
    assert (found.bias.low, found.bias.high) == pytest.approx(stats.t.interval(0.95, 49, d.mean(), s / np.sqrt(50)))
    assert found.high_limit.value == pytest.approx(d.mean() + 1.96 * s)
    reach = t * s * np.sqrt(1 / 50 + 1.96**2 / (2 * 49))
    assert found.low_limit.low == pytest.approx(d.mean() - 1.96 * s - reach)
    assert found.low_limit.unit == "years"


def test_limits_of_repeated_measurements_hold_the_spread_between_and_within_patients():
    """60 patients with 4 rows: bias of a patient SD 3, of a row SD 4; the limits belong to SD 5."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 4)
    d = rng.normal(0, 3, 60)[patients] + rng.normal(0, 4, 240)
    found = bland_altman(50 + d, np.full(240, 50.0), patients=patients)
    assert found.high_limit.value - found.bias.value == pytest.approx(1.96 * 5, rel=0.1)
    naive = bland_altman(50 + d, np.full(240, 50.0))
    assert found.bias.high - found.bias.low > 1.3 * (naive.bias.high - naive.bias.low)


def test_a_bias_that_grows_has_a_slope():
    truth = np.linspace(10, 90, 60)
    noise = np.random.default_rng(1).normal(0, 1, 60)
    grown, flat = bland_altman(1.2 * truth + noise, truth), bland_altman(truth + 5 + noise, truth)
    assert grown.slope.value == pytest.approx(2 * 0.2 / 2.2, rel=0.05)  # d = .2 t over the mean 1.1 t
    assert grown.slope.low > 0
    assert flat.slope.low < 0 < flat.slope.high


def test_concordance_is_correlation_times_accuracy():
    a, b = pairs()
    r = np.corrcoef(a, b)[0, 1]
    scale, shift = a.std() / b.std(), (a.mean() - b.mean()) / np.sqrt(a.std() * b.std())
    assert concordance(a, b).value == pytest.approx(r / ((scale + 1 / scale + shift**2) / 2))
    assert concordance(a, a).value == 1
    assert concordance(a, -a).value < 0


def test_the_interval_of_concordance_covers():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        t = rng.normal(size=40)
        found = concordance(t + rng.normal(0, 0.5, 40), t + 0.3 + rng.normal(0, 0.5, 40))
        hits += found.low < 2 / (2 * 1.25 + 0.09) < found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_calibration_equals_linregress_and_widens_by_patient():
    estimate, truth = pairs()
    intercept, slope = linear_calibration(truth, estimate)
    other = stats.linregress(estimate, truth)
    assert (intercept.value, slope.value) == pytest.approx((other.intercept, other.slope))
    assert slope.high - slope.value == pytest.approx(stats.t.ppf(0.975, 48) * other.stderr)
    twice = linear_calibration(np.repeat(truth, 4), np.repeat(estimate, 4), patients=np.repeat(np.arange(50), 4))[1]
    naive = linear_calibration(np.repeat(truth, 4), np.repeat(estimate, 4))[1]
    assert twice.high - twice.low > 1.5 * (naive.high - naive.low)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: bland_altman([1.0, 2.0], [1.0, 3.0]), "G-EST-020"),
        (lambda: bland_altman([1.0] * 4, [2.0] * 4, patients=["a", "a", "b", "b"]), "G-EST-020"),
        (lambda: intraclass_correlation([1.0, 2.0, 3.0]), "G-EST-021"),
        (lambda: intraclass_correlation(np.ones((4, 3))), "G-EST-022"),
        (lambda: concordance([1.0, np.nan, 2.0], [1.0, 2.0, 3.0]), "G-STAT-003"),
    ],
)
def test_what_cannot_be_judged_is_told(call, code):
    with pytest.raises(DataError, match=code):
        call()
