import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazo.core import DataError, ImageSet
from gazo.datasets import join
from gazo.datasets.repairs import REPAIRS, iso_date, mended
from gazo.io import read_dicom_folder, read_rows
from gazo.io.rows import Rows


def table(headings, *rows):
    return Rows("list.xlsx", tuple(headings), tuple(tuple(row) for row in rows), tuple(range(2, 2 + len(rows))))


def pictures(patients, dates=None, files=None):
    images = ImageSet.from_arrays(np.zeros((len(patients), 1, 1)), patients=patients)
    if dates:
        images = images.with_column("study_date", dates, "date")
    return images.with_column("file", files, "image") if files else images


def test_all_lists_of_a_join():
    rows = table(
        ("患者ID", "診断"),
        *[("00123", "benign"), ("００４５６", "malignant"), ("P-007", "benign"), ("99999", "nobody")],
        *[("00555", "benign"), ("00555", "benign"), ("00666", "benign"), ("00666", "malignant"), ("", "no id")],
    )
    images = pictures(["00123", "00456", "P007", "P007", "00555", "00666", "00777", None])
    joined = join(rows, images, label="診断")
    assert joined.matched == ((0, 0), (1, 1), (2, 2), (3, 2), (4, 4))
    assert joined.unmatched_rows == (3, 8)
    assert joined.unmatched_images == (6, 7)
    assert joined.duplicate_rows == (5,)
    assert joined.ambiguous == (((6, 7), (5,)),)
    assert [(m.line, m.stood, m.fitted, m.repairs.en) for m in joined.mended] == [
        (3, "００４５６", "00456", "full-width letters"),
        (4, "P-007", "P007", "hyphens and blanks"),
    ]
    assert joined.images.role("label").tolist() == ["benign", "malignant", "benign", "benign", "benign"]
    assert joined.images.role("patient").tolist() == ["00123", "00456", "P007", "P007", "00555"]
    assert [row[1:] for row in joined.table().rows] == [(4, 5), (2, 0), (0, 2), (1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("stood", "there", "repair"),
    [
        ("　00123 ", "00123", "outer blanks"),
        ("００１２３", "00123", "full-width letters"),
        ("abc1", "ABC1", "upper and lower case"),
        ("123.0", "123", "ending '.0'"),
        ("12-34", "1234", "hyphens and blanks"),
        ("A ー 12", "A-12", "hyphens and blanks"),
        ("123", "00123", "leading zeros"),
        ("P7", "P007", "leading zeros"),
        ("ｐ－７", "P007", "full-width letters, upper and lower case, hyphens and blanks, leading zeros"),
    ],
)
def test_repairs_are_visible(stood, there, repair):
    joined = join(table(("id", "x"), (stood, "1")), pictures([there, "other"]))
    assert joined.matched == ((0, 0),)
    assert [(m.line, m.stood, m.fitted) for m in joined.mended] == [(2, stood, there)]
    assert joined.mended[0].repairs.en == repair
    assert joined.repairs_table().rows[0][:4] == (2, "patient", stood, there)


def test_two_ids_that_differ_by_zeros_only_are_not_taken_for_one():
    joined = join(table(("id", "x"), ("123", "1"), ("0123", "2")), pictures(["00123", "0123"]))
    assert joined.matched == ((1, 1),)
    assert joined.ambiguous == (((0,), (0,)),)


def test_two_rows_that_only_a_repair_makes_alike_are_not_joined():
    joined = join(table(("id", "x"), ("123", "1"), ("0123", "1"), ("A", "1")), pictures(["00123", "A"]))
    assert joined.matched == ((1, 2),)
    assert joined.unmatched_rows == (0, 1)
    assert joined.unmatched_images == (0,)


def test_a_row_that_fits_two_patients_is_ambiguous():
    joined = join(table(("id", "x"), ("123", "1"), ("A", "2")), pictures(["00123", "0123", "A"]))
    assert joined.matched == ((2, 1),)
    assert joined.ambiguous == (((0,), (0, 1)),)
    assert joined.unmatched_images == ()


def test_patient_and_date_together():
    rows = table(
        ("ID", "検査日", "所見"), ("1", "2024/1/5", "a"), ("1", "令和6年2月1日", "b"), ("2", "20240105", "c"), ("2", "45000", "d")
    )
    images = pictures(["1", "1", "2", "2", "1"], ["2024-01-05", "2024-02-01", "2024-01-05", "2023-03-15", "2025-01-01"])
    joined = join(rows, images, on=("patient", "date"), label="所見")
    assert joined.matched == ((0, 0), (1, 1), (2, 2), (3, 3))
    assert joined.images.role("label").tolist() == ["a", "b", "c", "d"]
    assert joined.unmatched_images == (4,)
    assert [(m.key, m.stood, m.fitted) for m in joined.mended][1] == ("date", "令和6年2月1日", "2024-02-01")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        *[
            ("2024/1/5", "2024-01-05"),
            ("2024-01-05 13:45:00", "2024-01-05"),
            ("20240105", "2024-01-05"),
            ("２０２４．１．５", "2024-01-05"),
        ],
        *[
            ("令和6年1月5日", "2024-01-05"),
            ("R6.1.5", "2024-01-05"),
            ("令和元年5月1日", "2019-05-01"),
            ("平成31年4月30日", "2019-04-30"),
        ],
        *[("S63/12/31", "1988-12-31"), ("大正15年1月1日", "1926-01-01"), ("45296", "2024-01-05"), ("45296.5", "2024-01-05")],
        *[("2024年 1月 5日", "2024-01-05"), ("2023/2/29", None), ("1/5/2024", None), ("", None), ("123", None), ("99999", None)],
    ],
)
def test_ways_to_write_a_day(cell, day):
    assert iso_date(cell) == day


@given(st.dates(min_value=datetime.date(1990, 1, 1), max_value=datetime.date(2080, 1, 1)))
def test_every_day_is_read_in_every_form(day):
    serial = (day - datetime.date(1899, 12, 30)).days
    forms = [f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", str(serial)]
    assert {iso_date(form) for form in forms} == {day.isoformat()}


def test_join_by_file_name():
    images = pictures(["a", "b"], files=["x/IMG_001.png", "y/img_002.dcm"])
    joined = join(
        table(("ファイル名", "値"), (r"C:\data\img_001.PNG", "1.5"), ("img_002", "２")), images, on=("file",), value="値"
    )
    assert joined.matched == ((0, 0), (1, 1))
    assert joined.images.role("value").tolist() == [1.5, 2.0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_is_dropped(seed):
    """Each table row and each image stands in exactly one list, whatever the keys are."""
    rng = np.random.default_rng(seed)
    forms = [
        str,
        lambda n: f"{n:03d}",
        lambda n: f" {n}",
        lambda n: f"P-{n}",
        lambda n: f"P{n:02d}",
        lambda n: "",
        lambda n: f"{n}.0",
    ]
    keys = ["1", *(forms[rng.integers(len(forms))](int(rng.integers(1, 9))) for _ in range(28)), "1"]
    rows = table(("id", "x"), *[(key, str(rng.integers(2))) for key in keys[:15]])
    joined = join(rows, pictures([key or None for key in keys[15:]]))
    used = [row for _, row in joined.matched]
    listed = sorted(
        [*set(used), *joined.unmatched_rows, *joined.duplicate_rows, *(r for rows, _ in joined.ambiguous for r in rows)]
    )
    assert listed == list(range(15))
    images = [p for p, _ in joined.matched] + [*joined.unmatched_images, *(p for _, ps in joined.ambiguous for p in ps)]
    assert sorted(images) == list(range(15))
    assert len(joined.images) == len(joined.matched)


def test_repairs_come_one_after_the_other():
    assert [mended("　Ｐ－００７.0 ", steps) for steps in range(len(REPAIRS) + 1)] == [
        *["　Ｐ－００７.0 ", "Ｐ－００７.0", "P-007.0", "p-007.0", "p-007.0", "p007.0", "p7.0"]
    ]
    assert mended("０１２.0", 4) == "012"


def test_every_list_is_a_table():
    joined = join(table(("id", "x"), ("1", "a"), ("9", "b")), pictures(["1", "2"]))
    tables = joined.tables()
    assert tables["unmatched rows"].rows == ((3, "9", "b"),)
    assert tables["unmatched images"].rows == ((1,),)
    assert set(tables) == {"outcome", "repairs", "unmatched rows", "unmatched images", "duplicate rows", "ambiguous rows"}


@pytest.mark.parametrize(
    ("rows", "options", "code"),
    [
        (table(("id", "x"), ("9", "a")), {}, "G-DATA-111"),
        (table(("id", "x"), ("1", "tall")), {"value": "x"}, "G-DATA-112"),
        (table(("id", "x"), ("1", "a")), {"on": ("name",)}, "G-DATA-113"),
        (table(("id", "x"), ("1", "a")), {"on": ()}, "G-DATA-114"),
        (table(("y", "x"), ("1", "a")), {}, "G-DATA-115"),
        (table(("id", "x"), ("1", "a")), {"label": "diagnosis"}, "G-IO-030"),
        (table(("id", "x"), ("1", "a")), {"on": ("date",)}, "G-DATA-115"),
    ],
)
def test_what_cannot_be_joined_is_refused(rows, options, code):
    with pytest.raises(DataError) as caught:
        join(rows, pictures(["1"]), **options)
    assert caught.value.code == code


def test_a_dicom_folder_joins_by_its_real_ids_and_forgets_them(tmp_path):
    import pydicom
    from pydicom.data import get_testdata_file

    for number, patient in enumerate(["00123", "00456"]):
        dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
        dataset.PatientID, dataset.StudyDate = patient, "20240105"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        dataset.save_as(tmp_path / f"{number}.dcm")
    (tmp_path / "list.csv").write_text("患者ID,検査日,診断\n123,令和6年1月5日,良性\n４５６,2024/1/5,悪性\n", encoding="cp932")
    images = read_dicom_folder(tmp_path, identify=True)
    joined = join(read_rows(tmp_path / "list.csv"), images, on=("patient", "date"), label="診断")
    assert joined.images.role("label").tolist() == ["良性", "悪性"]
    assert len(joined.mended) == 4
    assert "patient_id" not in joined.images.columns
    assert "患者ID" not in joined.images.columns
    assert joined.images.role("patient")[0] != joined.images.role("patient")[1]
    assert not {"00123", "123"} & set(map(str, joined.images.role("patient")))
    with pytest.raises(DataError, match="G-DATA-116"):
        join(read_rows(tmp_path / "list.csv"), images, label="患者ID")


def test_without_patients_the_key_is_the_file():
    rows = table(("画像", "患者ID", "診断"), ("a.png", "1", "benign"), ("b.png", "2", "malignant"))
    bare = ImageSet.from_arrays(np.zeros((2, 1, 1))).with_column("file", ["b.png", "a.png"], "image")
    assert join(rows, bare).matched == ((0, 1), (1, 0))
    assert join(rows, bare, on=("file",)).matched == join(rows, bare).matched
    for wanted in ({"on": ("patient",)}, {"patient": "患者ID"}):
        with pytest.raises(DataError, match="G-DATA-117") as caught:
            join(rows, bare, **wanted)
        assert "--on file" in caught.value.text.en
        assert "画像, 患者ID, 診断" in caught.value.text.ja
    with pytest.raises(DataError, match="G-DATA-115"):
        join(table(("name", "診断"), ("a.png", "benign")), bare)
