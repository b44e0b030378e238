import csv

import numpy as np
import openpyxl
import pytest

from gazo.core.errors import FileError, StorageError
from gazo.core.language import Text, speaking
from gazo.core.results import Table
from gazo.io import Rows, read_rows, write_table

DANGEROUS = ("=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@x", "\t=1")
TABLE = Table(
    Text("表", "table"), (Text("患者", "patient"), Text("値", "value")), (("00123", -1.5), ("山田", np.float64(2)), ("-5", None))
)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_text_comes_back_as_text(tmp_path, ending):
    with speaking("ja"):
        write_table(TABLE, tmp_path / f"t.{ending}")
    rows = read_rows(tmp_path / f"t.{ending}")
    assert rows.headings == ("患者", "値")
    assert rows.column("患者") == ["00123", "山田", "-5"]
    assert [float(cell) for cell in rows.column("値")[:2]] == [-1.5, 2.0]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_formulas_never_run_and_come_back(tmp_path, ending):
    rows = Rows("t", ("a",), tuple((text,) for text in DANGEROUS), tuple(range(len(DANGEROUS))))
    write_table(rows, tmp_path / f"t.{ending}")
    if ending == "csv":
        with open(tmp_path / "t.csv", encoding="utf-8-sig", newline="") as file:
            cells = [row[0] for row in csv.reader(file)][1:]
        assert all(cell.startswith("'") for cell in cells)
    else:
        page = openpyxl.load_workbook(tmp_path / "t.xlsx").active
        assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
        assert all(page.cell(row=number + 2, column=1).quotePrefix for number in range(len(DANGEROUS)))
    assert read_rows(tmp_path / f"t.{ending}").column("a") == list(DANGEROUS)


def test_excel_opens_the_csv_in_japanese(tmp_path):
    write_table(TABLE, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_control_characters_do_not_break_the_workbook(tmp_path):
    write_table(Rows("t", ("a",), (("x\x00\x0by",),), (1,)), tmp_path / "t.xlsx")
    assert read_rows(tmp_path / "t.xlsx").column("a") == ["xy"]


def test_other_endings_and_places_are_refused(tmp_path):
    with pytest.raises(FileError, match=r"G-IO-035"):
        write_table(TABLE, tmp_path / "t.docx")
    with pytest.raises(StorageError):
        write_table(TABLE, tmp_path / "none" / "t.csv")
    assert not list(tmp_path.iterdir())
