"""Kappa, intraclass correlation, Bland-Altman and visual grading from tables."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.agreement_study import intraclass, limits_of_agreement
from gazo.stats.kappa import fleiss_kappa, kappa
from gazo.stats.visual_grading import vgc_area, visual_grading
from gazo.stats.visual_grading_regression import visual_grading_regression


def table(headings, rows):
    return Table(Text("t", "t"), tuple(Text(h, h) for h in headings), tuple(tuple(row) for row in rows))


def test_fleiss_kappa_of_the_published_table():
    # a table of the form of Fleiss 1971: 10 subjects, 14 raters, 5 categories; 0.20993
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    codes = np.array([np.repeat(np.arange(5), row) for row in counts])
    assert fleiss_kappa(codes, 5) == pytest.approx(0.20993, abs=5e-6)
    names = tuple(f"r{k}" for k in range(14))
    found = kappa(table(names, codes.astype(float).tolist()), raters=names)
    assert found.kappas[0].value == pytest.approx(0.20993, abs=5e-6)
    assert found.kappas[0].low < found.kappas[0].value < found.kappas[0].high
    for one, kind in zip(found.kappas[1:], (None, "linear", "quadratic"), strict=True):
        each = [cohen_kappa_score(codes[:, i], codes[:, j], weights=kind, labels=range(5)) for i, j in combinations(range(14), 2)]
        assert one.value == pytest.approx(np.mean(each))


def square(counts):
    rows = [(float(i), float(j)) for i, line in enumerate(counts) for j, number in enumerate(line) for _ in range(number)]
    return table(("a", "b"), rows)


def test_cohens_kappa_of_a_published_table():
    # Cohen 1960 / Fleiss, Levin & Paik 2003, table 18.1: 75 1 4 / 5 4 1 / 0 0 10 -> kappa 0.676, se 0.0877 (p. 606)
    found = kappa(square([[75, 1, 4], [5, 4, 1], [0, 0, 10]]), raters=("a", "b"))
    plain, linear, quadratic = found.kappas
    assert plain.value == pytest.approx(0.676, abs=5e-4)
    assert (plain.high - plain.low) / 2 / 1.959964 == pytest.approx(0.0877, abs=1e-3)
    a, b = zip(*square([[75, 1, 4], [5, 4, 1], [0, 0, 10]]).rows, strict=True)
    assert linear.value == pytest.approx(cohen_kappa_score(a, b, weights="linear"))
    assert quadratic.value == pytest.approx(cohen_kappa_score(a, b, weights="quadratic"))
    assert found.agreement.value == pytest.approx(0.89)


def test_kappa_from_long_rows_equals_that_from_columns():
    wide = square([[20, 5], [3, 22]])
    long = [(n, who, row[k]) for n, row in enumerate(wide.rows) for k, who in enumerate("ab")]
    one = kappa(wide, raters=("a", "b")).kappas[0]
    other = kappa(table(("s", "who", "said"), long), subject="s", rater="who", rating="said").kappas[0]
    assert one == other


def test_words_have_no_weights_until_their_order_is_told():
    rows = [("low", "low"), ("low", "mid"), ("mid", "mid"), ("high", "high"), ("high", "mid")]
    assert len(kappa(table("ab", rows), raters=("a", "b")).kappas) == 1
    assert len(kappa(table("ab", rows), raters=("a", "b"), order=("low", "mid", "high")).kappas) == 3
    with pytest.raises(OptionError) as told:
        kappa(table("ab", rows), raters=("a", "b"), order=("low", "mid"))
    assert told.value.code == "G-AGR-006"


@pytest.mark.parametrize(
    ("rows", "code"),
    [([(1, 1), (1, 1)], "G-AGR-005"), ([(1, None), (None, 1)], "G-AGR-004")],
)
def test_ratings_without_agreement_to_measure_are_refused(rows, code):
    with pytest.raises(DataError) as told:
        kappa(table("ab", rows), raters=("a", "b"))
    assert told.value.code == code


def test_a_subject_rated_twice_by_one_rater_names_its_row():
    with pytest.raises(DataError, match="row 2") as told:
        kappa(table(("s", "w", "x"), [("1", "a", 1), ("1", "a", 2)]), subject="s", rater="w", rating="x")
    assert told.value.code == "G-AGR-003"


def test_shrout_and_fleiss_from_a_table():
    # Shrout & Fleiss 1979, table 2 and 4
    rows = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    found = intraclass(table("abcd", rows), raters=tuple("abcd"))
    expected = {
        "ICC(A,1)": 0.2898,
        "ICC(A,k)": 0.6201,
        "ICC(C,1)": 0.7148,
        "ICC(C,k)": 0.9093,
        "ICC(1)": 0.1657,
        "ICC(k)": 0.4428,
    }
    assert {e.name.en: round(e.value, 4) for e in found.correlations} == expected


def test_limits_of_agreement_leave_out_and_count_empty_rows():
    rng = np.random.default_rng(0)
    a = rng.normal(50, 5, 40)
    rows = [(x, y) for x, y in zip(a, a + rng.normal(1, 2, 40), strict=True)] + [(1.0, None)]
    found = limits_of_agreement(table(("x", "y"), rows), first="x", second="y")
    d = np.array([x - y for x, y in rows[:-1]])
    assert found.values[0].value == pytest.approx(d.mean())
    assert found.values[1].value == pytest.approx(d.mean() - 1.96 * d.std(ddof=1))
    assert "1 rows" in found.warnings[0].en


def grades(shift, seed=0, cases=30, readers=3):
    rng = np.random.default_rng(seed)
    latent = rng.normal(0, 0.6, cases)
    rows = []
    for test in ("A", "B"):
        for case in range(cases):
            for reader in range(readers):
                value = 3 + latent[case] + shift * (test == "B") + rng.normal(0, 0.7)
                rows.append((f"r{reader}", test, f"c{case}", float(np.clip(np.rint(value), 1, 5))))
    return table(("reader", "test", "case", "grade"), rows)


def test_the_area_is_the_trapezoid_area_of_the_curve():
    found = visual_grading(grades(0.5), grade="grade", test="test", case="case", reader="reader", repeats=200)
    assert found.area.value == pytest.approx(np.trapezoid(found.curve.y, found.curve.x), abs=1e-12)
    assert vgc_area(np.array([1.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])) == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_a_better_condition_is_found_and_none_where_there_is_none():
    better = visual_grading(grades(0.8), grade="grade", test="test", case="case", reader="reader", repeats=400)
    assert better.area.low > 0.5
    assert better.tests.rows[0][1] < 0.01
    reverse = visual_grading(grades(0.8), grade="grade", test="test", case="case", reader="reader", repeats=200, reference="B")
    assert reverse.area.value == pytest.approx(1 - better.area.value)
    p = [
        visual_grading(grades(0.0, seed), grade="grade", test="test", case="case", reader="reader", repeats=200).tests.rows[0][1]
        for seed in range(12)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.25
    assert np.mean(p) > 0.25


def test_regression_recovers_a_known_odds_ratio():
    rng = np.random.default_rng(1)
    rows = []
    for case in range(1500):
        better = case % 2
        rows.append((f"c{case}", "B" if better else "A", float(np.digitize(rng.logistic() + 0.9 * better, (-1.0, 0.0, 1.0)))))
    rows.sort(key=lambda row: row[1])
    found = visual_grading_regression(table(("case", "test", "grade"), rows), grade="grade", factors=("test",), case="case")
    one = found.odds_ratios[0]
    assert one.low < np.exp(0.9) < one.high
    assert one.value == pytest.approx(np.exp(0.9), rel=0.2)


def test_grades_that_a_factor_separates_are_refused():
    rows = [("A", 1.0)] * 5 + [("B", 2.0)] * 5
    with pytest.raises(DataError) as told:
        visual_grading_regression(table(("test", "grade"), rows), grade="grade", factors=("test",))
    assert told.value.code == "G-AGR-025"
    with pytest.raises(DataError) as told:
        visual_grading_regression(table(("test", "grade"), [("A", 1.0), ("A", 2.0)]), grade="grade", factors=("test",))
    assert told.value.code == "G-AGR-024"


def test_three_conditions_are_refused_with_their_names():
    rows = [("A", "1", 1.0), ("B", "1", 2.0), ("C", "1", 2.0)]
    with pytest.raises(DataError, match="A, B, C") as told:
        visual_grading(table(("test", "case", "grade"), rows), grade="grade", test="test", case="case")
    assert told.value.code == "G-AGR-023"
