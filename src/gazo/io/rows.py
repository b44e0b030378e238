"""Tables from CSV and Excel as text: every cell as it stands, so that the ID 00123 stays 00123."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gazo.core.errors import DataError, FileError, nearest
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.io.opening import content_of

# What stands for "nothing" in the tables people bring: Excel errors, pandas, R, SQL.
_EMPTY = {"", "nan", "n/a", "null", "<na>", "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!"}


@dataclass(frozen=True)
class Rows:
    """A table of text.

    Parameters
    ----------
    name : file name without folder.
    headings : one name a column, no two alike.
    cells : rows of as many texts as there are headings, empty text where a cell is empty.
    lines : the number of each row in the file, beginning with 1, for messages.
    notes : what had to be done to read it.
    """

    name: str
    headings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    notes: tuple[Text, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    def heading(self, name: str) -> str:
        """The heading that `name` means: itself, or the only one that differs in width, case or blanks.

        Raises
        ------
        DataError : G-IO-030 when there is none; the nearest is named.
        """
        if name in self.headings:
            return name
        alike = [heading for heading in self.headings if plain(heading).casefold() == plain(name).casefold()]
        if len(alike) == 1:
            return alike[0]
        hint = nearest(name, self.headings)
        raise DataError(
            "G-IO-030",
            en=f"'{self.name}' has no column '{name}'. {hint.en}",
            ja=f"「{self.name}」に「{name}」という列はありません。{hint.ja}",
        )

    def column(self, name: str) -> list[str]:
        """The cells of one column."""
        place = self.headings.index(self.heading(name))
        return [row[place] for row in self.cells]

    def take(self, rows: Sequence[int], *notes: Text) -> Rows:
        """Some rows, by number, with more notes."""
        return replace(
            self,
            cells=tuple(self.cells[row] for row in rows),
            lines=tuple(self.lines[row] for row in rows),
            notes=(*self.notes, *notes),
        )


def plain(text: str) -> str:
    """Text without outer blanks, full-width letters and digits as ordinary ones (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text).strip()


def is_empty(cell: str) -> bool:
    """Whether a cell stands for nothing: blank, NaN, NA, null, or an error of Excel such as #N/A."""
    text = cell.strip()
    return text == "NA" or text.lower() in _EMPTY


@feature("表 (CSV・Excel) の読み込み", "Read a table as text", booklet="B1")
def read_rows(path: Path | str, *, sheet: str | int | None = None, header: bool = True) -> Rows:
    """A .csv, .tsv, .txt or .xlsx file as text.

    CSV may be UTF-8 (with or without BOM), UTF-16 or cp932, separated by comma, tab or semicolon. Excel numbers come out as Excel
    shows them in full ("123", not "123.0"; with the format 00000 "00123"), dates as 2024-04-01, merged cells filled.

    Parameters
    ----------
    path : of the file.
    sheet : name or number (from 1) of an Excel sheet; by default the first one that is not hidden.
    header : the first full row holds the names of the columns; otherwise they are called 1, 2, 3 ...

    Raises
    ------
    FileError, DataError : the file is missing, broken, of another kind, or holds no rows.
    """
    content = content_of(path)
    name = os.path.basename(path)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(
            "G-IO-031",
            en=f"'{name}' is an old .xls or a password-protected workbook. Open it in Excel and save it as .xlsx without a password.",
            ja=f"「{name}」は旧形式 (.xls) かパスワード付きのブックです。Excel で開き、パスワードなしの .xlsx で保存し直してください。",
        )
    if content.startswith(b"PK"):
        from gazo.io.excel import excel_records

        records, spans, notes = excel_records(content, name, sheet)
    else:
        from gazo.io.csvtext import csv_records

        records, spans, notes = csv_records(content, name), 1, []
    return _rows(name, records, spans, notes, header)


def _rows(name: str, records: Sequence[tuple[int, list[str]]], spans: int, notes: list[Text], header: bool) -> Rows:
    """Rows from numbered records: blank ones fall away, titles above the heading are passed over."""
    full = [(line, record) for line, record in records if any(cell.strip() for cell in record)]
    if not full:
        raise DataError(
            "G-IO-032",
            en=f"'{name}' has no rows. Check the file, or name another sheet.",
            ja=f"「{name}」には行がありません。ファイルを確かめるか、別のシートを指定してください。",
        )
    width = max(len(record) for _, record in full)
    full = [(line, record + [""] * (width - len(record))) for line, record in full]
    if not header:
        headings, body = [str(number) for number in range(1, width + 1)], full
    else:
        headings, body = _headed(full, spans, notes)
    kept = [place for place in range(width) if headings[place] or any(record[place].strip() for _, record in body)]
    names = _distinct([headings[place] or f"column {place + 1}" for place in kept], notes)
    cells = tuple(tuple(record[place] for place in kept) for _, record in body)
    return Rows(name, tuple(names), cells, tuple(line for line, _ in body), tuple(notes))


def _headed(full: list[tuple[int, list[str]]], spans: int, notes: list[Text]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The headings and what follows: the first row that fills more than half of the columns that rows near it fill."""
    filled = [sum(bool(cell.strip()) for cell in record) for _, record in full[:50]]
    first = next(row for row, count in enumerate(filled) if 2 * count > max(filled))
    if first:
        notes.append(
            Text(
                f"見出しより上の {first} 行 (表題など) を読み飛ばしました。",
                f"{first} rows above the headings (a title) were passed over.",
            )
        )
    parts = [record for _, record in full[first : first + spans]]
    headings = []
    for place in range(len(full[0][1])):
        words = [re.sub(r"\s+", " ", part[place]).strip() for part in parts]
        headings.append(" ".join(dict.fromkeys(word for word in words if word)))
    return headings, full[first + spans :]


def _distinct(headings: list[str], notes: list[Text]) -> list[str]:
    """Names of which no two are alike: the second "date" becomes "date (2)"."""
    names: list[str] = []
    for heading in headings:
        name, number = heading, 1
        while name in names:
            number += 1
            name = f"{heading} ({number})"
        if number > 1:
            notes.append(
                Text(
                    f"同じ名前の列「{heading}」が複数あります。{number} 番目を「{name}」と呼びます。",
                    f"several columns are called '{heading}'; number {number} is called '{name}' here.",
                )
            )
        names.append(name)
    return names
