"""Spread of answers, dropout passes, varied images, temperature: formulas, laws, and what must not change."""

import math

import numpy as np
import pytest

from gazo.core import DataError, ImageSet, OptionError
from gazo.learn import Classifier, Protocol, load
from gazo.learn.classify.calibrated import at_temperature, calibration_table, fitted_temperature
from gazo.learn.classify.results import FoldOutcome
from gazo.learn.classify.sureness import sureness
from gazo.learn.uncertainty import spread

QUICK = {"network": "small_cnn", "size_px": 16, "epochs": 2, "batch_size": 16, "device": "cpu", "baseline": False}


def squares(n=60, seed=0):
    rng = np.random.default_rng(seed)
    pixels = rng.normal(100, 10, (n, 16, 16))
    pixels[::2, 4:9, 4:9] += 12
    return ImageSet.from_arrays(pixels, ["ab"[i % 2] for i in range(n)], [f"p{i // 2}" for i in range(n)])


def test_spread_by_hand():
    """Two networks sure of opposite things: entropy ln 2, none of it expected, all of it disagreement."""
    found = spread([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert found.entropy[0] == pytest.approx(math.log(2))
    assert found.expected_entropy[0] == 0
    assert found.mutual_information[0] == pytest.approx(math.log(2))
    assert found.deviation[0] == pytest.approx(math.sqrt(0.5))
    alike = spread([[[0.5, 0.5]]] * 3)
    assert alike.mutual_information[0] == 0
    assert alike.entropy[0] == pytest.approx(math.log(2))
    with pytest.raises(DataError, match="G-UNC-001"):
        spread([[[0.5, 0.5]]])


def test_ways_of_spreading_repeat_with_the_seed_and_leave_the_network_as_it_was():
    images = squares(20)
    fitted = Classifier(**QUICK, drop=0.5).fit(images, seed=0, validation_share=0)
    before = fitted.predict(images).rows
    for way in ("dropout", "augmentation"):
        one, again, other = (fitted.uncertainty(images, seed=s, way=way, passes=4).rows for s in (1, 1, 2))
        assert one == again
        assert one != other
        assert min(row[5] for row in one) > 0
    assert fitted.predict(images).rows == before
    assert fitted.uncertainty(images, seed=0, passes=3).title.en.endswith("(test-time augmentation)")


def test_what_a_way_needs_is_said():
    images = squares(20)
    still = {"rotation_deg": 0, "translation_percent": 0, "scale_percent": 0, "gamma_percent": 0, "contrast_percent": 0}
    fitted = Classifier(**QUICK, **still, drop=0).fit(images, seed=0, validation_share=0)
    for way, code in (("ensemble", "G-UNC-001"), ("dropout", "G-UNC-002"), ("augmentation", "G-UNC-003")):
        with pytest.raises((DataError, OptionError), match=code):
            fitted.uncertainty(images, seed=0, way=way, passes=2)


def simulated(t, n=4000, seed=0):
    """Probabilities of a network whose true logits were multiplied by t, and classes drawn by the true ones."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, 2))
    true = at_temperature(np.exp(logits - logits.max(1, keepdims=True)), 1.0)
    return at_temperature(true, 1 / t), (rng.random(n) < true[:, 1]).astype(int)


@pytest.mark.parametrize("t", [1.0, 2.5, 0.5])
def test_the_temperature_of_a_simulated_network_is_found(t):
    """1 on calibrated answers."""
    assert fitted_temperature(*simulated(t)) == pytest.approx(t, rel=0.06)


def test_a_temperature_keeps_order_and_sum_and_can_be_taken_back():
    p = simulated(1.0)[0]
    warm = at_temperature(p, 3.0)
    np.testing.assert_allclose(warm.sum(1), 1)
    np.testing.assert_array_equal(np.argsort(warm[:, 1]), np.argsort(p[:, 1]))
    np.testing.assert_allclose(at_temperature(warm, 1 / 3), p, atol=1e-9)


def test_a_validation_part_that_says_nothing_gives_no_temperature():
    sure = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2]])
    assert fitted_temperature(sure, np.array([0, 1, 0])) == 1.0
    assert fitted_temperature(sure, np.array([0, 0, 0])) == 1.0


def outcome(p, t, scaled, repeat=0):
    return FoldOutcome(repeat, 0, np.arange(len(p)), p, 0.5, (), temperature=t, scaled=scaled)


def test_the_table_before_and_after_is_the_same_whichever_was_stored():
    """An overconfident network: ECE and Brier score fall; stored scaled or not makes no difference."""
    p, truth = simulated(3.0, n=600)
    t = fitted_temperature(*simulated(3.0, seed=1))
    rows = np.arange(600)
    plain = calibration_table([outcome(p, t, False)], truth, rows, repeats=50)
    stored = calibration_table([outcome(at_temperature(p, t), t, True)], truth, rows, repeats=50)
    values = [row[2] for row in plain.rows]
    assert values == pytest.approx([row[2] for row in stored.rows], abs=1e-6)
    ece_before, ece_after, brier_before, brier_after = values
    assert ece_after < ece_before / 2
    assert brier_after < brier_before
    assert calibration_table([outcome(p, None, False)], truth, rows) is None


def test_sureness_of_right_and_wrong_answers():
    """Errors among the unsure give a small area; agreement stands beside it where an image was judged twice."""
    p, truth = simulated(1.0, n=500)
    said = (p[:, 1] >= 0.5).astype(int)
    one = sureness([outcome(p, 1.0, False)], truth, said, np.arange(500), patients=None, seed=0)
    assert len(one) == 1
    assert one[0].risk[49] < one[0].all_risk
    two = sureness(
        [outcome(p, 1.0, False), outcome(p * 0.98 + 0.01, 1.0, False, 1)], truth, said, np.arange(500), patients=None, seed=0
    )
    assert [c.title.en for c in two] == ["by probability", "by agreement of the networks"]
    assert sureness([outcome(p, 1.0, False)], said, said, np.arange(500), patients=None, seed=0) == ()


def test_a_study_tells_how_sure_it_was_and_keeps_its_temperatures(tmp_path):
    from gazo.core import from_json, to_json
    from gazo.runs.sections import sections

    protocol = Protocol(evaluation="folds", folds=2, repeats=2, validation_share=0.3)
    spec = Classifier(**QUICK, calibrate=True)
    study = spec.study(squares(), protocol, seed=0, folder=tmp_path)
    assert len(study.uncertainty) == 2
    assert study.calibration is not None
    back = from_json(to_json(study))
    assert back.calibration == study.calibration
    keys = [section.key for section in sections(study)]
    assert {"uncertainty", "leaks"} <= set(keys)
    fitted = load(tmp_path)
    assert len(fitted.temperatures) == 4
    table = fitted.uncertainty(squares(10, seed=3), seed=0)
    assert "networks of the folds" in table.title.en
    assert "_" not in str(table.headings)
