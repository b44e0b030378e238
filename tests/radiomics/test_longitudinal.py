"""Longitudinal comparison: nlme on the teeth of Potthoff and Roy, laws of the likelihood, simulated truth, tables that cannot be used."""

import math

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms import atrophy_table
from gazo.radiomics import compare_slopes, fit_mixed, longitudinal
from gazo.radiomics.longitudinal_visits import groups_in, series_of
from gazo.radiomics.slopes import Series

# Potthoff & Roy 1964 (Biometrika 51:313): distance [mm] at 8, 10, 12, 14 years of 16 boys and 11 girls (Orthodont of nlme)
BOYS = """26 25 29 31; 21.5 22.5 23 26.5; 23 22.5 24 27.5; 25.5 27.5 26.5 27; 20 23.5 22.5 26; 24.5 25.5 27 28.5; 22 22 24.5 26.5;
 24 21.5 24.5 25.5; 23 20.5 31 26; 27.5 28 31 31.5; 23 23 23.5 25; 21.5 23.5 24 28; 17 24.5 26 29.5; 22.5 25.5 25.5 26; 23 24.5 26 30;
 22 21.5 23.5 25"""
GIRLS = """21 20 21.5 23; 21 21.5 24 25.5; 20.5 24 24.5 26; 23.5 24.5 25 26.5; 21.5 23 22.5 23.5; 20 21 21 22.5; 21.5 22.5 23 25;
 23 23 23.5 24; 20 21 22 21.5; 16.5 19 19 19.5; 24.5 25 28 28"""
TEETH = np.array([line.split() for line in (BOYS + ";" + GIRLS).split(";")], float)
AGE = np.tile([8.0, 10, 12, 14], 27)
CHILD = np.repeat(np.arange(27), 4)
GIRL = (np.arange(27) >= 16).astype(float)[:, None]


def teeth(rows=slice(None)):
    return Series(TEETH.ravel()[rows], AGE[rows], CHILD[rows], GIRL, np.empty((len(AGE[rows]), 0)), ("girl",), ())


def table(**columns):
    headings = tuple(Text(name, name) for name in columns)
    return Table(Text("表", "table"), headings, tuple(zip(*columns.values(), strict=True)))


def visits(**change):
    sex = np.where(GIRL[CHILD, 0] == 1, "girl", "boy").tolist()
    given = {"child": [f"C{c}" for c in CHILD], "age": AGE.tolist(), "sex": sex, "mm": TEETH.ravel().tolist()}
    return table(**(given | change))


def test_random_slopes_are_those_of_nlme():
    """lme(distance ~ t * Sex, random = ~ t | Subject) with t = age - 11, males first."""
    model = compare_slopes(teeth()).model
    assert model.beta == pytest.approx([24.96875, 0.784375, -2.321022727273, -0.304829545455], abs=1e-8)
    assert model.standard_error == pytest.approx([0.4860007181576, 0.0859995124134, 0.7614167922869, 0.1347353418084], abs=2e-6)
    assert model.random.ravel() == pytest.approx([3.350096, 0.068142, 0.068142, 0.032524], abs=2e-5)
    assert model.residual == pytest.approx(1.716204, abs=1e-5)
    assert model.value == pytest.approx(-216.290830751, abs=1e-7)


def test_a_random_intercept_is_that_of_nlme():
    """lme(distance ~ t * Sex, random = ~ 1 | Subject); its t has 79 degrees of freedom."""
    found = compare_slopes(teeth(), random_slope=False)
    assert found.model.standard_error[[1, 3]] == pytest.approx([0.0775011049177, 0.1214208961024], abs=1e-7)
    assert found.model.random[0, 0] == pytest.approx(3.2986340266, abs=1e-5)
    assert found.model.residual == pytest.approx(1.92205480431, abs=1e-6)
    assert found.model.value == pytest.approx(-216.878624601, abs=1e-7)
    assert found.free == 79
    assert found.p_t == pytest.approx(1.40974506731e-02, rel=1e-5)


def test_the_likelihood_ratio_is_that_of_nlme():
    """anova of distance ~ t + Sex and t * Sex, both method = "ML": L.Ratio 5.02921016494, p 0.0249."""
    found = compare_slopes(teeth())
    assert found.p_likelihood == pytest.approx(math.erfc(math.sqrt(5.02921016494 / 2)), rel=1e-5)
    assert found.free == 25


def test_unbalanced_visits_are_those_of_nlme():
    """Rows 3, 10, 11, 50 left out."""
    kept = np.setdiff1d(np.arange(108), [2, 9, 10, 49])
    found = compare_slopes(teeth(kept))
    assert found.model.beta == pytest.approx([24.988416414359, 0.787094950428, -2.340689141631, -0.307549495882], abs=1e-5)
    assert found.model.standard_error == pytest.approx([0.4879561, 0.0894795, 0.7620556, 0.1397891], abs=2e-6)
    assert found.model.random.ravel() == pytest.approx([3.355400, 0.036589, 0.036589, 0.044181], abs=3e-5)
    assert found.model.value == pytest.approx(-208.947540691, abs=1e-7)
    assert found.p_likelihood == pytest.approx(math.erfc(math.sqrt(4.78686961947 / 2)), rel=1e-5)


@pytest.mark.slow
def test_statsmodels_agrees_where_it_converges():
    """Its restricted likelihood lacks no constant; time is centred for it, as it needs."""
    lme = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    series = teeth()
    z = series.random(True)
    theirs = lme.MixedLM(series.y, series.design(), groups=series.subject, exog_re=z).fit(reml=True, method="bfgs")
    ours = fit_mixed(series.y, series.design(), z, series.subject, series.column_names())
    assert ours.beta == pytest.approx(theirs.fe_params, abs=1e-5)
    assert ours.value == pytest.approx(theirs.llf, abs=1e-5)
    assert ours.random == pytest.approx(np.asarray(theirs.cov_re), abs=1e-3)


@pytest.mark.parametrize(("restricted", "correction"), [(False, 0.0), (True, 1.0)])
def test_the_likelihood_is_that_of_the_normal_distribution(restricted, correction):
    """log N(y; x beta, V) with V built row by row, less log|X'V^-1 X| / 2 where restricted (Harville 1974)."""
    series = teeth(np.setdiff1d(np.arange(108), [2, 9, 10, 49]))
    x, z = series.design(), series.random(True)
    model = fit_mixed(series.y, x, z, series.subject, series.column_names(), restricted=restricted)
    same = series.subject[:, None] == series.subject
    v = np.where(same, z @ model.random @ z.T, 0) + model.residual * np.eye(len(x))
    rest = series.y - x @ model.beta
    information = x.T @ np.linalg.solve(v, x)
    value = -(np.linalg.slogdet(v)[1] + rest @ np.linalg.solve(v, rest) + len(x) * np.log(2 * np.pi)) / 2
    value += correction * (4 * np.log(2 * np.pi) - np.linalg.slogdet(information)[1]) / 2
    assert model.value == pytest.approx(value, abs=1e-8)
    assert model.covariance == pytest.approx(np.linalg.inv(information), rel=1e-6)


def test_raw_times_in_any_unit_give_the_same_model():
    """Where other programs stop short: calendar years, seconds, micrometres."""
    plain = compare_slopes(teeth())
    for time, mm in ((2011 + AGE, 1.0), (AGE * 31_557_600, 1.0), (AGE, 1000.0)):
        other = compare_slopes(Series(TEETH.ravel() * mm, time, CHILD, GIRL, np.empty((108, 0)), ("girl",), ()))
        assert other.p_t == pytest.approx(plain.p_t, rel=1e-5)
        assert other.p_likelihood == pytest.approx(plain.p_likelihood, rel=1e-4)


def test_a_thousand_measurements_with_large_covariates_converge():
    """Head sizes near 1500 ml and volumes of 7 ml that scatter by 0.06 ml: cancellation once cost the last digits."""
    made = atrophy_table(rng=np.random.default_rng(0), subjects=250, extra_ml_per_allele=0.05)
    names, codes = groups_in(made, "alleles", "", "dose")
    series, _ = series_of(
        made, "hippocampus", subject="subject", time="years", group="alleles", names=names, codes=codes, told_as=("alleles",),
        covariates=("age", "sex", "head_ml"),
    )  # fmt: skip
    found = compare_slopes(series)
    value, low, high = found.effect(np.eye(len(found.model.beta))[-1], 0.95)
    assert low < -0.05 < high
    assert value == pytest.approx(-0.05, abs=0.02)


def test_slopes_without_variance_leave_a_random_intercept():
    """The residuals alternate within a subject, so slopes vary less than by chance and their variance is 0 at its edge."""
    time, who = np.tile([0.0, 1, 2, 3], 30), np.repeat(np.arange(30), 4)
    rng = np.random.default_rng(4)
    y = rng.normal(0, 1, 30)[who] - 0.1 * time + np.tile([0.1, -0.3, 0.3, -0.1], 30) * rng.choice([-1, 1], 30)[who]
    found = longitudinal(
        table(s=who.tolist(), t=time.tolist(), g=["a" if w < 15 else "b" for w in who], y=y.tolist()),
        subject="s", time="t", values=("y",), group="g",
    )  # fmt: skip
    assert any("random intercept only" in told.en for told in found.warnings)
    assert "variance: slope" not in [row[1].en for row in found.models.rows]
    assert "and slope" not in found.sentence.en


def test_the_operation_on_the_teeth():
    found = longitudinal(
        visits(), subject="child", time="age", values=("mm",), group="sex", reference="boy", unit="mm", permutations=100
    )
    (gap,) = found.differences
    assert gap.value == pytest.approx(-0.304829545455, abs=1e-8)
    assert gap.low == pytest.approx(-0.304829545455 - 2.059538552753 * 0.1347353418, abs=1e-5)  # t of 25 degrees
    assert gap.unit == "mm/y"
    boys = found.slopes.rows[0]
    assert (boys[1], boys[2]) == ("boy", pytest.approx(0.784375))
    start = 24.96875 - 11 * 0.784375
    assert boys[5] == pytest.approx(100 * 0.784375 / start, rel=1e-6)
    p = found.tests.rows[0][5:9]
    assert p[1] < p[0]  # Wald is surer than t
    assert p[3] is not None  # below 30 subjects the permutation stands beside
    assert any("27 subjects" in told.en for told in found.warnings)
    assert "girl" in found.conclusion.en
    (drawn,) = found.spaghetti
    assert drawn.mean.shape == (2, 25)
    assert np.all((drawn.low < drawn.mean) & (drawn.mean < drawn.high))


def test_a_dose_is_told_by_its_step():
    made = atrophy_table(rng=np.random.default_rng(1), subjects=60, extra_ml_per_allele=0.1)
    found = longitudinal(
        made, subject="subject", time="years", values=("hippocampus",), group="alleles", group_as="dose", covariates=("sex",)
    )
    (gap,) = found.differences
    assert gap.low < -0.1 < gap.high
    assert "for each step of alleles" in found.conclusion.en
    assert [row[1] for row in found.slopes.rows] == ["0", "1", "2"]
    steps = np.diff([row[2] for row in found.slopes.rows])
    assert steps == pytest.approx([gap.value, gap.value])


def test_regions_are_corrected_together():
    noise = np.random.default_rng(0).normal(size=108)
    found = longitudinal(
        visits(other=noise.tolist()), subject="child", time="age", values=("mm", "other"), group="sex", permutations=100
    )
    p, q = ([row[i] for row in found.tests.rows] for i in (5, 9))
    assert q[0] == pytest.approx(min(2 * min(p), max(p)) if p[0] == min(p) else p[0])
    assert "2" in found.conclusion.en


def test_the_permutation_agrees_with_t_where_all_is_normal():
    found = compare_slopes(teeth(), permutations=1000, seed=1)
    assert found.p_permutation == pytest.approx(found.p_t, abs=0.02)


@pytest.mark.slow
def test_a_known_effect_is_found_and_none_where_there_is_none():
    """40 subjects, 40 studies each; the proof C8 does more."""
    found, covered, rejected = [], 0, 0
    for seed in range(40):
        for effect in (0.05, 0.0):
            made = atrophy_table(rng=np.random.default_rng(seed), subjects=40, extra_ml_per_allele=effect, carriers_of_one=True)
            names, codes = groups_in(made, "carrier", "e3", "categories")
            series, _ = series_of(
                made, "hippocampus", subject="subject", time="years", group="carrier", names=names, codes=codes,
                told_as=("e4",), covariates=("age", "sex", "head_ml"),
            )  # fmt: skip
            fit = compare_slopes(series)
            value, low, high = fit.effect(np.eye(len(fit.model.beta))[-1], 0.95)
            if effect:
                found.append(value)
                covered += low <= -effect <= high
            else:
                rejected += fit.p_t < 0.05
    assert np.mean(found) == pytest.approx(-0.05, abs=0.012)
    assert covered >= 34
    assert rejected <= 6


def test_rows_with_gaps_are_left_out_and_told():
    mm = TEETH.ravel().tolist()
    mm[2] = None
    found = longitudinal(visits(mm=mm), subject="child", time="age", values=("mm",), group="sex", permutations=100)
    assert any("up to 1" in told.en for told in found.warnings)


SEX = np.where(GIRL[CHILD, 0] == 1, "girl", "boy").tolist()


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        ({}, {"values": ()}, "G-LONG-002"),
        ({"sex": ["boy"] * 108}, {}, "G-LONG-003"),
        ({}, {"reference": "man"}, "G-LONG-004"),
        ({"sex": ["girl", *SEX[1:]]}, {}, "G-LONG-005"),
        ({"age": [a if a == 8 or c < 16 else None for a, c in zip(AGE, CHILD, strict=True)]}, {}, "G-LONG-006"),
        ({"weight": [3.5] * 108}, {"covariates": ("weight",)}, "G-LONG-007"),
        ({"twin": (GIRL[CHILD, 0] * 2).tolist()}, {"covariates": ("twin",)}, "G-LONG-007"),
        ({"mm": [20.0] * 108}, {}, "G-LONG-008"),
        ({"mm": [math.inf, *TEETH.ravel().tolist()[1:]]}, {}, "G-SURV-015"),
        ({"mm": (20 + AGE).tolist()}, {}, "G-LONG-008"),
        ({"age": [8.0] * 108}, {}, "G-LONG-007"),
        ({}, {"values": ("cm",)}, "G-STAT-030"),
        ({"mm": ["wide", *TEETH.ravel().tolist()[1:]]}, {}, "G-STAT-031"),
        ({}, {"group_as": "dose"}, "G-STAT-031"),
    ],
)
def test_bad_tables_are_refused_in_words(change, options, code):
    given = {"subject": "child", "time": "age", "values": ("mm",), "group": "sex"} | options
    with pytest.raises((DataError, OptionError)) as caught:
        longitudinal(visits(**change), **given)
    assert caught.value.code == code


def test_two_visits_a_subject_are_enough_for_a_random_intercept():
    """Slope and error cannot be told apart; the test is then that of the changes: t of two samples."""
    from scipy.stats import ttest_ind

    first, last = TEETH[:, 0], TEETH[:, 3]
    found = longitudinal(
        table(
            c=np.repeat(np.arange(27), 2).tolist(), age=[8.0, 14.0] * 27, sex=np.repeat(SEX[::4], 2).tolist(),
            mm=np.column_stack([first, last]).ravel().tolist(),
        ),
        subject="c", time="age", values=("mm",), group="sex", reference="boy", permutations=100,
    )  # fmt: skip
    assert any("random intercept only" in told.en for told in found.warnings)
    change, girls = last - first, GIRL[:, 0] == 1
    theirs = ttest_ind(change[girls], change[~girls])
    assert found.tests.rows[0][5] == pytest.approx(theirs.pvalue, rel=1e-4)
    assert found.differences[0].value == pytest.approx((change[girls].mean() - change[~girls].mean()) / 6)


def test_lines_without_any_scatter_are_refused():
    """Each child on its own straight line: the residual variance is 0."""
    exact = (20 + CHILD * 0.3 + AGE * (0.5 + 0.01 * (CHILD % 7))).tolist()
    with pytest.raises(DataError) as caught:
        longitudinal(visits(mm=exact), subject="child", time="age", values=("mm",), group="sex")
    assert caught.value.code == "G-LONG-008"
