"""Workbooks: sheets, charts, and a column that the spreadsheet computes."""

from __future__ import annotations

import openpyxl

from gazo.core.language import Text
from gazo.core.results import Table
from gazo.io.workbook import Sheet, write_workbook

TABLE = Table(Text("表", "t"), (Text("a", "a"), Text("b", "b")), ((2.0, "=1+1"), (3.0, "x")))


def test_a_computed_column_is_a_formula_and_text_stays_text(tmp_path):
    write_workbook([Sheet("dqe", TABLE, computed=("twice", "=2*A{row}"))], tmp_path / "b.xlsx")
    page = openpyxl.load_workbook(tmp_path / "b.xlsx")["dqe"]
    assert [[cell.value for cell in row] for row in page.rows] == [
        ["a", "b", "twice"],
        [2, "=1+1", "=2*A2"],
        [3, "x", "=2*A3"],
    ]
    assert [page["B2"].data_type, page["C2"].data_type] == ["s", "f"]


def test_names_of_sheets_are_cut_numbered_and_freed_of_what_excel_forbids(tmp_path):
    names = ["a/b", "x" * 40, "X" * 40]
    write_workbook([Sheet(name, TABLE) for name in names], tmp_path / "b.xlsx")
    found = openpyxl.load_workbook(tmp_path / "b.xlsx").sheetnames
    assert found[0] == "a b"
    assert all(len(name) <= 31 for name in found)
    assert len({name.casefold() for name in found}) == 3
