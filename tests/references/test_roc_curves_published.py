"""Published and peer-computed parametric ROC curves (see PROVENANCE.md beside the data)."""

import csv
import json
from pathlib import Path

import pytest

from gazo.io import read_reader_study
from gazo.stats import binormal_fit, contaminated_binormal_fit, labroc_legacy, proper_binormal_fit

PROPROC = {
    "VD": "proproc/VD.lrc",
    "TONY": "proproc/TONY.lrc",
    "RUS": "proproc/RUS.lrc",
    "FED": "froc/dataset04_FEDERICA_marks.csv",
    "PEN": "froc/dataset08_PENEDO_ROC_marks.csv",
}


@pytest.fixture(scope="module")
def roc(shared: Path) -> Path:
    folder = shared / "reference" / "roc"
    if not folder.is_dir():
        pytest.skip(f"needs the ROC reference cases in {folder}")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "VD",
        "TONY",
        pytest.param("RUS", marks=pytest.mark.slow),
        pytest.param("FED", marks=pytest.mark.slow),
        pytest.param("PEN", marks=pytest.mark.slow),
    ],
)
def test_proper_curves_of_proproc(roc, name):
    """OR DBM-MRMC 2.5, PROPROC (Pesce & Metz 2007). Return code 3: no curve. Below d_a .05 the program's d_a means nothing."""
    study = read_reader_study(roc / PROPROC[name])
    with open(roc / "proproc" / f"{name}_proproc.csv") as file:
        rows = [[cell.strip() for cell in row[:8]] for row in csv.reader(file)][1:]
    compared = 0
    for test, reader, code, area, _, _, c, d_a in rows:
        found = proper_binormal_fit(study.truth, study.ratings[int(test) - 1, int(reader) - 1])
        if code == "3":
            assert found.degenerate
            continue
        assert found.auc == pytest.approx(float(area), abs=2e-6)
        assert found.c == pytest.approx(float(c), abs=1e-4)
        if min(found.d_a, float(d_a)) > 0.05:
            assert found.d_a == pytest.approx(float(d_a), abs=5e-4)
        compared += 1
    assert compared >= 9


def test_binormal_and_contaminated_curves_of_rjafroc(roc):
    """RJafroc 2.1.2, FitBinormalRoc and FitCbmRoc; where its boxes (alpha <= .98, mu <= 6) stop the fit, ours is at least as likely."""
    study = read_reader_study(roc / "mrmc" / "VanDyke.csv")
    known = json.loads((roc / "single" / "VanDyke_binormal_CBM_fits.json").read_text())["fits"]
    free = 0
    for (test, reader), peer in {(t, r): known[f"treatment{t + 1}_reader{r + 1}"] for t in (0, 1) for r in range(5)}.items():
        ratings = study.ratings[test, reader]
        found, mixed = binormal_fit(study.truth, ratings), contaminated_binormal_fit(study.truth, ratings)
        if peer["binormal_ML"]["a"] is None:
            assert found.degenerate
            assert mixed.degenerate
            continue
        assert found.a == pytest.approx(peer["binormal_ML"]["a"], abs=3e-4)
        assert found.b == pytest.approx(peer["binormal_ML"]["b"], abs=3e-4)
        assert found.auc == pytest.approx(peer["binormal_ML"]["AUC"], abs=2.5e-5)
        if peer["CBM"]["StdAUC"] is not None and peer["CBM"]["mu"] < 4:
            assert mixed.auc == pytest.approx(peer["CBM"]["AUC"], abs=1e-5)
            assert (mixed.mu, mixed.alpha) == pytest.approx((peer["CBM"]["mu"], peer["CBM"]["alpha"]), abs=2e-5)
            free += 1
    assert free == 3


def test_the_fit_that_a_box_stops_elsewhere_goes_on_here(roc):
    """Van Dyke, test 1, reader 3: RJafroc ends at alpha .98, NLL 120.885; the maximum is at mu 3.512, alpha .788, NLL 120.381."""
    study = read_reader_study(roc / "mrmc" / "VanDyke.csv")
    found = contaminated_binormal_fit(study.truth, study.ratings[0, 2])
    assert (found.mu, found.alpha, found.auc) == pytest.approx((3.512, 0.788, 0.8888), abs=5e-4)
    assert -found.log_likelihood == pytest.approx(120.381, abs=1e-3)


def test_of_two_maxima_the_higher_is_kept(roc):
    """Van Dyke, test 1, reader 3: NLL 119.8862 at c -.7455 (AUC .907832), 119.9475 at d_a 2.0751, c -.2282."""
    study = read_reader_study(roc / "mrmc" / "VanDyke.csv")
    found = proper_binormal_fit(study.truth, study.ratings[0, 2])
    assert found.auc == pytest.approx(0.907832, abs=1e-5)
    assert found.c == pytest.approx(-0.7455, abs=1e-4)
    assert -found.log_likelihood == pytest.approx(119.8862, abs=1e-4)


def test_least_squares_of_the_frozen_jlabroc(roc):
    """JLABROC4 (C++), full precision; degenerate sets have no fit there."""
    known = json.loads((roc / "jlabroc" / "jlabroc_expected.json").read_text())
    names = [name for name in known if name.endswith(".txt")]
    for name in names:
        study = read_reader_study(roc / "jlabroc" / name)
        found = labroc_legacy(study.truth, study.ratings[0, 0])
        assert found.degenerate == (known[name].get("status") == "nonfit")
        if not found.degenerate:
            assert (found.a, found.b, found.auc) == pytest.approx([known[name][key] for key in ("a", "b", "auc")], abs=1e-7)
    assert len(names) == 5


def test_least_squares_with_grouped_ties(roc):
    study = read_reader_study(roc / "jlabroc" / "Test_R1A_In.txt")
    found = [labroc_legacy(study.truth, study.ratings[0, 0], ties=ties) for ties in ("legacy", "grouped")]
    assert found[0].points == 69
    assert [one.a for one in found] == pytest.approx([1.5174053, 1.5177065], abs=1e-7)
