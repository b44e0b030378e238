"""Prognosis models: optimality of the Cox-LASSO, peers, no leak, one patient's curve with similar patients, bad tables."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import DataError, MissingError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.phantoms import survival_table
from gazo.radiomics import CoxLasso, DeepCox, SurvivalForest, prognosis
from gazo.radiomics.prognosis_case import one_patient
from gazo.radiomics.prognosis_folds import Cohort, PlainCox, outer_folds
from gazo.radiomics.risk_model import Scaler
from gazo.stats import cox_model, survival_agreement
from gazo.stats.survival.concordance import concordance_value
from gazo.stats.survival.partial import partial_likelihood
from gazo.stats.survival.times import risk_sets


@pytest.fixture(scope="module")
def made():
    """160 patients, three columns of 30 that matter."""
    return survival_table(rng=np.random.default_rng(11), patients=160, log_hazard_ratios=(0.8, -0.6, 0.5), noise_columns=27)


def fitted(model, made, **more):
    given = {"names": made.names, "patients": np.arange(len(made.time)), "seed": 0} | more
    return model.fit(made.x, made.time, made.event, **given)


@pytest.mark.parametrize("mixing", [1.0, 0.5])
@pytest.mark.parametrize("strength", [0.2, 0.05, 0.01])
def test_the_lasso_is_at_its_optimum(made, mixing, strength):
    """The subgradient: slope = -sparse sign(b) where b is in, |slope| <= sparse where it is out."""
    x = Scaler.of(made.x)(made.x)
    sets = risk_sets(made.time, made.event)
    beta = CoxLasso(mixing=mixing)._fitted(x, sets, (strength,))[0]
    slope = -partial_likelihood(sets, x @ beta).gradient(x) / len(x) + strength * (1 - mixing) * beta
    sparse = strength * mixing
    assert slope[beta != 0] == pytest.approx(-sparse * np.sign(beta[beta != 0]), abs=2e-4 * sparse)
    assert np.all(np.abs(slope[beta == 0]) <= sparse * 1.0002)
    assert 0 < (beta != 0).sum() < 30 or strength != 0.05


@pytest.mark.slow
@pytest.mark.parametrize("mixing", [1.0, 0.5])
def test_the_lasso_is_that_of_scikit_survival(made, mixing):
    """CoxnetSurvivalAnalysis on standardised columns; times without ties, which it treats after Breslow."""
    linear = pytest.importorskip("sksurv.linear_model", reason="scikit-survival is an extra")
    x = Scaler.of(made.x)(made.x)
    outcome = np.array(list(zip(made.event, made.time, strict=True)), dtype=[("e", bool), ("t", float)])
    strengths = (0.15, 0.08, 0.03)
    theirs = linear.CoxnetSurvivalAnalysis(l1_ratio=mixing, alphas=strengths, tol=1e-12, max_iter=1_000_000).fit(x, outcome)
    ours = CoxLasso(mixing=mixing)._fitted(x, risk_sets(made.time, made.event), strengths)
    assert np.abs(np.array(ours).T - theirs.coef_).max() < 2e-4


def test_without_a_penalty_it_is_coxs_model(made):
    few = replace(made, x=made.x[:, :4], names=made.names[:4])
    plain = cox_model(few.time, few.event, few.x)
    risk = fitted(CoxLasso(strength=1e-7), few).log_risk(few.x)
    assert risk - risk.mean() == pytest.approx(plain.linear(few.x) - plain.linear(few.x).mean(), abs=1e-4)


def test_the_path_starts_empty_and_finds_what_matters(made):
    model = CoxLasso()
    path = model.path(made.x, made.time, made.event, patients=np.arange(160), seed=0)
    assert np.all(np.diff(path.strengths) < 0)
    empty = fitted(CoxLasso(strength=float(path.strengths[0]) * 1.0001), made)
    assert empty.used == ()
    found = fitted(model, made)
    assert {"x1", "x2", "x3"} <= {name for name, _ in found.used}
    sparser = fitted(CoxLasso(rule="1se"), made)
    assert len(sparser.used) < len(found.used)
    assert dict(sparser.told)["strength"] >= dict(found.told)["strength"]


def test_predicted_survival_falls_and_depends_on_the_patient(made):
    model = fitted(CoxLasso(strength=0.05), made)
    times = np.quantile(made.time, (0.1, 0.3, 0.5, 0.7))
    found = model.survival(made.x, times)
    assert np.all(np.diff(found, axis=1) <= 0)
    assert np.all((found >= 0) & (found <= 1))
    worst = int(np.argmax(model.log_risk(made.x)))
    assert found[worst].sum() == found.sum(1).min()
    plain = cox_model(made.time, made.event, made.x[:, :3])
    middle, _, _ = plain.survival(made.x[:, :3], times)
    ours = PlainCox().fit(made.x[:, :3], made.time, made.event, names=("a", "b", "c"), patients=np.arange(160), seed=0)
    assert ours.survival(made.x[:, :3], times) == pytest.approx(middle, abs=1e-10)


def test_scaling_knows_the_training_patients_only():
    scale = Scaler.of(np.array([[1.0, 5, np.nan], [3, 5, 2], [np.nan, 5, 4]]))
    assert scale(np.array([[np.nan, 9.0, np.nan]])) == pytest.approx(np.array([[0.0, 0.0, 0.0]]))
    assert scale.mean == pytest.approx([2, 5, 3])


@pytest.mark.slow
def test_the_loss_of_the_network_is_the_partial_likelihood(made):
    import torch

    from gazo.radiomics.deep_cox import cox_loss

    eta = np.random.default_rng(0).normal(size=160)
    sets = risk_sets(np.ceil(made.time), made.event)  # with ties
    given = torch.tensor(eta, requires_grad=True)
    loss = cox_loss(given, sets)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(-partial_likelihood(sets, eta).value, rel=1e-12)
    for place in (0, 40, 159):
        step = np.eye(160)[place] * 1e-5
        slope = (partial_likelihood(sets, eta + step).value - partial_likelihood(sets, eta - step).value) / 2e-5
        assert float(given.grad[place]) == pytest.approx(-slope, abs=1e-6)


@pytest.mark.slow
def test_the_network_learns_what_a_line_cannot():
    """The hazard depends on |x|: a Cox model sees nothing in it."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 2))
    time = rng.exponential(size=500) / np.exp(1.5 * np.abs(x[:, 0]))
    event, train = rng.random(500) < 0.8, np.arange(300)
    given = {"names": ("a", "b"), "patients": train, "seed": 0}
    deep = DeepCox().fit(x[train], time[train], event[train], **given)
    plain = PlainCox().fit(x[train], time[train], event[train], **given)
    test = np.arange(300, 500)
    c = [concordance_value(time[test], event[test], model.log_risk(x[test])) for model in (deep, plain)]
    assert c[0] > 0.62
    assert abs(c[1] - 0.5) < 0.08
    short = [DeepCox(epochs=10).fit(x[train], time[train], event[train], **given) for _ in range(2)]
    assert short[0].log_risk(x[test]) == pytest.approx(short[1].log_risk(x[test]))


@pytest.mark.slow
def test_the_forest_orders_patients(made):
    pytest.importorskip("sksurv", reason="scikit-survival is an extra")
    model = SurvivalForest(trees=30).fit(
        made.x[:100], made.time[:100], made.event[:100], names=made.names, patients=np.arange(100), seed=0
    )
    assert concordance_value(made.time[100:], made.event[100:], model.log_risk(made.x[100:])) > 0.58
    assert np.all(np.diff(model.survival(made.x[100:], np.array([5.0, 20.0, 40.0])), axis=1) <= 0)


def test_a_forest_that_is_not_installed_says_how_to_get_it(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "sksurv.ensemble", None)
    with pytest.raises(MissingError) as caught:
        fitted(SurvivalForest(), made)
    assert caught.value.code == "G-SURV-020"
    assert "gazo[survival-forest]" in caught.value.text.en


def test_folds_keep_patients_whole(made):
    whose = np.arange(160) // 4
    cohort = Cohort(made.time, made.event, whose, {"features": (made.names, made.x)})
    seen = []
    for train, test in outer_folds(cohort, 5, 0):
        assert not set(whose[train]) & set(whose[test])
        seen += test.tolist()
    assert sorted(seen) == list(range(160))


class Remembers:
    """A model that knows every row it has seen: it would score C = 1 if a row of the test part had leaked."""

    def fit(self, x, time, event, *, names, patients, seed):
        known = {row.tobytes(): t for row, t in zip(x, time, strict=True)}

        def log_risk(rows):
            return np.array([-known[row.tobytes()] if row.tobytes() in known else 0.0 for row in rows])

        return replace(PlainCox().fit(x[:, :1], time, event, names=names[:1], patients=patients, seed=seed), log_risk=log_risk)


def test_nothing_of_a_test_patient_is_learned_from(made):
    from gazo.radiomics import prognosis_folds

    twice = np.repeat(np.arange(80), 2)  # two rows a patient, the same in both
    x, time, event = (np.repeat(part[:80], 2, axis=0) for part in (made.x, made.time, made.event))
    cohort = Cohort(time, event, twice, {"features": (made.names, x)})
    held = prognosis_folds(cohort, {"m": (Remembers(), "features")}, moments=np.array([10.0]), folds=4, repeats=1, seed=0)
    assert np.all(held["m"].log_risk == 0)


@pytest.fixture(scope="module")
def found(made):
    return prognosis(
        made.table, time="time", event="event", patient="patient", features=made.names[:-2], clinical=made.names[-2:],
        folds=3, repeats=1, row=5, resamples=20, moments=(20.0,), unit="m",
    )  # fmt: skip


@pytest.mark.slow
def test_the_comparison_tells_every_figure(made, found):
    assert found.concordance[0].value > 0.65
    assert abs(found.concordance[1].value - 0.5) < 0.12  # two columns of noise
    for one in (*found.concordance, *found.areas, *found.brier, *found.differences):
        assert one.low < one.value < one.high
    assert found.comparison.rows[0][4] < 0.01
    assert found.log_rank_p.value < 0.01
    assert [str(c.name.en) for c in found.risk_groups.curves] == ["low risk", "high risk"]
    assert {"x1", "x2", "x3"} <= {row[1] for row in found.frequency.rows if row[2] == 1}
    again = survival_agreement(
        found.predictions, time="time", event="event", risk="cox-lasso log risk", moments=(20.0,), repeats=100
    )
    assert again.concordance[0].value == pytest.approx(found.concordance[0].value)


@pytest.mark.slow
def test_the_physician_sees_a_curve_with_limits_and_similar_patients(made, found):
    curve = found.patient_curve
    assert np.all((curve.low <= curve.y) & (curve.y <= curve.high))
    assert np.all(np.diff(curve.y) <= 0)
    rows = found.similar.rows
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5]
    assert 5 not in [row[1] for row in rows]  # itself
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)
    assert rows[0][3] == pytest.approx(float(made.time[rows[0][1] - 1]))  # the row of the user's table
    assert "no prognosis" in found.similar.notes[0].en


def test_the_curve_of_a_patient_does_not_know_its_own_fate(made):
    cohort = Cohort(made.time, made.event, np.arange(160), {"features": (made.names, made.x)})
    other = replace(cohort, time=np.where(np.arange(160) == 7, 1e-3, made.time))
    given = {"resamples": 20, "level": 0.95, "seed": 0}
    model, times = CoxLasso(strength=0.08), np.array([10.0, 20.0])
    first, second = (one_patient(c, model, "features", 7, times, **given) for c in (cohort, other))
    assert first.middle == pytest.approx(second.middle)
    assert first.low == pytest.approx(second.low)


@pytest.mark.slow
def test_a_model_that_finds_nothing_says_so():
    """Noise alone: the LASSO may choose no column in any fold, and there are no risk groups then."""
    made = survival_table(rng=np.random.default_rng(5), patients=80, log_hazard_ratios=(), noise_columns=3)
    found = prognosis(made.table, time="time", event="event", patient="patient", folds=2, repeats=1)
    if found.log_rank_p is None:
        assert "did not tell risk groups apart" in found.conclusion.en
    assert abs(found.concordance[0].value - 0.5) < 0.12


@pytest.mark.slow
def test_missing_features_are_filled_and_told(made):
    rows = tuple((*row[:3], None, *row[4:7]) if n % 7 == 0 else row[:7] for n, row in enumerate(made.table.rows))
    table = Table(made.table.title, made.table.headings[:7], rows)
    found = prognosis(table, time="time", event="event", folds=2, repeats=1)
    told = " ".join(str(w.en) for w in found.warnings)
    assert "23 empty cells" in told
    assert "each row was taken as a patient" in told


@pytest.mark.slow
def test_everybody_has_the_event():
    """No censored patient is in any fold."""
    made = survival_table(rng=np.random.default_rng(3), patients=60, log_hazard_ratios=(1.0,), noise_columns=2, censored=0.0)
    assert made.event.all()
    found = prognosis(made.table, time="time", event="event", patient="patient", folds=2, repeats=1, row=1, resamples=20)
    assert found.concordance[0].value > 0.6
    assert len(found.similar.rows) == 5


def small(events, patients=40):
    rng = np.random.default_rng(0)
    rows = tuple(
        (float(t), int(n < events), float(v))
        for n, (t, v) in enumerate(zip(rng.random(patients), rng.random(patients), strict=True))
    )
    return Table(Text("表", "table"), tuple(Text(n, n) for n in ("t", "e", "x")), rows)


@pytest.mark.parametrize(
    ("table", "options", "code"),
    [
        (small(1), {}, "G-SURV-002"),
        (small(0), {}, "G-SURV-010"),
        (small(6), {}, "G-SURV-021"),
        (small(20), {"models": ()}, "G-SURV-022"),
        (small(20), {"row": 41}, "G-SURV-023"),
        (small(20), {"moments": (99.0,), "folds": 2, "repeats": 1}, "G-SURV-008"),
        (small(20), {"features": ("wavelet_*",)}, "G-RAD-410"),
        (small(20), {"models": ("cox-laso",)}, None),
    ],
)
def test_bad_tables_are_refused_in_words(table, options, code):
    with pytest.raises((DataError, OptionError)) as caught:
        prognosis(table, time="t", event="e", **options)
    assert code is None or caught.value.code == code
