"""Kaplan-Meier and log-rank: hand counts, the remission of Freireich's patients, laws, tables with gaps."""

import math

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats import kaplan_meier, kaplan_meier_curve, log_rank, log_rank_pairs, log_rank_trend
from gazo.stats.survival.censoring import censoring_survival

# Freireich 1963, Blood 21:699: weeks in remission under 6-MP (0 still in remission) and under placebo (all relapsed)
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIME, EVENT, GROUP = np.array(WEEKS + PLACEBO, float), np.array(RELAPSE + [1] * 21), ["6-MP"] * 21 + ["placebo"] * 21


def table(**columns):
    headings = tuple(Text(name, name) for name in columns)
    return Table(Text("表", "table"), headings, tuple(zip(*columns.values(), strict=True)))


def test_a_curve_counted_by_hand():
    """5 patients: 1 event, 2 censored, 3 event and censored, 5 event: 4/5, 4/5, 4/5 x 2/3, 0."""
    found = kaplan_meier_curve([3, 1, 2, 3, 5], [1, 1, 0, 0, 1])
    assert found.time.tolist() == [1, 2, 3, 5]
    assert found.at_risk.tolist() == [5, 4, 3, 1]
    assert found.events.tolist() == [1, 0, 1, 1]
    assert found.censored.tolist() == [0, 1, 1, 0]
    assert found.survival == pytest.approx([0.8, 0.8, 8 / 15, 0])
    variance = 0.8**2 / (5 * 4)  # Greenwood: S^2 sum d / (n (n - d))
    reach = math.exp(1.959963984540054 * math.sqrt(variance) / (0.8 * abs(math.log(0.8))))
    assert (found.low[0], found.high[0]) == pytest.approx((0.8**reach, 0.8 ** (1 / reach)))
    assert (found.still_at_risk(0), found.still_at_risk(3), found.still_at_risk(3.1), found.still_at_risk(9)) == (5, 3, 1, 0)
    assert found.at(0.5).value == 1
    assert found.at(9).value == 0


def test_remission_of_freireichs_patients():
    """Printed in every textbook; the digits and limits from survfit(..., conf.type = "log-log") of R survival 3.5.3."""
    treated = kaplan_meier_curve(WEEKS, RELAPSE)
    assert [treated.at(t).value for t in (6, 10, 20)] == pytest.approx([0.857142857, 0.752941176, 0.627450980], abs=1e-9)
    assert [treated.at(t).low for t in (6, 10, 20)] == pytest.approx([0.61971796, 0.50319951, 0.36751086], abs=1e-8)
    assert [treated.at(t).high for t in (6, 10, 20)] == pytest.approx([0.95155175, 0.88936184, 0.80491219], abs=1e-8)
    medians = [treated.median(), kaplan_meier_curve(PLACEBO, [1] * 21).median()]
    assert [(m.value, m.low, m.high) for m in medians] == [(23, 13, math.inf), (8, 4, 11)]
    test = log_rank(TIME, EVENT, GROUP)
    assert (test.statistic, test.degrees) == (pytest.approx(16.7929409892, abs=1e-9), 1)
    assert test.p == pytest.approx(4.17e-5, abs=5e-8)
    assert test.expected == pytest.approx([19.250500948, 10.749499052], abs=1e-8)
    assert log_rank(TIME, EVENT, GROUP, rho=1).statistic == pytest.approx(14.4571508187, abs=1e-9)  # survdiff(..., rho = 1)


def test_a_median_that_is_not_reached_is_infinite_and_said_so():
    found = kaplan_meier(table(t=[1.0, 2, 3, 4], e=[1, 0, 0, 0]), time="t", event="e", unit="m")
    assert found.medians[0].value == math.inf
    assert "-" in found.conclusion.en
    assert "inf" not in found.conclusion.en
    assert math.isnan(kaplan_meier_curve([1, 2, 3, 4], [1, 0, 0, 0]).at(5).value)  # nobody was watched so long


def test_the_trend_over_two_groups_is_the_log_rank_test():
    assert log_rank_trend(TIME, EVENT, GROUP)[0] == pytest.approx(log_rank(TIME, EVENT, GROUP).statistic)
    assert log_rank_trend(TIME, EVENT, GROUP, scores=[5, 9])[0] == pytest.approx(log_rank(TIME, EVENT, GROUP).statistic)


def test_the_trend_of_three_groups_is_the_score_test_of_cox():
    """Tarone's test with scores 0, 1, 2 is the score test of a Cox model of the score, ties apart: no ties here."""
    from gazo.stats import cox_model

    rng = np.random.default_rng(3)
    dose = np.repeat([0, 1, 2], 20)
    time = rng.exponential(1, 60) / np.exp(0.4 * dose)
    event = (rng.random(60) < 0.8).astype(int)
    assert log_rank_trend(time, event, dose)[0] == pytest.approx(cox_model(time, event, dose).score.statistic, rel=1e-9)


def test_pairs_use_their_two_groups_and_holms_correction():
    rng = np.random.default_rng(4)
    group = np.repeat(["a", "b", "c"], 25)
    time = rng.exponential(np.repeat([1.0, 1.0, 3.0], 25))
    event = np.ones(75, int)
    pairs = {(first, second): (x, p, holm) for first, second, x, p, holm in log_rank_pairs(time, event, group)}
    only = group != "b"
    assert pairs["a", "c"][0] == pytest.approx(log_rank(time[only], event[only], group[only]).statistic)
    smallest = min(pairs.values(), key=lambda cells: cells[1])
    assert smallest[2] == pytest.approx(min(1, 3 * smallest[1]))
    assert all(holm >= p for _, p, holm in pairs.values())


def test_strata_that_are_copies_add_up():
    """Twice the same data in two strata: observed, expected and variance double, so the chi-square doubles."""
    twice = log_rank(np.tile(TIME, 2), np.tile(EVENT, 2), GROUP * 2, strata=[0] * 42 + [1] * 42)
    assert twice.statistic == pytest.approx(2 * log_rank(TIME, EVENT, GROUP).statistic)


def test_time_may_be_in_any_unit_and_groups_in_any_order():
    swapped = log_rank(TIME * 7, EVENT, ["b" if g == "6-MP" else "a" for g in GROUP])
    assert swapped.statistic == pytest.approx(log_rank(TIME, EVENT, GROUP).statistic)
    assert swapped.groups == ("a", "b")


def test_censoring_is_estimated_after_the_deaths_of_the_same_day():
    """At 2 one of three dies and one is lost: of the two that remain after the death one is lost."""
    found = censoring_survival(np.array([1.0, 2, 2, 3]), np.array([True, True, False, True]))
    assert found.value.tolist() == [1, 0.5, 0.5]
    assert (found.at(np.array([2.0]))[0], found.before(np.array([2.0]))[0]) == (0.5, 1.0)


@pytest.mark.slow
def test_without_a_difference_one_test_in_twenty_rejects():
    rng = np.random.default_rng(0)
    group, rejected = np.repeat([0, 1, 2], 20), 0
    for _ in range(1000):
        time, lost = rng.exponential(1, 60), rng.exponential(2, 60)
        rejected += log_rank(np.minimum(time, lost), time <= lost, group).p < 0.05
    assert 30 <= rejected <= 70


def test_rows_with_gaps_are_left_out_and_told():
    found = kaplan_meier(
        table(t=[1.0, None, 3, 4, 5, 6], e=["dead", "dead", "NA", "alive", "dead", "alive"], g=[1, 1, 1, 1, 2, 2]),
        time="t", event="e", event_value="dead", group="g",
    )  # fmt: skip
    assert [row[1] for row in found.groups.rows] == [2, 2]
    assert "2 rows" in found.warnings[0].en


def test_a_split_at_the_median_says_that_p_is_for_orientation():
    rng = np.random.default_rng(1)
    found = kaplan_meier(
        table(t=rng.exponential(1, 30).tolist(), e=[1] * 30, x=rng.normal(size=30).tolist()),
        time="t", event="e", group="x", group_as="median",
    )  # fmt: skip
    assert [row[1] for row in found.groups.rows] == [15, 15]
    assert any("median of the same patients" in told.en for told in found.warnings)


@pytest.mark.parametrize(
    ("columns", "options", "code"),
    [
        ({"t": [1.0, -2, 3], "e": [1, 0, 1]}, {}, "G-SURV-001"),
        ({"t": [1.0, 2, math.inf], "e": [1, 0, 1]}, {}, "G-SURV-001"),
        ({"t": [1.0, 2, 3], "e": [0, 0, 0]}, {}, "G-SURV-010"),
        ({"t": [1.0, 2, 3], "e": [1, 0, 1], "g": ["a", "a", "a"]}, {"group": "g"}, None),
        ({"t": [1.0, None, None], "e": [1, 0, 1]}, {}, "G-SURV-012"),
        ({"t": ["three", 2, 3], "e": [1, 0, 1]}, {}, "G-STAT-031"),
        ({"t": [1.0, 2, 3], "e": [1, 0, 1]}, {"group": "arm"}, "G-STAT-030"),
        ({"t": [1.0, 2, 3], "e": [2, 1, 2]}, {"event_value": "dead"}, "G-SURV-010"),
    ],
)
def test_bad_tables_are_refused_in_words(columns, options, code):
    if code is None:
        found = kaplan_meier(table(**columns), time="t", event="e", **options)
        assert found.tests is None
        return
    with pytest.raises((DataError, OptionError)) as caught:
        kaplan_meier(table(**columns), time="t", event="e", **options)
    assert caught.value.code == code


def test_a_log_rank_test_needs_two_groups():
    with pytest.raises(DataError) as caught:
        log_rank([1, 2, 3], [1, 1, 0], ["a", "a", "a"])
    assert caught.value.code == "G-SURV-003"


def test_no_events_at_all_is_a_curve_but_no_test():
    assert kaplan_meier_curve([1, 2, 3], [0, 0, 0]).survival.tolist() == [1, 1, 1]
    with pytest.raises(DataError) as caught:
        log_rank([1, 2, 3, 4], [0, 0, 0, 0], ["a", "a", "b", "b"])
    assert caught.value.code == "G-SURV-002"


def test_one_event_only_is_tested_but_says_little():
    found = kaplan_meier(table(t=[1.0, 2, 3, 4], e=[1, 0, 0, 0], g=["a", "a", "b", "b"]), time="t", event="e", group="g")
    assert 0.05 < found.tests.rows[0][3] <= 1
    assert all(cell == cell for row in found.steps.rows for cell in row if isinstance(cell, float))  # no NaN


def test_ones_and_twos_are_not_guessed():
    """R's lung data: 1 censored, 2 dead. Taking 1 for the event would turn the study round."""
    rows = ((306.0, 2.0), (455.0, 2.0), (1010.0, 1.0), (210.0, 2.0))
    patients = Table(Text("t", "t"), (Text("time", "time"), Text("status", "status")), rows)
    with pytest.raises(DataError, match="G-SURV-024"):
        kaplan_meier(patients, time="time", event="status")
    assert kaplan_meier(patients, time="time", event="status", event_value="2").conclusion
