"""Multi-reader, free-response and localization studies against the programs of the field (see PROVENANCE.md beside the data)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student

from gazo.core.errors import DataError
from gazo.stats import cad_vs_readers, froc, lroc, mrmc, mrmc_cases, mrmc_power
from gazo.stats.foms import fom_named
from gazo.stats.mrmc_covariance import covariance_of
from gazo.stats.mrmc_jsrt import legacy_analysis
from gazo.stats.mrmc_models import components_of
from gazo.stats.mrmc_power import pilot_of
from gazo.stats.reader_study import Lesions, Marks, ReaderStudy


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    place = shared / "reference" / "roc"
    if not place.is_dir():
        pytest.skip(f"needs the ROC reference cases in {place}")
    return place


def _study(ratings, truth, marks=None, lesions=None):
    tests, readers, cases = (tuple(str(n + 1) for n in range(size)) for size in ratings.shape)
    return ReaderStudy(tests, readers, cases, truth, np.arange(len(truth)), ratings, marks, lesions)


def _rows(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def _rated(path):
    """Rows reader, treatment, case, truth, rating."""
    rows = [{key: int(value) for key, value in row.items()} for row in _rows(path)]
    sizes = [max(row[key] for row in rows) for key in ("treatment", "reader", "case")]
    ratings, truth = np.full(sizes, np.nan), np.zeros(sizes[2], bool)
    for row in rows:
        ratings[row["treatment"] - 1, row["reader"] - 1, row["case"] - 1] = row["rating"]
        truth[row["case"] - 1] = row["truth"] == 1
    return _study(ratings, truth)


def _marked(folder, name):
    """Marks and lesions of RJafroc: the normal cases come first; in the localization study a rating of 0 stands for no mark."""
    told = json.loads((folder / f"{name}_RJafroc.json").read_text())
    normal, count = told["n_normal"], told["n_normal"] + told["n_diseased"]
    rows = [row for row in _rows(folder / f"{name}_marks.csv") if told["type"] != "LROC" or float(row["rating"]) > 0]
    marks = Marks(
        np.array([int(row["treatment"]) - 1 for row in rows]),
        np.array([int(row["reader"]) - 1 for row in rows]),
        np.array([int(row["case"]) - 1 for row in rows]),
        np.array([int(row["lesion"]) - 1 for row in rows]),
        np.array([float(row["rating"]) for row in rows]),
    )
    true = _rows(folder / f"{name}_lesions.csv")
    lesions = Lesions(
        *(np.array([int(row[key]) - 1 for row in true]) for key in ("case", "lesion")),
        np.array([float(row["weight"]) for row in true]),
    )
    ratings = np.full((told["n_treatments"], told["n_readers"], count), -np.inf)
    np.maximum.at(ratings, (marks.test, marks.reader, marks.case), marks.rating)
    return _study(ratings, np.arange(count) >= normal, marks, lesions), told


@pytest.fixture(scope="module")
def van_dyke(folder):
    return _rated(folder / "mrmc" / "VanDyke.csv"), json.loads((folder / "mrmc" / "VanDyke_MRMCaov.json").read_text())


@pytest.mark.parametrize("covariance", ["jackknife", "DeLong", "unbiased"])
def test_van_dyke_has_the_tables_of_mrmcaov(van_dyke, covariance):
    study, told = van_dyke
    want = told[f"empirical_auc|{covariance}|random_reader_random_case"]
    found = mrmc(study, covariance=covariance.lower())
    test, expected = found.test, want["global_test"]
    assert [test.statistic, test.df2, test.p] == pytest.approx([expected["F"], expected["df2"], expected["p-value"]], rel=1e-9)
    assert [row[2] for row in found.each_reader.rows] == pytest.approx(want["per_reader"]["value"], abs=1e-11)
    _, value, se, low, high, t, df, p = found.comparisons.rows[0]
    difference = want["differences"]
    expected = [difference[key] for key in ("Estimate", "StdErr", "CI.Lower", "CI.Upper", "t", "df", "p-value")]
    assert [value, se, low, high, t, df, p] == pytest.approx(expected, rel=1e-9)
    rows = [row[1] for row in found.components.rows]
    assert rows == pytest.approx(want["vcov"]["Estimate"], rel=1e-8)
    means = want["means"]
    for key, column in (("Estimate", 1), ("StdErr", 2), ("CI.Lower", 3), ("CI.Upper", 4), ("df", 6)):
        assert [row[column] for row in found.against.rows] == pytest.approx(means[key], rel=1e-9)


def test_van_dyke_with_fixed_readers_or_fixed_cases(van_dyke):
    """FRRC 5.4759532, p .019279843, CI (-.0804859, -.0071147); RRFC 8.704, p .041958752, CI (-.0850202, -.0025804)."""
    study, _ = van_dyke
    fixed, cases = mrmc(study, readers="fixed"), mrmc(study, cases="fixed")
    assert [fixed.test.statistic, fixed.test.p] == pytest.approx([5.4759532, 0.019279843], rel=1e-7)
    assert fixed.comparisons.rows[0][3:5] == pytest.approx((-0.0804859, -0.0071147), abs=1e-7)
    assert [cases.test.statistic, cases.test.df2, cases.test.p] == pytest.approx([8.704, 4, 0.041958752], rel=1e-4)
    assert cases.comparisons.rows[0][3:5] == pytest.approx((-0.0850202, -0.0025804), abs=1e-7)


def test_the_pseudovalues_of_van_dyke_have_the_mean_squares_of_or_dbm_mrmc(van_dyke):
    """OR-DBM MRMC 2.51: MS(T) .546763, MS(TR) .0628175, MS(TC) .0998481, MS(TRC) .0399716; F 4.4563187, df 15.259675, p .051665686."""
    found = mrmc(van_dyke[0], method="dbm")
    ms = {row[0].en.partition("(")[2][:-1]: row[2] for row in found.anova.rows}
    assert [ms[name] for name in ("T", "TR", "TC", "TRC")] == pytest.approx([0.546763, 0.0628175, 0.0998481, 0.0399716], rel=1e-5)
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx([4.4563187, 15.259675, 0.051665686], rel=1e-7)


def test_sensitivity_and_partial_area_of_van_dyke(van_dyke):
    study, told = van_dyke
    for fom, key in (("sensitivity", "binary_sens_ge3"), ("specificity", "binary_spec_ge3"), ("partial-auc", "pauc_spec_0.8_1")):
        want = told[f"{key}|jackknife|random_reader_random_case"]["global_test"]
        found = mrmc(study, fom=fom, threshold=3, least_specificity=0.8).test
        assert [found.statistic, found.df2, found.p] == pytest.approx([want["F"], want["df2"], want["p-value"]], rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fom", "statistic", "df", "p", "close"),
    [("binormal", 2.676697, 10.5175, 0.131367, 5e-4), ("proper", 3.207878, 16.063, 0.092145, 1e-4)],
)
def test_fitted_areas_of_van_dyke(van_dyke, fom, statistic, df, p, close):
    """Without one case of reader 4 the binormal likelihood has no maximum: its limit is the area .954545, MRMCaov stops at .95458 before it."""
    found = mrmc(van_dyke[0], fom=fom)
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx([statistic, df, p], rel=close)
    assert any("no curve is determined" in warning.en and "'4'" in warning.en for warning in found.warnings)


def test_power_from_van_dyke(van_dyke):
    """RJafroc: effect .05, 6 readers, 251 cases: RRRC .892281989, FRRC .983944771, RRFC .949444914; 80 % with 170 cases."""
    pilot = pilot_of(van_dyke[0], fom_named("auc", free_response=False))
    found = [mrmc_power(pilot, effect=0.05, readers=6, cases=251, kind=kind) for kind in ("RRRC", "FRRC", "RRFC")]
    assert found == pytest.approx([0.892281989, 0.983944771, 0.949444914], abs=1e-8)
    assert mrmc_cases(pilot, effect=0.05, readers=6) == 170
    assert mrmc_power(pilot, effect=0.05, readers=6, cases=170) == pytest.approx(0.80161864, abs=1e-8)


@pytest.mark.parametrize("covariance", ["jackknife", "unbiased"])
def test_kundel_in_which_the_tests_were_read_on_different_cases(folder, covariance):
    study = _rated(folder / "mrmc" / "Kundel.csv")
    want = json.loads((folder / "mrmc" / "Kundel_MRMCaov.json").read_text())[
        f"empirical_auc|{covariance}|random_reader_random_case"
    ]
    found = mrmc(study, covariance=covariance)
    expected = want["global_test"]
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx(
        [expected[key] for key in ("F", "df2", "p-value")], rel=1e-9
    )
    assert [row[1] for row in found.components.rows] == pytest.approx(want["vcov"]["Estimate"], rel=1e-8)
    assert "not every reader read every case" in found.sentence.en


def test_kundel_refuses_what_is_not_defined_for_it(folder):
    study = _rated(folder / "mrmc" / "Kundel.csv")
    with pytest.raises(DataError, match="G-MRMC-004"):
        mrmc(study, covariance="delong")


@pytest.mark.parametrize(
    ("file", "program"), [("VanDyke.csv", "VanDyke_iMRMC.json"), ("iMRMC_example.imrmc", "iMRMC_example_iMRMC.json")]
)
def test_the_u_statistic_is_that_of_imrmc(folder, file, program):
    """Variance and BDG degrees of freedom of both areas and their difference; iMRMC rounds them down for p and interval, gazo does not."""
    place = folder / "mrmc" / file
    study = _rated(place) if file.endswith("csv") else _imrmc(place)
    want = json.loads((folder / "mrmc" / program).read_text())["Ustat"]
    found = mrmc(study, method="gallas", against=0.5)
    for row, k in ((found.against.rows[0], 0), (found.against.rows[1], 1), (found.comparisons.rows[0], 2)):
        variance = want["varAUCA"][k] if k < 2 else want["varAUCAminusAUCB"][k]
        assert [row[2] ** 2, row[6]] == pytest.approx([variance, want["dfBDG"][k]], rel=1e-9)
        assert 2 * student.sf(abs(row[5]), int(row[6])) == pytest.approx(want["pValueBDG"][k], rel=1e-7)
        assert row[7] == pytest.approx(2 * student.sf(abs(row[5]), row[6]), rel=1e-9)


def _imrmc(path):
    rows = [line.split(",") for line in path.read_text().splitlines()]
    rows = [[cell.strip() for cell in row] for row in rows if len(row) == 4]
    truth = {row[1]: row[3] == "1" for row in rows if row[0] == "truth"}
    readers, tests = (sorted({row[k] for row in rows if row[0] != "truth"}) for k in (0, 2))
    cases = list(truth)
    ratings = np.full((len(tests), len(readers), len(cases)), np.nan)
    for reader, case, test, rating in (row for row in rows if row[0] != "truth"):
        ratings[tests.index(test), readers.index(reader), cases.index(case)] = float(rating)
    return _study(ratings, np.array([truth[case] for case in cases]))


@pytest.fixture(scope="module")
def sample(folder):
    """TestSample2 of JSRT-MRMC: 50 + 50 cases, 5 readers, 2 systems."""
    table = np.loadtxt(folder / "jlabroc" / "mrmc_R5_TestSample2.txt")
    study = _study(np.stack([table[:, :5].T, table[:, 5:].T]), np.arange(100) >= 50)
    return study, json.loads((folder / "jlabroc" / "mrmc_R5_expected.json").read_text())


@pytest.mark.slow
def test_the_older_program_is_repeated(sample):
    study, told = sample
    found, want = legacy_analysis(study), told["anova"]
    assert np.abs(found.theta.T - told["reader_auc_[system1,system2]"]).max() < 2e-8
    ms = [found.anova.ms[name] for name in ("T", "TR", "TC", "TRC")]
    assert ms == pytest.approx([want[f"ms_{name}"] for name in ("t", "tr", "tc", "trc")], rel=1e-6)
    test, difference = found.analysis.test, found.analysis.differences[0, 1]
    assert [test.statistic, test.df2, test.p] == pytest.approx([want["f"], want["df2"], want["p"]], rel=1e-6)
    assert [difference.low, difference.high] == pytest.approx([told["ci_lower"], told["ci_upper"]], abs=5e-6)


def test_the_interval_of_the_older_program_is_half_as_wide_as_it_should_be(sample):
    """Empirical areas of TestSample2, readers and cases random: F 7.23, df 270, p .0076, CI (.0163, .1054); the older one (.037, .081)."""
    found = mrmc(sample[0])
    _, _, _, low, high, *_ = found.comparisons.rows[0]
    assert (found.test.statistic, found.test.df2, found.test.p) == pytest.approx((7.23, 270, 0.0076), rel=5e-3)
    assert (low, high) == pytest.approx((0.0163, 0.1054), abs=5e-5)
    assert sample[1]["ci_upper"] - sample[1]["ci_lower"] < 0.5 * (high - low)


FREE = ["dataset01_TONY", "dataset04_FEDERICA", "dataset05_THOMPSON"]


@pytest.mark.parametrize("fom", ["wAFROC", "AFROC", "wAFROC1", "AFROC1", "HrAuc"])
@pytest.mark.parametrize("name", FREE)
def test_free_responses_have_the_tables_of_rjafroc(folder, name, fom):
    study, told = _marked(folder / "froc", name)
    want = told[fom]
    found = mrmc(study, fom=fom.lower())
    values = np.array(want["figure_of_merit"]["values"])
    assert [row[2] for row in found.each_reader.rows] == pytest.approx(values.ravel(), abs=1e-10)
    for readers, cases, key in (("random", "random", "RRRC"), ("fixed", "random", "FRRC"), ("random", "fixed", "RRFC")):
        one, expected = mrmc(study, fom=fom.lower(), readers=readers, cases=cases), want["OR"][key]
        test = next(expected[k] for k in expected if k.lower() == "ftests")
        statistic = next(test[k][0] for k in ("FStat", "Chisq", "F") if k in test)
        assert [one.test.statistic, one.test.p] == pytest.approx([statistic, test["p"][0]], rel=1e-6)
        low, high = (np.atleast_1d(expected["ciDiffTrt"][k]) for k in ("CILower", "CIUpper"))
        assert [row[3] for row in one.comparisons.rows] == pytest.approx(low, abs=1e-8)
        assert [row[4] for row in one.comparisons.rows] == pytest.approx(high, abs=1e-8)


@pytest.mark.parametrize("name", FREE)
def test_pseudovalues_of_free_responses_have_the_tables_of_rjafroc(folder, name):
    study, told = _marked(folder / "froc", name)
    want = told["wAFROC"]["DBM"]
    found = mrmc(study, method="dbm")
    mean_squares = dict(zip(want["ANOVA"]["TRCanova"]["row_names"], want["ANOVA"]["TRCanova"]["MS"], strict=True))
    assert [row[2] for row in found.anova.rows] == pytest.approx(
        [mean_squares[k] for k in ("T", "R", "C", "TR", "TC", "RC", "TRC")]
    )
    fixed, test = mrmc(study, method="dbm", readers="fixed").test, want["FRRC"]["FTests"]
    assert [fixed.statistic, fixed.p] == pytest.approx([test["FStat"][0], test["p"][0]], rel=1e-6)


def test_curves_of_the_fed_study(folder):
    """Operating points of reader 1 under test 1: (0, .352113) (.02, .563380) (.12, .640845) (.265, .676056) (.37, .683099)."""
    study, _ = _marked(folder / "froc", "dataset04_FEDERICA")
    found = froc(study, repeats=100)
    from gazo.stats.free_response_curves import matched_reading
    from gazo.stats.froc import froc_points

    x, y, _ = froc_points(matched_reading(study, 0, 0))
    assert x == pytest.approx([0, 0, 0.02, 0.12, 0.265, 0.37])
    assert y == pytest.approx([0, 0.352113, 0.56338, 0.640845, 0.676056, 0.683099], abs=1e-6)
    assert [found.test.statistic, found.test.df2, found.test.p] == pytest.approx([7.80029967, 36.7933427, 1.17105e-4], rel=1e-6)
    assert found.comparisons.rows[-1][3:5] == pytest.approx((0.03018397, 0.07957436), abs=1e-8)


@pytest.mark.parametrize("name", ["dataset02_VANDYKE_ROC", "dataset08_PENEDO_ROC", "dataset10_RUSCHIN_ROC"])
def test_ratings_inferred_from_marks_have_the_tables_of_rjafroc(folder, name):
    study, told = _marked(folder / "froc", name)
    key = next(k for k in told if isinstance(told[k], dict) and "OR" in told[k])
    want = told[key]["OR"]["RRRC"]["FTests"]
    found = mrmc(study, fom="hrauc").test
    assert [found.statistic, found.p] == pytest.approx([want["FStat"][0], want["p"][0]], rel=1e-6)


@pytest.mark.slow
def test_localization_of_the_computer_and_nine_radiologists(folder):
    study, told = _marked(folder / "froc", "datasetCadLroc")
    found = lroc(study, fom="area", fpf=0.2)
    values = [row[2] for row in found.each_reader.rows], [row[5] for row in found.each_reader.rows]
    assert values[0] == pytest.approx(told["ALROC"]["figure_of_merit"]["values"][0], abs=1e-10)
    assert values[1] == pytest.approx(told["PCL"]["figure_of_merit"]["values"][0], abs=1e-10)
    assert lroc(study, fom="pcl", fpf=0.05).each_reader.rows[0][2] == pytest.approx(0.45)
    assert lroc(study).each_reader.rows[0][2] == pytest.approx(0.628125)


def test_the_computer_against_nine_radiologists(folder):
    """RJafroc dataset09: difference .0317361, CI (-.030999, .094471), t .992869, df 877.886, p .321047."""
    study, _ = _marked(folder / "froc", "datasetCadLroc")
    found = cad_vs_readers(study, cad="1", fom="hrauc").contrast
    assert [found.value, found.low, found.high] == pytest.approx([0.0317361, -0.030999, 0.094471], abs=5e-7)
    assert [found.statistic(), found.df, found.p()] == pytest.approx([0.992869, 877.886, 0.321047], rel=2e-6)


def test_the_components_of_van_dyke(van_dyke):
    """Var .00080228827, Cov1 .00034661371, Cov2 .00034407483, Cov3 .00023902837."""
    theta, covariance = covariance_of(van_dyke[0], fom_named("auc", free_response=False), "jackknife", repeats=0, seed=0)
    found = components_of(theta, covariance)
    assert [found.var, found.cov1, found.cov2, found.cov3] == pytest.approx(
        [0.00080228827, 0.00034661371, 0.00034407483, 0.00023902837], abs=5e-12
    )
