import numpy as np
import openpyxl
import PIL.Image
import pytest

from gazo.core.errors import DataError, FileError
from gazo.core.parameters import parameters_of
from gazo.io import read_table


@pytest.fixture
def place(tmp_path):
    """A folder with six images, two of them in a folder of their own, and a place for tables."""
    for number, file in enumerate(["a.png", "b.png", "c.PNG", "深い/d.png", "深い/00123.png", "e.tif"]):
        path = tmp_path / "images" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(np.full((4, 4), number, "uint8")).save(path)
    return tmp_path


def csv(place, text, name="t.csv"):
    (place / name).write_text(text, encoding="utf-8")
    return place / name


def said(images, words):
    return any(words in note.en for note in images.notes)


def test_columns_roles_and_lazy_pixels(place):
    table = csv(place, "path,view,age,patient\nimages/a.png,PA,58,00123\nimages/b.png,AP,,00124\n")
    images = read_table(table, label="view", value="age", patient="patient")
    assert images.roles == {"image": "path", "label": "view", "patient": "patient", "value": "age"}
    assert list(images.role("patient")) == ["00123", "00124"]
    np.testing.assert_array_equal(images.role("value"), [58.0, np.nan])
    assert images[1].pixels[0, 0] == 1
    assert images.notes == ()


@pytest.mark.parametrize(
    ("cell", "file"),
    [
        ("a.png", "images/a.png"),
        ("a", "images/a.png"),
        ("C.png", "images/c.PNG"),
        ("images\\深い\\d.png", "images/深い/d.png"),
        ("D:\\study\\深い\\d.png", "images/深い/d.png"),
        ("00123", "images/深い/00123.png"),
        ("./images/../images/b.png", "images/b.png"),
        (' "e.tif" ', "images/e.tif"),
    ],
)
def test_a_cell_may_name_its_file_in_many_ways(place, cell, file):
    table = csv(place, f"name,label\n'{cell}',x\n".replace("'", "") if '"' not in cell else 'name,label\n" ""e.tif"" ",x\n')
    assert list(read_table(table, label="label").role("image")) == [file]


def test_absolute_paths_leave_no_trace(place):
    table = csv(place, f"file,label\n{place / 'images' / 'a.png'},x\n")
    assert list(read_table(table, label="label").role("image")) == ["images/a.png"]


def test_nothing_outside_the_folder_is_opened(place):
    PIL.Image.fromarray(np.zeros((4, 4), "uint8")).save(place / "secret.png")
    table = csv(place / "images", "file,label\n../secret.png,x\na.png,y\n")
    images = read_table(table, label="label")
    assert list(images.role("image")) == ["a.png"]
    assert said(images, "their file is not there")


def test_the_image_column_is_guessed(place):
    for heading in ("Image Index", "ファイル名", "画像", "whatever"):
        table = csv(place, f"n,{heading},view\n1,a.png,PA\n2,b.png,AP\n")
        assert read_table(table, label="view").roles["image"] == heading
    with pytest.raises(DataError, match=r"G-IO-042.*--image"):
        read_table(csv(place, "n,view\n1,PA\n"), label="view")


def test_conditions(place):
    table = csv(place, "file,view,age\na,PA,58\nb,AP,60\nc,PA,17\nd,PA,\n")
    images = read_table(table, label="view", where="view=PA, age>=18")
    assert list(images.role("image")) == ["images/a.png"]
    assert said(images, "1 of 4 rows fulfil")
    assert len(read_table(table, where="view!=PA")) == 1
    for where, code in (("view=XX", "G-IO-039"), ("view", "G-IO-040"), ("age<old", "G-IO-041"), ("veiw=PA", "G-IO-030")):
        with pytest.raises(DataError, match=code):
            read_table(table, where=where)


def test_boxes_of_one_image_become_one_row(place):
    table = csv(place, "file,finding,x,y,w,h\na,Mass,1,2,3,4\na,Nodule,5,6,7,8\nb,Mass,9,9,1,1\nc,none,,,,\n")
    images = read_table(table, boxes="x,y,w,h", label="finding")
    np.testing.assert_array_equal(images.role("boxes")[0], [[1, 2, 3, 4], [5, 6, 7, 8]])
    assert [len(boxes) for boxes in images.role("boxes")] == [2, 1, 0]
    assert images.columns["box_labels"][0] == ("Mass", "Nodule")
    assert images.role("label")[0] == "Mass|Nodule"
    with pytest.raises(DataError, match=r"G-IO-047"):
        read_table(table, boxes="x,y")


def test_masks_are_paths_too(place):
    images = read_table(csv(place, "file,mask\na,e.tif\nb,\nc,none.png\n"), mask="mask")
    assert list(images.role("mask")) == ["images/e.tif", None, None]
    assert said(images, "1 mask files")


def test_twelve_faults_of_an_excel_table(place):
    """Each planted fault is repaired or left out, and said."""
    for folder in ("x", "y"):
        (place / "images" / folder).mkdir()
        PIL.Image.fromarray(np.zeros((4, 4), "uint8")).save(place / "images" / folder / "twice.png")
    book = openpyxl.Workbook()
    page = book.active
    page.append(["撮影一覧", None, None, None, None])  # 1 a merged title above the headings
    page.merge_cells("A1:E1")
    page.append(["ファイル", "患者", "方向", "日付", "日付"])  # 2 two columns of the same name
    page.append(["a.png", "００１２３", "PA", None, None])  # 3 full-width digits
    page.append(["b.png", "00124", "PA ", None, None])  # 4 a trailing blank
    page.append(["c.png", 123, "AP", None, None])  # 5 a number that lost its zeros
    page.append(["d.png", "P5", None, None, None])  # 6 no label
    page.append(["e.tif", "P6", "#N/A", None, None])  # 7 an error
    page.append(["missing.png", "P7", "PA", None, None])  # 8 no such file
    page.append(["a.png", "００１２３", "PA", None, None])  # 9 the same row again
    page.append(["twice.png", "P9", "PA", None, None])  # 10 two files of that name
    page.append(["00123.png", "P10", "PA", None, None])
    page.append(["00123.png", "P10", "AP", None, None])  # 11 two rows that contradict each other
    book.create_sheet("別紙").append(["never read"])  # 12 a second sheet
    book.save(place / "t.xlsx")

    images = read_table(place / "t.xlsx", label="方向", patient="患者")

    assert list(images.role("image")) == ["images/a.png", "images/b.png", "images/c.PNG"]
    assert list(images.role("label")) == ["PA", "PA", "AP"]
    assert list(images.role("patient")) == ["00123", "00124", "123"]
    for words in (
        "above the headings",
        "number 2 is called '日付 (2)'",
        "'００１２３' to '00123'",
        "1 cells of '方向'",
        "00123 / 123",
        "2 rows were left out because '方向' is empty",
        "hold an error such as #N/A",
        "their file is not there: 8: 'missing.png'",
        "1 rows repeat another",
        "several files have that name: 10: 'twice.png'",
        "contradict each other: images/深い/00123.png",
        "not read: 別紙",
    ):
        assert said(images, words), words


def test_nothing_left_is_an_error_with_a_way_out(place):
    with pytest.raises(DataError, match=r"G-IO-043.*--folder"):
        read_table(csv(place, "file,view\nx.png,PA\n"), image="file")
    with pytest.raises(DataError, match=r"G-IO-044"):
        read_table(csv(place, "file,view\na.png,\nb.png,NaN\n"), label="view")
    with pytest.raises(DataError, match=r"G-IO-045"):
        read_table(csv(place, "file,view\na.png,PA\n"), value="view")
    with pytest.raises(DataError, match=r"G-IO-046"):
        read_table(csv(place, "file,view\na.png,PA\na.png,AP\n"), label="view")
    with pytest.raises(DataError, match=r"G-IO-030.*'view'"):
        read_table(csv(place, "file,view\na.png,PA\n"), label="veiw")
    with pytest.raises(FileError, match=r"G-IO-006"):
        read_table(csv(place, "file,view\na.png,PA\n"), folder=str(place / "none"))


def test_labels_that_differ_by_case_are_kept_apart_and_said(place):
    images = read_table(csv(place, "file,view\na,PA\nb,pa\n"), label="view")
    assert set(images.role("label")) == {"PA", "pa"}
    assert said(images, "PA / pa")


def test_every_option_can_become_a_command_line_option():
    names = [parameter.name for parameter in parameters_of(read_table)]
    roles = ["image", "label", "patient", "value", "mask", "boxes", "split", "date"]
    assert names == [*roles, "folder", "sheet", "where"]


def test_real_tables(data):
    images = read_table(data / "nih_cxr/labels.csv", label="view", patient="patient_id")
    assert (list(images.role("label")).count("PA"), list(images.role("label")).count("AP")) == (272, 251)
    boxes = read_table(data / "nih_cxr/boxes.csv", boxes="x,y,w,h")
    assert sum(len(one) for one in boxes.role("boxes")) == 34
    masked = read_table(data / "covid_cxr/labels.csv", mask="mask", label="view")
    assert sum(mask is not None for mask in masked.role("mask")) == 150
