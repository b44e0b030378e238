import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from gazo.core.errors import DataError, FileError
from gazo.core.image import Image
from gazo.io import read_dicom_folder, read_series, write, write_dicom


def slice_file(path, place, *, value=0, shape=(4, 5), series="1.2.3", patient="7", turned=False, **elements):
    path.parent.mkdir(parents=True, exist_ok=True)
    orientation = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0) if turned else (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    image = Image(np.full(shape, value, "int16"), spacing_mm=(0.5, 0.6), orientation=orientation, origin_mm=(1.0, 2.0, place))
    write_dicom(image, path)
    dataset = pydicom.dcmread(path)
    dataset.SeriesInstanceUID, dataset.PatientID, dataset.Modality = series, patient, "CT"
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[str(path)])
    for keyword, content in elements.items():
        setattr(dataset, keyword, content)
    dataset.save_as(path)


def test_slices_are_sorted_by_place_and_rescaled_each_by_its_own_slope(tmp_path):
    for number, place in enumerate((15.0, 10.0, 12.5)):
        slice_file(tmp_path / f"{number}.dcm", place, value=number, RescaleSlope=2, RescaleIntercept=number)
    volume = read_series(tmp_path)
    assert volume.shape == (3, 4, 5)
    assert volume.spacing_mm == (2.5, 0.5, 0.6)
    assert volume.origin_mm == (1.0, 2.0, 10.0)
    assert volume.pixels[:, 0, 0].tolist() == [3, 6, 0]


@pytest.mark.parametrize(
    ("places", "code"), [((0.0, 1.0, 3.0, 4.0), "G-IO-075.*missing"), ((0.0, 1.0, 1.0, 2.0), "G-IO-074.*same place")]
)
def test_gaps_and_doubles_are_refused(tmp_path, places, code):
    for number, place in enumerate(places):
        slice_file(tmp_path / f"{number}.dcm", place)
    with pytest.raises(DataError, match=code):
        read_series(tmp_path)


def test_rounded_places_are_even(tmp_path):
    for number in range(6):
        slice_file(tmp_path / f"{number}.dcm", round(number * 10 / 3, 2))
    assert read_series(tmp_path).spacing_mm[0] == pytest.approx(10 / 3, abs=0.01)


def test_slices_that_do_not_fit_are_refused(tmp_path):
    slice_file(tmp_path / "a" / "1.dcm", 0.0)
    slice_file(tmp_path / "a" / "2.dcm", 1.0, shape=(6, 5))
    slice_file(tmp_path / "b" / "1.dcm", 0.0)
    slice_file(tmp_path / "b" / "2.dcm", 1.0, turned=True)
    for folder in "ab":
        with pytest.raises(DataError, match=r"G-IO-073"):
            read_series(tmp_path / folder)
    slice_file(tmp_path / "c" / "1.dcm", 0.0)
    write(Image(np.zeros((2, 4, 5), "int16")), tmp_path / "c" / "2.dcm")
    with pytest.raises(DataError, match=r"G-IO-071.*2 "):
        read_series(tmp_path / "c")
    with pytest.raises(DataError, match=r"G-IO-072"):
        read_series(tmp_path / "c", series=2)
    assert read_series(tmp_path / "c", series=1).shape == (4, 5)


def test_columns_of_a_folder(tmp_path):
    facts = {"StudyDate": "20240401", "PatientSex": "F", "PatientAge": "018M", "ViewPosition": "PA", "ImageLaterality": "L"}
    slice_file(tmp_path / "a/1", 0.0, patient="00123 ", **facts)
    slice_file(tmp_path / "a/2", 1.0, patient="00123", series="1.2.4")
    slice_file(tmp_path / "b/1", 0.0, patient="00999")
    slice_file(tmp_path / "b/2", 0.0, patient="", PatientName="")
    (tmp_path / "note.txt").write_text("no DICOM")
    good = (tmp_path / "a/1").read_bytes()
    (tmp_path / "broken.dcm").write_bytes(good.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"))
    events = []
    images = read_dicom_folder(tmp_path, on_event=events.append)
    assert list(images.role("image")) == ["a/1", "a/2", "b/1", "b/2"]
    keys = list(images.role("patient"))
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert not any("123" in str(value) for name in images.columns if name != "patient" for value in images.columns[name])
    assert images.role("date")[0] == "2024-04-01"
    assert images.columns["age"][0] == 1.5
    assert [images.columns[name][0] for name in ("sex", "view", "laterality", "modality", "rows")] == ["F", "PA", "L", "CT", 4]
    assert images.columns["series"].tolist() == [1, 2, 1, 1]
    assert images[1].spacing_mm == (0.5, 0.6)
    assert events[-1].done == events[-1].total
    assert any("no patient ID" in note.en for note in images.notes)
    assert any("broken.dcm" in note.en for note in images.notes)
    assert "patient_id" not in images.columns
    assert read_dicom_folder(tmp_path, identify=True).columns["patient_id"].tolist() == ["00123", "00123", "00999", None]


def test_patient_keys_are_stable_in_a_folder_and_differ_between_folders(tmp_path):
    for folder in "ab":
        slice_file(tmp_path / folder / "1.dcm", 0.0, patient="00123")
    first = read_dicom_folder(tmp_path / "a").role("patient")[0]
    assert read_dicom_folder(tmp_path / "a").role("patient")[0] == first
    assert read_dicom_folder(tmp_path / "b").role("patient")[0] != first


def test_no_dicom_in_it(tmp_path):
    with pytest.raises(DataError, match=r"G-IO-070"):
        read_dicom_folder(tmp_path)
    with pytest.raises(FileError, match=r"G-IO-006"):
        read_series(tmp_path / "none")


def test_real_study(data):
    folder = data / "dicom_samples/study_sts025"
    images = read_dicom_folder(folder)
    assert len(images) == 47 + 25 + 47
    assert len(set(images.role("patient"))) == 1
    ct = read_series(folder / "CT/image")
    assert (ct.shape, ct.unit, ct.pixels.min()) == ((47, 138, 149), "HU", -1000)
    assert ct.spacing_mm == pytest.approx((3.27, 0.976562, 0.976562))
    pet = read_series(folder / "PET/image")
    assert (pet.meaning, pet.unit, pet.pixels.dtype) == ("quantity", "g/mL", np.float32)
