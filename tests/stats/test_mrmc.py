"""Multi-reader analyses: the study LCG-6 (values of MRMCaov 0.3.0), formulas, laws, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.results import from_json, to_json
from gazo.stats import cad_vs_readers, mrmc, mrmc_cases, mrmc_power, power, reader_study_size
from gazo.stats.foms import fom_named, jackknifed
from gazo.stats.mrmc_covariance import covariance_of, jackknife
from gazo.stats.mrmc_models import analysed, components_of
from gazo.stats.mrmc_power import PilotComponents
from gazo.stats.reader_study import ReaderStudy
from gazo.stats.reading import reading_of

AREAS = [0.76916667, 0.83291667, 0.825, 0.86291667, 0.92958333, 0.90208333, 0.90666667, 0.91791667]


def study_of(ratings, truth, patients=None):
    ratings = np.asarray(ratings, float)
    tests, readers, cases = (tuple(str(n + 1) for n in range(size)) for size in ratings.shape)
    own = np.arange(len(truth)) if patients is None else np.asarray(patients)
    return ReaderStudy(tests, readers, cases, np.asarray(truth, bool), own, ratings)


def test_areas_of_lcg6(lcg6):
    assert [row[2] for row in mrmc(lcg6).each_reader.rows] == pytest.approx(AREAS, abs=5e-9)


@pytest.mark.parametrize(
    ("options", "statistic", "df", "p"),
    [
        ({}, 4.6421634, 31.602609, 0.038925508),
        ({"method": "dbm"}, 4.6421634, 31.602609, 0.038925508),
        ({"covariance": "delong"}, 4.6861857, 31.011644, 0.038219713),
        ({"covariance": "unbiased"}, 4.7114245, 30.68028, 0.037824078),
        ({"readers": "fixed"}, 5.1220667, None, 0.0236235),
        ({"cases": "fixed"}, 15.066808, 3, 0.03029102),
    ],
)
def test_tests_of_lcg6(lcg6, options, statistic, df, p):
    found = mrmc(lcg6, **options).test
    assert [found.statistic, found.p] == pytest.approx([statistic, p], rel=2e-6)
    assert found.df2 == (None if df is None else pytest.approx(df, rel=1e-7))


def test_interval_and_other_figures_of_lcg6(lcg6):
    assert mrmc(lcg6).comparisons.rows[0][3:5] == pytest.approx((-0.1781686, -0.0049564), abs=5e-8)
    assert mrmc(lcg6, fom="partial-auc").each_reader.rows[0][2] == pytest.approx(0.0545833, abs=5e-8)
    assert mrmc(lcg6, fom="sensitivity-at-specificity").each_reader.rows[0][2] == pytest.approx(0.3666667, abs=5e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fom", "areas", "statistic", "df", "p"),
    [
        ("binormal", [0.777759, 0.843544, 0.837502, 0.867412], 4.229118, 29.9369, 0.0485435),
        ("proper", [0.787102, 0.832339, 0.823743, 0.866667], 6.753485, 28.7368, 0.0146090),
    ],
)
def test_fitted_areas_of_lcg6(lcg6, fom, areas, statistic, df, p):
    found = mrmc(lcg6, fom=fom)
    assert [row[2] for row in found.each_reader.rows[:4]] == pytest.approx(areas, abs=3e-6)
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx([statistic, df, p], rel=1e-4)


@pytest.mark.parametrize("name", ["auc", "sensitivity", "specificity"])
def test_the_closed_jackknife_is_the_slow_one(lcg6, name):
    fom = fom_named(name, free_response=False, threshold=55)
    reading = reading_of(lcg6, 0, 1)
    rows = np.arange(len(reading.truth))
    slow = [fom.value(reading.take(rows[rows != k])) for k in rows]
    assert fom.left_out(reading) == pytest.approx(slow, abs=1e-13)


def test_the_unbiased_covariance_is_the_mean_over_quadruples():
    """A_r A_s less the mean of psi_r(a, b) psi_s(a', b') over a != a' and b != b', written out."""
    rng = np.random.default_rng(3)
    truth = np.arange(9) >= 5
    ratings = rng.integers(0, 4, (1, 2, 9)) + truth
    study = study_of(ratings, truth)
    psi = [
        [[float(y > x) + 0.5 * (y == x) for y in one[truth]] for x in one[~truth]] for one in ratings[0]
    ]  # reader, negative, positive
    r, s = (np.array(one) for one in psi)
    apart = [r[a, b] * s[c, d] for a in range(5) for b in range(4) for c in range(5) for d in range(4) if a != c and b != d]
    _, covariance = covariance_of(study, fom_named("auc", free_response=False), "unbiased", repeats=0, seed=0)
    assert covariance[0, 0, 0, 1] == pytest.approx(r.mean() * s.mean() - np.mean(apart), abs=1e-14)


def test_the_order_of_tests_readers_and_cases_changes_nothing(lcg6):
    rng = np.random.default_rng(0)
    rows, readers = rng.permutation(70), rng.permutation(4)
    shuffled = study_of(lcg6.ratings[::-1][:, readers][:, :, rows], lcg6.truth[rows])
    first, second = mrmc(lcg6), mrmc(shuffled)
    assert second.test.statistic == pytest.approx(first.test.statistic)
    assert second.differences[0].value == pytest.approx(-first.differences[0].value)


def test_any_scale_of_ratings_gives_the_same(lcg6):
    stretched = replace(lcg6, ratings=np.exp(lcg6.ratings / 20) - 7)
    assert mrmc(stretched).test.p == pytest.approx(mrmc(lcg6).test.p, rel=1e-9)


def test_two_copies_of_every_case_of_a_patient_are_no_further_evidence(lcg6):
    """Patients are the unit: doubling the rows keeps F; taken for new patients they halve the error variance."""
    doubled = study_of(np.tile(lcg6.ratings, 2), np.tile(lcg6.truth, 2), np.tile(np.arange(70), 2))
    taken_for_new = replace(doubled, patients=np.arange(140))
    once, together, apart = mrmc(lcg6).test, mrmc(doubled).test, mrmc(taken_for_new).test
    assert together.statistic == pytest.approx(once.statistic, rel=1e-9)
    assert apart.statistic > 1.3 * once.statistic


def test_readers_of_different_cases_have_no_covariance():
    """Split-plot: two groups of readers, each on cases of its own."""
    rng = np.random.default_rng(1)
    truth = np.arange(80) % 2 == 1
    ratings = rng.normal(size=(2, 4, 80)) + rng.normal(size=80) + 1.5 * truth
    ratings[:, :2, :40], ratings[:, 2:, 40:] = np.nan, np.nan
    theta, covariance = covariance_of(
        study_of(ratings, truth), fom_named("auc", free_response=False), "jackknife", repeats=0, seed=0
    )
    assert covariance[:, :2, :, 2:] == pytest.approx(0, abs=1e-18)
    assert abs(covariance[0, 0, 0, 1]) > 1e-5
    found = mrmc(study_of(ratings, truth))
    assert 0 < found.test.p < 1
    assert "not every reader" in found.sentence.en
    assert theta.shape == (2, 4)


def test_one_reader_is_delongs_test(lcg6):
    """With one reader the fixed-reader test of DeLong's covariance is DeLong's paired test."""
    from gazo.stats import compare_aucs

    alone = study_of(lcg6.ratings[:, :1], lcg6.truth)
    found, want = mrmc(alone, covariance="delong"), compare_aucs(lcg6.truth, *alone.ratings[:, 0])
    assert found.test.p == pytest.approx(want.p, rel=1e-9)
    assert [found.differences[0].low, found.differences[0].high] == pytest.approx([want.difference.low, want.difference.high])
    assert any("one reader" in warning.en for warning in found.warnings)


def test_one_test_has_a_mean_and_a_comparison_with_a_value(lcg6):
    """SE^2 = [MS(R) + J max(Cov2, 0)] / J, df = (...)^2 (J - 1) / MS(R)^2."""
    single = study_of(lcg6.ratings[:1], lcg6.truth)
    found = mrmc(single, against=0.7)
    theta, covariance = covariance_of(single, fom_named("auc", free_response=False), "jackknife", repeats=0, seed=0)
    off = covariance[0, :, 0][~np.eye(4, dtype=bool)].mean()
    den = theta.var(ddof=1) + 4 * off
    _, mean, se, _, _, t, df, p = found.against.rows[0]
    assert [mean, se, df] == pytest.approx([theta.mean(), (den / 4) ** 0.5, den**2 * 3 / theta.var(ddof=1) ** 2])
    assert t == pytest.approx((mean - 0.7) / se)
    assert 0 < p < 0.05
    assert found.global_test is None
    assert found.comparisons is None


def test_three_tests_have_three_differences(lcg6):
    three = study_of(np.concatenate([lcg6.ratings, lcg6.ratings[:1] + 5]), lcg6.truth)
    found = mrmc(three)
    assert [row[0] for row in found.comparisons.rows] == ["1 - 2", "1 - 3", "2 - 3"]
    assert found.comparisons.rows[1][1] == pytest.approx(0, abs=1e-12)
    assert found.test.df1 == 2


def test_identical_tests_differ_by_nothing(lcg6):
    same = study_of(np.stack([lcg6.ratings[0]] * 2), lcg6.truth)
    found = mrmc(same)
    assert (found.test.statistic, found.test.p) == (0.0, 1.0)
    assert found.differences[0].low is None


def test_perfect_readers_give_a_warning_and_no_interval_of_width_nought(lcg6):
    truth = lcg6.truth
    found = mrmc(study_of(np.broadcast_to(truth.astype(float), (2, 3, 70)), truth))
    assert [mean.value for mean in found.means] == [1.0, 1.0]
    assert found.means[0].low is None
    assert found.each_reader.rows[0][3] < 0.97
    assert any("perfect separation" in warning.en for warning in found.warnings)


def test_satterthwaites_degrees_of_freedom_are_those_of_1992(lcg6):
    found = mrmc(lcg6, method="dbm", degrees_of_freedom="satterthwaite")
    ms = {row[0].en.partition("(")[2][:-1]: (row[2], row[1]) for row in found.anova.rows}
    den = ms["TR"][0] + ms["TC"][0] - ms["TRC"][0]
    assert found.test.df2 == pytest.approx(den**2 / sum(ms[name][0] ** 2 / ms[name][1] for name in ("TR", "TC", "TRC")))


def test_the_older_program_is_repeated_with_its_caveat(lcg6):
    few = np.r_[25:40, 40:55]
    small = study_of(lcg6.ratings[..., few], lcg6.truth[few])
    found = mrmc(small, method="jsrt")
    apart = np.array([row[2] for row in found.each_reader.rows]).reshape(2, 4)
    apart = apart[0] - apart[1]
    value, se = found.comparisons.rows[0][1:3]
    assert [value, se] == pytest.approx([apart.mean(), apart.std(ddof=1) / 2])  # paired t over readers
    assert "too narrow" in found.warnings[0].en
    assert "狭く" in found.warnings[0].ja


def test_the_bootstrap_is_near_the_jackknife_and_repeats_itself(lcg6):
    one, two = (mrmc(lcg6, covariance="bootstrap", repeats=200, seed=5).test for _ in range(2))
    assert one == two
    assert one.statistic == pytest.approx(4.64, rel=0.25)


def test_what_is_shown_can_be_stored_and_speaks_both_languages(lcg6):
    found = mrmc(lcg6)
    again = from_json(to_json(found))
    assert again.test == found.test
    assert again.each_reader == found.each_reader
    assert "0.823" in found.conclusion.en
    assert "differ at the 5 % level" in found.conclusion.en
    assert "差が認められました" in found.conclusion.ja
    assert "p = 0.039" in found.conclusion.ja
    assert len(found.roc) == 2
    assert len(found.reader_roc) == 8
    assert float(np.trapezoid(found.roc[0].y, found.roc[0].x)) == pytest.approx(np.mean(AREAS[:4]), abs=2e-3)


def test_a_computer_is_compared_with_readers(lcg6):
    """The computer as a second test of every reader: the difference of the means, and its standard error without the reader component."""
    found = cad_vs_readers(lcg6, cad="4", test="1")
    assert found.contrast.value == pytest.approx(np.mean(AREAS[:3]) - AREAS[3], abs=1e-8)
    theta, left = jackknife(study_of(lcg6.ratings[:1], lcg6.truth), fom_named("auc", free_response=False))
    psi, psi_left = theta[0, :3] - theta[0, 3], left[0, :3] - left[0, 3]
    deviations = psi_left - psi_left.mean(-1, keepdims=True)
    covariance = 69 / 70 * deviations @ deviations.T
    den = psi.var(ddof=1) + 3 * max(covariance[~np.eye(3, dtype=bool)].mean(), 0)
    assert found.contrast.se == pytest.approx((den / 3) ** 0.5)
    assert "readers - CAD" in found.conclusion.en


def test_power_rises_with_cases_readers_and_effect(lcg6):
    pilot = PilotComponents(0.0002, 0.0008, 0.00035, 0.00034, 0.00024, 114)
    base = mrmc_power(pilot, effect=0.05, readers=6, cases=150)
    assert base < mrmc_power(pilot, effect=0.05, readers=6, cases=300) < 1
    assert base < mrmc_power(pilot, effect=0.05, readers=12, cases=150)
    assert base < mrmc_power(pilot, effect=0.07, readers=6, cases=150)
    assert mrmc_power(pilot, effect=1e-9, readers=6, cases=150) == pytest.approx(0.05, abs=1e-6)
    needed = mrmc_cases(pilot, effect=0.05, readers=6)
    assert (
        mrmc_power(pilot, effect=0.05, readers=6, cases=needed - 1)
        < 0.8
        <= mrmc_power(pilot, effect=0.05, readers=6, cases=needed)
    )
    assert mrmc_cases(pilot, effect=0.001, readers=3) is None
    found = power(lcg6, effect=0.09, readers=4, cases=70)
    assert 0.4 < found.power[0].value < 0.8
    assert "70 cases" in found.conclusion.en
    assert reader_study_size().power[0].value == pytest.approx(mrmc_power(pilot, effect=0.05, readers=6, cases=200))


def test_a_clamped_component_is_told(lcg6):
    """den = (K*/K)[Var - Cov1 + (J - 1) max(Cov2 - Cov3, 0)] when the component of test x reader is negative."""
    from scipy.stats import f, ncf

    pilot = PilotComponents(-0.001, 0.0008, 0.0003, 0.0004, 0.0002, 100)
    den = 0.5 * (0.0005 + 5 * 0.0002)
    df2 = den**2 * 5 / (0.5 * 0.0003) ** 2
    want = ncf.sf(f.isf(0.05, 1, df2), 1, df2, 6 * 0.05**2 / (2 * den))
    assert mrmc_power(pilot, effect=0.05, readers=6, cases=200) == pytest.approx(want)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"fom": "wafroc"}, "G-MRMC-001"),
        ({"fom": "binormal", "covariance": "delong"}, "G-MRMC-003"),
        ({"method": "jsrt", "fom": "proper"}, "G-MRMC-011"),
        ({"readers": "fixed", "cases": "fixed"}, "G-MRMC-012"),
        ({"method": "gallas", "readers": "fixed"}, "G-MRMC-014"),
    ],
)
def test_what_makes_no_sense_is_refused(lcg6, options, code):
    with pytest.raises((DataError, OptionError), match=code):
        mrmc(lcg6, **options)


def test_studies_that_cannot_carry_the_question_are_refused(lcg6):
    alone = study_of(lcg6.ratings[:, :1], lcg6.truth)
    broken = lcg6.ratings.copy()
    broken[0, 0, 5] = np.nan
    gap, rare = study_of(broken, lcg6.truth), study_of(lcg6.ratings[..., :41], lcg6.truth[:41])
    pairs = study_of(lcg6.ratings, lcg6.truth, np.arange(70) // 2)
    cases = [
        (rare, {}, "G-MRMC-002"), (gap, {"covariance": "delong"}, "G-MRMC-004"), (pairs, {"covariance": "unbiased"}, "G-MRMC-005"),
        (alone, {"method": "dbm"}, "G-MRMC-006"), (alone, {"method": "gallas"}, "G-MRMC-010"), (alone, {"method": "jsrt"}, "G-MRMC-009"),
        (alone, {"cases": "fixed"}, "G-MRMC-013"), (gap, {"method": "dbm"}, "G-MRMC-015"),
    ]  # fmt: skip
    for study, options, code in cases:
        with pytest.raises((DataError, OptionError), match=code):
            mrmc(study, **options)
    perfect = study_of(np.broadcast_to(lcg6.truth.astype(float), (2, 3, 70)), lcg6.truth)
    with pytest.raises(DataError, match="G-MRMC-008"):
        mrmc(perfect, method="jsrt")
    with pytest.raises(OptionError, match="G-MRMC-016"):
        cad_vs_readers(lcg6, cad="9")
    with pytest.raises(DataError, match="G-MRMC-017"):
        cad_vs_readers(study_of(lcg6.ratings[:, :2], lcg6.truth), cad="1")
    with pytest.raises(DataError, match="G-MRMC-018"):
        power(alone)


def test_the_jackknife_over_patients_leaves_out_all_their_cases(lcg6):
    fom = fom_named("auc", free_response=False)
    reading = reading_of(study_of(lcg6.ratings, lcg6.truth, np.arange(70) // 2), 0, 0)
    value, left = jackknifed(fom, reading, 35)
    assert left[3] == pytest.approx(fom.value(reading.take(np.r_[0:6, 8:70])))
    assert value == pytest.approx(AREAS[0])


def test_components_without_a_second_test_or_reader():
    theta = np.array([[0.8]])
    found = components_of(theta, np.full((1, 1, 1, 1), 0.004))
    assert (found.var, found.cov1, found.cov2, found.cov3) == (0.004, 0, 0, 0)
    mean = analysed(theta, found, readers="random", cases="random").means[0]
    assert mean.se == pytest.approx(0.004**0.5)
    assert mean.df is None
