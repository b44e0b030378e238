import datetime
import io

import numpy as np
import pydicom
import pytest
from pydicom.datadict import DicomDictionary, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from gazo.core.errors import DataError, FileError
from gazo.io import Pseudonym, burned_in_doubt, deidentify, import_dicom, read_dicom, read_dicom_folder, read_rows
from gazo.io import deidentify_rules as rules

NAME, ID = "Yamada^Taro=山田^太郎", "00123-X"
PLANTED = ("yamada", "taro", "山田", "太郎", "00123-x", "quetzal")
SECRET = b"k" * 32


def patient_file(path=None, **elements):
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.392.1.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.392.1", "1.2.392.2"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex, dataset.PatientAge = NAME, ID, "M", "058Y"
    dataset.StudyDate, dataset.AcquisitionDateTime, dataset.StudyTime = "20240401", "20240401093000.5", "093000"
    dataset.Modality, dataset.PhotometricInterpretation, dataset.Manufacturer = "DX", "MONOCHROME2", "Fuji"
    dataset.Rows = dataset.Columns = 4
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.add_new("PixelData", "OW", np.arange(16, dtype="<u2").tobytes())
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.SourceApplicationEntityTitle = "YAMADA"
    dataset.preamble = b"Yamada".ljust(128, b"\0")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)
    return dataset


def content_of(dataset):
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def leaks(content):
    """Planted words in the bytes, in each encoding a file may use."""
    folded = content.lower()
    return [word for word in PLANTED for encoding in ("utf-8", "cp932", "utf-16-le") if word.encode(encoding) in folded]


# One planted value a kind; QUETZAL stands for anything somebody may have typed.
PLANTS = {
    "AE": "QUETZAL",
    "CS": "YAMADA",
    "LO": "Quetzal Yamada",
    "LT": "for Quetzal",
    "PN": "Quetzal^Yamada",
    "SH": "Quetzal",
    "ST": "Quetzal",
    "UC": "Quetzal",
    "UR": "http://quetzal",
    "UT": "Quetzal",
    "OB": b"Quetzal!",
    "OW": b"Quetzal!",
    "UN": b"Quetzal!",
}


def test_planted_names_are_gone_from_every_text_attribute_of_the_standard():
    """Every attribute of the dictionary that can hold text or bytes is planted, at the top and inside a sequence."""
    dataset = patient_file()
    inner = Dataset()
    special = {"SpecificCharacterSet", "PixelData", "PhotometricInterpretation", "Modality", *rules.KEPT_BINARY}
    count = 0
    for tag, (kind, _, _, _, keyword) in DicomDictionary.items():
        if kind in PLANTS and keyword and keyword not in special and tag >> 16 > 0x0008 - 1 and tag >> 16 not in (0xFFFE,):
            for place in (dataset, inner):
                place.add(DataElement(tag, kind, PLANTS[kind], already_converted=kind != "PN"))
            count += 1
    dataset.PatientName, dataset.PatientID = NAME, ID
    dataset.add_new("AnatomicRegionSequence", "SQ", [inner])
    assert count > 1500
    clean = deidentify(dataset, Pseudonym("P0001", SECRET, -100))
    texts = [element for element in clean.iterall() if element.VR != "SQ"]
    kept = [element.keyword for element in texts if any(word in str(element.value).lower() for word in PLANTED)]
    assert set(kept) <= set(rules.KEPT_TEXT)
    for keyword in rules.KEPT_TEXT:  # text about equipment stays, but not a part of the name
        if keyword in clean:
            assert "amada" not in str(clean[keyword].value)
    for place in (clean, clean.AnatomicRegionSequence[0]):
        for element in list(place):
            if element.keyword in rules.KEPT_TEXT:
                del place[element.tag]
    assert leaks(content_of(clean)) == []


def test_private_curves_overlays_preamble_and_meta_are_gone():
    dataset = patient_file()
    block = dataset.private_block(0x0009, "QUETZAL 1.0", create=True)
    block.add_new(1, "LO", "Yamada")
    nested = Dataset()
    nested.private_block(0x0011, "QUETZAL 2.0", create=True).add_new(1, "UT", "Taro")
    nested.add_new(0x00081150, "UI", "1.2.392.1.1")
    dataset.ReferencedImageSequence = [nested]
    dataset.add_new(0x60003000, "OW", b"Quetzal!")
    dataset.add_new(0x60004000, "LT", "Quetzal")
    dataset.add_new(0x50003000, "OW", b"Quetzal!")
    dataset.add_new(0x00420011, "OB", b"Quetzal!")
    assert len(leaks(content_of(dataset))) > 3
    clean = deidentify(dataset, Pseudonym("P0001", SECRET, -100))
    assert leaks(content_of(clean)) == []
    assert dataset.PatientName == NAME  # the given one is not changed


def test_pixels_geometry_and_characteristics_stay():
    dataset = patient_file(PixelSpacing=[0.1, 0.2], WindowCenter=40, WindowWidth=400, PatientSize=1.7)
    clean = deidentify(dataset, Pseudonym("P0007", SECRET, -100))
    assert clean.PixelData == dataset.PixelData
    assert list(clean.PixelSpacing) == [0.1, 0.2]
    assert (clean.PatientSex, clean.PatientAge, clean.Manufacturer, clean.StudyTime) == ("M", "058Y", "Fuji", "093000")
    assert (str(clean.PatientName), clean.PatientID, clean.PatientIdentityRemoved) == ("P0007", "P0007", "YES")
    assert [item.CodeValue for item in clean.DeidentificationMethodCodeSequence] == ["113100", "113107", "113108"]
    less = deidentify(dataset, Pseudonym("P0007", SECRET, -100), keep_characteristics=False)
    assert less.PatientSex == ""
    assert not any(keyword in less for keyword in ("PatientAge", "PatientSize"))
    assert deidentify(patient_file(PatientAge="097Y"), Pseudonym("P1", SECRET, -1)).PatientAge == "090Y"


def test_dates_move_together_and_uids_stay_consistent():
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.392.1.1"
    dataset = patient_file(ReferencedImageSequence=[reference], SeriesDate="20240501")
    dataset.add(DataElement("ContentDate", "DA", "gibberish", already_converted=True))
    clean = deidentify(dataset, Pseudonym("P1", SECRET, -100))
    moved = datetime.date(2024, 4, 1) - datetime.timedelta(100)
    assert clean.StudyDate == f"{moved:%Y%m%d}"
    assert clean.AcquisitionDateTime == f"{moved:%Y%m%d}093000.5"
    days = [datetime.datetime.strptime(date, "%Y%m%d") for date in (clean.StudyDate, clean.SeriesDate)]
    assert (days[1] - days[0]).days == 30
    assert not clean.get("ContentDate")
    assert clean.SOPClassUID == dataset.SOPClassUID
    assert clean.SOPInstanceUID.startswith("2.25.")
    assert clean.SOPInstanceUID == clean.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    assert len(clean.SOPInstanceUID) <= 64
    other = deidentify(dataset, Pseudonym("P1", b"another", -100))
    assert other.SOPInstanceUID != clean.SOPInstanceUID


@pytest.mark.parametrize(
    ("elements", "doubt"),
    [
        ({"BurnedInAnnotation": "YES"}, True),
        ({"Modality": "US"}, True),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, False),
        ({}, False),
    ],
)
def test_burned_in_text_is_doubted(elements, doubt):
    assert (burned_in_doubt(patient_file(**elements)) is not None) is doubt


def test_rules_name_attributes_that_exist():
    names = rules.KEPT_TEXT | rules.KEPT_BINARY | rules.REMOVED | rules.EMPTIED | set(rules.DUMMIES) | rules.CHARACTERISTICS
    assert [name for name in sorted(names) if tag_for_keyword(name) is None] == []


def test_import_keeps_the_key_apart(tmp_path):
    source, target, key = tmp_path / "山田太郎", tmp_path / "copies", tmp_path / "secret" / "key.csv"
    patient_file(source / "Yamada_1.dcm")
    patient_file(source / "Yamada_2.dcm", SOPInstanceUID="1.2.392.1.2", StudyDate="20240411")
    patient_file(source / "other.dcm", PatientID="9", PatientName="Other^One", SOPInstanceUID="1.2.392.9")
    patient_file(source / "burned.dcm", BurnedInAnnotation="YES", SOPInstanceUID="1.2.392.7")
    images = import_dicom(source, target, key_file=key)
    assert sorted(images.role("patient")) == ["P0001", "P0001", "P0002"] or sorted(images.role("patient")) == [
        "P0001",
        "P0002",
        "P0002",
    ]
    assert any("1 files were not imported" in note.en for note in images.notes)
    for path in target.rglob("*.dcm"):
        assert leaks(path.read_bytes()) == []
        assert leaks(str(path.relative_to(target)).encode()) == []
        np.testing.assert_array_equal(read_dicom(path).pixels, np.arange(16).reshape(4, 4))
    rows = read_rows(key)
    assert set(rows.column("patient_id")) == {ID, "9"}
    assert {"Yamada_1.dcm", "Yamada_2.dcm", "other.dcm"} == set(rows.column("original_file"))
    assert all((target / file).is_file() for file in rows.column("file"))

    patient_file(source / "later.dcm", SOPInstanceUID="1.2.392.1.3", StudyDate="20250101")
    patient_file(source / "new.dcm", PatientID="10", SOPInstanceUID="1.2.392.10")
    again = import_dicom(source, target, key_file=key)
    numbers = dict(zip(read_rows(key).column("patient_id"), read_rows(key).column("patient"), strict=True))
    assert numbers == {**dict(zip(rows.column("patient_id"), rows.column("patient"), strict=True)), "10": "P0003"}
    assert len(again) == 5
    yamada = [row for row in range(len(again)) if again.role("patient")[row] == numbers[ID]]
    dates = sorted(datetime.date.fromisoformat(again.role("date")[row]) for row in yamada)
    assert [(date - dates[0]).days for date in dates] == [0, 10, 275]


def test_files_that_carry_the_same_uid_are_all_copied(tmp_path):
    patient_file(tmp_path / "in/a.dcm")
    patient_file(tmp_path / "in/b.dcm", WindowCenter=1)
    assert len(import_dicom(tmp_path / "in", tmp_path / "out", key_file=tmp_path / "k.csv")) == 2
    assert len(import_dicom(tmp_path / "in", tmp_path / "out", key_file=tmp_path / "k.csv")) == 2


def test_the_key_may_not_lie_beside_the_copies(tmp_path):
    patient_file(tmp_path / "in/a.dcm")
    with pytest.raises(FileError, match=r"G-IO-076"):
        import_dicom(tmp_path / "in", tmp_path / "out", key_file=tmp_path / "out/key.csv")
    with pytest.raises(FileError, match=r"G-IO-076"):
        import_dicom(tmp_path / "in", tmp_path / "in/out", key_file=tmp_path / "key.csv")
    (tmp_path / "key.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match=r"G-IO-077"):
        import_dicom(tmp_path / "in", tmp_path / "out", key_file=tmp_path / "key.csv")
    assert not (tmp_path / "out").exists()
    with pytest.raises(DataError, match=r"G-IO-070"):
        import_dicom(tmp_path / "empty_", tmp_path / "out", key_file=tmp_path / "k.csv") if (
            tmp_path / "empty_"
        ).mkdir() is None else 0


def test_real_files_keep_their_pixels(data, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for path in (data / "dicom_samples/files").glob("*.dcm"):
        if path.stat().st_size < 200_000:
            (source / path.name).write_bytes(path.read_bytes())
    images = import_dicom(source, tmp_path / "out", key_file=tmp_path / "key.csv", burned_in=True)
    rows = read_rows(tmp_path / "key.csv")
    assert len(rows) == len(images) > 20
    for copy, original in zip(rows.column("file"), rows.column("original_file"), strict=True):
        before = pydicom.dcmread(source / original, force=True)
        after = pydicom.dcmread(tmp_path / "out" / copy)
        assert after.PixelData == before.PixelData, original
        assert after.PatientID.startswith("P0")
        assert not any(element.tag.is_private for element in after.iterall())
    assert read_dicom_folder(tmp_path / "out").role("patient")[0].startswith("P0")
