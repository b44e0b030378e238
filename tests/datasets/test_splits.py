import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazo.core import DataError, ImageSet
from gazo.datasets import holdout, official_split, patient_folds


def pictures(labels, patients=None):
    return ImageSet.from_arrays(np.zeros((len(labels), 1, 1)), labels, patients, name="set")


@st.composite
def studies(draw):
    """2-4 classes, 6 or more patients in each, 1-5 images a patient; some patients have images of two classes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    labels, patients = [], []
    for label in range(draw(st.integers(2, 4))):
        for patient in range(draw(st.integers(6, 40))):
            images = int(rng.integers(1, 6))
            mixed = rng.random(images) < draw(st.sampled_from([0.0, 0.1]))
            labels += np.where(mixed, "0", str(label)).tolist() if (~mixed).any() else [str(label)] * images
            patients += [f"P{label}-{patient}"] * images
    order = rng.permutation(len(labels))
    return pictures(np.array(labels)[order].tolist(), np.array(patients)[order].tolist())


@settings(max_examples=25, deadline=None)
@given(images=studies(), folds=st.integers(2, 5), seed=st.integers(0, 1000))
def test_patients_stay_apart_and_each_row_is_tested_once_per_repeat(images, folds, seed):
    made = patient_folds(images, folds=folds, repeats=2, seed=seed)
    patients, labels = images.role("patient"), images.role("label")
    assert [(f.repeat, f.number) for f in made] == [(r, n) for r in range(2) for n in range(folds)]
    for repeat in range(2):
        tested = np.concatenate([f.test for f in made if f.repeat == repeat])
        assert sorted(tested) == list(range(len(images)))
    for fold in made:
        assert sorted(np.concatenate(list(fold.parts.values()))) == list(range(len(images)))
        owners = [set(patients[rows]) for rows in fold.parts.values()]
        assert sum(map(len, owners)) == len(set.union(*owners))
        for label in set(labels):
            assert all((labels[rows] == label).any() for rows in fold.parts.values())
            share = (labels[fold.test] == label).sum() - (labels == label).sum() / folds
            assert abs(share) <= 5, "a test part is off by more than the images of one patient"


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(10, 120), min_size=2, max_size=5), folds=st.integers(2, 10), seed=st.integers(0, 99))
def test_one_image_a_patient_gives_the_counts_of_stratified_k_fold(sizes, folds, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    for fold in patient_folds(pictures(labels), folds=folds, seed=seed):
        counts = np.bincount(labels[fold.test], minlength=len(sizes))
        assert np.all(np.abs(counts - np.array(sizes) / folds) < 1)


def test_balance_is_at_least_that_of_scikit_learn():
    from sklearn.model_selection import StratifiedGroupKFold

    rng = np.random.default_rng(5)
    ours, theirs = [], []
    for trial in range(5):
        patients = rng.integers(0, 60, 300)
        labels = np.where(rng.random(60) < 0.2, 1, 0)[patients] ^ (rng.random(300) < 0.05)

        def spread(parts, labels=labels):
            return sum(
                ((labels[p] == c).sum() - (labels == c).sum() / 5) ** 2 / (labels == c).sum() for p in parts for c in (0, 1)
            )

        ours.append(spread([f.test for f in patient_folds(pictures(labels, patients), seed=trial)]))
        sklearn = StratifiedGroupKFold(5, shuffle=True, random_state=trial).split(labels, labels, patients)
        theirs.append(spread([test for _, test in sklearn]))
    assert np.mean(ours) <= np.mean(theirs)


def test_the_seed_decides_and_repeats_differ():
    images = pictures(["a", "b"] * 50)
    first, again, other = (patient_folds(images, repeats=2, seed=s) for s in (3, 3, 4))
    assert all(np.array_equal(a.test, b.test) and np.array_equal(a.train, b.train) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0].test, other[0].test)
    assert not np.array_equal(first[0].test, first[5].test)
    assert first[0].test.tolist() == [10, 20, 25, 31, 40, 45, 51, 63, 66, 70, 71, 72, 73, 80, 84, 87, 92, 94, 95, 97]


def test_copies_stay_together_over_patients():
    groups = np.arange(60)
    groups[[0, 20, 40]] = 0
    patients = [f"P{row // 2}" for row in range(60)]
    for fold in patient_folds(pictures(["a", "b"] * 30, patients), seed=0, groups=groups):
        parts = [part for part, rows in fold.parts.items() if set(rows) & {0, 1, 20, 21, 40, 41}]
        assert len(parts) == 1


def test_rows_without_a_patient_stand_alone():
    patients = [None, "", float("nan"), "P1", "P1", " P1 "] * 10
    fold = holdout(pictures(["a", "b"] * 30, patients), seed=0)
    where = {part for part, rows in fold.parts.items() for row in rows if row % 6 > 2}
    alone = {part for part, rows in fold.parts.items() for row in rows if row % 6 <= 2}
    assert len(where) == 1
    assert alone == {"train", "validation", "test"}


def test_shares_of_a_holdout():
    labels = ["a"] * 400 + ["b"] * 100
    fold = holdout(pictures(labels), test_share=0.2, validation_share=0.15, seed=1)
    assert [len(rows) for rows in fold.parts.values()] == [340, 60, 100]
    assert [(rows >= 400).sum() for rows in fold.parts.values()] == [68, 12, 20]
    assert len(holdout(pictures(labels), validation_share=0, seed=1).validation) == 0


def test_values_are_spread_over_the_parts():
    ages = np.random.default_rng(0).gamma(4, 10, 500)
    images = ImageSet.from_arrays(np.zeros((500, 1, 1))).with_column("age", ages, "value")
    for fold in patient_folds(images, seed=0):
        assert abs(np.median(ages[fold.test]) - np.median(ages)) < 2.5
        assert np.bincount(np.searchsorted(np.quantile(ages, [0.2, 0.4, 0.6, 0.8]), ages[fold.test])).tolist() == [20] * 5


def test_several_findings_in_one_label_count_for_each():
    rng = np.random.default_rng(0)
    cells = ["|".join(n for n, p in (("A", 0.5), ("B", 0.3), ("C", 0.1)) if rng.random() < p) or "None" for _ in range(400)]
    for fold in patient_folds(pictures(cells), seed=0):
        for name in "ABC":
            has = np.array([name in cell for cell in cells])
            assert abs(has[fold.test].sum() - has.sum() / 5) <= 1.5


def test_few_patients_still_reach_every_part():
    labels = ["a"] * 3 + ["b"] * 30
    for seed in range(20):
        for fold in patient_folds(pictures(labels), folds=3, seed=seed):
            assert all((rows < 3).sum() == 1 for rows in fold.parts.values())


@pytest.mark.parametrize(
    ("images", "code", "words"),
    [
        (pictures(["a", "b"] * 10, ["P1", "P2", "P3", "P4"] * 5), "G-DATA-103", ("4", "5 folds")),
        (pictures(["a"] * 20), "G-DATA-105", ("'a'",)),
        (pictures(["a"] * 20 + ["rare"] * 4), "G-DATA-107", ("rare (4)",)),
        (pictures(["a", "b"] * 10 + [None, float("nan"), " "]), "G-DATA-102", ("3 have none", "20, 21, 22")),
        (pictures([]), "G-DATA-103", ("has 0",)),
    ],
)
def test_what_cannot_be_split_is_refused(images, code, words):
    with pytest.raises(DataError) as caught:
        patient_folds(images, seed=0)
    assert caught.value.code == code
    assert all(word in caught.value.text.en for word in words)
    assert caught.value.text.ja != caught.value.text.en


def test_holdout_of_two_patients_is_refused():
    with pytest.raises(DataError, match="G-DATA-104"):
        holdout(pictures(["a", "b", "a"], ["P1", "P2", "P2"]), seed=0)
    with pytest.raises(DataError, match="G-DATA-101"):
        holdout(pictures(["a", "b", "a"]), seed=0, groups=[1, 2])


def split_set(parts, patients=None, labels=None):
    labels = labels or ["a", "b"] * (len(parts) // 2)
    return pictures(labels, patients).with_column("part", parts, "split")


@pytest.mark.parametrize(
    "words",
    [
        ("train", "val", "test"),
        ("学習用", "検証データ", "テスト"),
        ("Training ", "ＶＡＬＩＤ", "評価用"),
        ("訓練", "validation", "試験"),
    ],
)
def test_official_parts_by_any_usual_name(words):
    fold = official_split(split_set([words[0]] * 4 + [words[1]] * 2 + [words[2]] * 2))
    assert [rows.tolist() for rows in fold.parts.values()] == [[0, 1, 2, 3], [4, 5], [6, 7]]
    assert fold.notes == ()


def test_official_parts_that_share_patients_are_reported():
    fold = official_split(split_set(["train"] * 4 + ["val"] * 2 + ["test"] * 2, list("ABCDAEBF")))
    assert "2 patients" in fold.notes[0].en
    assert "2 人" in fold.notes[0].ja
    assert fold.test.tolist() == [6, 7]


def test_a_missing_official_validation_part_is_drawn_by_patient():
    patients = [f"P{row // 4}" for row in range(200)]
    fold = official_split(split_set(["train"] * 160 + ["test"] * 40, patients))
    assert 16 <= len(fold.validation) <= 32
    assert not {patients[r] for r in fold.validation} & {patients[r] for r in fold.train}
    assert fold.test.tolist() == list(range(160, 200))
    assert str(len(fold.validation)) in fold.notes[0].en


@pytest.mark.parametrize(
    ("parts", "code"), [(["train"] * 4, "G-DATA-106"), (["test"] * 4, "G-DATA-106"), (["train", "test", "x", None], "G-DATA-108")]
)
def test_official_parts_that_make_no_sense_are_refused(parts, code):
    with pytest.raises(DataError) as caught:
        official_split(split_set(parts))
    assert caught.value.code == code


def test_busi_copies_never_cross_a_fold(data):
    import csv

    with open(data / "busi" / "labels.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = [row["dup_group"] or None for row in rows]
    for fold in patient_folds(pictures([row["label"] for row in rows]), seed=0, groups=groups):
        inside = [{groups[r] for r in part if groups[r]} for part in fold.parts.values()]
        assert sum(map(len, inside)) == len(set.union(*inside))
