"""Cox regression: closed forms, published numbers, statsmodels, laws, simulated truth, and data that have no estimate."""

import math

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms import survival_table
from gazo.stats import cox, cox_model, proportional_hazards
from gazo.stats.survival.cox import score_residuals
from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import risk_sets

WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIME, EVENT, ARM = np.array(WEEKS + PLACEBO, float), np.array(RELAPSE + [1] * 21), np.repeat([0.0, 1.0], 21)


@pytest.fixture(scope="module")
def made():
    """150 patients with ties, three covariates, two strata."""
    found = survival_table(rng=np.random.default_rng(5), patients=150, whole=True)
    return found, np.random.default_rng(6).integers(0, 2, 150)


def test_closed_form_of_two_events():
    """x = 1, 0, 1 at 1, 2, 3, all with the event: L = e^b / (2 e^b + 1) x 1 / (1 + e^b), largest where e^2b = 1/2."""
    model = cox_model([1, 2, 3], [1, 1, 1], [1, 0, 1])
    assert model.beta[0] == pytest.approx(-math.log(2) / 2, abs=1e-10)
    top = math.exp(-math.log(2) / 2)
    assert model.value == pytest.approx(math.log(top / (2 * top + 1) / (1 + top)))
    assert model.null == pytest.approx(math.log(1 / 3 / 2))


def test_remission_of_freireichs_patients():
    """coxph of R survival 3.5.3; Cox 1972 has 1.51 by Breslow's ties."""
    model = cox_model(TIME, EVENT, ARM)
    assert (model.beta[0], model.standard_error[0]) == pytest.approx((1.57212514883, 0.412396717709), abs=1e-9)
    assert (model.null, model.value) == pytest.approx((-93.1842699968, -85.0084245774), abs=1e-8)
    assert model.score.statistic == pytest.approx(17.2465367957, abs=1e-8)
    breslow = cox_model(TIME, EVENT, ARM, ties="breslow")
    assert (breslow.beta[0], breslow.standard_error[0]) == pytest.approx((1.50919141259, 0.409564406367), abs=1e-9)
    assert (breslow.null, breslow.value) == pytest.approx((-93.9850504782, -86.3796220711), abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_models_of_statsmodels(made, ties):
    smf = pytest.importorskip("statsmodels.duration.hazard_regression")
    data, strata = made
    theirs = smf.PHReg(data.time, data.x, status=data.event.astype(int), ties=ties, strata=strata).fit()
    ours = cox_model(data.time, data.event, data.x, ties=ties, strata=strata)
    assert ours.beta == pytest.approx(theirs.params, abs=1e-7)
    if ties == "breslow":  # its Hessian under Efron's ties is an approximation
        assert ours.standard_error == pytest.approx(theirs.bse, rel=1e-6)


def test_gradient_and_information_are_those_of_the_likelihood(made):
    data, strata = made
    sets = risk_sets(data.time, data.event, strata=strata)
    beta, step = np.array([0.3, -0.2, 0.1]), 1e-5
    here = partial_likelihood(sets, data.x @ beta)
    slope = [
        (partial_likelihood(sets, data.x @ (beta + e)).value - partial_likelihood(sets, data.x @ (beta - e)).value) / (2 * step)
        for e in step * np.eye(3)
    ]
    assert here.gradient(data.x) == pytest.approx(slope, rel=1e-6)
    curve = [
        (
            partial_likelihood(sets, data.x @ (beta - e)).gradient(data.x)
            - partial_likelihood(sets, data.x @ (beta + e)).gradient(data.x)
        )
        / (2 * step)
        for e in step * np.eye(3)
    ]
    assert here.information(data.x, here.means(data.x)) == pytest.approx(np.array(curve), rel=1e-5)


def test_residuals_sum_to_nothing_at_the_maximum(made):
    data, strata = made
    model = cox_model(data.time, data.event, data.x, strata=strata)
    sets = risk_sets(data.time, data.event, strata=strata)
    found = partial_likelihood(sets, model.linear(data.x))
    assert (data.event - found.expected).sum() == pytest.approx(0, abs=1e-9)  # martingale residuals
    assert score_residuals(found, data.x - model.mean).sum(0) == pytest.approx(np.zeros(3), abs=1e-7)
    schoenfeld = proportional_hazards(model, data.time, data.event, data.x, strata=strata).residual
    assert schoenfeld.sum(0) == pytest.approx(np.zeros(3), abs=1e-7)


def test_units_and_order_do_not_matter(made):
    data, _ = made
    model, order = cox_model(data.time, data.event, data.x), np.random.default_rng(0).permutation(150)
    other = cox_model(data.time[order] * 30.4, data.event[order], data.x[order] * [1000, 1, -1] + [5e4, 0, 0])
    assert other.beta * [1000, 1, -1] == pytest.approx(model.beta, rel=1e-7)
    assert other.value == pytest.approx(model.value)


def test_a_patient_cut_into_two_rows_is_the_same_patient():
    """Follow-up cut at 8 weeks into two rows with delayed entry changes nothing."""
    late = TIME > 8
    time = np.concatenate([np.minimum(TIME, 8), TIME[late]])
    event = np.concatenate([np.where(late, 0, EVENT), EVENT[late]])
    entry = np.concatenate([np.zeros(42), np.full(late.sum(), 8.0)])
    cut = cox_model(time, event, np.concatenate([ARM, ARM[late]]), entry=entry)
    whole = cox_model(TIME, EVENT, ARM)
    assert (cut.beta[0], cut.value) == pytest.approx((whole.beta[0], whole.value), abs=1e-9)


def test_rows_given_twice_do_not_make_the_sandwich_surer(made):
    """Each row twice under one patient: the naive error shrinks by root 2, the sandwich over patients does not."""
    data, _ = made
    once = cox_model(data.time, data.event, data.x, ties="breslow")
    given = (np.repeat(data.time, 2), np.repeat(data.event, 2), np.repeat(data.x, 2, axis=0))
    naive = cox_model(*given, ties="breslow")
    sandwich = cox_model(*given, ties="breslow", patients=np.repeat(np.arange(150), 2))
    assert naive.standard_error == pytest.approx(once.standard_error / math.sqrt(2), rel=1e-6)
    assert sandwich.robust
    assert np.all(sandwich.standard_error > 1.2 * naive.standard_error)


def test_the_predicted_curve_without_covariate_effect_is_the_kaplan_meier_curve_nearly():
    rng = np.random.default_rng(2)
    time, event, x = rng.exponential(1, 400), np.ones(400, int), rng.normal(size=400)
    middle, low, high = cox_model(time, event, x).survival([[0.0]], [0.5, 1.0, 2.0])
    assert middle[0] == pytest.approx([(time > t).mean() for t in (0.5, 1, 2)], abs=0.01)
    assert np.all((low < middle) & (middle < high))


@pytest.mark.slow
def test_known_hazard_ratios_are_found_with_the_coverage_that_is_claimed():
    inside, betas, rejected = [], [], 0
    for seed in range(300):
        made = survival_table(rng=np.random.default_rng(seed), patients=150, log_hazard_ratios=(0.7, -0.5, 0.0))
        model = cox_model(made.time, made.event, made.x)
        betas.append(model.beta)
        inside.append(np.abs(model.beta - made.beta) < 1.96 * model.standard_error)
        rejected += proportional_hazards(model, made.time, made.event, made.x).together.p < 0.05
    assert np.mean(betas, 0) == pytest.approx([0.7, -0.5, 0.0], abs=0.04)
    assert np.all(np.abs(np.mean(inside, 0) - 0.95) < 0.03)
    assert rejected <= 27  # of 300; the hazards are proportional


def test_hazards_that_cross_are_seen():
    rng = np.random.default_rng(8)
    arm = np.repeat([0, 1], 150)
    time = np.where(arm == 1, rng.weibull(3.0, 300), rng.weibull(0.7, 300))
    model = cox_model(time, np.ones(300, int), arm)
    assert proportional_hazards(model, time, np.ones(300, int), arm).together.p < 1e-6


def table(**columns):
    headings = tuple(Text(name, name) for name in columns)
    return Table(Text("表", "table"), headings, tuple(zip(*columns.values(), strict=True)))


def patients(**more):
    return table(t=TIME.tolist(), e=EVENT.tolist(), arm=ARM.tolist(), **more)


def test_words_become_one_ratio_for_each_category():
    stage = (["I", "II", "III"] * 14)[:42]
    found = cox(patients(stage=stage), time="t", event="e", covariates=("arm", "stage"))
    assert [row[0] for row in found.coefficients.rows] == ["arm", "stage: II", "stage: III"]
    assert found.forest.names == ("arm", "stage: II", "stage: III")
    assert "arm HR" in found.conclusion.en


def test_ratios_per_standard_deviation():
    x = np.random.default_rng(0).normal(50, 12, 42)
    plain = cox(patients(x=x.tolist()), time="t", event="e", covariates=("x",)).hazard_ratios[0]
    each = cox(patients(x=x.tolist()), time="t", event="e", covariates=("x",), per_sd=True).hazard_ratios[0]
    assert math.log(each.value) == pytest.approx(math.log(plain.value) * x.std(ddof=1))


def test_few_events_are_told():
    rng = np.random.default_rng(0)
    given = {f"x{n}": rng.normal(size=42).tolist() for n in range(4)}
    found = cox(patients(**given), time="t", event="e", covariates=tuple(given))
    assert any("events for each covariate" in told.en for told in found.warnings)


def test_separation_has_a_name_and_a_cure():
    """Nobody without the marker relapses: its coefficient would be infinite."""
    event = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    with pytest.raises(DataError) as caught:
        cox(
            table(t=[1.0, 2, 3, 4, 5, 6, 7, 8], e=event.tolist(), marker=event.tolist(), age=[50.0, 60, 55, 70, 52, 66, 61, 58]),
            time="t", event="e", covariates=("age", "marker"),
        )  # fmt: skip
    assert caught.value.code == "G-SURV-006"
    assert "'marker'" in caught.value.text.en


def test_separation_by_a_number_is_seen_too():
    """The order of times is the order of x: every step of Newton makes the likelihood larger."""
    with pytest.raises(DataError) as caught:
        cox_model(np.arange(1.0, 21), np.ones(20, int), np.arange(20.0))
    assert caught.value.code == "G-SURV-006"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"e": [1] + [0] * 41}, "G-SURV-002"),  # one event only
        ({"e": [0] * 42}, "G-SURV-010"),
        ({"t": [-1.0, *TIME[1:].tolist()]}, "G-SURV-001"),
        ({"arm": [1.0] * 42}, "G-SURV-005"),
        ({"arm": [f"word {n}" for n in range(42)]}, "G-SURV-011"),
        ({"arm": [math.inf, *ARM[1:].tolist()]}, "G-SURV-015"),
    ],
)
def test_bad_tables_are_refused_in_words(change, code):
    given = {"t": TIME.tolist(), "e": EVENT.tolist(), "arm": ARM.tolist()} | change
    with pytest.raises((DataError, OptionError)) as caught:
        cox(table(**given), time="t", event="e", covariates=("arm",))
    assert caught.value.code == code


def test_a_covariate_that_follows_from_another_is_named():
    with pytest.raises(DataError) as caught:
        cox(patients(twice=(2 * ARM + 1).tolist()), time="t", event="e", covariates=("arm", "twice"))
    assert caught.value.code == "G-SURV-005"
    assert "'twice'" in caught.value.text.en


def test_events_all_at_one_time_cannot_drift():
    found = cox(table(t=[5.0] * 10, e=[1, 0] * 5, x=np.arange(10.0).tolist()), time="t", event="e", covariates=("x",))
    assert found.proportional.rows[0][1:] == (0, 0, 1)


def test_options_that_make_no_sense_are_refused():
    with pytest.raises(OptionError) as caught:
        cox(patients(), time="t", event="e", covariates=())
    assert caught.value.code == "G-SURV-013"
    with pytest.raises(DataError) as caught:
        cox_model(TIME, EVENT, ARM, entry=TIME)
    assert caught.value.code == "G-SURV-004"
