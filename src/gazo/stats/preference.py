"""Two-point preference: how often one of two items is preferred, with the exact binomial test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Estimate, Measurement, Table, number_text, result
from gazo.stats.kappa import Level
from gazo.stats.pairs import First, Pairs, Reader, Score, Second, pairs_of
from gazo.stats.proportions import proportion


@result("preference")
@dataclass(frozen=True, eq=False, kw_only=True)
class Preference(Measurement):
    """The share that prefers the first item, its test against one half, and each observer's own counts."""

    conclusion: Text
    share: Estimate
    test: Table
    observers: Table


@operation("二点嗜好法", "Two-point preference", booklet="B6")
def preference(
    comparisons: Table, *, reader: Reader, first: First, second: Second, score: Score, level: Level = 0.95
) -> Preference:
    """Share of preferences with Clopper & Pearson's interval, two-sided exact binomial test against 1/2; ties are counted and left out.

    Where observers judged several pairs, an observer counts once, by the majority of their answers: answers of one person are not independent.

    Parameters
    ----------
    comparisons : one row a comparison of the same two items; the score is above 0 when the item shown first is preferred.
    """
    from scipy.stats import binomtest

    pairs = pairs_of(comparisons, reader=reader, first=first, second=second, score=score)
    if len(pairs.items) != 2:
        raise DataError(
            "G-AGR-021",
            en=f"two-point preference compares two items; {len(pairs.items)} came. Choose two of them, or use paired scaling or Scheffe's method.",
            ja=f"二点嗜好法で比較できる試料は 2 つです。受け取った数: {len(pairs.items)}。2 つに絞るか、一対比較の尺度化またはシェッフェの方法を使ってください。",
        )
    counts = _counts(pairs)
    several = bool((counts.sum(1) > 1).any())
    votes = np.sign(counts[:, 0] - counts[:, 1]) if several else np.sign(pairs.score) * np.where(pairs.first == 0, 1, -1)
    wins, decided = int((votes > 0).sum()), int((votes != 0).sum())
    if not decided:
        raise DataError(
            "G-AGR-022",
            en="a preference test needs at least one observer with a preference; all are ties. Nothing can be tested.",
            ja="嗜好の検定には、好みを示した観察者が 1 名以上必要ですが、すべて引き分けです。検定できません。",
        )
    name = Text(f"「{pairs.items[0]}」を好む割合", f"share that prefers '{pairs.items[0]}'")
    share = proportion(wins, decided, level=level, method="exact", name=name)
    p = float(binomtest(wins, decided, 0.5).pvalue)
    unit = Text("観察者", "observers") if several else Text("回答", "answers")
    return Preference(
        conclusion=Text(
            f"{decided} {unit.ja}中 {wins} が「{pairs.items[0]}」を好んだ ({number_text(share.value)}、p = {p:.4g})。",
            f"{wins} of {decided} {unit.en} preferred '{pairs.items[0]}' ({number_text(share.value)}, p = {p:.4g}).",
        ),
        share=share,
        test=_test(wins, decided, len(votes) - decided, p),
        observers=_observers(pairs, counts),
        sentence=Text(
            f"2 試料の嗜好は両側の二項検定 (正確) で調べ、{100 * level:g} % 信頼区間は Clopper-Pearson 法で求めた。"
            + ("複数回答した観察者は多数決により 1 名 1 票とした。" if several else ""),
            f"Preference was tested by the two-sided exact binomial test with Clopper and Pearson's {100 * level:g} % interval."
            + (" Observers with several answers counted once, by majority." if several else ""),
        ),
        warnings=pairs.warnings,
    )


def _counts(pairs: Pairs) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(observers, 3): preferences for item 0, for item 1, ties."""
    counts = np.zeros((len(pairs.readers), 3), np.int64)
    for who, left, score in zip(pairs.reader, pairs.first, pairs.score, strict=True):
        counts[who, 2 if score == 0 else int(left) if score > 0 else 1 - int(left)] += 1
    return counts


def _test(wins: int, decided: int, ties: int, p: float) -> Table:
    headings = (
        Text("好む", "prefer"),
        Text("好まない", "do not"),
        Text("引き分け", "ties"),
        Text("p (二項検定、両側)", "p (binomial, two-sided)"),
    )
    return Table(Text("二項検定", "Binomial test"), headings, ((wins, decided - wins, ties, p),))


def _observers(pairs: Pairs, counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Table:
    headings = (Text("観察者", "observer"), *(Text(name, name) for name in pairs.items), Text("引き分け", "ties"))
    rows = tuple((name, *map(int, row)) for name, row in zip(pairs.readers, counts, strict=True))
    return Table(Text("観察者ごとの回答", "Answers of each observer"), headings, rows)
