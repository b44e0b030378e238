"""ROC analysis and paired comparison of a reader study."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import OptionError
from gazo.stats import auc, compare, compare_aucs, partial_auc, roc, sensitivity_at
from gazo.stats.reader_study import ReaderStudy


@pytest.fixture(scope="module")
def single(lcg6):
    """The first reader under the first test."""
    return replace(lcg6, tests=("CT",), readers=("A",), ratings=lcg6.ratings[:1, :1])


def made(negative, positive):
    truth = np.repeat([False, True], [len(negative), len(positive)])
    ratings = np.append(negative, positive)[None, None].astype(float)
    return ReaderStudy(("1",), ("1",), tuple(map(str, range(len(truth)))), truth, np.arange(len(truth)), ratings)


def test_areas_points_and_partial_areas(single):
    found = roc(single, repeats=200)
    truth, ratings = single.truth, single.ratings[0, 0]
    assert found.areas[0].value == pytest.approx(0.76916667, abs=1e-8)  # MRMCaov 0.3.0, LCG-6
    assert (found.areas[0].low, found.areas[0].high) == (auc(truth, ratings).low, auc(truth, ratings).high)
    row = dict(zip([heading.en for heading in found.each.headings], found.each.rows[0], strict=True))
    assert row["Sensitivity (specificity 0.9)"] == pytest.approx(0.3666667, abs=1e-7)
    assert row["Partial AUC (specificity at least 0.8)"] == pytest.approx(0.0545833, abs=1e-7)
    assert row["Sensitivity low"] == sensitivity_at(truth, ratings, specificity=0.9, repeats=200).low
    assert row["Partial AUC high"] == partial_auc(truth, ratings, least_specificity=0.8, corrected=False, repeats=200).high
    called = ratings >= row["Youden threshold"]
    assert (row["Its sensitivity"], row["Its specificity"]) == (called[truth].mean(), (~called[~truth]).mean())
    assert "0.769" in found.conclusion.en


@pytest.mark.parametrize(("model", "area"), [("binormal", 0.777759), ("proper", 0.787102)])
def test_models(single, model, area):
    found = roc(single, model=model, repeats=100)
    assert found.areas[0].value == pytest.approx(area, abs=1e-5)
    assert found.areas[0].method == "maximum likelihood, logit"
    assert found.areas[0].low < area < found.areas[0].high
    assert found.parameters.rows[0][-1] is False
    curve = found.curves[0]
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(area, abs=2e-3)
    assert (curve.low <= curve.y).all()
    assert (curve.y <= curve.high).all()
    assert (np.diff(curve.y) >= 0).all()


def test_the_band_of_a_curve_is_the_spread_of_repeated_studies():
    """At a false positive fraction of 0.2 the delta band of one study is as wide as 95 % of refits to new studies."""
    from gazo.stats.binormal import binormal_fit, binormal_sensitivity
    from gazo.stats.curve_models import FAMILIES

    rng = np.random.default_rng(2)
    truth, at = np.repeat([0, 1], 80), np.array([0.2])
    fits = [binormal_fit(truth, np.append(rng.normal(size=80), rng.normal(1.4, 1.2, 80))) for _ in range(100)]
    spread = np.std([binormal_sensitivity(*fit.shape, at)[0] for fit in fits])
    widths = [np.diff(FAMILIES["binormal"].band(fit, at, 0.95)[1:], axis=0)[0, 0] for fit in fits]
    assert np.mean(widths) / 3.92 == pytest.approx(spread, rel=0.25)


def test_a_model_that_is_not_determined_gives_the_empirical_area_and_says_so():
    found = roc(made(np.arange(20), np.arange(20) + 30), model="binormal", repeats=100)
    assert found.areas[0].value == 1
    assert found.areas[0].low < 0.95
    assert "edge of the unit square" in found.warnings[0].en
    assert found.parameters.rows[0][2:4] == (None, None)
    assert np.isfinite(found.curves[0].low).all()


@pytest.mark.parametrize("interval", ["logit", "wald", "bootstrap"])
def test_a_perfect_curve_never_has_an_interval_of_no_width(interval):
    area = roc(made(np.arange(20), np.arange(20) + 30), interval=interval, repeats=100).areas[0]
    assert area.low < 0.95


def test_ratings_the_other_way_round_are_told_never_turned(single):
    found = roc(replace(single, ratings=-single.ratings), repeats=100)
    assert found.areas[0].value == pytest.approx(1 - 0.76916667, abs=1e-8)
    assert "below 0.5" in found.warnings[0].en


def test_patients_widen_the_interval(lcg6, single):
    """Two copies of each case are no new patients: the interval stays that of the patients, and a model uses the bootstrap."""
    twice = replace(
        single,
        cases=tuple(map(str, range(140))),
        truth=np.tile(single.truth, 2),
        patients=np.tile(single.patients, 2),
        ratings=np.tile(single.ratings, 2),
    )
    once, both = roc(single, repeats=100).areas[0], roc(twice, repeats=100).areas[0]
    assert both.value == pytest.approx(once.value)
    assert both.high - both.low == pytest.approx(once.high - once.low, rel=0.03)
    assert "Obuchowski" in both.method
    assert "bootstrap" in roc(twice, model="binormal", repeats=100).areas[0].method


def test_marks_give_the_curve_of_the_best_mark(lcg_f):
    found = roc(lcg_f, repeats=100)
    assert [area.value for area in found.areas] == pytest.approx(
        [0.8313333, 0.7773333, 0.8533333, 0.9, 0.912, 0.8406667], abs=1e-7
    )  # HrAuc of RJafroc 2.1.3
    assert all(np.isfinite(cell) for row in found.points.rows for cell in row[2:])


def test_comparison_is_that_of_the_plain_function(lcg6):
    found = compare(lcg6, repeats=100)
    for j in range(4):
        pair = compare_aucs(lcg6.truth, lcg6.ratings[0, j], lcg6.ratings[1, j])
        assert found.each.rows[j][3:8] == (pair.difference.value, pair.difference.low, pair.difference.high, pair.z, pair.p)
    assert found.differences[0].value == pytest.approx(0.76916667 - 0.92958333, abs=1e-8)
    assert "mrmc" in found.warnings[0].en


def test_comparison_takes_the_cases_read_under_both_tests(lcg6):
    ratings = lcg6.ratings[:, :1].copy()
    ratings[0, 0, :5] = np.nan
    found = compare(replace(lcg6, readers=("A",), ratings=ratings), repeats=100)
    known = compare_aucs(lcg6.truth[5:], lcg6.ratings[0, 0, 5:], lcg6.ratings[1, 0, 5:])
    assert found.differences[0].value == known.difference.value
    assert found.warnings == ()


def test_areas_of_a_model_are_compared_by_bootstrap(lcg6):
    one = replace(lcg6, readers=("A",), ratings=lcg6.ratings[:, :1])
    found = compare(one, model="binormal", repeats=100)
    assert "bootstrap" in found.comparisons[0].method
    assert found.comparisons[0].first.value == pytest.approx(0.777759, abs=1e-5)


def test_an_unknown_test_is_refused_and_the_nearest_named(lcg6):
    named = replace(lcg6, tests=("CT", "MRI"))
    with pytest.raises(OptionError, match="MRI"):
        compare(named, first="CT", second="MR")


def test_one_test_cannot_be_compared(single):
    with pytest.raises(OptionError, match="two tests"):
        compare(single)
