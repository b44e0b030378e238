"""Tests of counts give R's values; the R call stands beside each."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats import compare_categories
from gazo.stats.small.fisher import _drawn, fisher_p

ADMITTED = [[1198, 1493], [557, 1278]]  # apply(UCBAdmissions, c(2, 1), sum): men, women; admitted, rejected
HAIR = [[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]]  # apply(HairEyeColor, c(1, 2), sum)
GEARS = [[1, 8, 2], [2, 4, 1], [12, 0, 2]]  # table(mtcars$cyl, mtcars$gear)
JOBS = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]  # example(fisher.test), Agresti 2002, p. 57
CONVICTED = [[2, 15], [10, 3]]  # example(fisher.test), Fisher's twins
APPROVAL = [[794, 150], [86, 570]]  # example(mcnemar.test), Agresti 1990, p. 350
EVENTS = [
    [1, 1, 0, 0], [1, 1, 0, 1], [0, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0],
    [0, 1, 0, 0], [1, 1, 0, 1], [0, 0, 0, 0],
]  # fmt: skip


def table(**columns):
    return Table(Text("表", "table"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


def counted(counts):
    """A row a patient, groups g0, g1 ... down, categories k0, k1 ... across."""
    cells = [(f"g{i}", f"k{j}") for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return table(y=[k for _, k in cells], g=[g for g, _ in cells])


def compared(counts, **options):
    return compare_categories(counted(counts), outcome=("y",), group="g", **options)


def pairs_of(square, **options):
    cells = [(f"k{i}", f"k{j}") for i, line in enumerate(square) for j, n in enumerate(line) for _ in range(n)]
    return compare_categories(table(a=[a for a, _ in cells], b=[b for _, b in cells]), outcome=("a", "b"), **options)


def limits(estimate):
    return estimate.value, estimate.low, estimate.high


def by_name(found, name):
    return next(e for e in found.effects if e.name.en.startswith(name))


@pytest.mark.parametrize(
    ("counts", "test", "statistic", "free", "p"),
    [
        # chisq.test(apply(UCBAdmissions, c(1, 2), sum)), and with correct = FALSE
        (ADMITTED, "chi-square-yates", 91.60959786, "1", 1.055796809e-21),
        (ADMITTED, "chi-square", 92.20528041, "1", 7.813600389e-22),
        # chisq.test(apply(HairEyeColor, c(1, 2), sum)); chisq.test(table(mtcars$cyl, mtcars$gear))
        (HAIR, "chi-square", 138.2898416, "9", 2.325286787e-25),
        (GEARS, "chi-square", 18.03636364, "4", 0.001214066034),
    ],
)
def test_chi_square(counts, test, statistic, free, p):
    found = compared(counts, test=test)
    assert found.test.rows[0][2:] == (pytest.approx(statistic, rel=1e-8), free, pytest.approx(p, rel=1e-7))
    assert any("expected count" in w.en for w in found.warnings) == (counts == GEARS)


def test_cramer_v():
    """uniroot(pchisq(X, 9, ncp) - 0.975) and - 0.025, sqrt(ncp / (592 * 3))"""
    v = compared(HAIR).effects[0]
    assert limits(v) == pytest.approx((0.279044623343, 0.223527016369, 0.317988102938), rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        (CONVICTED, 0.0005367241191),  # fisher.test(Convictions)$p.value
        (GEARS, 8.259715685e-05),  # fisher.test(table(mtcars$cyl, mtcars$gear))$p.value
        pytest.param(JOBS, 0.782684939, marks=pytest.mark.slow),  # fisher.test(Job)$p.value
        ([[10, 2], [3, 15], [5, 5], [0, 4], [3, 3]], 0.00126253595725),  # fisher.test(matrix(c(10,3,5,0,3,2,15,5,4,3), 5))
        ([[10, 3, 5, 0, 3], [2, 15, 5, 4, 3]], 0.00126253595725),
    ],
)
def test_fisher(counts, p):
    assert fisher_p(np.array(counts), 0) == (pytest.approx(p, rel=1e-8), True)
    assert compared(counts).p.value == pytest.approx(p, rel=1e-8)


def test_fisher_by_random_tables_agrees():
    assert _drawn(np.array(JOBS), 1) == pytest.approx(0.782684939, abs=0.004)
    found = compared(HAIR, test="fisher")
    assert "random tables" in found.p.method
    assert found.p.value < 1e-4


def test_odds_ratio():
    """fisher.test(Convictions): 0.0469 (0.0033 to 0.3632); its search stops early, these are its equations by uniroot(tol = 1e-14)"""
    found = compared(CONVICTED)
    assert limits(by_name(found, "Odds")) == pytest.approx((0.0469366390497, 0.00331716395066, 0.363189602357), rel=1e-6)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_risk_difference_published(a, m, b, n, low, high):
    """Newcombe 1998, Stat Med 17:873, table II, method 10"""
    found = by_name(compared([[a, m - a], [b, n - b]], event="k0"), "Risk difference")
    assert limits(found) == pytest.approx((a / m - b / n, low, high), abs=5.1e-5)


def test_mcnemar():
    """mcnemar.test(Performance), correct = FALSE, binom.test(86, 236)"""
    assert pairs_of(APPROVAL, test="mcnemar-corrected").test.rows[0][2:] == (
        pytest.approx(16.81779661, rel=1e-8), "1", pytest.approx(4.114562281e-05, rel=1e-7),
    )  # fmt: skip
    assert pairs_of(APPROVAL, test="mcnemar-chi-square").p.value == pytest.approx(3.099293441e-05, rel=1e-7)
    found = pairs_of(APPROVAL)
    assert found.p.value == pytest.approx(3.71593614e-05, rel=1e-8)
    assert found.effects[0].value == pytest.approx((150 - 86) / 1600)
    assert found.effects[1].value == pytest.approx(150 / 86)
    assert found.counts.rows == (("k0", 794, 150), ("k1", 86, 570))


def test_cochran():
    """friedman.test(matrix of 0 and 1), which is Cochran's Q; pairs by binom.test and p.adjust"""
    wide = table(**{f"r{n}": [row[n] for row in EVENTS] for n in range(4)})
    found = compare_categories(wide, outcome=("r0", "r1", "r2", "r3"), event="1")
    assert found.test.rows[0][2:] == (pytest.approx(14.25, rel=1e-9), "3", pytest.approx(0.002583874923, rel=1e-8))
    assert found.effects[0].value == pytest.approx(14.25 / 36)
    assert found.pairs.rows[1][0] == "r0 - r2"
    assert found.pairs.rows[1][4] == pytest.approx(2 * 0.5**5)  # 5 against 0 discordant


def test_bowker():
    """mcnemar.test(matrix(c(20, 3, 0, 10, 30, 5, 5, 15, 40), 3))"""
    found = pairs_of([[20, 10, 5], [3, 30, 15], [0, 5, 40]])
    assert found.test.rows[0][2:] == (pytest.approx(13.7692307692), "3", pytest.approx(0.00323670650324, rel=1e-8))
    assert limits(found.effects[0])[0] == pytest.approx(38 / 128)


def test_pairs_of_groups():
    """fisher.test() of two rows each, p.adjust(p, "holm")"""
    rows = compared(GEARS).pairs.rows
    assert [row[-2] for row in rows] == pytest.approx((0.776018099548, 3.76901332615e-05, 0.0031991744066), rel=1e-8)
    assert [row[-1] for row in rows] == pytest.approx((0.776018099548, 0.000113070399785, 0.00639834881321), rel=1e-8)


def test_more_rows_than_patients():
    one, rows = counted(CONVICTED), [(c, g, f"p{n}") for n, (c, g) in enumerate(counted(CONVICTED).rows)]
    many = table(**dict(zip(("y", "g", "id"), zip(*(r for r in rows for _ in range(4)), strict=True), strict=True)))
    asked = {"outcome": ("y",), "group": "g"}
    folded = compare_categories(many, **asked, patient="id")
    assert folded.p.value == pytest.approx(compare_categories(one, **asked).p.value)
    assert any("120 rows to 30 values" in w.en for w in folded.warnings)


def test_a_patient_with_divided_rows():
    mixed = table(y=["+", "-", "-", "-", "+", "+", "-", "-"], g=["a"] * 4 + ["b"] * 4, id=[1, 1, 2, 3, 4, 4, 5, 6])
    asked = {"outcome": ("y",), "group": "g", "patient": "id", "event": "+"}
    majority = compare_categories(mixed, **asked)
    assert majority.counts.rows == (("a", 0, 2, 2), ("b", 1, 2, 3))
    assert any("evenly divided" in w.en for w in majority.warnings)
    assert compare_categories(mixed, **asked, per_patient="any").counts.rows == (("a", 1, 2, 3), ("b", 1, 2, 3))


def test_long_pairs_of_patients():
    rows = table(y=["+", "-", "+", "+", "-", "-"], g=["a", "b"] * 3, id=[1, 1, 2, 2, 3, 3])
    found = compare_categories(rows, outcome=("y",), group="g", patient="id")
    assert "McNemar" in found.p.method
    assert found.p.value == 1


@pytest.mark.parametrize(
    ("columns", "options", "code"),
    [
        ({"y": list("aaaa"), "g": list("xxyy")}, {}, "G-TEST-020"),
        ({"y": [f"n{n}" for n in range(2000)], "g": ["x", "y"] * 1000}, {}, "G-TEST-020"),
        ({"y": list("abab"), "g": list("xxyy")}, {"event": "c"}, "G-TEST-021"),
        ({"y": list("abca"), "g": list("xxyy")}, {"per_patient": "any"}, "G-TEST-022"),
        ({"y": list("abab"), "g": list("xxyy")}, {"test": "cochran-q"}, "G-TEST-023"),
        ({"y": list("abcabc"), "g": list("xxyyzz")}, {"test": "chi-square-yates"}, "G-TEST-023"),
        ({"y": list("aabaaa"), "g": list("xxxyyy"), "id": [1, 2, 2, 3, 4, 5]}, {"patient": "id"}, "G-TEST-007"),
        ({"y": list("aaabaaa"), "g": list("xxxxyyy"), "id": [1, 2, 3, 3, 4, 5, 6]}, {"patient": "id"}, "G-TEST-024"),
        ({"y": list("abab"), "g": list("xxxx")}, {}, "G-TEST-004"),
        ({"y": [None, None, "a", "b"], "g": list("xxyy")}, {}, "G-TEST-004"),
    ],
)  # fmt: skip
def test_bad_tables_are_refused(columns, options, code):
    with pytest.raises(GazoError, match=code):
        compare_categories(table(**columns), outcome=("y",), group="g", **options)


def test_empty_corners_give_no_nan_in_words():
    found = compared([[5, 0], [6, 0], [0, 4]])
    assert 0 <= found.p.value <= 1
    found = compared([[5, 0], [0, 6]])
    assert by_name(found, "Risk difference").value == 1
    assert by_name(found, "Odds").value == np.inf
    assert "nan" not in found.conclusion.en
