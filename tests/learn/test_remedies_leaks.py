"""The leak report, and the lesson behind it: images without any signal look perfect when a patient is on both sides."""

import numpy as np
import pytest

from gazo.core import ImageSet
from gazo.datasets.checks import check
from gazo.datasets.leak_report import leak_report
from gazo.datasets.splits import Fold, patient_folds
from gazo.stats.auc import auc

PATIENTS, EACH, SIDE = 60, 4, 16


def without_signal(seed=0):
    """60 patients with a random label and a random pattern of their own; each of their 4 images is the pattern with noise."""
    rng = np.random.default_rng(seed)
    patterns = np.repeat(rng.normal(0, 1, (PATIENTS, SIDE, SIDE)), EACH, 0)
    labels = np.repeat(rng.permutation(np.arange(PATIENTS) % 2), EACH)
    pixels = 100 + 20 * (patterns + 0.7 * rng.normal(0, 1, patterns.shape))
    return ImageSet.from_arrays(pixels, labels.astype(str).tolist(), np.repeat(np.arange(PATIENTS), EACH).astype(str).tolist())


def nearest(images, folds):
    """AUC of the mean label of the three nearest images of the training part."""
    pixels = np.stack([image.pixels.ravel() for _, image in images.stream()])
    truth = images.role("label").astype(int)
    scores = np.zeros(len(truth))
    for fold in folds:
        taught = np.concatenate([fold.train, fold.validation])
        distance = ((pixels[fold.test, None] - pixels[None, taught]) ** 2).sum(-1)
        scores[fold.test] = truth[taught[np.argsort(distance, 1)[:, :3]]].mean(1)
    return auc(truth, scores, patients=images.role("patient"))


def test_images_without_signal_look_perfect_by_image_and_are_chance_by_patient():
    images = without_signal()
    nobody = ImageSet(images.columns, {k: v for k, v in images.roles.items() if k != "patient"}, images.loader)
    by_image, by_patient = (nearest(images, patient_folds(s, folds=5, repeats=1, seed=0)) for s in (nobody, images))
    assert by_image.value > 0.95
    assert by_patient.low < 0.5 < by_patient.high or by_patient.value < 0.5


def verdict(table, what):
    return next(row[1].en for row in table.rows if what in row[0].en)


def checked(images, fold):
    return leak_report(images, [fold], check(images, fold=fold))


@pytest.fixture(scope="module")
def clean():
    images = without_signal(1)
    return images.with_column("day", [f"2020-01-{1 + int(p) % 28:02d}" for p in images.role("patient")], "date")


def test_a_clean_division_is_called_clean(clean):
    table = checked(clean, patient_folds(clean, folds=5, repeats=1, seed=0)[0])
    assert [row[1].en for row in table.rows].count("look at this") == 0
    assert verdict(table, "patient") == verdict(table, "copies") == verdict(table, "day") == "clean"
    assert verdict(table, "burned") == "not checked"


def test_a_patient_and_a_day_on_both_sides_are_found(clean):
    rows = np.arange(len(clean))
    table = checked(clean, Fold(0, 0, rows[2:], rows[:0], rows[:2]))
    assert verdict(table, "patient in training") == "look at this"
    assert verdict(table, "examination day") == "look at this"
    assert "1 patients" in table.rows[0][2].en


def test_copies_on_both_sides_are_found():
    rng = np.random.default_rng(0)
    pixels = rng.normal(100, 20, (20, 32, 32))
    pixels[15] = pixels[0]
    images = ImageSet.from_arrays(pixels, ["a", "b"] * 10, [f"p{n}" for n in range(20)])
    rows = np.arange(20)
    assert verdict(checked(images, Fold(0, 0, rows[:10], rows[:0], rows[10:])), "near copies") == "look at this"
    together = Fold(0, 0, np.append(rows[:10], 15), rows[:0], np.setdiff1d(rows[10:], [15]))
    assert verdict(checked(images, together), "near copies") == "clean"


def test_a_column_that_is_the_label_and_burned_in_text_are_found(clean):
    words = {"0": "benign", "1": "malignant"}
    told = clean.with_column("diagnosis", [words[label] for label in clean.role("label")])
    marked = told.with_column("BurnedInAnnotation", ["YES" if label == "1" else "NO" for label in clean.role("label")])
    table = checked(marked, patient_folds(clean, folds=5, repeats=1, seed=0)[0])
    assert verdict(table, "label in other words") == "look at this"
    assert verdict(table, "burned") == "look at this"
    assert "1 120/120" in next(row[2].en for row in table.rows if "burned" in row[0].en)


def test_without_patients_nothing_is_claimed():
    images = without_signal(2)
    nobody = ImageSet(images.columns, {"image": "image", "label": "label"}, images.loader)
    rows = np.arange(len(nobody))
    table = checked(nobody, Fold(0, 0, rows[::2], rows[:0], rows[1::2]))
    assert verdict(table, "patient in training") == verdict(table, "examination day") == "not checked"
