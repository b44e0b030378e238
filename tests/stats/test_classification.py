import numpy as np
import pytest
from sklearn import metrics

from gazo.core.errors import DataError
from gazo.core.results import from_json, to_json
from gazo.stats import auc, classification_metrics, confusion, precision_recall_curve, sensitivity_at


def named(estimates):
    return {e.name.en: e for e in estimates}


@pytest.fixture(scope="module")
def two():
    rng = np.random.default_rng(0)
    truth = (rng.random(200) < 0.35).astype(int)
    p = 1 / (1 + np.exp(-(rng.normal(size=200) + 2 * truth - 1)))
    return truth, np.column_stack([1 - p, p]), np.repeat(np.arange(100), 2)


@pytest.fixture(scope="module")
def three():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 240)
    logits = rng.normal(size=(240, 3)) + 1.2 * np.eye(3)[truth]
    p = np.exp(logits)
    return truth, p / p.sum(axis=1, keepdims=True)


def test_values_of_two_classes_are_those_of_scikit_learn(two):
    truth, p, _ = two
    called = p[:, 1] >= 0.4
    found = named(classification_metrics(truth, p, ("no", "yes"), threshold=0.4))
    expected = {
        "AUC": metrics.roc_auc_score(truth, p[:, 1]),
        "Sensitivity": metrics.recall_score(truth, called),
        "Specificity": metrics.recall_score(truth, called, pos_label=0),
        "Positive predictive value (PPV)": metrics.precision_score(truth, called),
        "Negative predictive value (NPV)": metrics.precision_score(truth, called, pos_label=0),
        "Accuracy": metrics.accuracy_score(truth, called),
        "Balanced accuracy": metrics.balanced_accuracy_score(truth, called),
        "F1 score": metrics.f1_score(truth, called),
        "Matthews correlation (MCC)": metrics.matthews_corrcoef(truth, called),
        "Brier score": metrics.brier_score_loss(truth, p[:, 1]),
        "Log loss": metrics.log_loss(truth, p[:, 1]),
        "Prevalence": truth.mean(),
    }
    assert {name: e.value for name, e in found.items()} == pytest.approx(expected, abs=1e-12)


def test_decisions_made_before_are_taken_as_they_are(two):
    truth, p, _ = two
    called = (p[:, 1] >= 0.4).astype(int)
    found = classification_metrics(truth, p, ("no", "yes"), predicted_index=called)
    assert (
        found == classification_metrics(truth, p, ("no", "yes"), threshold=0.4) != classification_metrics(truth, p, ("no", "yes"))
    )
    with pytest.raises(DataError, match="G-STAT-004"):
        classification_metrics(truth, p, ("no", "yes"), predicted_index=called[1:])


def test_values_of_three_classes_are_those_of_scikit_learn(three):
    truth, p = three
    found = named(classification_metrics(truth, p, ("a", "b", "c")))
    assert found["Accuracy"].value == pytest.approx(metrics.accuracy_score(truth, p.argmax(axis=1)))
    assert found["Balanced accuracy"].value == pytest.approx(metrics.balanced_accuracy_score(truth, p.argmax(axis=1)))
    assert found["Cohen's kappa"].value == pytest.approx(metrics.cohen_kappa_score(truth, p.argmax(axis=1)))
    assert found["Macro AUC (one against the rest)"].value == pytest.approx(metrics.roc_auc_score(truth, p, multi_class="ovr"))
    assert found["AUC (b against the rest)"].value == pytest.approx(metrics.roc_auc_score(truth == 1, p[:, 1]))


def test_every_interval_holds_its_value(two, three):
    estimates = [*classification_metrics(*two[:2], ("no", "yes"), patients=two[2]), *classification_metrics(*three, "abc")]
    for e in estimates:
        assert e.low < e.value < e.high, e.name.en
        assert e.name.ja
        assert e.method


def test_patients_widen_every_interval(two):
    truth, p, _ = two
    patients = np.repeat(np.arange(200), 4)
    once = classification_metrics(truth, p, ("no", "yes"))
    copied = classification_metrics(np.repeat(truth, 4), np.repeat(p, 4, axis=0), ("no", "yes"), patients=patients)
    for a, b in zip(once, copied, strict=True):
        assert b.high - b.low == pytest.approx(a.high - a.low, rel=0.08), a.name.en


def test_patients_widen_the_macro_area(three):
    once = classification_metrics(*three, "abc")[2]
    copied = (np.repeat(part, 4, axis=0) for part in three)
    again = classification_metrics(*copied, "abc", patients=np.repeat(np.arange(240), 4))[2]
    assert (again.low, again.high) == pytest.approx((once.low, once.high), abs=1e-12)


def test_balanced_accuracy_by_hand():
    """Recalls 8 / 10 and 15 / 20; MOVER: mean -+ sqrt(sum of squared distances to the Wilson limits) / 2."""
    from gazo.stats import proportion

    truth, called = np.repeat([1, 0], [10, 20]), np.repeat([1, 0, 0, 1], [8, 2, 15, 5])
    found = named(classification_metrics(truth, np.full((30, 2), 0.5), ("no", "yes"), predicted_index=called))[
        "Balanced accuracy"
    ]
    a, b = proportion(8, 10), proportion(15, 20)
    assert found.value == pytest.approx(0.775)
    assert found.low == pytest.approx(0.775 - np.hypot(0.8 - a.low, 0.75 - b.low) / 2)
    assert found.high == pytest.approx(0.775 + np.hypot(a.high - 0.8, b.high - 0.75) / 2)


def test_macro_auc_of_two_mirrored_classes_is_the_auc(two):
    """With two classes both areas are the same, so the mean has DeLong's variance (up to the n - 1)."""
    from gazo.stats.classification import _Case, _macro_auc

    truth, p, _ = two
    case = _Case(truth, truth, p, ("no", "yes"), np.arange(200), 0.95, 0)
    found, plain = _macro_auc(case), auc(truth, p[:, 1])
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high), abs=1e-3)


@pytest.mark.slow
def test_intervals_agree_with_the_bootstrap(two, three):
    from gazo.stats import bootstrap

    truth, p, _ = two
    found = named(classification_metrics(truth, p, ("no", "yes")))
    called = p[:, 1] >= 0.5
    for name, statistic in (("F1 score", metrics.f1_score), ("Balanced accuracy", metrics.balanced_accuracy_score)):
        low, high = bootstrap(statistic, truth, called, repeats=200)
        assert found[name].high - found[name].low == pytest.approx(high - low, rel=0.15)
    macro = named(classification_metrics(*three, "abc"))["Macro AUC (one against the rest)"]
    low, high = bootstrap(lambda t, q: metrics.roc_auc_score(t, q, multi_class="ovr"), *three, repeats=150)
    assert macro.high - macro.low == pytest.approx(high - low, rel=0.2)


def test_a_perfect_classifier_keeps_its_doubt():
    truth = np.repeat([0, 1], [6, 4])
    for e in classification_metrics(truth, np.eye(2)[truth] * 0.8 + 0.1, ("no", "yes"))[:9]:
        assert e.value == 1
        assert e.low < 0.9, e.name.en
    truth = np.repeat([0, 1, 2], 4)
    for e in classification_metrics(truth, np.eye(3)[truth], "abc"):
        assert e.value == 1
        assert e.low < 0.9, e.name.en


def test_what_does_not_exist_says_so():
    truth = np.array([0, 0, 1, 1])
    found = named(classification_metrics(truth, np.tile([0.9, 0.1], (4, 1)), ("no", "yes")))
    assert np.isnan(found["Positive predictive value (PPV)"].value)
    assert found["Positive predictive value (PPV)"].low is None
    assert np.isnan(found["Matthews correlation (MCC)"].value)
    absent = named(classification_metrics([0, 0, 1, 1], np.full((4, 3), 1 / 3), "abc"))
    assert np.isnan(absent["AUC (c against the rest)"].value)
    assert absent["Macro AUC (one against the rest)"].value == 0.5


@pytest.mark.parametrize(
    ("truth", "p", "code"),
    [
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "G-STAT-013"),
        ([0.5, 1], [[0.5, 0.5], [0.5, 0.5]], "G-STAT-013"),
        ([0, 1], [[0.5, 0.9], [0.5, 0.5]], "G-STAT-014"),
        ([0, 1], [0.5, 0.5], "G-STAT-014"),
        ([0, 0], [[0.5, 0.5], [0.5, 0.5]], "G-STAT-002"),
        ([0, 1, 1], [[0.5, 0.5], [0.5, 0.5]], "G-STAT-004"),
    ],
)
def test_bad_input_is_a_sentence(truth, p, code):
    with pytest.raises(DataError) as caught:
        classification_metrics(truth, p, ("no", "yes"))
    assert caught.value.code == code


def test_confusion_is_that_of_scikit_learn(three):
    truth, p = three
    found = confusion(truth, p.argmax(axis=1), "abc")
    np.testing.assert_array_equal(found.counts, metrics.confusion_matrix(truth, p.argmax(axis=1)))
    np.testing.assert_allclose(found.row_percent.sum(axis=1), 100)
    assert found.table().rows[1][0] == "b"
    np.testing.assert_array_equal(from_json(to_json(found)).counts, found.counts)


def test_an_empty_class_has_no_percent():
    found = confusion([0, 0], [0, 2], "abc")
    np.testing.assert_allclose(found.row_percent[0], [50, 0, 50])
    assert np.isnan(found.row_percent[1]).all()


def test_precision_recall_is_that_of_scikit_learn(two):
    truth, p, _ = two
    scores = np.round(p[:, 1], 2)
    curve = precision_recall_curve(truth, scores, repeats=200)
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(curve.recall[::-1], recall[:-1])
    np.testing.assert_allclose(curve.precision[::-1], precision[:-1])
    np.testing.assert_allclose(curve.thresholds[::-1], thresholds)
    found = curve.average_precision
    assert found.value == pytest.approx(metrics.average_precision_score(truth, scores), abs=1e-12)
    assert found.low < found.value < found.high
    assert curve.prevalence == pytest.approx(truth.mean())
    assert np.all(curve.low <= curve.high)


def test_sensitivity_at_a_specificity(two):
    truth, p, _ = two
    fpr, tpr, _ = metrics.roc_curve(truth, p[:, 1], drop_intermediate=False)
    found = sensitivity_at(truth, p[:, 1], specificity=0.8)
    assert found.value == pytest.approx(np.interp(0.2, fpr, tpr))
    assert found.low <= found.value <= found.high


def test_patients_with_cases_of_every_class_and_perfect_scores_have_an_interval():
    """Each patient turned in three directions: no patient is without a class, and the variance is 0."""
    truth = np.tile(np.arange(3), 12)
    found = named(classification_metrics(truth, np.eye(3)[truth], "abc", patients=np.repeat(np.arange(12), 3)))
    macro = found["Macro AUC (one against the rest)"]
    assert macro.value == macro.high == 1.0
    assert 0.7 < macro.low < 1.0
