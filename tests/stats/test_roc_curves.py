"""Parametric ROC curves: closed forms, maximum likelihood on a study anybody can make again, degenerate data."""

import warnings

import numpy as np
import pytest
from scipy.stats import ncx2, norm

from gazo.stats import auc, binormal_fit, contaminated_binormal_fit, labroc_legacy, proper_binormal_fit
from gazo.stats.binormal import Binormal, binormal_area, binormal_sensitivity
from gazo.stats.contaminated_binormal import ContaminatedBinormal, contaminated_area, contaminated_sensitivity
from gazo.stats.labroc_legacy import exchange_order
from gazo.stats.proper_binormal import ProperBinormal, proper_area, proper_sensitivity
from gazo.stats.rating_runs import runs_of, runs_of_counts

FITS = [binormal_fit, proper_binormal_fit, contaminated_binormal_fit]
HALF = np.repeat([0, 1], 20)


def grouped(*counts):
    return np.repeat(np.arange(len(counts)), counts)


DEGENERATE = {  # ratings of 20 negative then 20 positive cases, the empirical area
    "perfect": (np.append(np.arange(20), np.arange(20) + 30), 1.0),
    "reversed": (np.append(np.arange(20) + 30, np.arange(20)), 0.0),
    "tied": (np.ones(40), 0.5),
    "left edge": (np.append(grouped(20, 0, 0), grouped(5, 5, 10)), 0.875),
    "top edge": (np.append(grouped(5, 5, 10), grouped(0, 0, 20)), 0.75),
}


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (proper_area(1.5, 0.2), 0.8558655434),  # MRMCaov 0.3.0
        (proper_area(1.5, -0.2), 0.8558655434),
        (proper_area(0.1, -0.9), 0.9666084764),
        (contaminated_area(2, 0.8), 0.8370803172),
        (binormal_area(1.2, 0.8), norm.cdf(1.2 / np.sqrt(1.64))),
    ],
)
def test_areas_are_the_closed_forms(found, known):
    assert found == pytest.approx(known, abs=1e-10)


@pytest.mark.parametrize(("d_a", "c"), [(1.5, 0.2), (1.5, -0.2), (0.6, -0.7), (0.6, 0.7)])
def test_the_proper_curve_is_that_of_a_noncentral_chi_square_pair(d_a, c):
    """Independent of Metz & Pan's formula: F and T are tails of noncentral chi-square variables of one degree of freedom."""
    b = (1 + c) / (1 - c)
    a = d_a * np.hypot(1, b) / np.sqrt(2)
    scale, shift = 1 / b**2, a**2 * b**2 / (1 - b**2) ** 2
    fpf = np.array([0.01, 0.1, 0.3, 0.6, 0.95])
    if c < 0:
        known = ncx2.sf(ncx2.isf(fpf, 1, shift) / scale, 1, scale * shift)
    else:
        known = ncx2.cdf(ncx2.ppf(fpf, 1, shift) / scale, 1, scale * shift)
    assert proper_sensitivity(d_a, c, fpf) == pytest.approx(known, abs=1e-8)


@pytest.mark.parametrize(
    ("curve", "area"),
    [
        (lambda f: binormal_sensitivity(1.2, 0.8, f), binormal_area(1.2, 0.8)),
        (lambda f: proper_sensitivity(1.5, 0.2, f), proper_area(1.5, 0.2)),
        (lambda f: proper_sensitivity(0.01, 0.8, f), proper_area(0.01, 0.8)),
        (lambda f: proper_sensitivity(2.0, 0.0, f), binormal_area(2.0, 1.0)),
        (lambda f: contaminated_sensitivity(2, 0.8, f), contaminated_area(2, 0.8)),
    ],
)
def test_the_area_is_that_under_the_curve(curve, area):
    fpf = np.linspace(0, 1, 20_001) ** 2
    assert np.trapezoid(curve(fpf), fpf) == pytest.approx(area, abs=2e-5)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (Binormal(), (1.2, -0.3)),
        (ProperBinormal(), (2.25, 0.2)),
        (ProperBinormal(), (2.25, -0.2)),
        (ProperBinormal(), (0.01, -1.4)),
        (ContaminatedBinormal(), (2.0, 0.8)),
    ],
)
def test_derivatives_of_both_fractions(model, shape):
    shape = np.array(shape)
    thresholds = model.grid(shape)[60:-60:25]
    rates = model.rates(shape, thresholds)
    assert np.array(model.fractions(shape, thresholds)) == pytest.approx(np.array([rates.f, rates.t]))
    for n, step in enumerate(1e-6 * np.eye(2)):
        above, below = model.rates(shape + step, thresholds), model.rates(shape - step, thresholds)
        assert rates.f_by_shape[n] == pytest.approx((above.f - below.f) / 2e-6, abs=1e-7)
        assert rates.t_by_shape[n] == pytest.approx((above.t - below.t) / 2e-6, abs=1e-7)
    above, below = model.rates(shape, thresholds + 1e-6), model.rates(shape, thresholds - 1e-6)
    assert rates.f_by_threshold == pytest.approx((above.f - below.f) / 2e-6, abs=1e-7)
    assert rates.t_by_threshold == pytest.approx((above.t - below.t) / 2e-6, abs=1e-7)


LCG6 = [  # reader by reader of test 0: a, b, AUC binormal; AUC, c proper (MRMCaov 0.3.0)
    (1.56212, 1.78145, 0.777759, 0.787102, 0.48423),
    (1.84781, 1.53392, 0.843544, 0.832339, 0.57527),
    (1.72003, 1.43317, 0.837502, 0.823743, 0.55743),
    (1.90196, 1.38336, 0.867412, 0.866667, 0.17011),
]


@pytest.mark.parametrize("reader", range(4))
def test_maximum_likelihood_on_lcg6(lcg6, reader):
    a, b, area, proper, c = LCG6[reader]
    found = binormal_fit(lcg6.truth, lcg6.ratings[0, reader])
    assert (found.a, found.b) == pytest.approx((a, b), abs=5e-5)
    assert found.auc == pytest.approx(area, abs=1e-5)
    fitted = proper_binormal_fit(lcg6.truth, lcg6.ratings[0, reader])
    assert fitted.auc == pytest.approx(proper, abs=1e-5)
    assert fitted.c == pytest.approx(c, abs=1e-4)


@pytest.mark.parametrize("fit", FITS)
def test_a_refit_from_a_start_finds_the_same_maximum(lcg6, fit):
    whole = fit(lcg6.truth, lcg6.ratings[0, 1])
    kept = np.arange(70) != 63
    truth, ratings = lcg6.truth[kept], lcg6.ratings[0, 1][kept]
    assert fit(truth, ratings, whole.shape).auc == pytest.approx(fit(truth, ratings).auc, abs=1e-6)


@pytest.mark.parametrize("fit", FITS)
def test_only_the_order_of_ratings_counts(lcg6, fit):
    ratings = lcg6.ratings[1, 2]
    assert fit(lcg6.truth, np.exp(ratings / 20)).auc == pytest.approx(fit(lcg6.truth, ratings).auc, abs=1e-12)


def test_turning_truth_and_ratings_turns_the_binormal_curve(lcg6):
    """Reading the other way round mirrors the curve at the second diagonal: a' = a / b, b' = 1 / b, the same area."""
    found, turned = binormal_fit(lcg6.truth, lcg6.ratings[0, 0]), binormal_fit(~lcg6.truth, -lcg6.ratings[0, 0])
    assert turned.auc == pytest.approx(found.auc, abs=1e-6)
    assert turned.b == pytest.approx(1 / found.b, rel=1e-4)


def test_the_standard_error_is_the_spread_of_repeated_studies():
    rng = np.random.default_rng(5)
    truth = np.repeat([0, 1], 60)
    fits = [binormal_fit(truth, np.append(rng.normal(size=60), rng.normal(1.5, 1.25, 60))) for _ in range(120)]
    areas = np.array([fit.auc for fit in fits])
    assert areas.mean() == pytest.approx(binormal_area(1.2, 0.8), abs=4 * areas.std() / 120**0.5)
    assert np.mean([fit.se for fit in fits]) == pytest.approx(areas.std(), rel=0.25)


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_data_give_the_empirical_area_and_say_so(fit, name):
    ratings, area = DEGENERATE[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit(HALF, ratings)
    assert found.degenerate
    assert found.auc == pytest.approx(area)
    assert found.shape is None
    assert found.se is None
    assert "edge of the unit square" in found.warnings[0].en


def test_degenerate_data_tell_what_other_programs_print():
    assert [binormal_fit(HALF, DEGENERATE[name][0]).limit for name in ("left edge", "reversed", "tied")] == [1.0, 0.0, 0.5]
    level = binormal_fit(HALF, np.append(grouped(10, 5, 5), grouped(4, 0, 16)))  # two points at one sensitivity
    assert level.degenerate
    assert level.limit == pytest.approx(0.8)
    assert level.auc == pytest.approx(0.75)


def test_one_inner_point_takes_equal_variances():
    found = binormal_fit(HALF, np.append(grouped(15, 5), grouped(4, 16)))
    assert found.b == 1
    assert found.a == pytest.approx(norm.ppf(0.8) - norm.ppf(0.25), abs=1e-4)
    assert "only one point" in found.warnings[0].en
    assert proper_binormal_fit(HALF, np.append(grouped(15, 5), grouped(4, 16))).auc == pytest.approx(found.auc, abs=1e-6)


def test_a_hook_is_told():
    found = binormal_fit(np.repeat([0, 1], 50), np.append(grouped(5, 30, 10, 5), grouped(15, 5, 5, 25)))
    assert found.b < 0.6
    assert "hook" in found.warnings[0].en


def test_ratings_below_chance_are_told_not_turned():
    ratings = np.append(np.arange(20) % 7 + 2, np.arange(20) % 5)
    assert binormal_fit(HALF, ratings).auc < 0.2
    assert "below 0.5" in proper_binormal_fit(HALF, ratings).warnings[0].en


def test_runs_keep_the_corners_of_the_empirical_curve(lcg6):
    ratings = lcg6.ratings[0, 0]
    runs = runs_of(lcg6.truth, ratings)
    assert len(runs.negative) < len(np.unique(ratings))
    assert runs.area == pytest.approx(auc(lcg6.truth, ratings).value, abs=1e-12)
    assert not ((runs.negative[1:] == 0) & (runs.negative[:-1] == 0)).any()


def test_counts_are_ratings():
    found = runs_of_counts([10, 5, 5], [4, 0, 16])
    assert found.negative.tolist() == [10, 5, 5]
    assert found.positive.tolist() == [4, 0, 16]


def test_counts_that_cannot_be_are_refused():
    from gazo.core.errors import DataError

    with pytest.raises(DataError, match="negative"):
        runs_of_counts([10, -5], [4, 16])


def test_the_exchange_sort_orders_ties_as_the_old_programs():
    def plainly(values):
        values, order = list(values), list(range(len(values)))
        for m in range(len(values)):
            for n in range(m + 1, len(values)):
                if values[m] < values[n]:
                    values[m], values[n], order[m], order[n] = values[n], values[m], order[n], order[m]
        return order

    rng = np.random.default_rng(0)
    for _ in range(20):
        values = rng.integers(0, 9, 40).astype(float)
        assert exchange_order(values).tolist() == plainly(values)


def test_least_squares_depends_on_the_order_of_ties_and_likelihood_does_not(lcg6):
    truth, ratings = lcg6.truth, lcg6.ratings[0, 0]
    turned = np.arange(70)[::-1]
    assert labroc_legacy(truth, ratings).a != labroc_legacy(truth[turned], ratings[turned]).a
    assert labroc_legacy(truth, ratings, ties="grouped").a == pytest.approx(
        labroc_legacy(truth[turned], ratings[turned], ties="grouped").a, abs=1e-12
    )
    assert binormal_fit(truth, ratings).a == binormal_fit(truth[turned], ratings[turned]).a


@pytest.mark.parametrize("name", ["perfect", "reversed", "tied"])
def test_least_squares_without_a_point_is_degenerate(name):
    found = labroc_legacy(HALF, DEGENERATE[name][0])
    assert found.degenerate
    assert found.auc == DEGENERATE[name][1]
    assert found.warnings
