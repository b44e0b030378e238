"""A classifier judged: the whole way on images whose truth is known."""

import dataclasses
import json

import numpy as np
import pytest

from gazo.core import DataError, ImageSet, OptionError, from_json, to_json
from gazo.learn import Classifier, NetworkComparison, Protocol, load
from gazo.learn.classify.side_by_side import epochs_to, side_by_side

QUICK = {"network": "small_cnn", "epochs": 4, "size_px": 16, "learning_rate": 5e-3, "batch_size": 8, "device": "cpu"}


def images(classes="ab", patients=24, each=2, signal=80):
    """Each patient has `each` images; class c has a bright square at place c."""
    rng = np.random.default_rng(0)
    arrays = rng.integers(0, 100, (patients * each, 16, 16), dtype=np.uint8)
    labels = [classes[(i // each) % len(classes)] for i in range(len(arrays))]
    for pixels, label in zip(arrays, labels, strict=True):
        corner = 5 * classes.index(label)
        pixels[corner : corner + 5, corner : corner + 5] += np.uint8(signal)
    return ImageSet.from_arrays(arrays, labels, [f"patient {i // each}" for i in range(len(arrays))], name="squares")


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    spec = Classifier(**QUICK, positive="a")
    return spec, folder, spec.study(images(), Protocol(evaluation="folds", folds=3), seed=0, folder=folder)


def test_every_image_is_judged_once_with_probabilities(judged):
    _, _, study = judged
    assert [row[0] for row in study.predictions.rows] == list(range(48))
    assert all(row[4] + row[5] == pytest.approx(1) for row in study.predictions.rows)
    assert study.classes == ("b", "a")
    assert study.metrics[0].value > 0.9
    assert study.metrics[0].low <= study.metrics[0].value <= study.metrics[0].high


def test_the_baseline_stands_on_the_same_images(judged):
    _, _, study = judged
    assert study.baseline_metrics[0].name == study.metrics[0].name
    assert study.against_baseline.first.value == pytest.approx(study.metrics[0].value)
    assert study.against_baseline.second.value == pytest.approx(study.baseline_metrics[0].value)


def test_no_patient_name_stands_in_the_result(judged):
    text = json.dumps(to_json(judged[2]), ensure_ascii=False)
    assert "P0001" in text
    assert "patient 1" not in text


def test_the_result_comes_back_from_json_to_the_last_digit(judged):
    stored = json.dumps(to_json(judged[2]))
    assert json.dumps(to_json(from_json(json.loads(stored)))) == stored


def test_finished_folds_are_not_trained_again(judged, monkeypatch):
    spec, folder, study = judged
    monkeypatch.setattr(Classifier, "fit_prepared", lambda *a, **k: pytest.fail("trained again"))
    again = spec.study(images(), Protocol(evaluation="folds", folds=3), seed=0, folder=folder)
    assert to_json(again) == to_json(study)


def test_the_folds_networks_speak_as_one(judged):
    spec, folder, _ = judged
    fitted = load(folder)
    assert len(fitted.nets) == 3
    table = fitted.predict(images().take([0, 1, 2]))
    assert [len(row) for row in table.rows] == [4] * 3
    assert fitted.spec == dataclasses.replace(spec, weights="none")


def test_labels_without_signal_give_an_interval_around_one_half():
    rng = np.random.default_rng(3)
    noise = ImageSet.from_arrays(rng.integers(0, 255, (60, 16, 16), dtype=np.uint8), ["a", "b"] * 30, list(range(60)))
    study = Classifier(**QUICK).study(noise, Protocol(evaluation="folds", folds=3), seed=0)
    assert study.metrics[0].low < 0.5 < study.metrics[0].high


def test_three_classes(tmp_path):
    study = Classifier(**QUICK).study(images("abc", patients=30), Protocol(evaluation="held-out", test_share=0.4), seed=1)
    assert len(study.roc) == 3
    assert study.against_baseline is None
    assert study.metrics[0].name.en == "Accuracy"
    assert study.metrics[0].value > 0.6


def test_fit_predict_evaluate_explain_save_load(tmp_path):
    learned = Classifier(**QUICK).fit(images(), seed=0)
    others = images(patients=10)
    study = learned.evaluate(others)
    assert study.metrics[0].value > 0.9
    panels = learned.explain(others, [0, 3])
    assert [p.shape for p in panels.images] == [(16, 16)] * 2
    restored = load(learned.save(tmp_path / "保存"))
    assert restored.predict(others).rows == learned.predict(others).rows
    assert restored.threshold == learned.threshold
    assert f"{learned.threshold:.3f}" in learned.predict(others).notes[0].en


def test_same_seed_same_network_other_seed_another():
    first, second, third = (Classifier(**QUICK).fit(images(patients=8), seed=seed) for seed in (0, 0, 1))
    rows = [fitted.predict(images(patients=4)).rows for fitted in (first, second, third)]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize(
    "extra", [{"mixing": 0.4}, {"balance": "weights"}, {"balance": "sampling"}, {"mirror": True}, {"precision": "bf16"}]
)
def test_options_of_training_reach_the_training(extra):
    plain, changed = (Classifier(**{**QUICK, **more}).fit(images(patients=9), seed=0) for more in ({}, extra))
    others = images(patients=5)
    assert plain.predict(others).rows != changed.predict(others).rows


def test_networks_are_compared_on_the_same_images():
    comparison = NetworkComparison(
        **{k: v for k, v in QUICK.items() if k != "network"}, networks=("small_cnn", "small_resnet"), fixed_loss=0.69
    )
    found = comparison.study(images(), Protocol(evaluation="folds", folds=2), seed=0)
    assert [row[0] for row in found.table.rows[:2]] == ["small_cnn", "small_resnet"]
    assert [curve.title.en for curve in found.losses] == ["small_cnn", "small_resnet"]
    assert len(found.tests.rows) == 1
    assert found.table.rows[0][1] > 0
    with pytest.raises(OptionError, match="G-LEARN-007"):
        NetworkComparison(networks=("lenet", "lenet")).study(images(), Protocol(), seed=0)


def test_epochs_to_a_loss():
    found = NetworkComparison(
        **{k: v for k, v in QUICK.items() if k != "network"}, networks=("small_cnn", "small_resnet"), baseline=False
    )
    curve = found.study(images(), Protocol(evaluation="held-out"), seed=0).losses[0]
    assert epochs_to(curve, float(curve.y[1])) == (2 if curve.y[1] < curve.y[0] else 1)
    assert epochs_to(curve, -1.0) is None


MINE = """
import torch

class Mine(torch.nn.Module):
    def __init__(self, classes, channels):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Conv2d(channels, 4, 3, 2), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(classes))

    def forward(self, x):
        return self.layers(x)
"""


def test_a_network_from_a_users_file_learns_like_a_built_in_one(tmp_path):
    (tmp_path / "自作.py").write_text(MINE, encoding="utf-8")
    name = f"file:{tmp_path / '自作.py'}:Mine"
    with pytest.raises(OptionError, match="G-WEI-021"):
        Classifier(**{**QUICK, "network": name}).preflight(images(), Protocol(), seed=0)
    spec = Classifier(**{**QUICK, "network": name, "trust_file": True, "epochs": 8})
    study = spec.study(images(), Protocol(evaluation="held-out", test_share=0.4), seed=0)
    assert study.metrics[0].value > 0.9
    assert str(tmp_path) not in json.dumps(to_json(study))
    learned = spec.fit(images(patients=8), seed=0)
    folder = learned.save(tmp_path / "saved")
    (tmp_path / "自作.py").unlink()
    assert str(tmp_path) not in (folder / "classifier.json").read_text(encoding="utf-8")
    with pytest.raises(OptionError, match="G-WEI-021"):
        load(folder)
    assert load(folder, trust_file=True).predict(images(patients=4)).rows == learned.predict(images(patients=4)).rows


def test_classes_that_a_part_lacks_are_named_before_training(monkeypatch):
    monkeypatch.setattr(Classifier, "fit_prepared", lambda *a, **k: pytest.fail("trained"))
    given = images("abc", patients=30)
    labels = given.role("label")
    split = ["test" if i >= 45 and label != "c" else "train" for i, label in enumerate(labels)]
    with pytest.raises(DataError, match=r"G-LEARN-008.*test part.*: c"):
        Classifier(**QUICK).study(given.with_column("split", split, "split"), Protocol(evaluation="given"), seed=0)


def test_runs_with_another_positive_class_are_compared_on_the_same_truth():
    studies = [
        Classifier(**{**QUICK, "baseline": False}, positive=p).study(images(), Protocol(evaluation="held-out"), seed=0)
        for p in "ab"
    ]
    found = side_by_side(["a", "b"], studies, sizes=[None, None], fixed_loss=0.5)
    assert abs(found.tests.rows[0][2]) < 0.2


def test_comparison_of_several_classes_keeps_patients_together():
    """Two classifiers that are right at random, ten images a patient alike: the interval of the difference is that of patients."""
    rng = np.random.default_rng(0)
    study = Classifier(**QUICK).study(images("abc", patients=30), Protocol(evaluation="folds", folds=2), seed=0)
    right = [np.repeat(rng.random(30) < 0.6, 2) for _ in range(2)]

    def answered(mask):
        rows = tuple((*row[:2], "a", "a" if ok else "b", *row[4:]) for row, ok in zip(study.predictions.rows, mask, strict=True))
        return dataclasses.replace(study, predictions=dataclasses.replace(study.predictions, rows=rows))

    row = side_by_side(["x", "y"], [answered(m) for m in right], sizes=[None, None], fixed_loss=0.5).tests.rows[0]
    by_patient = (right[0].astype(float) - right[1])[::2]
    assert row[4] - row[3] == pytest.approx(2 * 1.96 * by_patient.std() / np.sqrt(30), rel=0.2)


def test_near_copies_are_watched_with_their_originals(monkeypatch):
    """Fourteen patients, each a copy of another: no picture may be learned and watched at once."""
    rng = np.random.default_rng(1)
    originals = rng.integers(0, 100, (14, 64, 64)).astype(np.uint8)
    arrays = np.concatenate([originals, originals])
    doubled = ImageSet.from_arrays(arrays, ["a", "b"] * 14, list(range(28)))
    seen = {}
    monkeypatch.setattr(
        Classifier,
        "fit_prepared",
        lambda self, pixels, targets, classes, taught, watched, **rest: seen.update(taught=taught, watched=watched),
    )
    for seed in range(3):
        Classifier(**QUICK).fit(doubled, seed=seed, validation_share=0.3)
        assert len(seen["watched"])
        assert not set(seen["taught"] % 14) & set(seen["watched"] % 14)


def test_patients_that_are_not_known_are_not_one_patient():
    from gazo.learn.protocol import plan

    known = images(patients=24, each=1)
    unknown = known.with_column("patient", [None, float("nan"), ""] * 8, "patient")
    many = known.take([*range(24)] * 10)
    assert "held-out" in plan(many.with_column("patient", [None] * 240, "patient"), Protocol(), seed=0).sentence.en
    fitted = Classifier(**QUICK).fit(known, seed=0)
    study, expected = fitted.evaluate(unknown), fitted.evaluate(known)
    assert len({row[1] for row in study.predictions.rows}) == 24
    assert study.metrics[0] == expected.metrics[0]
    assert "24 images have no patient ID" in study.warnings[0].en


def outcome(number, rows, probabilities):
    from gazo.learn.classify.results import FoldOutcome

    return FoldOutcome(0, number, np.array(rows), np.stack([1 - probabilities, probabilities], 1), 0.5, ())


@pytest.mark.parametrize(("shift", "explained"), [(0.0, False), (0.5, True)])
def test_a_pooled_auc_below_the_mean_of_the_folds_is_explained(shift, explained):
    """Each fold ranks its own images perfectly; with another scale in the second fold the pooled ranks are wrong."""
    from gazo.core import Text
    from gazo.learn.classify.summary import summary

    truth = np.array([0, 1] * 6)
    first, second = np.where(truth[:6], 0.4, 0.1), np.where(truth[6:], 0.4, 0.1) + shift
    outcomes = [outcome(0, range(6), first), outcome(1, range(6, 12), second)]
    study = summary(
        Text("網", "net"),
        images(patients=12, each=1),
        truth,
        ("a", "b"),
        outcomes,
        plan_sentence=Text("計画", "plan"),
        seed=0,
    )
    (note,) = study.folds.notes
    assert "Mean of the folds' AUCs: 1.000." in note.en
    assert ("own scale" in note.en) is explained
    assert ("尺度" in note.ja) is explained
    assert (f"{study.metrics[0].value:.3f}" in note.en.partition("AUCs: 1.000.")[2]) is explained
