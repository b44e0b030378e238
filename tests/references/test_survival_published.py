"""Values of R's survival 3.5.3 on public sets (see PROVENANCE.md beside the data), and the anchors printed by other packages."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from gazo.io.rows import read_rows
from gazo.runs.result_inputs import table_of
from gazo.stats import (
    cox,
    cox_model,
    kaplan_meier,
    kaplan_meier_curve,
    log_rank,
    proportional_hazards,
    survival_auc,
    survival_brier,
    survival_concordance,
)
from gazo.stats.survival.censoring import CensoringSurvival
from gazo.stats.survival.columns import followed, with_gaps

SETS = (("ncctg_lung", "ncctg_lung", "2"), ("rossi", "rossi", "1"), ("lung1_clinical", "lung1", "1"))


@pytest.fixture(scope="module")
def survival(shared: Path) -> Path:
    folder = shared / "reference" / "survival"
    if not folder.is_dir():
        pytest.skip(f"needs the survival reference cases in {folder}")
    return folder


@pytest.fixture(scope="module", params=SETS, ids=[s[0] for s in SETS])
def case(survival, request):
    file, answers, event_value = request.param
    return table_of(read_rows(survival / f"{file}.csv")), json.loads((survival / f"{answers}_R.json").read_text()), event_value


@pytest.fixture(scope="module")
def lung(survival):
    """227 complete patients of the NCCTG: time, event, age + sex + ph.ecog, and the Cox model."""
    table = table_of(read_rows(survival / "ncctg_lung.csv"))
    found = followed(table, time="time", event="status", event_value="2", covariates=("age", "sex", "ph.ecog"))
    return found, cox_model(found.time, found.event, found.x, names=found.names)


def formula(text):
    """Time, event and terms of "Surv(time, status == 2) ~ age + sex"."""
    left, _, right = text.partition("~")
    time, event = left.strip().removeprefix("Surv(").rstrip(") ").split(",")
    terms = tuple(term.strip() for term in right.split("+"))
    return time.strip(), event.split("==")[0].strip(), () if terms == ("1",) else terms


def test_cox_models_are_those_of_r(case):
    table, answers, event_value = case
    for one in answers["cox"]:
        time, event, terms = formula(one["formula"])
        given = followed(table, time=time, event=event, event_value=event_value, covariates=terms)
        model = cox_model(given.time, given.event, given.x, names=given.names, ties=one["ties"])
        assert (model.patients, model.events) == (one["n"], one["events"])
        assert model.beta == pytest.approx(list(one["coef"].values()), rel=1e-7)  # R stops its steps at 1e-9
        assert model.standard_error == pytest.approx(list(one["se"].values()), rel=1e-8)
        assert model.p_values() == pytest.approx(list(one["p"].values()), rel=1e-6)
        assert (model.null, model.value) == pytest.approx((one["loglik_null"], one["loglik"]), rel=1e-10)
        assert model.likelihood_ratio.statistic == pytest.approx(one["LR"]["test"], rel=1e-8)
        assert model.likelihood_ratio.p == pytest.approx(one["LR"]["pvalue"], rel=1e-7)
        assert model.wald.p == pytest.approx(one["wald"]["pvalue"], rel=1e-6)
        assert model.score.statistic == pytest.approx(one["score"]["test"], rel=1e-8)
        ratios = model.hazard_ratios()
        assert [hr.low for hr in ratios] == pytest.approx(list(one["hr_lower95"].values()), rel=1e-7)
        assert [hr.high for hr in ratios] == pytest.approx(list(one["hr_upper95"].values()), rel=1e-7)
        c = survival_concordance(given.time, given.event, model.linear(given.x))
        assert c.value == pytest.approx(one["concordance"]["C"], abs=1e-9)


def test_log_rank_tests_are_those_of_r(case):
    table, answers, event_value = case
    for one in answers["logrank"]:
        time, event, (group,) = formula(one["formula"])
        given = followed(table, time=time, event=event, event_value=event_value, words=(group,))
        found = log_rank(given.time, given.event, given.words[group])
        assert found.patients.tolist() == one["n"]
        assert found.observed.tolist() == one["observed"]
        assert found.expected == pytest.approx(one["expected"], rel=1e-9)
        assert (found.statistic, found.p) == pytest.approx((one["chisq_logrank"], one["p_logrank"]), rel=1e-8)
        early = log_rank(given.time, given.event, given.words[group], rho=1)
        assert early.statistic == pytest.approx(one["chisq_petopeto_rho1"], rel=1e-8)


def test_kaplan_meier_curves_are_those_of_r(case):
    table, answers, event_value = case
    for one in answers["km"]:
        time, event, terms = formula(one["formula"])
        given = followed(table, time=time, event=event, event_value=event_value, words=terms)
        kinds = sorted(set(given.words[terms[0]])) if terms else [""]
        label = np.array(given.words[terms[0]] if terms else [""] * len(given.time))
        curves = [kaplan_meier_curve(given.time[label == kind], given.event[label == kind]) for kind in kinds]
        estimates = [curve.at(moment) for curve in curves for moment in one["times"]]
        assert [c.still_at_risk(t) for c in curves for t in one["times"]] == one["n_risk"]
        assert [e.value for e in estimates] == pytest.approx(one["surv"], rel=1e-10)
        # the limits here are on the log-log scale; R's standard error gives them too
        reach = [1.959963984540054 * se / (s * abs(math.log(s))) for s, se in zip(one["surv"], one["std_err"], strict=True)]
        assert [e.low for e in estimates] == pytest.approx([s ** math.exp(r) for s, r in zip(one["surv"], reach, strict=True)])
        medians = [one["median"]["median"]] if not terms else [row[6] for row in one["median"]["values"]]
        assert [c.median().value for c in curves] == [math.inf if m is None else m for m in medians]


def test_lung_cancer_as_every_package_prints_it(lung):
    """B3 of the specification; zph from cox.zph(m), Uno's C from concordance(m)."""
    given, model = lung
    assert model.beta == pytest.approx([0.01106676, -0.55261240, 0.46372848], abs=1e-8)
    drift = proportional_hazards(model, given.time, given.event, given.x)
    assert [test.p for test in drift.each] == pytest.approx([0.664596763116, 0.128921998811, 0.151782098908], rel=1e-9)
    assert (drift.together.statistic, drift.together.p) == pytest.approx((4.463657588759, 0.215554945342), rel=1e-9)
    plain = proportional_hazards(model, given.time, given.event, given.x, clock="identity")
    assert [test.statistic for test in plain.each] == pytest.approx([0.152350317254, 2.491913217107, 1.578235238377], rel=1e-9)
    risk = model.linear(given.x)
    uno = survival_concordance(given.time, given.event, risk, method="uno").value
    assert uno == pytest.approx(0.626148295, abs=1e-9)  # concordance(m, timewt = "n/G2")


def test_weighted_scores_are_those_of_scikit_survival(lung, monkeypatch):
    """It weighs an event at T by G(T), we by G(T-): equal to 5e-4 as it is, and to all digits with its choice."""
    given, model = lung
    risk, at = model.linear(given.x), np.arange(50.0, 691.0, 10.0)
    breslow = cox_model(given.time, given.event, given.x, ties="breslow")  # the curves of CoxPHSurvivalAnalysis(ties="breslow")
    predicted, _, _ = breslow.survival(given.x, at)

    def values():
        uno = survival_concordance(given.time, given.event, risk, method="uno").value
        areas = [survival_auc(given.time, given.event, risk, moment, repeats=0).value for moment in (180, 365, 540)]
        return [uno, *areas, survival_brier(given.time, given.event, predicted, at, repeats=0).integrated.value]

    # concordance_index_ipcw, cumulative_dynamic_auc and integrated_brier_score of sksurv 0.28
    expected = [0.626378286646, 0.698079870879, 0.647525239281, 0.666482920267, 0.178888206461]
    assert values() == pytest.approx(expected, abs=5e-4)
    monkeypatch.setattr(CensoringSurvival, "before", CensoringSurvival.at)
    assert values() == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
def test_the_loss_of_the_deep_model_is_the_likelihood_of_r(lung):
    """B3: -729.23012 of R, and of torchsurv's loss where it is summed."""
    torch = pytest.importorskip("torch")
    from gazo.radiomics.deep_cox import cox_loss
    from gazo.stats.survival.times import risk_sets

    given, model = lung
    loss = cox_loss(torch.tensor(model.linear(given.x)), risk_sets(given.time, given.event))
    assert float(loss) == pytest.approx(729.230121375, abs=1e-8)


def test_the_curve_of_one_patient_is_that_of_r(lung):
    """survfit(m, data.frame(age = 60, sex = 1, ph.ecog = 1), conf.type = "log-log") at 100, 200, 365, 700 days."""
    middle, low, high = (part[0] for part in lung[1].survival([60, 1, 1], [100, 200, 365, 700]))
    assert middle == pytest.approx([0.8509387872712, 0.6376872369026, 0.3358633695357, 0.0880431270569], abs=1e-10)
    assert low == pytest.approx([0.7903657027322, 0.5569818657982, 0.2526079051853, 0.0440320849466], abs=1e-8)
    assert high == pytest.approx([0.895163133126, 0.707597607684, 0.420983033512, 0.150956177277], abs=1e-8)


def test_strata_and_clusters_are_those_of_r(survival):
    table = table_of(read_rows(survival / "ncctg_lung.csv"))
    given = followed(table, time="time", event="status", event_value="2", covariates=("age",), words=("sex",))
    model = cox_model(
        given.time, given.event, given.x, strata=given.words["sex"]
    )  # coxph(Surv(time, status) ~ age + strata(sex))
    assert model.beta[0] == pytest.approx(0.0162146518644, rel=1e-9)
    assert model.covariance[0, 0] == pytest.approx(8.43982974647e-05, rel=1e-9)
    assert (model.null, model.value) == pytest.approx((-643.437018669, -641.845896317), rel=1e-11)
    ecog = followed(table, time="time", event="status", event_value="2", words=("sex", "ph.ecog"))
    layered = log_rank(ecog.time, ecog.event, ecog.words["sex"], strata=ecog.words["ph.ecog"])
    assert layered.statistic == pytest.approx(10.7950596335, rel=1e-10)  # survdiff(Surv(time, status) ~ sex + strata(ph.ecog))
    found = cox(
        table, time="time", event="status", event_value="2", covariates=("age", "sex", "ph.ecog"), patient="inst"
    )  # coxph(... + cluster(inst)): one row has no institution
    rows = found.coefficients.rows
    assert [row[1] for row in rows] == pytest.approx([0.0112321642148, -0.5565934139766, 0.4692163970798], rel=1e-9)
    assert [row[2] for row in rows] == pytest.approx([0.00688872705866, 0.11228667992536, 0.11761595325485], rel=1e-6)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_the_exact_cases_of_therneau_and_grambsch(survival, ties):
    """Appendix of Modeling Survival Data (2000); the Breslow estimate of the first has a closed form."""
    answers = json.loads((survival / "tg_R.json").read_text())
    expected = {name: next(one for one in answers[name] if one["ties"] == ties) for name in ("test1", "test2")}
    first = followed(
        table_of(read_rows(survival / "tg_test1.csv")), time="time", event="status", event_value="1", covariates=("x",)
    )
    model = cox_model(first.time, first.event, first.x, ties=ties)
    exact = {"breslow": math.log(1.5 + math.sqrt(33) / 2), "efron": expected["test1"]["coef"]["x"]}[ties]
    assert model.beta[0] == pytest.approx(exact, abs=1e-10)
    assert model.value == pytest.approx(expected["test1"]["loglik"], abs=1e-10)
    second = with_gaps(table_of(read_rows(survival / "tg_test2_counting_process.csv")))
    start, stop, event, x = (np.array(part, float) for part in zip(*second.rows, strict=True))
    model = cox_model(stop, event.astype(int), x, entry=start, ties=ties)
    assert model.beta[0] == pytest.approx(expected["test2"]["coef"]["x"], abs=1e-10)
    assert model.standard_error[0] == pytest.approx(expected["test2"]["se"]["x"], abs=1e-10)
    assert model.value == pytest.approx(expected["test2"]["loglik"], abs=1e-10)


def test_radiomics_features_of_lung1(survival):
    """One feature at a time: log, per standard deviation (n - 1), 145 patients."""
    features, clinical = (table_of(read_rows(survival / f"lung1_{n}.csv")) for n in ("radiomics", "clinical"))
    answers = json.loads((survival / "lung1_radiomics_R.json").read_text())
    of = {row[0]: row for row in clinical.rows}
    places = [[h.en for h in clinical.headings].index(name) for name in ("Survival.time", "deadstatus.event")]
    time, event = (np.array([of[row[0]][place] for row in features.rows], float) for place in places)
    names = [heading.en for heading in features.headings]
    checked = 0
    for name, one in answers.items():
        if name not in names:
            continue
        x = np.array([row[names.index(name)] for row in features.rows], float)
        log = np.log(x)
        model = cox_model(time, event.astype(int), (log - log.mean()) / log.std(ddof=1))
        assert (model.beta[0], model.standard_error[0]) == pytest.approx((one["cox_coef_per_SD_of_log"], one["se"]), rel=1e-7)
        assert survival_concordance(time, event.astype(int), model.linear(log[:, None])).value == pytest.approx(
            one["c_index"] if model.beta[0] > 0 else 1 - one["c_index"], abs=1e-9
        )
        halves = log_rank(time, event.astype(int), x > np.median(x))
        assert halves.statistic == pytest.approx(one["median_split_logrank_chisq"], rel=1e-7)
        checked += 1
    assert checked >= 5


def test_the_operation_tells_what_r_tells(survival):
    table = table_of(read_rows(survival / "ncctg_lung.csv"))
    found = kaplan_meier(table, time="time", event="status", event_value="2", group="sex", moments=(90, 365), unit="d")
    assert found.tests.rows[0][1:] == pytest.approx((10.3267419549, 1, 0.00131116452036), rel=1e-8)
    # quantile(survfit(Surv(time, status) ~ sex, lung, conf.type = "log-log"), .5)
    assert [(m.value, m.low, m.high) for m in found.medians] == [(270, 210, 306), (426, 345, 524)]
    assert found.pairs is None
