"""Reader studies for other programs: long CSV, the JSRT-MRMC matrix, JLABROC."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.files import write_text
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Table
from gazo.io.write_table import write_table
from gazo.stats.inputs import Floats, one_of
from gazo.stats.reader_study import ReaderStudy

Format = Literal["long", "jsrt", "jlabroc"]


@feature("読影実験データの書き出し", "Write a reader study", booklet=("B5", "B6"))
def write_reader_study(study: ReaderStudy, path: Path | str, *, format: Format = "long", test: int = 0, reader: int = 0) -> None:
    """Write the ratings of a study; every digit is kept, so reading the file gives the same ratings.

    Parameters
    ----------
    format : "long": .csv or .xlsx with the columns reader, test, case, truth, rating, patient. "jsrt": a matrix of two tests, a row a
        case, negative cases first, a line of stars before the positive ones. "jlabroc": one reader under one test.
    test, reader : which ones, for "jlabroc".
    """
    one_of("format", format, ("long", "jsrt", "jlabroc"))
    if format == "long":
        write_table(_long(study), path)
    elif format == "jsrt":
        write_text(path, _matrix(study))
    else:
        write_text(path, _jlabroc(study, test, reader))


def _long(study: ReaderStudy) -> Table:
    headings = tuple(Text(name, name) for name in ("reader", "test", "case", "truth", "rating", "patient"))
    places = ((i, j, k) for i in range(len(study.tests)) for j in range(len(study.readers)) for k in range(len(study.cases)))
    rows = tuple(
        (study.readers[j], study.tests[i], study.cases[k], int(study.truth[k]), _digits(rating), str(study.patients[k] + 1))
        for i, j, k in places
        if not np.isnan(rating := study.ratings[i, j, k])
    )
    return Table(Text("読影実験", "Reader study"), headings, rows)


def _matrix(study: ReaderStudy) -> str:
    if len(study.tests) != 2 or not study.complete:
        raise DataError(
            "G-IO-162",
            en=f"a JSRT-MRMC matrix holds two tests that every reader read on every case; this study has {len(study.tests)} test(s)"
            f"{'' if study.complete else ' and gaps'}. Write the long table instead.",
            ja=f"JSRT-MRMC の行列は、全読影者が全症例を 2 つの検査で読影した場合の形式です。この実験の検査は {len(study.tests)} つ"
            f"{'' if study.complete else '、欠損あり'} です。縦長の表で書き出してください。",
        )
    columns = study.ratings.reshape(-1, len(study.cases))
    rows = [" ".join(_digits(value) for value in columns[:, k]) for k in _negatives_first(study)]
    negatives = int((~study.truth).sum())
    return "\n".join([*rows[:negatives], "*", *rows[negatives:]]) + "\n"


def _jlabroc(study: ReaderStudy, test: int, reader: int) -> str:
    ratings: Floats = study.ratings[test, reader]
    read = ~np.isnan(ratings)
    parts = [[_digits(value) for value in ratings[read & (study.truth == truth)]] for truth in (False, True)]
    return "\n".join(["gazo", "KIT", '"ratings"', "CLL", *parts[0], "*", *parts[1], "*"]) + "\n"


def _negatives_first(study: ReaderStudy) -> list[int]:
    return [*np.flatnonzero(~study.truth).tolist(), *np.flatnonzero(study.truth).tolist()]


def _digits(value: float) -> str:
    """The shortest text that is this number again; whole numbers without a point."""
    return str(int(value)) if np.isfinite(value) and value == int(value) else repr(float(value))
