"""Candidates, the 48 features, the perceptron, and the joining of two scores."""

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.learn import Protocol
from gazo.learn.detect.cad_features import FeatureDetector
from gazo.learn.detect.candidates import candidates_in, found_at, hits, peaks
from gazo.learn.detect.candidates_cases import widened_boxes
from gazo.learn.detect.candidates_planes import SpotOptions, levelled, planes_of
from gazo.learn.detect.features48 import NAMES, features_at
from gazo.learn.detect.features_shape import SHAPE, region, shape_of
from gazo.learn.detect.features_texture import TEXTURE, cooccurrence, measures
from gazo.phantoms.calcifications import calcification_images, microaneurysm_images

ROW, COLUMN = np.mgrid[:96, :96].astype(float)


def test_there_are_48_features_each_with_a_name():
    assert len(NAMES) == len(set(NAMES)) == 48


def test_levelling_takes_away_shading_gain_and_offset():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(96, 96)).astype(np.float32)
    everywhere = np.ones((96, 96), bool)
    plain = levelled(noise, everywhere, 3.0)
    assert levelled(40 * noise + 1000, everywhere, 3.0) == pytest.approx(plain, abs=1e-3)
    shaded = levelled((noise + 0.05 * (ROW - 48)).astype(np.float32), everywhere, 3.0)
    assert np.abs(shaded - plain)[20:-20, 20:-20].max() < 0.15
    assert plain.std() == pytest.approx(1, abs=0.1)


def test_peaks_are_apart_in_order_and_inside():
    plane = np.zeros((40, 40))
    plane[10, 10], plane[10, 13], plane[30, 30], plane[5, 35] = 3, 2, 1, 9
    inside = np.ones((40, 40), bool)
    inside[:, 34:] = False
    plane += 1e-6 * ROW[:40, :40]
    found = peaks(plane, inside, 5, 2)
    assert found.tolist() == [[10, 10], [30, 30]]
    flat = peaks(np.ones((40, 40)), inside, 5, 100)
    away = np.hypot(*(flat[:, None] - flat[None]).transpose(2, 0, 1))
    assert away[~np.eye(len(flat), dtype=bool)].min() > 5


def test_a_point_hits_a_box_or_comes_near_its_middle():
    boxes = np.array([[10.0, 20, 4, 8], [50, 50, 0, 0]])
    points = np.array([[21, 11], [29, 12], [50, 53], [50, 54]])
    assert hits(points, boxes, 0.0).tolist() == [True, False, False, False]
    assert hits(points, boxes, 3.6).tolist() == [True, False, True, False]
    assert not hits(points, np.zeros((0, 4)), 5.0).any()


def test_findings_are_boxes_about_the_middle_of_a_pixel_cut_at_the_edge():
    found = found_at(np.array([[50, 60], [0, 0]]), np.array([0.9, 0.1]), 6, (96, 96))
    assert found.boxes.tolist() == [[57.5, 47.5, 6, 6], [0, 0, 3.5, 3.5]]
    wide = widened_boxes(np.array([[50.0, 50, 0, 0], [1, 1, 20, 2]]), (96, 96), 8)
    assert wide.tolist() == [[46, 46, 8, 8], [1, 0, 20, 6]]


def test_the_shape_of_a_disc_and_of_a_bar():
    """A disc of radius 6 (expected radius 6): area pi, diameter 2, round, solid; a bar is neither round nor wide."""
    y, x = np.mgrid[-24:25, -24:25]
    disc = dict(zip(SHAPE, shape_of((np.hypot(x, y) <= 6).astype(np.float32), 6.0), strict=True))
    bar = dict(zip(SHAPE, shape_of(((np.abs(x) <= 2) & (np.abs(y) <= 10)).astype(np.float32), 6.0), strict=True))
    assert disc["area"] == pytest.approx(np.pi, rel=0.03)
    assert disc["effective diameter"] == pytest.approx(2, rel=0.02)
    assert disc["circularity"] > 0.8 > 0.6 > bar["circularity"]
    assert disc["width over length"] > 0.9
    assert bar["width over length"] == pytest.approx(5 / 21, abs=0.02)
    assert min(disc["solidity"], bar["solidity"]) > 0.9
    assert disc["mean height"] == pytest.approx(1)


def test_the_region_is_the_part_about_the_middle_only():
    patch = np.zeros((41, 41), np.float32)
    patch[18:23, 18:23] = 1
    patch[18:23, 30:35] = 1
    assert region(patch, 4.0).sum() == 25


def test_haralicks_own_example():
    """Haralick et al. 1973, fig. 3: the four matrices of the 4 x 4 picture, added."""
    levels = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])
    across = np.array([[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]])
    down = np.array([[6, 0, 2, 0], [0, 4, 2, 0], [2, 2, 2, 2], [0, 0, 2, 0]])
    falling = np.array([[2, 1, 3, 0], [1, 2, 1, 0], [3, 1, 0, 2], [0, 0, 2, 0]])
    rising = np.array([[4, 1, 0, 0], [1, 2, 2, 0], [0, 2, 4, 1], [0, 0, 1, 0]])
    expected = across + down + falling + rising
    assert cooccurrence(levels, 4) == pytest.approx(expected / expected.sum())


def test_texture_agrees_with_scikit_image():
    from skimage.feature import graycomatrix, graycoprops

    levels = np.random.default_rng(0).integers(0, 8, (21, 21))
    peer = graycomatrix(levels, [1], [0], levels=8, symmetric=True)[..., 0, 0] * 1.0
    for angle in (np.pi / 4, np.pi / 2, 3 * np.pi / 4):
        peer += graycomatrix(levels, [1], [angle], levels=8, symmetric=True)[..., 0, 0]
    shares = (peer / peer.sum())[..., None, None]
    ours = dict(zip(TEXTURE, measures(cooccurrence(levels, 8)), strict=True))
    for name in ("contrast", "homogeneity", "energy", "correlation"):
        assert ours[f"GLCM {name}"] == pytest.approx(float(graycoprops(shares, name)[0, 0]), rel=1e-6)
    assert ours["GLCM entropy"] == pytest.approx(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())


def test_features_describe_a_planted_spot():
    rng = np.random.default_rng(0)
    picture = 100 + rng.normal(0, 1, (128, 128))
    y, x = np.mgrid[:128, :128]
    picture[np.hypot(y - 60, x - 70) <= 5] -= 8
    spec = SpotOptions(candidates=30)
    planes = planes_of(Image(picture), spec)
    points = candidates_in(planes, spec)
    assert np.hypot(*(points[0] - [60, 70])) <= 2
    values = dict(zip(NAMES, features_at(planes, points).T, strict=True))
    for name in ("double ring, middle", "weakest sector", "contrast over SD", "area", "circularity", "greatest height"):
        assert values[name][0] > np.delete(values[name], 0).max() * (0.7 if name in ("circularity", "area") else 1), name
    assert values["shape index, middle"][0] == pytest.approx(1, abs=0.2)
    assert features_at(planes, points[:0]).shape == (0, 48)


def test_the_stored_perceptrons_say_what_scikit_learns_say():
    from sklearn.neural_network import MLPClassifier

    from gazo.learn.detect.cad_perceptron import taught

    rng = np.random.default_rng(0)
    features = rng.normal(3, 2, (80, 4))
    lesion = features[:, 0] + features[:, 1] > 6
    net = taught(features, lesion, hidden=3, members=1, penalty=0.1, epochs=20, balanced=False, seed=5)
    standard = np.clip((features - features.mean(0)) / features.std(0), -5, 5)
    peer = MLPClassifier((3,), activation="tanh", alpha=0.1, max_iter=20, random_state=5, learning_rate_init=3e-3, batch_size=80)
    with pytest.warns(Warning, match="reached"):
        peer.fit(standard, lesion)
    said = 1 / (1 + np.exp(-net.logits(features)))
    assert said == pytest.approx(peer.predict_proba(standard)[:, 1], abs=1e-5)


def test_the_joining_leaves_out_a_part_that_says_nothing():
    from gazo.learn.detect.cad_joint import regression

    rng = np.random.default_rng(0)
    lesion = rng.random(400) < 0.3
    useful = 2.0 * lesion + rng.normal(size=400)
    both, _ = regression(np.column_stack([useful, useful + rng.normal(size=400)]), lesion)
    assert (both > 0).all()
    alone, _ = regression(np.column_stack([useful, -useful - 3 * lesion + rng.normal(size=400)]), lesion)
    assert alone[0] > 0 == alone[1]


def test_the_classical_detector_finds_planted_calcifications():
    images = calcification_images(seed=0, images=12, size_px=160)
    spec = FeatureDetector(
        spots="bright", spot_radius_mm=0.25, candidates=20, candidates_by="difference", members=1, point_box_px=8
    )
    spec.preflight(images, Protocol(), seed=0)
    study = spec.study(images, Protocol(evaluation="folds", folds=2), seed=0)
    assert study.froc[0].sensitivity_at(4) > 0.6
    assert {row[1] for row in study.predictions.rows} != {None}


@pytest.mark.slow
def test_the_combined_detector_learns_its_joining_from_patients_left_out(tmp_path):
    from gazo.learn import load
    from gazo.learn.detect.cad_combined import CombinedDetector

    images = microaneurysm_images(seed=1, images=9, size_px=128, contrast=5.0)
    spec = CombinedDetector(
        epochs=3, patches=96, batch_size=16, width=4, patch_px=20, candidates=20, members=1, passes=1, inner_folds=2, device="cpu"
    )
    with spec.cases(images) as cases:
        rows = cases.usable
        for inner, left in spec._inner(cases, rows, 0):
            assert not {cases.patients[int(r)] for r in inner} & {cases.patients[int(r)] for r in left}
        fitted = spec.fit_prepared(cases, rows[:6], rows[6:], seed=0)
        found = [one for _, one in fitted.found(cases, rows[6:])]
        again = [one for _, one in load(fitted.save(tmp_path)).found(cases, rows[6:])]
    for one, other in zip(found, again, strict=True):
        assert one.scores == pytest.approx(other.scores)
        assert (np.diff(one.scores) <= 0).all()
    assert (fitted.nets[0].weights.numpy() >= 0).all()


@pytest.mark.parametrize("make", [calcification_images, microaneurysm_images])
def test_the_phantoms_repeat_and_know_where_their_spots_are(make):
    images, again = make(seed=3, images=6, size_px=128, contrast=20.0), make(seed=3, images=6, size_px=128, contrast=20.0)
    assert all((images[n].pixels == again[n].pixels).all() for n in range(6))
    assert (images[0].pixels != make(seed=4, images=1, size_px=128)[0].pixels).any()
    boxes = images.role("boxes")
    assert any(map(len, boxes))
    assert not all(map(len, boxes))
    sign = 1 if make is calcification_images else -1
    for image, own in zip((images[n].pixels for n in range(6)), boxes, strict=True):
        for x, y, width, height in own:
            row, column = int(y + height / 2), int(x + width / 2)
            around = image[max(0, row - 9) : row + 10, max(0, column - 9) : column + 10]
            assert sign * (image[row, column] - np.median(around)) > 0
