"""Correlations give R's values; the R call stands beside each."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats import adjust_p, correlate

MPG = [
    21,
    21,
    22.8,
    21.4,
    18.7,
    18.1,
    14.3,
    24.4,
    22.8,
    19.2,
    17.8,
    16.4,
    17.3,
    15.2,
    10.4,
    10.4,
    14.7,
    32.4,
    30.4,
    33.9,
    21.5,
    15.5,
]
MPG += [15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4]
WEIGHT = [
    2.62,
    2.875,
    2.32,
    3.215,
    3.44,
    3.46,
    3.57,
    3.19,
    3.15,
    3.44,
    3.44,
    4.07,
    3.73,
    3.78,
    5.25,
    5.424,
    5.345,
    2.2,
    1.615,
    1.835,
]
WEIGHT += [2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78]
TUNA = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]


def table(**columns):
    return Table(Text("表", "table"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


def of(x, y, **options):
    return correlate(table(x=list(x), y=list(y)), columns=("x", "y"), **options)


def p_of(found, pair=0):
    return found.pairs.rows[pair][-2]


def test_pearson():
    """cor.test(mtcars$mpg, mtcars$wt)"""
    found = of(MPG, WEIGHT)
    r = found.coefficients[0]
    assert (r.value, r.low, r.high) == pytest.approx((-0.8676593765, -0.9338264133, -0.7440871965), rel=1e-9)
    assert p_of(found) == pytest.approx(1.293958701e-10, rel=1e-8)


@pytest.mark.parametrize(
    ("method", "x", "y", "value", "p", "how"),
    [
        # cor.test(mpg, wt, method = "spearman", exact = FALSE); "kendall"
        ("spearman", MPG, WEIGHT, -0.8864220333, 1.487594858e-11, "t"),
        ("kendall", MPG, WEIGHT, -0.7278321495, 6.705770406e-09, "normal, corrected for ties"),
        # example(cor.test), Hollander & Wolfe 1973, 187f
        ("kendall", *TUNA, 0.4444444444, 0.119438933, "exact"),
        ("spearman", *TUNA, 0.6, 0.09679783951, "exact"),
        ("pearson", *TUNA, 0.5711816, 0.1081730543, "t"),
    ],
)
def test_ranks(method, x, y, value, p, how):
    found = of(x, y, method=method)
    assert found.coefficients[0].value == pytest.approx(value, rel=1e-7)
    assert p_of(found) == pytest.approx(p, rel=1e-8)
    assert found.pairs.rows[0][5].en == how


def test_limits_of_ranks_by_hand():
    """tanh(atanh r +- z s), s^2 = (1 + r^2 / 2) / (n - 3) and 0.437 / (n - 4)"""
    for method, spread in (("spearman", ((1 + 0.36 / 2) / 6) ** 0.5), ("kendall", (0.437 / 5) ** 0.5)):
        r = of(*TUNA, method=method).coefficients[0]
        assert (np.arctanh(r.high) - np.arctanh(r.low)) / 2 == pytest.approx(1.959963985 * spread)


def test_within_patients():
    """anova(lm(distance ~ Subject + age, Orthodont)): r = sqrt(235.3560185 / (235.3560185 + 163.9564815)), 80 degrees of freedom"""
    girls = [
        21,
        20,
        21.5,
        23,
        21,
        21.5,
        24,
        25.5,
        20.5,
        24,
        24.5,
        26,
        23.5,
        24.5,
        25,
        26.5,
        21.5,
        23,
        22.5,
        23.5,
        20,
        21,
        21,
        22.5,
    ]
    girls += [21.5, 22.5, 23, 25, 23, 23, 23.5, 24, 20, 21, 22, 21.5, 16.5, 19, 19, 19.5, 24.5, 25, 28, 28]
    boys = [
        26,
        25,
        29,
        31,
        21.5,
        22.5,
        23,
        26.5,
        23,
        22.5,
        24,
        27.5,
        25.5,
        27.5,
        26.5,
        27,
        20,
        23.5,
        22.5,
        26,
        24.5,
        25.5,
        27,
        28.5,
    ]
    boys += [22, 22, 24.5, 26.5, 24, 21.5, 24.5, 25.5, 23, 20.5, 31, 26, 27.5, 28, 31, 31.5, 23, 23, 23.5, 25, 21.5, 23.5, 24, 28]
    boys += [17, 24.5, 26, 29.5, 22.5, 25.5, 25.5, 26, 23, 24.5, 26, 30, 22, 21.5, 23.5, 25]
    rows = table(age=[8, 10, 12, 14] * 27, mm=boys + girls, id=np.repeat(np.arange(27), 4).tolist())
    found = correlate(rows, columns=("age", "mm"), patient="id", per_patient="within")
    assert found.coefficients[0].value == pytest.approx((235.3560185 / (235.3560185 + 163.9564815)) ** 0.5, rel=1e-8)
    assert p_of(found) < 2.22e-16


def test_patients_count_once():
    rows = table(x=np.repeat(TUNA[0], 6).tolist(), y=np.repeat(TUNA[1], 6).tolist(), id=np.repeat(range(9), 6).tolist())
    found = correlate(rows, columns=("x", "y"), patient="id")
    assert p_of(found) == pytest.approx(0.1081730543, rel=1e-8)
    assert "54 rows, 9 patients" in found.warnings[0].en


def test_pairs_are_corrected_and_empty_cells_told():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 30)).tolist()
    b[3] = None
    found = correlate(table(a=a, b=b, c=c), columns=("a", "b", "c"))
    p = [row[-2] for row in found.pairs.rows]
    assert max(row[-1] / row[-2] for row in found.pairs.rows) == pytest.approx(3)
    assert min(row[-1] for row in found.pairs.rows) == pytest.approx(3 * min(p))
    assert [row[4] for row in found.pairs.rows] == [29, 30, 29]
    assert "1 rows with an empty cell" in found.warnings[1].en


@pytest.mark.parametrize(
    ("columns", "options", "code"),
    [
        ({"x": [1, 2, 3], "y": [1, 2, 4]}, {}, "G-TEST-032"),
        ({"x": [1, 2, 3, 4, 5], "y": [3, 3, 3, 3, 3]}, {}, "G-TEST-032"),
        ({"x": [1, 2, 3, 4, 5], "y": [None] * 5}, {}, "G-TEST-032"),
        ({"x": [1, 2, 3, 4, 5], "y": list("abcde")}, {}, "G-STAT-031"),
        ({"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 6]}, {"per_patient": "within"}, "G-TEST-031"),
        ({"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 6]}, {"columns": ("x", "x")}, "G-TEST-030"),
    ],
)
def test_bad_tables_are_refused(columns, options, code):
    with pytest.raises(GazoError, match=code):
        correlate(table(**columns), **{"columns": ("x", "y"), **options})


def test_a_perfect_line_has_no_interval():
    found = of([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])
    assert found.coefficients[0].value == pytest.approx(1)
    assert "nan" not in found.conclusion.en


P = [0.01, 0.02, 0.03, 0.04, 0.05, 0.005]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # p.adjust(p, "holm"), "BH", "bonferroni"
        ("holm", (0.05, 0.08, 0.09, 0.09, 0.09, 0.03)),
        ("benjamini-hochberg", (0.03, 0.04, 0.045, 0.048, 0.05, 0.03)),
        ("bonferroni", (0.06, 0.12, 0.18, 0.24, 0.30, 0.03)),
    ],
)
def test_adjusted_p(method, expected):
    found = adjust_p(table(test=list("abcdef"), p=P), test="test", method=method)
    assert [row[2] for row in found.values.rows] == pytest.approx(expected, rel=1e-12)
    assert found.values.rows[0][0] == "a"


def test_p_that_are_none():
    for p in ([0.1, 1.2], [None, None], [-0.1, 0.5]):
        with pytest.raises(GazoError, match="G-TEST-035"):
            adjust_p(table(p=p))
    assert "1 rows" in adjust_p(table(p=[0.1, None])).warnings[0].en
