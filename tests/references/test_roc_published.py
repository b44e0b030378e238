"""Published and peer-computed numbers of ROC analysis (see PROVENANCE.md beside the data)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from gazo.stats import auc, compare_aucs, hanley_mcneil_se, partial_auc, youden_threshold
from gazo.stats.delong import auc_covariance, placements


@pytest.fixture(scope="module")
def roc(shared: Path) -> Path:
    folder = shared / "reference" / "roc"
    if not folder.is_dir():
        pytest.skip(f"needs the ROC reference cases in {folder}")
    return folder


@pytest.fixture(scope="module")
def asah(roc: Path):
    """aSAH of pROC: 113 patients, outcome and three markers (Turck 2010)."""
    with open(roc / "single" / "aSAH.csv") as file:
        rows = list(csv.DictReader(file))
    markers = {name: np.array([float(row[name]) for row in rows]) for name in ("s100b", "ndka", "wfns")}
    return (
        np.array([row["outcome"] == "Poor" for row in rows]),
        markers,
        json.loads((roc / "single" / "aSAH_pROC.json").read_text()),
    )


@pytest.fixture(scope="module")
def van_dyke(roc: Path):
    """Van Dyke 1993: 2 treatments, 5 readers, 114 cases; ratings (10, 114), treatment by treatment."""
    with open(roc / "mrmc" / "VanDyke.csv") as file:
        rows = [{key: int(value) for key, value in row.items()} for row in csv.DictReader(file)]
    truth = np.array([row["truth"] for row in rows if row["reader"] == row["treatment"] == 1]).astype(bool)
    ratings = [[r["rating"] for r in rows if (r["treatment"], r["reader"]) == (t, j)] for t in (1, 2) for j in range(1, 6)]
    return truth, np.array(ratings, float), json.loads((roc / "mrmc" / "VanDyke_MRMCaov.json").read_text())


@pytest.mark.parametrize("marker", ["s100b", "ndka", "wfns"])
def test_area_and_wald_interval_are_those_of_proc(asah, marker):
    truth, markers, expected = asah
    found = auc(truth, markers[marker], interval="wald")
    assert [found.low, found.value, found.high] == pytest.approx(expected[marker]["ci_delong95"], abs=1e-10)
    assert found.method == "DeLong 1988, Wald"


def test_the_default_interval_is_the_logit_of_the_same_variance(asah):
    truth, markers, expected = asah
    found, a = auc(truth, markers["s100b"]), expected["s100b"]["auc"]
    reach = 1.959963984540054 * expected["s100b"]["var_delong"] ** 0.5 / (a * (1 - a))
    limits = [1 / (1 + np.exp(-(np.log(a / (1 - a)) + side * reach))) for side in (-1, 1)]
    assert [found.low, found.high] == pytest.approx(limits, abs=1e-9)


@pytest.mark.parametrize("pair", ["s100b_vs_wfns", "s100b_vs_ndka", "ndka_vs_wfns"])
def test_paired_delong_is_that_of_proc(asah, pair):
    truth, markers, expected = asah
    first, second = pair.split("_vs_")
    found = compare_aucs(truth, markers[first], markers[second])
    assert found.z == pytest.approx(expected["delong_paired"][pair]["statistic"], abs=1e-9)
    assert found.p == pytest.approx(expected["delong_paired"][pair]["p"], abs=1e-9)
    assert found.difference.value == pytest.approx(found.first.value - found.second.value)
    assert found.difference.low < found.difference.value < found.difference.high


@pytest.mark.parametrize("marker", ["s100b", "ndka", "wfns"])
def test_youden_and_partial_areas_are_those_of_proc(asah, marker):
    truth, markers, expected = asah
    assert youden_threshold(truth, markers[marker]) == pytest.approx(expected[marker]["youden"]["threshold"])
    plain = partial_auc(truth, markers[marker], corrected=False, repeats=10)
    assert plain.value == pytest.approx(expected[marker]["pauc_spec_1_0.9"], abs=1e-10)
    assert partial_auc(truth, markers[marker], repeats=10).value == pytest.approx(expected[marker]["pauc_corrected"], abs=1e-10)


def test_areas_of_van_dyke_are_those_of_mrmcaov(van_dyke):
    truth, ratings, expected = van_dyke
    published = expected["empirical_auc|DeLong|random_reader_random_case"]["per_reader"]["value"]
    assert [auc(truth, r).value for r in ratings] == pytest.approx(published, abs=1e-11)


def test_covariances_of_ten_readings_are_those_of_mrmcaov(van_dyke):
    """Means over the readings: error variance, same reader (Cov1), same treatment (Cov2), neither (Cov3)."""
    truth, ratings, expected = van_dyke
    covariance = auc_covariance(truth, np.stack([placements(truth, r) for r in ratings]), np.arange(len(truth)))
    treatment, reader = np.repeat([0, 1], 5), np.tile(np.arange(5), 2)
    same_treatment, same_reader = treatment[:, None] == treatment, reader[:, None] == reader
    kinds = (
        same_treatment & same_reader,
        ~same_treatment & same_reader,
        same_treatment & ~same_reader,
        ~same_treatment & ~same_reader,
    )
    components = expected["empirical_auc|DeLong|random_reader_random_case"]["vcov"]["Estimate"][2:]
    assert [covariance[kind].mean() for kind in kinds] == pytest.approx(components, rel=1e-9)


def test_paired_delong_of_reader_five(van_dyke):
    """pROC, MLstatkit and this agree: z -2.28771591, p .0221540704."""
    truth, ratings, _ = van_dyke
    found = compare_aucs(truth, ratings[4], ratings[9])
    assert (found.z, found.p) == pytest.approx((-2.28771591, 0.0221540704), abs=1e-8)


def test_the_tomograms_of_hanley_and_mcneil_1982():
    """Their table I: 58 normal and 51 abnormal, five ratings; W = .893, SE .032. DeLong's SE is .0307 (Stata manual, roctab)."""
    truth = np.repeat([0, 1], [58, 51])
    ratings = np.concatenate([np.repeat(range(1, 6), [33, 6, 6, 11, 2]), np.repeat(range(1, 6), [3, 2, 2, 11, 33])])
    found = auc(truth, ratings, interval="wald")
    assert found.value == pytest.approx(0.8932, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.83295, 0.95339), abs=5e-6)
    assert hanley_mcneil_se(found.value, 51, 58) == pytest.approx(0.032, abs=1e-3)
