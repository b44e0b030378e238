"""Keys as people type them, made comparable: which repair made a key fit is told, cell by cell."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from gazo.core.language import Text

_DASHES = re.compile("[-_‐‑‒–—―−ｰー－\\s]+")
# First day of each era; 明治 is left out: no image is that old.
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925, "大正": 1911, "t": 1911}
_EXCEL_ZERO = datetime.date(1899, 12, 30)  # day 0 of the 1900 date system, its false leap day passed over
_EXCEL_FIRST, _EXCEL_LAST = 10_000, 80_000  # 1927 to 2119


@dataclass(frozen=True)
class Repair:
    """One way to make a key comparable, with its name."""

    name: Text
    mend: Callable[[str], str]


def _blanks(key: str) -> str:
    return key.strip().strip("\u3000\u00a0\ufeff'\"")


def _width(key: str) -> str:
    return unicodedata.normalize("NFKC", key).strip()


def _case(key: str) -> str:
    return key.casefold()


def _number(key: str) -> str:
    """``"12.0"`` as a spreadsheet writes the number 12."""
    return re.sub(r"^(\d+)\.0+$", r"\1", key)


def _hyphens(key: str) -> str:
    return _DASHES.sub("", key)


def _zeros(key: str) -> str:
    """Leading zeros of every run of digits go, so that P007 is P7 and 00123 is 123."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", key)


REPAIRS = (
    Repair(Text("前後の空白", "outer blanks"), _blanks),
    Repair(Text("全角文字", "full-width letters"), _width),
    Repair(Text("大文字・小文字", "upper and lower case"), _case),
    Repair(Text("末尾の「.0」", "ending '.0'"), _number),
    Repair(Text("ハイフン・空白", "hyphens and blanks"), _hyphens),
    Repair(Text("先頭のゼロ", "leading zeros"), _zeros),
)


def mended(key: str, steps: int, *, without: int | None = None) -> str:
    """The key after the first `steps` repairs, one of them left out when its number is given (to see whether it was needed)."""
    for number, repair in enumerate(REPAIRS[:steps]):
        key = key if number == without else repair.mend(key)
    return key


def iso_date(cell: str) -> str | None:
    """A date as 2024-01-05: from 2024/1/5, 2024.1.5, 20240105, 2024年1月5日, 令和6年1月5日, R6.1.5 or an Excel day number.

    None when the cell holds no date. Day and month before the year are not guessed.
    """
    text = re.sub(r"[T\s]+\d{1,2}:\d{2}.*$", "", unicodedata.normalize("NFKC", str(cell)).strip()).strip()
    if found := re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", text):
        return _day(*map(int, found.groups()))
    if found := re.fullmatch(r"(\d{4})(\d{2})(\d{2})(?:\.0)?", text):
        return _day(*map(int, found.groups()))
    if found := re.fullmatch(
        r"(令和|平成|昭和|大正|[RHST])\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", text, re.IGNORECASE
    ):
        era, year, month, day = found.groups()
        return _day(_ERAS[era.lower()] + (1 if year == "元" else int(year)), int(month), int(day))
    if re.fullmatch(r"\d{5}(\.\d*)?", text) and _EXCEL_FIRST <= (serial := int(float(text))) <= _EXCEL_LAST:
        return (_EXCEL_ZERO + datetime.timedelta(days=serial)).isoformat()
    return None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
