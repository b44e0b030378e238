import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import chi2_contingency, ks_2samp

from gazo.core import FileError, Image, ImageSet, Text, from_json, to_json
from gazo.datasets import check, describe, patient_folds
from gazo.datasets.associations import associations
from gazo.datasets.measures import measured, survey
from gazo.datasets.splits import Fold
from gazo.io import read_table


class Pictures:
    def __init__(self, pictures):
        self.pictures = pictures

    def __call__(self, reference):
        if isinstance(self.pictures[int(reference)], Exception):
            raise self.pictures[int(reference)]
        return Image(self.pictures[int(reference)], spacing_mm=(0.5, 0.5))

    def digest(self, reference):
        return str(reference)


def study(count=60, seed=0, size=48, diameter=10.0, contrast=150.0, offset=0.0, **changes):
    """A simulated set without faults: two classes, two images a patient, sex and age independent of the class, one lesion each."""
    rng = np.random.default_rng(seed)
    backgrounds = gaussian_filter(rng.normal(size=(count, size, size)), (0, 2, 2))
    pictures = 500 + offset + 100 * backgrounds / backgrounds.std(axis=(1, 2), keepdims=True) + rng.normal(0, 15, (count, 1, 1))
    radius = rng.uniform(0.8, 1.2, count) * diameter / 2
    y, x = np.mgrid[:size, :size]
    lesions = np.hypot(y - size / 2, x - size / 2)[None] <= radius[:, None, None]
    pictures = np.round(np.clip(pictures + contrast * lesions, 0, 4095)).astype(np.uint16)
    boxes = np.empty(count, object)
    for row, r in enumerate(radius):
        boxes[row] = np.array([[size / 2 - r, size / 2 - r, 2 * r, 2 * r]])
    columns = {
        "image": np.arange(count),
        "label": np.array(["benign", "malignant"] * (count // 2), object),
        "patient": np.array([f"P{row // 2}" for row in range(count)], object),
        "boxes": boxes,
        "age": np.repeat(np.round(rng.normal(55, 12, count // 2)), 2),
        "sex": np.repeat(rng.permutation(["F", "M"] * (count // 4)), 2).astype(object),
    }
    return with_pictures(columns, list(pictures), **changes)


def with_pictures(columns, pictures, **changes):
    columns = {**columns, **{k: np.array(v, object) if isinstance(v, list) else v for k, v in changes.items()}}
    return ImageSet(columns, {r: r for r in ("image", "label", "patient", "boxes")}, Pictures(pictures), name="study")


def spoiled(images, row, picture):
    pictures = list(images.loader.pictures)
    pictures[row] = picture
    return with_pictures(images.columns, pictures)


def codes(report):
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_set_is_silent(seed):
    images = study(seed=seed)
    fold = patient_folds(images.with_column("label", ["a", "a", "b", "b"] * 15, "label"), folds=3, seed=0)[0]
    assert check(images, fold=fold, reference=study(seed=seed + 100)).findings == ()


@pytest.mark.parametrize(
    ("plant", "code", "rows"),
    [
        (lambda s: spoiled(s, 3, s.loader.pictures[10]), "copies", (3, 10)),
        (lambda s: spoiled(s, 3, s.loader.pictures[10]), "copies-across-patients", (3, 10)),
        (lambda s: spoiled(s, 3, s.loader.pictures[10]), "copies-across-labels", (3, 10)),
        (lambda s: spoiled(s, 5, (s.loader.pictures[5] * 4.0).astype(np.uint16)), "outlier-mean", (5,)),
        (lambda s: spoiled(s, 5, 500 + ((s.loader.pictures[5] - 500.0) * 5)), "outlier-contrast", (5,)),
        (lambda s: spoiled(s, 7, np.full((48, 48), 500, np.uint16)), "blank", (7,)),
        (lambda s: spoiled(s, 8, FileError("G-IO-999", en="broken", ja="壊れています")), "unreadable", (8,)),
        (lambda s: spoiled(s, 8, np.where(np.eye(48), np.nan, s.loader.pictures[8])), "not-finite", (8,)),
        (lambda s: spoiled(s, 9, s.loader.pictures[9].astype(np.float32)), "depth-mixed", (9,)),
        (lambda s: s.with_column("label", [None, "x", *["a", "b"] * 29]), "label-missing", (0,)),
        (lambda s: s.with_column("label", ["a"] * 60), "one-class", ()),
        (lambda s: s.with_column("label", ["rare"] * 6 + ["a", "b"] * 27), "class-few", ()),
        (lambda s: s.with_column("patient", ["", *[f"P{r}" for r in range(59)]]), "patient-missing", (0,)),
        (lambda s: s.with_column("age", [*s.columns["age"][:-1], 580.0]), "age-impossible", (59,)),
        (lambda s: ImageSet(s.columns, {"image": "image", "label": "label"}, s.loader), "patient-unknown", ()),
    ],
)
def test_a_planted_fault_is_reported_with_its_rows(plant, code, rows):
    found = check(plant(study())).of(code)
    assert len(found) == 1
    assert found[0].rows == rows
    assert all(found[0].text)


def test_a_rare_class_is_reported():
    patients = [f"P{row}" for row in range(300)]
    images = ImageSet.from_arrays(np.stack(study(300).loader.pictures), ["a"] * 280 + ["rare"] * 20, patients)
    assert "rare (7 %)" in check(images).of("class-rare")[0].text.en


@pytest.mark.parametrize(
    ("target", "word", "sign"),
    [
        ({"diameter": 14.0}, "equivalent diameter", "-"),
        ({"contrast": 20.0}, "contrast of regions", "+"),
        ({"offset": 80.0}, "mean of pixel", "-"),
    ],
)
def test_a_planted_shift_is_reported(target, word, sign):
    report = check(study(), reference=study(seed=1, **target))
    texts = [finding.text.en for finding in report.of("shift")]
    assert any(word in text and f"standardised difference {sign}" in text for text in texts)
    assert codes(report) == {"shift"}


def test_shifts_are_those_of_scipy():
    here, target = study(), study(seed=1, diameter=12.0)
    row = next(r for r in check(here, reference=target).shifts.rows if "diameter" in r[0].en)
    ours, theirs = ([region.diameter for region in survey(s).regions] for s in (here, target))
    expected = ks_2samp(ours, theirs)
    assert row[5:7] == pytest.approx((expected.statistic, expected.pvalue), abs=1e-4)
    assert row[7] == pytest.approx(
        (np.mean(ours) - np.mean(theirs)) / np.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / 2), abs=1e-3
    )


def test_size_and_contrast_of_a_region():
    y, x = np.mgrid[:64, :64]
    rng = np.random.default_rng(0)
    pixels = 100 + rng.normal(0, 10, (64, 64)) + 50 * (np.hypot(y - 31.5, x - 31.5) <= 8)
    pixels += 1000 * (np.hypot(y - 31.5, x - 31.5) > 13)  # too far away to be its surroundings
    images = ImageSet({"image": np.arange(1)}, {"image": "image"}, Pictures([pixels]))
    images = images.with_column("boxes", [((24.0, 24.0, 16.0, 16.0),)], "boxes")
    region = survey(images).regions[0]
    assert (region.unit, region.diameter) == ("mm", pytest.approx(8.0, rel=0.02))
    assert region.contrast == pytest.approx(5.0, rel=0.15)


def test_regions_of_a_mask_are_its_connected_parts():
    mask = np.zeros((40, 40), np.uint8)
    mask[5:15, 5:15] = mask[25:27, 30:32] = 255
    images = ImageSet(
        {"image": np.arange(1), "mask": np.array([1])}, {"image": "image", "mask": "mask"}, Pictures([np.eye(40), mask])
    )
    assert [round(r.diameter, 2) for r in survey(images).regions] == [5.64, 1.13]


@pytest.mark.parametrize("by", ["fold", "split"])
def test_leaks_between_parts(by):
    images = study()
    images = spoiled(images, 2, images.loader.pictures[50]).with_column("label", ["a", "b"] * 30, "label")
    images = images.with_column("patient", ["P0"] * 2 + [f"P{r // 2}" for r in range(2, 58)] + ["P0", "P99"], "patient")
    train, test = np.arange(40), np.arange(40, 60)
    if by == "fold":
        report = check(images, fold=Fold(0, 0, train, np.zeros(0, int), test))
    else:
        report = check(images.with_column("part", ["train"] * 40 + ["test"] * 20, "split"))
    assert report.of("leak-patient")[0].rows == (0, 1, 58)
    assert report.of("leak-copies")[0].rows == (2, 50)
    assert [f.severity for f in report.findings][:2] == ["serious", "serious"]


def test_columns_that_give_the_label_away():
    scanner = ["A" if row % 2 else "B" for row in range(60)]
    report = check(study().with_column("manufacturer", scanner).with_column("patient", range(60), "patient"))
    assert "'manufacturer'" in report.of("shortcut")[0].text.en
    assert codes(report) == {"shortcut"}
    older = check(
        study().with_column("age", [40.0 + r % 7 + 20 * (r % 2) for r in range(60)]).with_column("patient", range(60), "patient")
    )
    assert [f.severity for f in older.of("imbalance")] == ["note"]


def test_file_size_that_differs_between_classes_is_a_shortcut():
    images = study().with_column("patient", range(60), "patient")
    small = [p[:40] if row % 2 else p for row, p in enumerate(images.loader.pictures)]
    assert "height (file)" in check(with_pictures(images.columns, small)).of("shortcut")[0].text.en


def test_strength_of_association_by_hand():
    labels = ["a"] * 50 + ["b"] * 50
    column = ["x"] * 40 + ["y"] * 10 + ["x"] * 20 + ["y"] * 30
    images = ImageSet.from_arrays(np.zeros((100, 1, 1)), labels).with_column("side", column)
    found = associations(images, {})[0]
    chi2, p, _, _ = chi2_contingency([[40, 10], [20, 30]], correction=False)
    assert found.p == pytest.approx(p)
    # Bergsma 2013: phi2 - 1/99 over min(r, k) - 1 with r = k = 2 - 1/99
    assert found.strength == pytest.approx(np.sqrt((chi2 / 100 - 1 / 99) / (1 - 1 / 99)))


def test_rows_of_one_patient_count_once():
    images = ImageSet.from_arrays(np.zeros((90, 1, 1)), ["a", "b", "a"] * 30, ["P1"] * 60 + [f"Q{r}" for r in range(30)])
    assert associations(images.with_column("site", ["s", "t", "u"] * 30), {})[0].cases == 31


def test_summary_of_a_set():
    table = describe(study())
    assert [h.en for h in table.headings] == ["Item", "benign", "malignant", "All"]
    rows = {getattr(row[0], "en", row[0]): row[1:] for row in table.rows}
    assert rows["Images"] == ("30", "30", "60")
    assert rows["Patients"] == ("30", "30", "30")
    assert rows["Images per patient"][2] == "2 (2-2)"
    assert rows["sex: F"] == ("15 (50.0 %)", "15 (50.0 %)", "30 (50.0 %)")
    ages = study().columns["age"]
    assert rows["age"][2] == f"{np.median(ages):.4g} ({ages.min():.4g}-{ages.max():.4g})"


def test_missing_cells_and_identifiers_in_the_summary():
    images = study().with_column("sex", [None, "", *["F", "M"] * 29]).with_column("accession", [f"A{r}" for r in range(60)])
    rows = {getattr(row[0], "en", row[0]): row[1:] for row in describe(images).rows}
    assert rows["sex: missing"] == ("1", "1", "2")
    assert rows["sex: F"][2] == "29 (50.0 %)"
    assert not any("accession" in name for name in rows)


def test_measures_of_an_image():
    m = measured(Image(np.arange(101.0).reshape(1, 101)))
    assert (m.rows, m.columns, m.depth, m.mean, m.low, m.high) == (1, 101, "float64", 50.0, 1.0, 99.0)
    assert m.contrast == pytest.approx(np.sqrt((101**2 - 1) / 12))
    assert measured(Image(np.zeros((4, 4, 3), np.uint8), colour=True)).depth == "uint8 x 3"


def test_a_report_can_be_stored():
    report = check(study().with_column("label", ["a"] * 60), reference=study(seed=1))
    assert from_json(to_json(report)).findings == report.findings
    assert report.table().rows[0][1] == report.findings[0].text
    assert all(isinstance(h, Text) for h in report.table().headings)


def test_no_patient_key_stands_in_a_finding():
    images = study().with_column("patient", ["SECRET"] * 2 + [f"P{r}" for r in range(58)], "patient")
    images = spoiled(images, 3, images.loader.pictures[10]).with_column("part", ["train", "test"] * 30, "split")
    report = check(images)
    assert "leak-patient" in codes(report)
    assert "SECRET" not in str(to_json(report))


def test_nih_view_is_confounded_with_the_detector(data):
    """AP films of this set come from other detectors than PA films: spacing and height differ."""
    report = check(read_table(data / "nih_cxr" / "labels.csv", label="view", patient="patient_id").take(np.arange(0, 523, 5)))
    assert codes(report) == {"shortcut"}
    assert any("orig_height" in f.text.en for f in report.of("shortcut"))
