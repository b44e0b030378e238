"""Paired comparisons from a table: who compared which two items, and which was preferred by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.parameters import Label
from gazo.core.results import Table
from gazo.stats.columns import number_column, word_column
from gazo.stats.inputs import Floats, Ints

Reader = Annotated[str, Label("観察者の列", "Column of the observer")]
First = Annotated[str, Label("先に (左に) 示した試料の列", "Column of the item shown first (left)")]
Second = Annotated[str, Label("後に (右に) 示した試料の列", "Column of the item shown second (right)")]
Score = Annotated[str, Label("評点の列 (正: 先の試料が良い)", "Column of the score (above 0: the first is better)")]


@dataclass(frozen=True, eq=False)
class Pairs:
    """One entry a comparison: `reader`, `first`, `second` are positions in the names, `score` is above 0 when the first is better."""

    readers: tuple[str, ...]
    items: tuple[str, ...]
    reader: Ints
    first: Ints
    second: Ints
    score: Floats
    left_out: int = 0

    @property
    def warnings(self) -> tuple[Text, ...]:
        """A word on comparisons without a score."""
        if not self.left_out:
            return ()
        return (
            Text(
                f"評点のない比較 {self.left_out} 件を除きました。", f"{self.left_out} comparisons without a score were left out."
            ),
        )

    def summed(self) -> Floats:
        """(readers, items, items): the sum of the scores of first over second; and 0 where a pair was not compared."""
        sums = np.zeros((len(self.readers), len(self.items), len(self.items)))
        np.add.at(sums, (self.reader, self.first, self.second), self.score)
        return sums

    def counted(self) -> Ints:
        """(readers, items, items): how often each pair was compared in each order."""
        counts = np.zeros((len(self.readers), len(self.items), len(self.items)), np.int64)
        np.add.at(counts, (self.reader, self.first, self.second), 1)
        return counts


def pairs_of(table: Table, *, reader: str, first: str, second: str, score: str) -> Pairs:
    """The comparisons of a table with one row each."""
    who, left, right = (word_column(table, name) for name in (reader, first, second))
    scores = number_column(table, score)
    known = [row for row in range(len(scores)) if None not in (who[row], left[row], right[row]) and scores[row] == scores[row]]
    for row in known:
        if left[row] == right[row]:
            raise DataError(
                "G-AGR-010",
                en=f"row {row + 1} compares '{left[row]}' with itself. A comparison needs two items; correct the row.",
                ja=f"{row + 1} 行目は「{left[row]}」をそれ自身と比較しています。2 つの異なる試料が必要です。行を直してください。",
            )
    readers = tuple(dict.fromkeys(str(who[row]) for row in known))
    items = tuple(dict.fromkeys(str(side[row]) for row in known for side in (left, right)))
    if len(items) < 2:
        raise DataError(
            "G-AGR-011",
            en=f"paired comparison needs at least two items; {len(items)} came. Check the columns '{first}' and '{second}'.",
            ja=f"一対比較には 2 つ以上の試料が必要です。受け取った数: {len(items)}。列「{first}」と「{second}」を確認してください。",
        )
    return Pairs(
        readers, items, _places(who, known, readers), _places(left, known, items), _places(right, known, items), scores[known],
        len(scores) - len(known),
    )  # fmt: skip


def _places(column: tuple[str | None, ...], rows: list[int], names: tuple[str, ...]) -> Ints:
    return np.array([names.index(str(column[row])) for row in rows], np.int64)
