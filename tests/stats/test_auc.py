import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.results import from_json, to_json
from gazo.stats import auc, bootstrap, compare_aucs, roc_curve
from gazo.stats.delong import auc_value, newcombe_limits


def drawn(seed=0, positives=60, negatives=90, apart=1.0, decimals=1):
    rng = np.random.default_rng(seed)
    truth = np.repeat([True, False], [positives, negatives])
    return truth, np.round(rng.normal(size=len(truth)) + apart * truth, decimals)


def test_the_area_is_the_share_of_pairs_in_order():
    truth, scores = drawn()
    pairs = scores[truth][:, None] - scores[~truth][None]
    by_hand = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    assert auc(truth, scores).value == pytest.approx(by_hand, abs=1e-12)
    assert auc_value(truth, scores) == pytest.approx(by_hand, abs=1e-12)


def test_variance_equals_that_of_the_definition():
    """DeLong et al. 1988, eq. (5)-(6), with the full matrix of pairs."""
    truth, scores = drawn(decimals=0)
    pairs = scores[truth][:, None] - scores[~truth][None]
    psi = (pairs > 0) + 0.5 * (pairs == 0)
    variance = psi.mean(axis=1).var(ddof=1) / truth.sum() + psi.mean(axis=0).var(ddof=1) / (~truth).sum()
    found = auc(truth, scores, interval="wald")
    assert (found.high - found.low) / 2 == pytest.approx(1.959963984540054 * variance**0.5, rel=1e-9)


def test_doubling_every_row_of_a_patient_changes_nothing():
    truth, scores = drawn()
    once, twice = auc(truth, scores), np.repeat(np.arange(len(truth)), 2)
    again = auc(np.repeat(truth, 2), np.repeat(scores, 2), patients=[f"P{n}" for n in twice])
    assert (again.low, again.high) == pytest.approx((once.low, once.high), abs=1e-12)
    assert again.method == "Obuchowski 1997 (by patient), logit"
    careless = auc(np.repeat(truth, 2), np.repeat(scores, 2))
    assert careless.high - careless.low < 0.8 * (once.high - once.low)


def test_clustered_interval_agrees_with_the_bootstrap_over_patients():
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(80), 3)
    truth = rng.random(240) < np.repeat(rng.beta(1, 1, 80), 3)
    scores = rng.normal(size=240) + truth + np.repeat(rng.normal(size=80), 3)
    exact = auc(truth, scores, patients=patients, interval="wald")
    low, high = bootstrap(auc_value, truth, scores, groups=patients, repeats=4000)
    assert exact.high - exact.low == pytest.approx(high - low, rel=0.08)


def test_order_of_rows_and_monotone_scale_do_not_matter():
    truth, scores = drawn()
    order = np.random.default_rng(1).permutation(len(truth))
    assert auc(truth[order], np.exp(scores[order])) == auc(truth, scores)
    mirrored = auc(truth, -scores)
    assert mirrored.value == pytest.approx(1 - auc(truth, scores).value)


@pytest.mark.parametrize(("scores", "value"), [([1, 2, 3, 4, 5], 1.0), ([5, 4, 3, 2, 1], 0.0), ([1, 1, 1, 1, 1], 0.5)])
def test_no_interval_is_without_width(scores, value):
    found = auc([0, 0, 0, 1, 1], scores)
    assert found.value == value
    assert found.low <= value <= found.high
    assert found.high - found.low > 0.3
    assert found.method == "Newcombe 2006 score"


def test_score_limits_solve_their_equation():
    low, high = newcombe_limits(0.8, 20, 30, 0.95)
    n = 24
    for t in (low, high):
        variance = t * (1 - t) * (1 + n * (1 - t) / (2 - t) + n * t / (1 + t)) / 600
        assert abs(0.8 - t) / variance**0.5 == pytest.approx(1.959964, abs=1e-5)
    assert low < 0.8 < high


def test_infinite_scores_are_ranked():
    assert auc([0, 0, 1, 1], [-np.inf, 0, 1, np.inf]).value == 1


def test_equal_rankings_do_not_differ():
    truth, scores = drawn()
    found = compare_aucs(truth, scores, 2 * scores + 1)
    assert (found.difference.value, found.difference.low, found.difference.high, found.p) == (0, 0, 0, 1)


def test_swapping_the_two_turns_the_sign_only():
    truth, scores = drawn()
    other = scores + np.random.default_rng(5).normal(size=len(scores))
    there, back = compare_aucs(truth, scores, other), compare_aucs(truth, other, scores)
    assert (there.z, there.p, there.difference.low) == pytest.approx((-back.z, back.p, -back.difference.high))


def test_perfect_against_nothing_is_still_tested():
    truth = np.repeat([0, 1], 10)
    found = compare_aucs(truth, truth, np.zeros(20))
    assert found.difference.value == 0.5
    assert 0 < found.p < 0.01
    assert "conservative" in found.method


def test_the_curve_is_that_of_scikit_learn():
    from sklearn import metrics

    truth, scores = drawn(decimals=1)
    curve = roc_curve(truth, scores, repeats=20)
    fpr, tpr, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    kept = np.isin(thresholds, curve.thresholds)
    np.testing.assert_allclose(curve.fpr, fpr[kept])
    np.testing.assert_allclose(curve.tpr, tpr[kept])
    assert np.trapezoid(curve.tpr, curve.fpr) == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)


def test_the_band_holds_the_curve_and_is_repeatable():
    truth, scores = drawn()
    curve = roc_curve(truth, scores, repeats=500, seed=4)
    middle = curve.curve()
    assert np.all(curve.low <= middle.y + 1e-12)
    assert np.all(middle.y <= curve.high + 1e-12)
    assert 0.1 < (curve.high - curve.low)[10] < 0.5
    np.testing.assert_array_equal(curve.low, roc_curve(truth, scores, repeats=500, seed=4).low)
    assert not np.array_equal(curve.low, roc_curve(truth, scores, repeats=500, seed=5).low)


def test_the_band_of_copies_is_as_wide_as_without_copies():
    truth, scores = drawn()
    once = roc_curve(truth, scores)
    copies = roc_curve(np.repeat(truth, 4), np.repeat(scores, 4), patients=np.repeat(np.arange(len(truth)), 4))
    assert np.mean(copies.high - copies.low) == pytest.approx(np.mean(once.high - once.low), rel=0.05)


def test_the_band_of_a_perfect_curve_has_width():
    curve = roc_curve(np.repeat([0, 1], 10), np.arange(20), repeats=50)
    assert curve.auc.value == 1
    assert curve.low[0] == pytest.approx(1 - 3.84146 / 13.84146, abs=1e-5)
    assert curve.high[0] == 1


def test_no_resample_lacks_a_class():
    truth = np.arange(40) < 2
    curve = roc_curve(truth, np.arange(40) % 7, repeats=300)
    assert np.isfinite(curve.low).all()
    assert np.isfinite(curve.high).all()


def test_the_curve_survives_json():
    truth, scores = drawn()
    curve = roc_curve(truth, scores, repeats=20)
    back = from_json(to_json(curve))
    np.testing.assert_array_equal(back.thresholds, curve.thresholds)
    assert back.auc == curve.auc


@pytest.mark.parametrize(
    ("truth", "scores", "patients", "code"),
    [
        ([0, 1, 2], [1, 2, 3], None, "G-STAT-001"),
        (["a", "b", "a"], [1, 2, 3], None, "G-STAT-001"),
        ([1, 1, 1], [1, 2, 3], None, "G-STAT-002"),
        ([0, 1, 1], [1, 2, np.nan], None, "G-STAT-003"),
        ([0, 1, 1], [1, 2], None, "G-STAT-004"),
        ([], [], None, "G-STAT-004"),
        ([0, 1, 1], [1, 2, 3], ["a", None, "b"], "G-STAT-005"),
        ([0, 1, 1], [1, 2, 3], ["a", "b"], "G-STAT-004"),
    ],
)
def test_bad_input_is_a_sentence(truth, scores, patients, code):
    with pytest.raises(DataError) as caught:
        auc(truth, scores, patients=patients)
    assert caught.value.code == code


def test_bad_options_are_refused():
    with pytest.raises(OptionError, match="G-STAT-006"):
        auc([0, 1], [0, 1], interval="logits")
    with pytest.raises(OptionError, match="G-STAT-007"):
        auc([0, 1], [0, 1], level=95)


@pytest.mark.slow
@pytest.mark.parametrize(("apart", "positives", "negatives"), [(0.5, 30, 30), (1.5, 30, 60), (2.5, 25, 25)])
def test_the_interval_covers_the_true_area(apart, positives, negatives):
    """Binormal scores: the true area is Phi(d / sqrt 2). 95 % intervals of 2000 studies."""
    from scipy.special import ndtr

    rng, area = np.random.default_rng(7), ndtr(apart / np.sqrt(2))
    truth = np.repeat([True, False], [positives, negatives])
    found = [auc(truth, rng.normal(size=len(truth)) + apart * truth) for _ in range(2000)]
    assert 0.935 <= np.mean([e.low <= area <= e.high for e in found]) <= 0.975


@pytest.mark.slow
def test_only_the_interval_by_patient_covers_when_rows_repeat():
    """Four images a patient share a patient effect; both effects normal, so the area is Phi(d / sqrt(2 (1 + s^2)))."""
    from scipy.special import ndtr

    rng, area = np.random.default_rng(8), ndtr(1 / 2)
    patients, truth = np.repeat(np.arange(80), 4), np.repeat(np.arange(80) % 2, 4)

    def covered(given):
        hits = []
        for _ in range(1000):
            scores = rng.normal(size=320) + np.repeat(rng.normal(size=80), 4) + truth
            found = auc(truth, scores, patients=given)
            hits.append(found.low <= area <= found.high)
        return np.mean(hits)

    assert 0.93 <= covered(patients) <= 0.975
    assert covered(None) < 0.9
