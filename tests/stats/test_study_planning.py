"""Study size gives R's values; Table 1 and the proposal of a test do what they say."""

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats import study_size, table_one, what_to_do


def table(**columns):
    return Table(Text("表", "table"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


@pytest.mark.parametrize(
    ("options", "patients", "power"),
    [
        # power.t.test(n = 23, delta = 1, strict = TRUE); power.t.test(delta = 1, power = .9)$n is 22.02
        ({"question": "means", "difference": 1, "power": 0.9}, 23, 0.912498360297),
        ({"question": "means", "difference": 0.5}, 64, 0.801459557922),
        # power.t.test(n = 13, delta = 1, type = "paired", strict = TRUE)
        ({"question": "paired-means", "difference": 1, "power": 0.9}, 13, 0.91070847574),
        # power.t.test(n = 64, delta = .5, sig.level = .025, alternative = "one.sided")
        ({"question": "non-inferiority", "margin": 0.5, "alpha": 0.025}, 64, 0.801458623368),
        # power.prop.test(n = 77, p1 = .5, p2 = .75); n = 100, .1, .25
        ({"question": "proportions", "first": 0.5, "second": 0.75, "power": 0.9}, 77, 0.901104272538),
        ({"question": "proportions", "first": 0.1, "second": 0.25}, 100, 0.801829936194),
        # power.anova.test(groups = 3, n = 53, between.var = .25^2 * 3 / 2, within.var = 1)
        ({"question": "several-means", "effect_f": 0.25}, 53, 0.804887285363),
    ],
)
def test_power_is_that_of_r(options, patients, power):
    found = study_size(**options)
    assert found.per_group.value == patients
    assert found.power.value == pytest.approx(power, rel=1e-6)


def test_correlation_size():
    """((qnorm(.975) + qnorm(.8)) / atanh(.3))^2 + 3 = 84.93"""
    assert study_size(question="correlation", r=0.3).total.value == 85


def test_drop_out_and_ratio():
    found = study_size(question="means", difference=0.5, patients=60, ratio=2, drop_out=0.1)
    assert (found.per_group.value, found.total.value) == (67, 67 + 134)


def test_equivalence_by_simulation():
    from scipy import stats

    found = study_size(question="equivalence", margin=0.8, difference=0.1, patients=20)
    rng, t = np.random.default_rng(0), stats.t.ppf(0.95, 38)
    a, b = rng.normal(0.1, 1, (40_000, 20)), rng.normal(0, 1, (40_000, 20))
    d = a.mean(1) - b.mean(1)
    reach = t * np.sqrt((a.var(1, ddof=1) + b.var(1, ddof=1)) / 20)
    assert found.power.value == pytest.approx(np.mean((d - reach > -0.8) & (d + reach < 0.8)), abs=0.008)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"question": "means"}, "G-TEST-050"),
        ({"question": "correlation"}, "G-TEST-050"),
        ({"question": "proportions", "first": 0.5, "second": 0.5}, "G-TEST-051"),
        ({"question": "equivalence", "margin": 0.5, "difference": 0.5}, "G-TEST-052"),
        ({"question": "proportions", "first": 0.5, "second": 0.50001}, "G-TEST-053"),
    ],
)
def test_studies_that_cannot_be(options, code):
    with pytest.raises(GazoError, match=code):
        study_size(**options)


PATIENTS = table(
    id=[1, 1, 2, 3, 4, 5, 6, 7, 8],
    arm=["a", "a", "a", "a", "a", "b", "b", "b", "b"],
    age=[60, 60, 62, 64, 66, 70, 72, None, 76],
    sex=["m", "m", "f", "m", "f", "m", "m", "f", "f"],
)


def test_table_one_by_hand():
    found = table_one(PATIENTS, columns=("age", "sex"), group="arm", patient="id", p_values=True)
    rows = found.characteristics.rows
    assert rows[0][1:4] == (8, 4, 4)
    assert rows[1][1:4] == ("67.14 (5.76)", "63 (2.58)", "72.67 (3.06)")
    assert rows[1][4] == pytest.approx((72.6666667 - 63) / ((20 / 3 + 28 / 3) / 2) ** 0.5)
    assert rows[1][-1] == 1
    assert rows[3][2:4] == ("2 (50.0 %)", "2 (50.0 %)")
    assert rows[2][4] == pytest.approx(0)
    assert any("9 rows of 8 patients" in w.en for w in found.warnings)


def test_difference_of_two_categories():
    """(p - q) / sqrt((p (1 - p) + q (1 - q)) / 2), Austin 2009, eq. 2"""
    counts = table(g=["a"] * 10 + ["b"] * 20, k=[1] * 3 + [0] * 7 + [1] * 12 + [0] * 8)
    row = table_one(counts, columns=("k",), group="g", categories=("k",)).characteristics.rows[1]
    assert row[4] == pytest.approx(0.3 / ((0.3 * 0.7 + 0.6 * 0.4) / 2) ** 0.5)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"columns": ("age",), "median": ("sex",)}, "G-TEST-040"),
        ({"columns": ("age",), "group": "arm", "order": ("a", "z")}, "G-TEST-041"),
        ({"columns": ("nothing",)}, "G-STAT-030"),
    ],
)
def test_bad_table_one(options, code):
    with pytest.raises(GazoError, match=code):
        table_one(PATIENTS, **options)


def test_thousands_of_categories():
    with pytest.raises(GazoError, match="G-TEST-042"):
        table_one(table(name=[f"n{n}" for n in range(3000)]), columns=("name",))


@pytest.mark.parametrize(
    ("columns", "options", "test"),
    [
        ({"y": [1.5, 2.25, 3, 4, 5, 6.5, 7, 8], "g": list("aaaabbbb")}, {}, "Welch's t test"),
        ({"y": [1, 2, 3, 4, 5, 1, 2, 3], "g": list("aaaabbbb")}, {}, "Mann-Whitney"),
        ({"y": [0, 1, 0, 1, 1, 1, 0, 1], "g": list("aaaabbbb")}, {}, "Fisher"),
        ({"y": [1.5, 2.25, 3, 4, 5, 6.5, 7, 8], "g": list("abababab"), "id": [1, 1, 2, 2, 3, 3, 4, 4]}, {"patient": "id"}, "paired t"),
        ({"y": [1.5, 2.25, 3, 4, 5, 6.5, 7, 8, 9], "g": list("abcabcabc")}, {"scale": "ordinal"}, "Kruskal"),
        ({"y": list("+-+-+-"), "g": list("ababab"), "id": [1, 1, 2, 2, 3, 3]}, {"patient": "id"}, "McNemar"),
    ],
)  # fmt: skip
def test_the_proposal_follows_the_columns(columns, options, test):
    found = what_to_do(table(**columns), outcome=("y",), group="g", **options)
    assert test in found.conclusion.en
    assert any("gazo stats compare-" in str(row[1]) for row in found.plan.rows)


def test_the_proposal_without_a_table():
    assert "Friedman" in what_to_do(scale="ordinal", design="paired", groups=4).conclusion.en
    with pytest.raises(GazoError, match="G-TEST-060"):
        what_to_do(scale="numeric")
    with pytest.raises(GazoError, match="G-TEST-061"):
        what_to_do(PATIENTS)


def test_repeated_rows_are_told():
    found = what_to_do(PATIENTS, outcome=("age",), group="arm", patient="id", scale="numeric")
    assert any("Each patient" in str(row[1]) for row in (tuple(map(lambda c: getattr(c, "en", c), r)) for r in found.plan.rows))
