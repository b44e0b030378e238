"""FROC and average precision: examples by hand, other libraries, laws."""

import json

import numpy as np
import pytest

from gazo.core.errors import DataError, OptionError
from gazo.core.results import from_json, to_json
from gazo.stats.average_precision import average_precision
from gazo.stats.detections import Found, iou
from gazo.stats.froc import RATES, compare_frocs, froc_curve

NONE = np.zeros((0, 4))


def found(*rows):
    """Each row: x, y, width, height, score."""
    rows = np.array(rows, float).reshape(-1, 5)
    return Found(rows[:, :4], rows[:, 4])


def by_hand():
    """Two images, three lesions; scores .9 hit, .8 false, .7 hit, .7 second hit of one lesion, .6 false, one lesion missed."""
    truth = [np.array([[10, 10, 10, 10], [40, 40, 10, 10]]), np.array([[20, 20, 10, 10]])]
    first = found((11, 11, 10, 10, 0.9), (10, 10, 9, 9, 0.7), (70, 70, 10, 10, 0.8))
    return [first, found((20, 20, 10, 10, 0.7), (0, 0, 5, 5, 0.6))], truth


def drawn(seed=0, images=40, patients=20):
    rng = np.random.default_rng(seed)
    given, truth = [], []
    for _ in range(images):
        lesions = np.column_stack([rng.uniform(0, 80, (n := rng.integers(0, 3), 2)), rng.uniform(8, 16, (n, 2))])
        hit = lesions[rng.random(n) < 0.8]
        false = np.column_stack([rng.uniform(0, 80, (m := rng.integers(0, 5), 2)), rng.uniform(8, 16, (m, 2))])
        boxes = np.concatenate([hit + rng.normal(0, 1, hit.shape), false])
        given.append(Found(boxes, rng.normal(size=len(boxes)) + np.repeat([1.5, 0], [len(hit), m])))
        truth.append(lesions)
    return given, truth, [f"P{i % patients}" for i in range(images)]


def test_iou_by_hand():
    boxes = [[0, 0, 2, 2], [1, 1, 2, 2], [5, 5, 1, 1], [0, 0, 0, 0]]
    assert iou(boxes[:1], boxes) == pytest.approx(np.array([[1, 1 / 7, 0, 0]]))


def test_froc_by_hand():
    curve = froc_curve(*by_hand())
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.8, 0.7, 0.6]
    assert curve.false_positives.tolist() == [0, 0, 0.5, 0.5, 1.0]
    assert curve.sensitivity == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert [e.value for e in curve.at] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3])
    assert curve.mean.value == pytest.approx(np.mean([e.value for e in curve.at]))
    assert (curve.lesions, curve.images, curve.patients) == (3, 2, 2)


def test_a_second_hit_is_false_by_overlap_only():
    given, truth = by_hand()
    assert froc_curve(given, truth, rule="centre").false_positives[-1] == 1.0
    assert froc_curve(given, truth, rule="iou", limit=0.5).false_positives[-1] == 1.5


def test_distance_rule_takes_pixels_or_the_lesions_radius():
    truth = [np.array([[10, 10, 10, 6]])]
    at = {d: [found((15 + d, 13, 0, 0, 1))] for d in (3.9, 4.1)}
    assert [froc_curve(g, truth, rule="distance").sensitivity[-1] for g in at.values()] == [1, 0]
    assert [froc_curve(g, truth, rule="distance", limit=4.5).sensitivity[-1] for g in at.values()] == [1, 1]


@pytest.mark.slow
def test_froc_equals_monai():
    from monai.metrics.froc import compute_fp_tp_probs_nd, compute_froc_curve_data

    rng = np.random.default_rng(5)
    given, truth, false, true, lesions = [], [], [], [], 0
    for _ in range(30):
        mask = np.zeros((60, 60), int)
        boxes = [(x, y, 10, 10) for n, (x, y) in enumerate([(5, 5), (40, 12), (20, 40)]) if rng.random() < 0.6]
        for n, (x, y, w, h) in enumerate(boxes, 1):
            mask[y : y + h, x : x + w] = n
        points, scores = rng.integers(0, 60, (8, 2)), rng.integers(1, 129, 8) / 128  # exact in the float32 of MONAI
        given.append(Found(np.column_stack([points + 0.5, np.zeros((8, 2))]), scores))
        truth.append(np.array(boxes, float).reshape(-1, 4))
        f, t, n = compute_fp_tp_probs_nd(scores, points[:, ::-1], mask)
        false, true, lesions = [*false, *f], [*true, *t], lesions + n
    others = compute_froc_curve_data(np.array(false), np.array(true), lesions, 30)
    curve = froc_curve(given, truth, repeats=10)
    there = dict(zip(np.round(curve.false_positives, 9), curve.sensitivity, strict=True))
    assert {round(f, 9): there[round(f, 9)] for f, _ in zip(*others, strict=True)} == pytest.approx(
        {round(f, 9): max(s for g, s in zip(*others, strict=True) if g == f) for f in others[0]}
    )


def test_bands_agree_with_a_bootstrap_written_plainly():
    given, truth, patients = drawn()
    curve = froc_curve(given, truth, patients=patients, repeats=1000)
    rng = np.random.default_rng(1)
    names = np.array(patients)
    ill = {p: any(len(truth[i]) for i in np.flatnonzero(names == p)) for p in set(patients)}
    values = []
    for _ in range(200):
        chosen = [
            p
            for kind in (True, False)
            if (pool := [p for p in sorted(ill) if ill[p] == kind])
            for p in rng.choice(pool, len(pool))
        ]
        rows = np.concatenate([np.flatnonzero(names == p) for p in chosen])
        values.append(froc_curve([given[i] for i in rows], [truth[i] for i in rows], repeats=1).mean.value)
    low, high = np.quantile(values, (0.025, 0.975))
    assert (curve.mean.low, curve.mean.high) == pytest.approx((low, high), abs=0.035)
    assert (curve.low <= curve.high).all()
    assert curve.at[3].low <= curve.at[3].value <= curve.at[3].high


def test_order_of_images_and_scale_of_scores_do_not_matter():
    given, truth, _ = drawn()
    order = np.random.default_rng(2).permutation(len(given))
    other = froc_curve([Found(given[i].boxes, np.exp(given[i].scores)) for i in order], [truth[i] for i in order], repeats=5)
    one = froc_curve(given, truth, repeats=5)
    assert other.sensitivity.tolist() == one.sensitivity.tolist()
    assert [e.value for e in other.at] == [e.value for e in one.at]
    assert [one.sensitivity_at(r) for r in RATES] == pytest.approx([e.value for e in one.at])


def test_paired_comparison_knows_equal_from_better():
    given, truth, patients = drawn()
    blind = [Found(one.boxes, -one.scores) for one in given]
    same = compare_frocs(given, given, truth, patients=patients)
    assert same.difference.value == 0
    assert same.p == 1
    better = compare_frocs(given, blind, truth, patients=patients, at=1.0)
    assert better.difference.low > 0
    assert better.p < 0.01
    assert better.first.value == pytest.approx(froc_curve(given, truth, patients=patients).at[3].value)


def test_average_precision_of_three_boxes_by_hand():
    """Two lesions; sure findings: hit (IoU 1), false, hit (IoU 0.6). Precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1."""
    truth = [np.array([[0, 0, 10, 10], [50, 50, 10, 10]])]
    given = [found((0, 0, 10, 10, 0.9), (80, 0, 10, 10, 0.8), (50, 50, 10, 6, 0.7))]
    every = average_precision(given, truth, way="all-point", limits=[0.5], repeats=5)
    assert every.ap.value == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert every.recall.tolist() == [0.5, 0.5, 1]
    assert every.precision == pytest.approx([1, 1 / 2, 2 / 3])
    coco = average_precision(given, truth, repeats=5)
    assert coco.ap.value == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert coco.by_limit[3].value == pytest.approx(51 / 101)  # IoU 0.65: the second hit is none
    assert coco.mean.value == pytest.approx((3 * coco.ap.value + 7 * 51 / 101) / 10)
    assert [coco.ap.name.en, coco.mean.name.en] == ["AP50", "AP50:95"]


def test_average_precision_equals_the_rule_of_coco_written_plainly():
    given, truth, patients = drawn(3)
    judged = average_precision(given, truth, patients=patients, repeats=20)
    for limit, estimate in zip(judged.limits, judged.by_limit, strict=True):
        assert estimate.value == pytest.approx(coco(given, truth, limit), abs=1e-12)
        assert estimate.low <= estimate.high


def coco(given, truth, limit):
    """accumulate() of the COCO evaluation for one class and no limit of findings."""
    rows = []
    for one, boxes in zip(given, truth, strict=True):
        free, overlap = list(range(len(boxes))), iou(one.boxes, boxes)
        for i in np.argsort(-one.scores, kind="mergesort"):
            best = max(free, key=lambda j: overlap[i, j], default=None)
            hit = best is not None and overlap[i, best] >= limit
            rows.append((one.scores[i], hit))
            if hit:
                free.remove(best)
    hits = np.cumsum([hit for _, hit in sorted(rows, key=lambda r: -r[0])])
    recall, precision = hits / sum(map(len, truth)), hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return np.mean([precision[p] if p < len(precision) else 0.0 for p in places])


def test_nothing_found_is_zero_and_perfect_is_one():
    truth = [np.array([[1, 1, 5, 5]]), NONE]
    nothing, all_of_it = [found(), found()], [found((1, 1, 5, 5, 1)), found()]
    assert average_precision(nothing, truth, repeats=5).ap.value == 0
    assert average_precision(all_of_it, truth, repeats=5).mean.value == pytest.approx(1)
    assert froc_curve(nothing, truth, repeats=5).mean.value == 0
    assert froc_curve(all_of_it, truth, repeats=5).mean.value == 1


def test_results_come_back_from_json():
    given, truth, patients = drawn()
    for judged in (froc_curve(given, truth, patients=patients, repeats=20), average_precision(given, truth, repeats=5), given[0]):
        stored = json.dumps(to_json(judged))
        assert json.dumps(to_json(from_json(json.loads(stored)))) == stored
    assert froc_curve(given, truth, repeats=20).curve().low is not None


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("G-STAT-020", lambda: Found([[0, 0, 1, 1]], [1, 2])),
        ("G-STAT-021", lambda: Found([[0, 0, -1, 1]], [1])),
        ("G-STAT-021", lambda: froc_curve([found()], [[1, 2, 3]])),
        ("G-STAT-022", lambda: froc_curve([found()], [NONE, NONE])),
        ("G-STAT-024", lambda: froc_curve([found()], [NONE])),
        ("G-STAT-025", lambda: average_precision([found()], [[[3, 3, 0, 0]]])),
        ("G-STAT-003", lambda: Found([[0, 0, 1, 1]], [np.nan])),
    ],
)
def test_bad_input_is_told(code, call):
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.code == code


@pytest.mark.parametrize("options", [{"rule": "box"}, {"rule": "iou", "limit": 1.5}, {"limit": -1.0}, {"level": 2}])
def test_bad_options_are_told(options):
    with pytest.raises(OptionError):
        froc_curve([found()], [np.array([[0, 0, 1, 1]])], **options)
