"""Nested cross-validation: nothing leaks, patients stay whole, intervals and tests are right."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table, from_json, to_json
from gazo.core.seeds import derived_seed, generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics import FeatureRecipe, classify_features, feature_cases, leak_demonstration, nested_cross_validation
from gazo.radiomics.classification_report import bowker
from gazo.radiomics.feature_models import fit_model
from gazo.radiomics.feature_recipe import stratified_folds
from gazo.radiomics.nested_cv import compare_mean_aucs, mean_auc, permutation_test
from gazo.stats.auc import auc, compare_aucs
from gazo.stats.delong import auc_value

QUICK = FeatureRecipe(selection="univariate", counts=(5,), inner=0)


def cases_of(made, **roles):
    return feature_cases(made.table, label="label", patient="patient", features=("f*",), **roles)


@pytest.mark.slow
def test_noise_is_chance_with_the_whole_recipe_inside():
    areas = []
    for study in range(24):
        cases = cases_of(feature_table(rng=generator(study), patients=60, features=200, informative=0))
        found = nested_cross_validation(cases, replace(QUICK, redundancy=1.0), repeats=1, seed=study)
        areas.append(auc_value(cases.truth == 1, found.probabilities[0, :, 1]))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


def test_selection_outside_the_folds_lies_and_inside_does_not():
    shown = leak_demonstration(seed=1, features=(10, 200), studies=8)
    assert shown.outside.value > 0.8
    assert shown.inside.value == pytest.approx(0.5, abs=0.08)
    assert shown.by_features[0].y[0] == shown.by_features[1].y[0]  # ten of ten: nothing is chosen, nothing leaks
    with pytest.raises(GazoError, match="G-RAD-431"):
        leak_demonstration(seed=1, features=(5, 200))


def test_a_test_case_has_no_part_in_its_own_prediction():
    """Replacing one patient's features changes that patient's predictions and no model that judged them."""
    cases = cases_of(feature_table(rng=generator(2), patients=40, features=20, informative=3, sites=2), batch="site")
    first = nested_cross_validation(cases, QUICK, repeats=1, seed=0)
    train, test = next(stratified_folds(cases, 5, derived_seed(0, "outer", 0)))
    changed = cases.features.copy()
    changed[test[0]] = 100.0
    second = nested_cross_validation(replace(cases, features=changed), QUICK, repeats=1, seed=0)
    others = test[1:]
    assert second.probabilities[0, others] == pytest.approx(first.probabilities[0, others], abs=1e-12)
    assert np.abs(second.probabilities[0, train] - first.probabilities[0, train]).max() > 1e-3


def test_rows_of_a_patient_stay_together_and_classes_are_even():
    cases = cases_of(feature_table(rng=generator(3), patients=30, features=5, rows_per_patient=3))
    for train, test in stratified_folds(cases, 5, 7):
        assert not set(cases.patients[train]) & set(cases.patients[test])
        assert cases.truth[test].mean() == pytest.approx(0.5, abs=0.17)


def test_known_effect_is_found():
    made = feature_table(rng=generator(4), patients=300, features=30, informative=5, effect=0.8)
    cases = cases_of(made)
    found = nested_cross_validation(cases, replace(QUICK, selection="mrmr-fcq"), repeats=1, seed=0)
    area = mean_auc(cases.truth == 1, found.probabilities[:, :, 1], cases.patients, seed=0, name=Text("a", "a"))
    assert area.low < made.auc < area.high + 0.02
    assert made.auc == pytest.approx(0.897048, abs=1e-6)  # Phi(0.8 sqrt(5 / 2))


def test_one_repeat_is_the_area_and_delong_of_the_statistics_room():
    rng = generator(5)
    truth = np.arange(80) % 2 == 1
    a, b = rng.normal(size=(2, 80)) + truth
    one = compare_mean_aucs(truth, a[None], b[None], np.arange(80), name=Text("d", "d"))
    known = compare_aucs(truth, a, b)
    assert (one[0].value, one[0].low, one[1]) == pytest.approx((known.difference.value, known.difference.low, known.p))
    area = mean_auc(truth, a[None], np.arange(80), seed=0, name=Text("a", "a"))
    assert area.value == pytest.approx(auc(truth, a).value)
    assert area.low == pytest.approx(auc(truth, a).low, abs=0.04)


def test_permutations_say_chance_for_shuffled_labels_and_not_for_true_ones():
    cases = cases_of(feature_table(rng=generator(6), patients=60, features=10, informative=3, effect=1.5))
    p, observed, shuffled = permutation_test(cases, QUICK, folds=5, permutations=19, seed=0)
    assert p.value == 0.05
    assert observed > shuffled.max()
    assert shuffled.mean() == pytest.approx(0.5, abs=0.08)
    labels = generator(7).permutation(cases.truth)
    assert permutation_test(replace(cases, truth=labels), QUICK, folds=5, permutations=19, seed=0)[0].value > 0.05


def test_balanced_training_gives_probabilities_of_the_true_shares():
    rng = generator(8)
    truth = (rng.random(4000) < 0.1).astype(int)
    x = rng.normal(size=(4000, 1)) + truth[:, None]
    for model in ("ridge", "svm"):
        rows = slice(0, 600) if model == "svm" else slice(None)
        p = fit_model(model, 1.0, x[rows], truth[rows], balanced=True, seed=0).probabilities(x[rows])[:, 1]
        assert p.mean() == pytest.approx(truth[rows].mean(), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lasso", "elastic-net", "svm", "forest", "boosting"])
def test_every_model_learns(model):
    cases = cases_of(feature_table(rng=generator(9), patients=80, features=8, informative=4, effect=1.2))
    recipe = FeatureRecipe(selection="none", model=model, inner=0)
    found = nested_cross_validation(cases, recipe, repeats=1, seed=0)
    assert auc_value(cases.truth == 1, found.probabilities[0, :, 1]) > 0.85
    assert found.probabilities.sum(2) == pytest.approx(1)


def test_bowker_is_mcnemar_for_two_classes_and_its_formula_for_three():
    assert bowker(np.array([[10, 121], [59, 10]])) == pytest.approx((21.3556, 1, 3.815136e-6), rel=1e-3)
    square, free, p = bowker(np.array([[20, 10, 5], [3, 30, 15], [0, 5, 40]]))
    assert (square, free) == (pytest.approx(49 / 13 + 25 / 5 + 100 / 20), 3)
    assert p == pytest.approx(0.0032367, rel=1e-3)  # R: mcnemar.test(matrix(c(20,3,0,10,30,5,5,15,40), 3))


@pytest.mark.slow
def test_the_operation_tells_all_and_is_repeatable():
    made = feature_table(rng=generator(10), patients=60, features=10, informative=3, effect=2.0, sites=2, clinical_effect=0.5)
    other = feature_table(rng=generator(11), patients=50, features=10, informative=3, effect=2.0, sites=2, clinical_effect=0.5)
    options = {
        "label": "label", "patient": "patient", "batch": "site", "clinical": ("age",), "features": ("f*",), "repeats": 1, "permutations": 2,
        "counts": (3,), "inner": 2,
    }  # fmt: skip
    shown = classify_features(made.table, other.table, **options)
    assert shown.auc.value > 0.8
    assert shown.auc.low < shown.auc.value < shown.auc.high
    assert shown.gains[0].value == pytest.approx(shown.auc.value - shown.clinical_auc.value)
    assert {e.name.en for e in shown.external_figures} >= {"External test: AUC", "External test: Calibration slope"}
    assert {row[0] for row in shown.frequency.rows[:3]} == set(made.informative)
    assert len(shown.predictions.rows) == 60
    assert "P0001" in {row[1] for row in shown.predictions.rows}
    assert shown.facts.rows == from_json(to_json(shown)).facts.rows
    again = classify_features(made.table, other.table, **options)
    assert to_json(again) == to_json(shown)


def test_subtypes_have_an_area_each():
    made = feature_table(
        rng=generator(12), patients=60, features=6, informative=4, effect=1.5, classes=("HER2", "Luminal", "TN"), prevalence=0.3
    )
    shown = classify_features(
        made.table, label="label", patient="patient", features=("f*",), repeats=1, permutations=0, counts=(3,), inner=2
    )
    assert [e.name.en for e in shown.class_aucs] == [f"AUC: {n} against the rest" for n in ("HER2", "Luminal", "TN")]
    assert shown.class_aucs[2].value > 0.9
    assert len(shown.confusion.rows) == 3
    assert shown.slope is None


def test_a_positive_class_can_be_named():
    made = feature_table(rng=generator(13), patients=40, features=3, informative=2, effect=1.5)
    options = {"label": "label", "features": ("f*",), "repeats": 1, "permutations": 0, "counts": (2,), "inner": 2}
    first, second = (classify_features(made.table, positive=name, **options) for name in ("positive", "negative"))
    assert first.auc.value == pytest.approx(second.auc.value, abs=0.03)
    assert first.predictions.rows[0][3] != second.predictions.rows[0][3]


def test_many_features_for_few_patients_are_named():
    made = feature_table(rng=generator(24), patients=30, features=20, informative=0)
    shown = classify_features(made.table, label="label", features=("f*",), repeats=1, permutations=0, counts=(10,), inner=2)
    said = " ".join(text.en for text in shown.warnings)
    assert "per feature" in said
    assert "each row counts as a patient" in said
    assert "cannot be told from chance" in shown.conclusion.en


def table(**columns):
    return Table(Text("a", "a"), tuple(Text(n, n) for n in columns), tuple(zip(*columns.values(), strict=True)))


@pytest.mark.parametrize(
    ("code", "columns", "options"),
    [
        ("G-RAD-410", {"label": "ab" * 5, "site": "xy" * 5}, {}),
        ("G-RAD-411", {"label": "a" * 10, "f": range(10)}, {}),
        ("G-RAD-420", {"label": "ab" * 5, "f": [1.0] * 10}, {}),
        ("G-RAD-421", {"label": "ab" * 4 + "aa", "f": range(10)}, {}),
        ("G-RAD-422", {"label": "ab" * 5, "f": range(10), "g": range(10), "site": "x" * 8 + "yy"}, {"batch": "site"}),
        ("G-RAD-425", {"label": "ab" * 5, "f": range(10)}, {"positive": "c"}),
        ("G-RAD-426", {"label": "ab" * 5, "f": range(10)}, {"counts": ()}),
        ("G-STAT-030", {"label": "ab" * 5, "f": range(10)}, {"patient": "who"}),
        ("G-STAT-031", {"label": "ab" * 5, "f": ["x"] * 10}, {"features": ("f",)}),
    ],
)
def test_what_the_operation_refuses(code, columns, options):
    with pytest.raises(GazoError, match=code):
        classify_features(table(**columns), **{"label": "label", "repeats": 1, "permutations": 0, "inner": 2} | options)


def test_empty_cells_are_filled_from_the_training_part():
    made = feature_table(rng=generator(15), patients=60, features=4, informative=2, effect=1.5)
    rows = tuple((*row[:6], None, *row[7:]) if n % 7 == 0 else row for n, row in enumerate(made.table.rows))
    holed = Table(made.table.title, made.table.headings, rows)
    shown = classify_features(
        holed, label="label", patient="patient", features=("f*",), repeats=1, permutations=0, counts=(2,), inner=2
    )
    assert shown.auc.value > 0.75
    assert any("9 empty cells" in text.en for text in shown.warnings)
