"""What is found before a training: each planted fault by its own check, and a sound study without a warning."""

import csv
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from gazo.core import RunError
from gazo.runs.preflight import preflight
from gazo.runs.start import make_run
from gazo.runs.trial import attempt
from gazo.runs.workspace import run_folders, workspace
from gazo.stats.planning import expected_auc

CLASSIFY = ("learn", "classify")
SOURCE = {"label": "label", "patient": "patient"}


def table(folder, *, patients=120, side=64, labels="ab", blank=0):
    """One image a patient, in classes by turns; the last `blank` rows have no label."""
    folder.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 255, (side, side), dtype=np.uint8)
    Pillow.fromarray(pixels).save(folder / "0.png")
    for n in range(1, patients):
        os.link(folder / "0.png", folder / f"{n}.png")
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "patient", "label"])
        for n in range(patients):
            writer.writerow([f"{n}.png", f"P{n}", labels[n % len(labels)] if n < patients - blank else ""])
    return folder / "labels.csv"


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "workspace")


def found(path, place, *, source=SOURCE, protocol=None, **options):
    options = {"network": "small_cnn", "size_px": 64, "epochs": 30} | options
    return preflight(CLASSIFY, path, place=place, source=source, options=options, protocol=protocol or {})


def levels(check, title):
    return [remark.level for remark in check.remarks if remark.title.en == title]


def test_a_sound_study_has_no_warning_and_nothing_is_written(tmp_path, place):
    before = sorted(place.rglob("*"))
    check = found(table(tmp_path / "study"), place)
    assert check.passed
    assert {remark.level for remark in check.remarks} == {"ok"}
    assert check.facts["images"] == check.facts["patients"] == 120
    assert check.facts["classes"] == ["a", "b"]
    assert check.facts["trainings"] == 10  # five folds, twice, below 200 patients
    assert sorted(place.rglob("*")) == before


def test_the_expected_interval_is_that_of_the_patients(tmp_path, place):
    check = found(table(tmp_path / "study", patients=40), place)
    width = expected_auc(20, 20, 0.85)
    (remark,) = [r for r in check.remarks if r.title == width.name]
    assert f"{width.low:.2f} to {width.high:.2f}" in remark.text.en
    assert remark.level == ("warning" if width.high - width.low > 0.25 else "ok")


def test_a_batch_beyond_the_training_part_is_found_with_its_cure(tmp_path, place):
    path = table(tmp_path / "study", patients=40)
    check = found(path, place, batch_size=64)
    (remark,) = [r for r in check.remarks if r.title.en == "Batch size"]
    assert remark.level == "warning"
    assert "Batch size" not in {r.title.en for r in found(path, place, **remark.cure).remarks}


def test_images_are_not_enlarged_without_a_word(tmp_path, place):
    path = table(tmp_path / "study", side=48)
    (remark,) = [r for r in found(path, place, size_px=224).remarks if r.title.en == "Size of the images"]
    assert remark.level == "warning"
    assert levels(found(path, place, **remark.cure), "Size of the images") == []


def test_small_things_lost_by_shrinking_are_mentioned(tmp_path, place):
    assert levels(found(table(tmp_path / "study", side=600), place, size_px=64), "Size of the images") == ["note"]


def test_too_few_steps_are_found_with_their_cure(tmp_path, place):
    path = table(tmp_path / "study")
    (remark,) = [r for r in found(path, place, epochs=1).remarks if r.title.en == "Length of the training"]
    assert levels(found(path, place, **remark.cure), "Length of the training") == []


@pytest.mark.parametrize(
    ("planted", "options", "code"),
    [
        ({"labels": "a"}, {}, "G-LEARN-004"),
        ({}, {"positive": "z"}, "G-LEARN-005"),
        ({}, {"network": "lenett"}, "G-OPT-001"),
        ({}, {"epochs": 0}, "G-OPT-002"),
        ({}, {"network": "resnet18", "size_px": 16}, "G-NET-004"),
        ({}, {"network": "file:mine.py:Net"}, "G-"),
    ],
    ids=["one class", "unknown class", "unknown network", "no epochs", "image too small", "file not trusted"],
)
def test_what_would_fail_is_a_fault_with_the_code_of_the_error(tmp_path, place, planted, options, code):
    check = found(table(tmp_path / "study", **planted), place, **options)
    faults = [remark.code for remark in check.remarks if remark.level == "fault"]
    assert not check.passed
    assert any(fault.startswith(code) for fault in faults)
    with pytest.raises(Exception, match=code):
        make_run(CLASSIFY, tmp_path / "study" / "labels.csv", place=place, source=SOURCE, options={"network": "small_cnn", "size_px": 64} | options, protocol={})  # fmt: skip
    assert run_folders(place) == []


def test_a_data_path_that_is_gone_is_a_fault(tmp_path, place):
    check = found(tmp_path / "nothing.csv", place)
    assert not check.passed
    assert check.facts == {}


def test_few_patients_and_no_patient_column_are_warned_of(tmp_path, place):
    path = table(tmp_path / "study", patients=16)
    assert "class-few" in {remark.code for remark in found(path, place).remarks}
    assert "patient-unknown" in {remark.code for remark in found(path, place, source={"label": "label"}).remarks}


def test_a_full_disk_is_a_fault(tmp_path, place, monkeypatch):
    import shutil

    path = table(tmp_path / "study")
    monkeypatch.setattr("gazo.runs.preflight.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**8))
    assert levels(found(path, place), "Disk space") == ["fault"]


def test_no_torch_is_needed(tmp_path, place):
    path = table(tmp_path / "study")
    code = (
        "import sys; from pathlib import Path; from gazo.runs.preflight import preflight\n"
        f"found = preflight(('learn', 'classify'), Path({str(path)!r}), place=Path({str(place)!r}), source={SOURCE!r}, options={{}}, protocol={{}})\n"
        "assert found.passed; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_the_trial_measures_and_leaves_nothing(tmp_path, place):
    path = table(tmp_path / "study", side=32)
    before = sorted(place.rglob("*"))
    one = attempt(CLASSIFY, path, place=place, source=SOURCE, options={"network": "small_cnn", "size_px": 32, "epochs": 10}, protocol={"evaluation": "held-out"})  # fmt: skip
    two = attempt(CLASSIFY, path, place=place, source=SOURCE, options={"network": "small_cnn", "size_px": 32, "epochs": 1000}, protocol={"evaluation": "held-out"})  # fmt: skip
    assert 10 < two.seconds / one.seconds < 1000  # a hundredfold on a machine at rest
    assert one.memory > 100e6
    assert one.device in ("cpu", "cuda", "mps")
    assert sorted(place.rglob("*")) == before


@pytest.mark.slow
def test_a_trial_that_fails_says_why(tmp_path, place):
    path = table(tmp_path / "study", side=32)
    with pytest.raises(RunError, match="G-LEARN-005"):
        attempt(CLASSIFY, path, place=place, source=SOURCE, options={"positive": "z"}, protocol={})


def test_a_trial_that_dies_is_told_as_lack_of_memory(tmp_path, place, monkeypatch):
    killed = subprocess.CompletedProcess([], -9, b"", b"")
    monkeypatch.setattr("gazo.runs.trial.subprocess.run", lambda *_, **__: killed)
    with pytest.raises(RunError, match="G-JOB-021"):
        attempt(CLASSIFY, tmp_path, place=place, source={}, options={}, protocol={})


def test_what_is_said_of_labels_is_said_to_classifiers_only(tmp_path, place):
    """A class of few patients is told to somebody who wants to classify, not to somebody who wants less noise."""
    path = table(tmp_path / "study", labels="a" * 19 + "b")
    assert any(remark.code.startswith("class-") for remark in found(path, place).remarks)
    check = preflight(("learn", "denoise"), path, place=place, source=SOURCE, options={}, protocol={})
    assert check.passed
    assert check.facts["classes"] == []
    assert not any(remark.code.startswith("class-") for remark in check.remarks)


def test_a_segmenter_without_masks_is_refused_before_it_starts(tmp_path, place):
    check = preflight(("learn", "segment"), table(tmp_path / "study"), place=place, source=SOURCE, options={}, protocol={})
    assert not check.passed
    assert check.remarks[0].code.startswith("G-")


def test_each_method_says_which_columns_it_needs():
    from gazo.core.registry import entries
    from gazo.runs.catalog import discover
    from gazo.runs.preflight import needed_roles

    discover()
    needs = {entry.name: needed_roles(entry) for entry in entries("method", "learn")}
    assert needs["classify"] == ("label",)
    assert needs["segment"] == ("mask",)
    assert needs["regress"] == ("value",)
    assert needs["faster-rcnn"] == ("boxes", "mask")
    assert needs["super-resolution"] == needs["denoise"] == ()
