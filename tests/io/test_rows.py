import datetime

import openpyxl
import pytest

from gazo.core.errors import DataError, FileError
from gazo.io import read_rows

TEXT = "患者ID,方向,年齢\n00123,正面,58\n00124,側面,60\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_encoding_and_delimiter(tmp_path, encoding, delimiter):
    (tmp_path / "a.csv").write_bytes(TEXT.replace(",", delimiter).encode(encoding))
    rows = read_rows(tmp_path / "a.csv")
    assert rows.headings == ("患者ID", "方向", "年齢")
    assert rows.cells == (("00123", "正面", "58"), ("00124", "側面", "60"))
    assert rows.lines == (2, 3)


def test_quoted_line_breaks_and_commas(tmp_path):
    (tmp_path / "a.csv").write_text('path,label\n"a/b,c.png\n",x\n"say ""no""",y\n', encoding="utf-8")
    assert read_rows(tmp_path / "a.csv").cells == (("a/b,c.png\n", "x"), ('say "no"', "y"))


def test_semicolons_with_decimal_commas(tmp_path):
    (tmp_path / "a.csv").write_text("id;dose\n1;2,5\n2;3,5\n", encoding="utf-8")
    assert read_rows(tmp_path / "a.csv").cells == (("1", "2,5"), ("2", "3,5"))


def test_no_header(tmp_path):
    (tmp_path / "CLNDAT.txt").write_text("JPCLN001.IMG\t5\t15\nJPCLN002.IMG\t5\t30\n", encoding="utf-8")
    rows = read_rows(tmp_path / "CLNDAT.txt", header=False)
    assert rows.headings == ("1", "2", "3")
    assert rows.column("1") == ["JPCLN001.IMG", "JPCLN002.IMG"]


def test_headings_are_found_in_any_width_and_case_and_the_nearest_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("Ｐａｔｉｅｎｔ ID, View \nx,y\n", encoding="utf-8")
    rows = read_rows(tmp_path / "a.csv")
    assert rows.column("patient id") == ["x"]
    with pytest.raises(DataError, match=r"G-IO-030.*'View'") as caught:
        rows.column("veiw")
    assert "View" in caught.value.message("ja")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xff\x81\x00\x00" * 9, "G-IO-034"),
        (b"\n\n,,\n", "G-IO-032"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "G-IO-031"),
        (b"PK\x03\x04 no archive", "G-IO-005"),
        (b'a,b\n"' + b"x" * 200_000, "G-IO-033"),
    ],
)
def test_broken_tables(tmp_path, content, code):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises((FileError, DataError), match=code):
        read_rows(tmp_path / "a.csv")


def book(path, *rows, title="Sheet"):
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    made.save(path)
    return made


def test_numbers_and_dates_come_out_as_excel_shows_them(tmp_path):
    made = openpyxl.Workbook()
    page = made.active
    page.append(["id", "padded", "dose", "date", "time", "yes", "name"])
    page.append([123.0, 123, 0.1 + 0.2, datetime.date(2024, 4, 1), datetime.datetime(2024, 4, 1, 9, 30), True, "00123"])
    page["B2"].number_format = "00000"
    made.save(tmp_path / "a.xlsx")
    rows = read_rows(tmp_path / "a.xlsx")
    assert rows.cells == (("123", "00123", "0.3", "2024-04-01", "2024-04-01 09:30:00", "TRUE", "00123"),)


def test_title_blank_rows_merged_headings_and_merged_cells(tmp_path):
    made = openpyxl.Workbook()
    page = made.active
    for row in (
        ["胸部研究 2024 年度", None, None, None],
        [],
        ["患者", "撮影", None, "ラベル"],
        [None, "日付", "方向", None],
        ["P1", "2024-04-01", "PA", "a"],
        [None, "2024-04-02", "AP", "b"],
        [],
        ["P2", "2024-04-03", "PA", "a"],
    ):
        page.append(row)
    for cells in ("A1:D1", "A3:A4", "B3:C3", "D3:D4", "A5:A6"):
        page.merge_cells(cells)
    made.save(tmp_path / "a.xlsx")
    rows = read_rows(tmp_path / "a.xlsx")
    assert rows.headings == ("患者", "撮影 日付", "撮影 方向", "ラベル")
    assert rows.column("患者") == ["P1", "P1", "P2"]
    assert rows.lines == (5, 6, 8)
    assert any("結合セル 1 か所" in note.ja for note in rows.notes)
    assert any("見出しより上" in note.ja for note in rows.notes)


def test_a_merged_heading_over_numbers_takes_one_row(tmp_path):
    made = book(tmp_path / "a.xlsx", ["file", "box", None], ["a.png", 1, 2])
    made.active.merge_cells("B1:C1")
    made.save(tmp_path / "a.xlsx")
    rows = read_rows(tmp_path / "a.xlsx")
    assert rows.headings == ("file", "box", "box (2)")
    assert rows.cells == (("a.png", "1", "2"),)


def test_sheets(tmp_path):
    made = book(tmp_path / "a.xlsx", ["a"], ["hidden"], title="隠し")
    made.create_sheet("本番").append(["a"])
    made["本番"].append(["shown"])
    made.create_sheet("予備").append(["a"])
    made["隠し"].sheet_state = "hidden"
    made.active = 1
    made.save(tmp_path / "a.xlsx")
    rows = read_rows(tmp_path / "a.xlsx")
    assert rows.cells == (("shown",),)
    assert "予備" in rows.notes[0].ja
    assert read_rows(tmp_path / "a.xlsx", sheet="隠し").cells == (("hidden",),)
    assert read_rows(tmp_path / "a.xlsx", sheet=1).cells == (("hidden",),)
    with pytest.raises(DataError, match=r"G-IO-038.*本番"):
        read_rows(tmp_path / "a.xlsx", sheet="本晩")


def test_formulas_without_result_and_errors_are_counted(tmp_path):
    book(tmp_path / "a.xlsx", ["id", "sum"], ["1", "=1+1"], ["2", "#N/A"])
    rows = read_rows(tmp_path / "a.xlsx")
    assert rows.column("sum") == ["", "#N/A"]
    assert any("without their result" in note.en for note in rows.notes)
    assert any("#N/A" in note.en for note in rows.notes)


def test_a_sheet_formatted_to_its_end_is_refused(tmp_path):
    made = book(tmp_path / "a.xlsx", ["a"], ["b"])
    made.active.cell(row=1_000_000, column=30).font = openpyxl.styles.Font(bold=True)
    made.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"G-IO-036"):
        read_rows(tmp_path / "a.xlsx")


def test_another_office_file_is_refused(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileError, match=r"G-IO-037"):
        read_rows(tmp_path / "a.xlsx")
