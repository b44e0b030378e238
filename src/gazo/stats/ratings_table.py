"""Ratings of the same subjects by several raters, from a table with a column a rater or with a row a rating."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.stats.columns import word_column
from gazo.stats.inputs import Floats


@dataclass(frozen=True)
class Ratings:
    """What was said: `words` has a tuple of one word a rater for each subject that every rater judged.

    Parameters
    ----------
    subjects, raters : their names.
    left_out : number of subjects that not every rater judged.
    """

    subjects: tuple[str, ...]
    raters: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    left_out: int = 0

    @property
    def warnings(self) -> tuple[Text, ...]:
        """A word on subjects that were left out."""
        if not self.left_out:
            return ()
        return (
            Text(
                f"全評価者の値が揃わない {self.left_out} 例を除きました。",
                f"{self.left_out} subjects without a rating of every rater were left out.",
            ),
        )

    def numbers(self) -> Floats:
        """(subjects, raters) as numbers."""
        try:
            return np.array([[float(word) for word in row] for row in self.words], np.float64)
        except ValueError as error:
            word = str(error).rsplit(":", 1)[-1].strip()
            raise DataError(
                "G-AGR-001",
                en=f"the ratings must be numbers for this; {word} came. Code them as numbers, or use kappa without weights.",
                ja=f"この解析では評価値が数値でなければなりません。受け取った値: {word}。数値に直すか、重みなしの κ 係数を使ってください。",
            ) from None


def ratings_of(table: Table, *, raters: tuple[str, ...] = (), subject: str = "", rater: str = "", rating: str = "") -> Ratings:
    """Ratings from a wide table (`raters`: a column each) or from a long one (`subject`, `rater`, `rating`: a column each)."""
    if len(raters) > 1:
        columns = [word_column(table, name) for name in raters]
        names = word_column(table, subject) if subject else tuple(str(n) for n in range(1, len(table.rows) + 1))
        cells = {f"{n} {name}": row for n, (name, row) in enumerate(zip(names, zip(*columns, strict=True), strict=True))}
        return _complete(cells, raters)
    if raters or not (subject and rater and rating):
        raise OptionError(
            "G-AGR-002",
            en="ratings need either two or more columns of raters (raters), or three columns: subject, rater and rating. Name them.",
            ja="評価の表には、評価者ごとの列を 2 つ以上 (raters)、または対象・評価者・評価値の 3 列 (subject、rater、rating) を指定してください。",
        )
    return _from_rows(table, subject, rater, rating)


def _from_rows(table: Table, subject: str, rater: str, rating: str) -> Ratings:
    said: dict[str, dict[str, str | None]] = {}
    names: dict[str, None] = {}
    columns = (word_column(table, name) for name in (subject, rater, rating))
    for row, (whom, who, word) in enumerate(zip(*columns, strict=True), 1):
        if whom is None or who is None:
            continue
        names.setdefault(who)
        if who in said.setdefault(whom, {}):
            raise DataError(
                "G-AGR-003",
                en=f"row {row}: '{who}' rated '{whom}' twice. Keep one rating of each rater for each subject, or name another column as subject.",
                ja=f"{row} 行目: 評価者「{who}」が「{whom}」を 2 回評価しています。対象ごと・評価者ごとに 1 つの値にするか、対象の列を変えてください。",
            )
        said[whom][who] = word
    return _complete({whom: tuple(row.get(who) for who in names) for whom, row in said.items()}, tuple(names))


def _complete(cells: dict[str, tuple[str | None, ...]], raters: tuple[str, ...]) -> Ratings:
    whole = {name: tuple(w for w in row if w is not None) for name, row in cells.items() if None not in row}
    if len(whole) < 2 or len(raters) < 2:
        raise DataError(
            "G-AGR-004",
            en=f"agreement needs at least 2 raters and 2 subjects that all of them judged; {len(raters)} and {len(whole)} came. Add ratings.",
            ja=f"一致度の評価には、評価者 2 人以上と、全員が評価した対象 2 例以上が必要です。受け取った数: 評価者 {len(raters)}、対象 {len(whole)}。評価を加えてください。",
        )
    return Ratings(tuple(whole), raters, tuple(whole.values()), len(cells) - len(whole))
