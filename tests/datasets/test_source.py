import inspect

import numpy as np
import pytest
from PIL import Image as Picture

from gazo.core import DataError, FileError, GazoError, parameters_of
from gazo.datasets import open_images
from gazo.io import read_table


def png(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(np.full((8, 8), value, np.uint8)).save(path)


def test_the_options_are_those_of_a_table():
    ours = {p.name: p for p in parameters_of(open_images)}
    theirs = {p.name: p for p in parameters_of(read_table)}
    assert list(ours) == list(theirs)
    assert [p.label for p in ours.values()] == [p.label for p in theirs.values()]
    assert [p.default for p in ours.values()] == [p.default for p in theirs.values()]
    assert all(p.kind is p.KEYWORD_ONLY for n, p in inspect.signature(open_images).parameters.items() if n != "path")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx"])
def test_a_table(tmp_path, suffix):
    for name in "ab":
        png(tmp_path / f"{name}.png", ord(name))
    path = tmp_path / f"ラベル{suffix}"
    rows = [["file", "view", "id"], ["a.png", "PA", "001"], ["b.png", "AP", "002"]]
    if suffix == ".xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join({".csv": ",", ".tsv": "\t"}[suffix].join(row) for row in rows), "utf-8")
    images = open_images(path, label="view", patient="id")
    assert images.role("label").tolist() == ["PA", "AP"]
    assert images.role("patient").tolist() == ["001", "002"]
    assert images[1].pixels[0, 0] == ord("b")
    inside = open_images(tmp_path, label="view", where="view=PA")
    assert inside.role("image").tolist() == ["a.png"], "the only table of a folder is used when a column is named"


def test_folders(tmp_path):
    for name in ("normal/1.png", "normal/2.png", "異常/1.png"):
        png(tmp_path / "classes" / name)
    images = open_images(tmp_path / "classes")
    assert sorted(images.role("label")) == ["normal", "normal", "異常"]
    png(tmp_path / "flat" / "1.png")
    assert not open_images(tmp_path / "flat").has("label")


def test_a_single_image(tmp_path):
    png(tmp_path / "画像 ①.png", 7)
    images = open_images(tmp_path / "画像 ①.png")
    assert (len(images), images[0].pixels[0, 0]) == (1, 7)


def dicom(path, patient, number):
    import pydicom
    from pydicom.data import get_testdata_file

    dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    dataset.PatientID = patient
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path)


def test_dicom_folders_are_classes_only_when_they_hold_several_patients(tmp_path):
    for number in range(4):
        dicom(tmp_path / "classes" / ("benign", "malignant")[number % 2] / f"{number}.dcm", f"P{number}", number)
        dicom(tmp_path / "patients" / f"P{number}" / "1.dcm", f"P{number}", number)
    images = open_images(tmp_path / "classes")
    assert images.role("label").tolist() == ["benign", "benign", "malignant", "malignant"]
    assert len(set(images.role("patient"))) == 4
    patients = open_images(tmp_path / "patients", label="modality")
    assert set(patients.role("label")) == {"CT"}
    assert not open_images(tmp_path / "patients").has("label")


def test_a_value_becomes_a_number(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.zeros((3, 8, 8)), age=np.array(["５０", "61", ""]))
    images = open_images(tmp_path / "a.npz", value="age")
    assert images.role("value")[:2].tolist() == [50, 61]
    assert np.isnan(images.role("value")[2])
    np.savez(tmp_path / "b.npz", images=np.zeros((2, 8, 8)), age=np.array(["young", "old"]))
    with pytest.raises(DataError):
        open_images(tmp_path / "b.npz", value="age")


@pytest.mark.parametrize(
    ("name", "content", "kind", "code"),
    [
        ("none.csv", None, FileError, "G-IO-001"),
        ("none", None, FileError, "G-IO-001"),
        ("letter.docx", b"PK\x03\x04 something", DataError, "G-DATA-121"),
        ("notes", b"hello", DataError, "G-DATA-121"),
        ("empty.png", b"", DataError, "G-DATA-121"),
        ("broken.zip", b"PK\x03\x04 broken", FileError, "G-IO-005"),
        ("broken.npz", b"PK\x03\x04 broken", FileError, "G-IO-005"),
    ],
)
def test_what_cannot_be_opened_is_refused(tmp_path, name, content, kind, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(kind) as caught:
        open_images(tmp_path / name, cache=tmp_path / "cache")
    assert caught.value.code == code
    assert not list((tmp_path / "cache").rglob("*.png"))


def test_empty_folder_and_unknown_column(tmp_path):
    with pytest.raises(GazoError):
        open_images(tmp_path)
    png(tmp_path / "a" / "1.png")
    with pytest.raises(DataError, match="G-DATA-002"):
        open_images(tmp_path, label="view")


def test_archives_go_to_the_workspace(tmp_path, monkeypatch):
    import zipfile

    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "home"))
    png(tmp_path / "a" / "1.png", 3)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as target:
        target.write(tmp_path / "a" / "1.png", "a/1.png")
    assert open_images(tmp_path / "x.zip")[0].pixels[0, 0] == 3
    assert list((tmp_path / "home" / "cache").rglob("1.png"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "home", "x.zip"]


def test_rows_without_the_label_that_was_named_are_left_out_as_in_a_table(tmp_path):
    """The same images as DICOM and as a table: the same rows, and a note each."""
    from pydicom import dcmread
    from pydicom.data import get_testdata_file

    (tmp_path / "dicom").mkdir()
    views = {"1": "PA", "2": "", "3": "AP"}
    for number, view in views.items():
        image = dcmread(get_testdata_file("CT_small.dcm", download=False))
        image.PatientID, image.ViewPosition, image.SOPInstanceUID = number, view, f"1.2.{number}"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.save_as(tmp_path / "dicom" / f"{number}.dcm")
    lines = ["file,view", *(f"{number}.dcm,{view}" for number, view in views.items())]
    (tmp_path / "views.csv").write_text("\n".join(lines), "utf-8")
    from_dicom = open_images(tmp_path / "dicom", label="view")
    from_table = open_images(tmp_path / "views.csv", label="view", folder=str(tmp_path / "dicom"))
    for images in (from_dicom, from_table):
        assert images.role("image").tolist() == ["1.dcm", "3.dcm"]
        assert "1 rows were left out because 'view' is empty" in images.notes[-1].en
    with pytest.raises(DataError, match="G-DATA-123"):
        open_images(tmp_path / "dicom", label="laterality")


def test_an_archive_of_a_study_is_not_a_set_of_images(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "research.zip", "w") as archive:
        archive.writestr("study.json", "{}")
    with pytest.raises(DataError, match="G-DATA-122") as caught:
        open_images(tmp_path / "research.zip", cache=tmp_path / "cache")
    assert "gazo study import research.zip" in caught.value.text.en
    assert not (tmp_path / "cache").exists()
