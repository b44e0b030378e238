"""Detectors judged: the whole way on images whose truth is known."""

import json
import re

import numpy as np
import pytest

from gazo.core import DataError, ImageSet, OptionError, from_json, to_json
from gazo.learn import RCNN, DetectorComparison, FasterRCNN, FastRCNN, OneStage, Protocol, load
from gazo.learn.detect.detector import Detector
from gazo.learn.detect.side_by_side import side_by_side

QUICK = {"size_px": 48, "device": "cpu", "learning_rate": 5e-3, "batch_size": 8}
HELD = Protocol(evaluation="held-out", test_share=0.4)


def discs(n=36, size=48, seed=0, empty=4):
    """A bright disc in noise, none in every `empty`-th image; two images a patient."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] + 0.5
    pixels, boxes = [], []
    for number in range(n):
        plane, own = rng.normal(1000, 30, (size, size)), []
        if number % empty:
            r, (cx, cy) = rng.uniform(5, 7), rng.uniform(9, size - 9, 2)
            plane += 400 * ((x - cx) ** 2 + (y - cy) ** 2 < r**2)
            own = [(cx - r, cy - r, 2 * r, 2 * r)]
        pixels.append(plane.clip(0, 4095))
        boxes.append(np.array(own, float).reshape(-1, 4))
    patients = [f"name {i // 2}" for i in range(n)]
    return ImageSet.from_arrays(np.array(pixels, np.uint16), boxes=boxes, patients=patients, name="discs", spacing_mm=(0.5, 0.5))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detect")
    spec = OneStage(**QUICK, epochs=14)
    return spec, folder, spec.study(discs(), HELD, seed=0, folder=folder)


def test_the_one_stage_detector_learns(judged):
    _, _, study = judged
    by_name = {m.name.en + m.unit: m for m in study.metrics}
    assert study.metrics[0].value > 0.85
    assert study.metrics[0].low <= study.metrics[0].value <= study.metrics[0].high
    assert by_name["AP50"].value > 0.6
    assert by_name["Error of the centremm"].value == pytest.approx(by_name["Error of the centrepx"].value / 2)
    assert by_name["Speedimages/s"].value > 0
    assert study.losses[0].y[-1] < 0.5 * study.losses[0].y[0]


def test_boxes_are_in_pixels_of_the_image(judged):
    _, _, study = judged
    hits = [row for row in study.predictions.rows if row[7] and row[6] > 0.3]
    truth = dict(zip(study.rows.tolist(), study.truth, strict=True))
    assert len(hits) >= 6
    apart = [np.abs(np.array(row[2:6]) - truth[row[0]][0]).mean() for row in hits]
    assert np.median(apart) < 2.5


def test_nothing_tells_who_it_is_and_json_keeps_every_digit(judged):
    stored = json.dumps(to_json(judged[2]), ensure_ascii=False)
    assert "name 1" not in stored
    assert re.search(r"P00\d\d", stored)
    assert json.dumps(to_json(from_json(json.loads(stored))), ensure_ascii=False) == stored


def test_finished_folds_are_not_trained_again(judged, monkeypatch):
    spec, folder, study = judged
    monkeypatch.setattr(Detector, "fit_prepared", lambda *a, **k: pytest.fail("trained again"))
    again = spec.study(discs(), HELD, seed=0, folder=folder)
    assert to_json(again) == to_json(study)


def test_predict_explain_save_and_load(judged, tmp_path):
    _, folder, _ = judged
    fitted = load(folder)
    others = discs(6, seed=1)
    table = fitted.predict(others)
    assert len(table.headings) == 7
    panels = fitted.explain(others, [1, 2])
    assert [image.shape for image in panels.images] == [(48, 48)] * 2
    assert [int((boxes[:, 4] == 0).sum()) for boxes in panels.boxes] == [1, 1]
    restored = load(fitted.save(tmp_path / "保存"))
    assert restored.predict(others).rows == table.rows
    assert fitted.evaluate(others).froc[0].images == 6
    twice = type(fitted)(fitted.spec, fitted.nets * 2, fitted.facts, fitted.seed, fitted.thresholds * 2)
    assert len(twice.predict(others).rows) == pytest.approx(len(table.rows), abs=2)


def test_report_and_figures_are_drawn(judged):
    from gazo.runs.figures import figure
    from gazo.runs.sections import sections

    _, _, study = judged
    found = sections(study)
    assert [s.key for s in found][:2] == ["summary", "results"]
    figure(study.froc)
    figure(study.examples[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    [
        FasterRCNN(**QUICK, epochs=4, hidden=64, proposals=50),
        FastRCNN(**QUICK, epochs=3, hidden=64, search_most=80),
        RCNN(**QUICK, epochs=2, search_most=60, rounds=1),
    ],
    ids=lambda spec: type(spec).__name__,
)
def test_detectors_of_regions_learn_and_come_back(spec, tmp_path):
    fitted = spec.fit(discs(20), seed=0, validation_share=0.0)
    study = fitted.evaluate(discs(8, seed=5))
    assert study.froc[0].at[-1].value >= 0.5
    assert load(fitted.save(tmp_path)).predict(discs(4, seed=3)).rows == fitted.predict(discs(4, seed=3)).rows


@pytest.mark.slow
def test_detectors_side_by_side_on_the_same_images(judged):
    _, _, study = judged
    other = OneStage(**QUICK, epochs=1).study(discs(), HELD, seed=0)
    both = side_by_side([study, other])
    assert [len(both.froc), len(both.table.rows), len(both.tests.rows)] == [2, 2, 1]
    assert study.rows.tolist() == other.rows.tolist()
    same = side_by_side([study, study])
    assert same.tests.rows[0][2] == 0
    assert same.tests.rows[0][5] == 1


def test_the_comparison_makes_the_detectors_it_names():
    comparison = DetectorComparison(detectors=("rcnn", "one-stage"), epochs=3, size_px=64)
    first, second = comparison.specs()
    assert (type(first), first.epochs, second.size_px) == (RCNN, 3, 64)
    assert first.learning_rate == RCNN().learning_rate
    with pytest.raises(OptionError) as caught:
        DetectorComparison(detectors=("rcnn",)).preflight(discs(4), HELD, seed=0)
    assert caught.value.code == "G-DET-005"


@pytest.mark.parametrize("options", [{"stride": "8"}, {"balance": "sampling"}, {"focal_gamma": 0.0}])
def test_options_reach_the_training(options):
    rows = [
        OneStage(**{**QUICK, **more}, epochs=1).fit(discs(8), seed=0, validation_share=0.0).predict(discs(2)).rows
        for more in ({}, options)
    ]
    assert rows[0] != rows[1]


def faulty(boxes, **more):
    return ImageSet.from_arrays(
        np.random.default_rng(0).integers(0, 99, (len(boxes), 48, 48), dtype=np.uint16), boxes=boxes, **more
    )


@pytest.mark.parametrize(
    ("code", "boxes", "options"),
    [
        ("G-LEARN-054", [None] * 6, {}),
        ("G-TRAIN-004", [[(40, 40, 20, 20)]] * 6, {}),
        ("G-TRAIN-004", [[(20, 20, 0, 0)]] * 6, {}),
        ("G-DET-003", [[(20.0, 20.0, 1.0, 1.0)]] * 6, {}),
        ("G-DET-002", [[(20, 20, 9, 9)]], {}),
    ],
)
def test_bad_truth_is_told(code, boxes, options):
    with pytest.raises(DataError) as caught:
        OneStage(**QUICK, epochs=1).fit(faulty(boxes), seed=0, validation_share=0.0)
    assert caught.value.code == code


def test_points_become_boxes_of_the_size_named():
    spec = OneStage(**QUICK, epochs=1, point_box_px=10)
    study = spec.fit(faulty([[(20, 20, 0, 0)]] * 4), seed=0, validation_share=0.0).evaluate(
        faulty([[(20, 20, 0, 0)], [(3, 3, 0, 0)]])
    )
    assert study.truth[0].tolist() == [[15, 15, 10, 10]]
    assert study.truth[1].tolist() == [[0, 0, 8, 8]]


def test_a_test_part_without_lesions_is_told():
    boxes = [[(20, 20, 9, 9)], *[None] * 11]
    with pytest.raises(DataError) as caught:
        OneStage(**QUICK, epochs=1).study(faulty(boxes), Protocol(evaluation="folds", folds=3), seed=0)
    assert caught.value.code in ("G-DET-004", "G-DET-002")


def test_masks_are_truth_too():
    images = discs(6)
    masks = np.zeros((6, 48, 48), np.uint8)
    masks[:, 10:20, 12:24] = 255
    by_mask = ImageSet.from_arrays(images.loader.arrays, masks=masks)
    study = OneStage(**QUICK, epochs=1).fit(by_mask, seed=0, validation_share=0.0).evaluate(by_mask)
    assert study.truth[0].tolist() == [[12, 10, 12, 10]]
