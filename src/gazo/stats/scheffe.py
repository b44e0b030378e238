"""Scheffe's paired comparison: Nakaya's variation (no order effect) and Ura's (order effect), every observer judging every pair."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Gt, Label, Lt
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.inputs import Floats
from gazo.stats.pairs import First, Pairs, Reader, Score, Second, pairs_of


@result("scheffe")
@dataclass(frozen=True, eq=False, kw_only=True)
class Scheffe(Measurement):
    """Scale values of the items, the analysis of variance, and the difference of each pair of items with its yardstick."""

    conclusion: Text
    scale: tuple[Estimate, ...]
    variance: Table
    differences: Table


@dataclass(frozen=True)
class _Source:
    """A row of the analysis of variance."""

    name: Text
    squares: float
    free: int

    @property
    def mean(self) -> float:
        return self.squares / self.free if self.free else float("nan")


@operation("シェッフェの一対比較法", "Scheffe's paired comparison", booklet="B6")
def scheffe(
    comparisons: Table,
    *,
    reader: Reader,
    first: First,
    second: Second,
    score: Score,
    variation: Annotated[
        Literal["nakaya", "ura"],
        Label("変法 (中屋: 順序効果なし、浦: 順序効果あり)", "Variation (Nakaya: no order effect; Ura: order effect)"),
    ] = "nakaya",
    level: Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")] = 0.95,
) -> Scheffe:
    """Scale values, analysis of variance and Tukey's yardstick (Scheffe 1952, JASA 47:381; Nakaya 1970; Ura 1959).

    Nakaya: each observer judges each pair once. Main effect S = sum x_i..^2 / (t N). Ura: each pair in both orders,
    S = sum (x_i.. - x_.i.)^2 / (2 t N), with the order effect apart. F is printed against the error, and against main effect x
    observer, which holds when the observers are a sample of all observers.

    Parameters
    ----------
    comparisons : one row a comparison; the score is above 0 when the item shown first is better, on any symmetric scale such as -2 ... 2.
    """
    pairs = pairs_of(comparisons, reader=reader, first=first, second=second, score=score)
    x = _nakaya_scores(pairs) if variation == "nakaya" else _ura_scores(pairs)
    sources = _nakaya(x) if variation == "nakaya" else _ura(x)
    n, t = x.shape[:2]
    means = np.round((x.sum((0, 2)) - x.sum((0, 1))) / (2 * t * n), 12) + 0.0  # no 1e-17 for 0
    spread = np.sqrt(sources[-1].mean / (t * n if variation == "nakaya" else 2 * t * n))
    scale = _scale(pairs, means, float(spread), sources[-1].free, level)
    differences = _differences(pairs, means, float(spread), sources[-1].free, level)
    return Scheffe(
        conclusion=_conclusion(pairs, means, differences),
        scale=scale,
        variance=_variance(sources),
        differences=differences,
        sentence=_sentence(variation, n, t, level),
        warnings=pairs.warnings,
    )


def _nakaya_scores(pairs: Pairs) -> Floats:
    """(N, t, t) antisymmetric: x_ijk of item i over j, each pair judged once by each observer."""
    counts, sums = pairs.counted(), pairs.summed()
    both = counts + counts.transpose(0, 2, 1)
    off = ~np.eye(len(pairs.items), dtype=bool)
    if len(pairs.readers) < 2 or len(pairs.items) < 3 or (both[:, off] != 1).any():
        raise DataError(
            "G-AGR-012",
            en=f"Nakaya's variation needs 3 items and 2 observers at least, each observer judging each pair exactly once; {len(pairs.items)} items, "
            f"{len(pairs.readers)} observers and {len(pairs.score)} comparisons came. Complete the table, or choose Ura's variation for both orders.",
            ja=f"中屋の変法には、試料 3 つ以上・観察者 2 名以上で、各観察者がすべての対を 1 回ずつ評価した表が必要です。受け取った数: 試料 {len(pairs.items)}、"
            f"観察者 {len(pairs.readers)}、比較 {len(pairs.score)}。表を補うか、両方の順序で比較した場合は浦の変法を選んでください。",
        )
    one_way: Floats = sums - sums.transpose(0, 2, 1)
    return one_way


def _ura_scores(pairs: Pairs) -> Floats:
    """(N, t, t): x_ijk of item i, shown first, over j; each pair in both orders by each observer."""
    off = ~np.eye(len(pairs.items), dtype=bool)
    if len(pairs.readers) < 2 or len(pairs.items) < 3 or (pairs.counted()[:, off] != 1).any():
        raise DataError(
            "G-AGR-013",
            en=f"Ura's variation needs 3 items and 2 observers at least, each observer judging each pair once in both orders; {len(pairs.items)} items, "
            f"{len(pairs.readers)} observers and {len(pairs.score)} comparisons came. Complete the table, or choose Nakaya's variation for one order.",
            ja=f"浦の変法には、試料 3 つ以上・観察者 2 名以上で、各観察者がすべての対を両方の順序で 1 回ずつ評価した表が必要です。受け取った数: 試料 {len(pairs.items)}、"
            f"観察者 {len(pairs.readers)}、比較 {len(pairs.score)}。表を補うか、片方の順序だけの場合は中屋の変法を選んでください。",
        )
    return pairs.summed()


def _nakaya(x: Floats) -> tuple[_Source, ...]:
    n, t = x.shape[:2]
    upper = np.triu_indices(t, 1)
    own = x.sum(2)  # x_i.k of each observer
    main = float((own.sum(0) ** 2).sum()) / (t * n)
    by_observer = float((own**2).sum()) / t - main
    combined = float((x.sum(0)[upper] ** 2).sum()) / n - main
    whole = float((x[:, upper[0], upper[1]] ** 2).sum())
    rest = max(0.0, whole - main - by_observer - combined)
    return (
        _Source(_MAIN, main, t - 1),
        _Source(_BY_OBSERVER, by_observer, (t - 1) * (n - 1)),
        _Source(_COMBINED, combined, (t - 1) * (t - 2) // 2),
        _Source(_ERROR, rest, (t - 1) * (t - 2) * (n - 1) // 2),
    )


def _ura(x: Floats) -> tuple[_Source, ...]:
    n, t = x.shape[:2]
    upper = np.triu_indices(t, 1)
    own = x.sum(2) - x.sum(1)  # x_i.k - x_.ik of each observer
    main = float((own.sum(0) ** 2).sum()) / (2 * t * n)
    by_observer = float((own**2).sum()) / (2 * t) - main
    whole = x.sum(0)
    combined = float(((whole - whole.T)[upper] ** 2).sum()) / (2 * n) - main
    order = float(x.sum()) ** 2 / (n * t * (t - 1))
    order_by_observer = float((x.sum((1, 2)) ** 2).sum()) / (t * (t - 1)) - order
    parts = [
        _Source(_MAIN, main, t - 1),
        _Source(_BY_OBSERVER, by_observer, (t - 1) * (n - 1)),
        _Source(_COMBINED, combined, (t - 1) * (t - 2) // 2),
        _Source(_ORDER, order, 1),
        _Source(_ORDER_BY_OBSERVER, order_by_observer, n - 1),
    ]
    rest = max(0.0, float((x**2).sum()) - sum(one.squares for one in parts))
    return (*parts, _Source(_ERROR, rest, n * t * (t - 1) - sum(one.free for one in parts)))


def _variance(sources: tuple[_Source, ...]) -> Table:
    from scipy.stats import f

    error, by_observer = sources[-1], sources[1]
    rows: list[tuple[Any, ...]] = []
    for one in sources[:-1]:
        ratio = one.mean / error.mean if error.mean > 0 else None
        rows.append(
            (
                one.name,
                one.squares,
                one.free,
                one.mean,
                ratio,
                None if ratio is None else float(f.sf(ratio, one.free, error.free)),
            )
        )
    rows.append((error.name, error.squares, error.free, error.mean, None, None))
    if by_observer.mean > 0:
        ratio = sources[0].mean / by_observer.mean
        rows.append(
            (
                _AGAINST,
                sources[0].squares,
                sources[0].free,
                sources[0].mean,
                ratio,
                float(f.sf(ratio, sources[0].free, by_observer.free)),
            )
        )
    headings = (
        Text("要因", "source"), Text("平方和", "sum of squares"), Text("自由度", "degrees of freedom"), Text("平均平方", "mean square"),
        Text("F", "F"), Text("p", "p"),
    )  # fmt: skip
    return Table(Text("分散分析", "Analysis of variance"), headings, tuple(rows))


def _scale(pairs: Pairs, means: Floats, spread: float, free: int, level: float) -> tuple[Estimate, ...]:
    """A value for each item: items whose intervals do not overlap differ by more than the yardstick."""
    reach = _yardstick(len(means), free, spread, level) / 2
    how = "half of Tukey's yardstick"
    return tuple(
        Estimate(Text(name, name), float(m), float(m) - reach, float(m) + reach, level, how)
        for name, m in zip(pairs.items, means, strict=True)
    )


def _yardstick(t: int, free: int, spread: float, level: float) -> float:
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(level, t, free)) * spread


def _differences(pairs: Pairs, means: Floats, spread: float, free: int, level: float) -> Table:
    from scipy.stats import studentized_range

    reach = _yardstick(len(means), free, spread, level)
    rows = []
    for i, j in combinations(np.argsort(-means).tolist(), 2):
        gap = float(means[i] - means[j])
        p = float(studentized_range.sf(gap / spread, len(means), free)) if spread > 0 else None
        rows.append((pairs.items[i], pairs.items[j], gap, gap - reach, gap + reach, p))
    note = Text(f"ヤードスティック Y({level:g}) = {reach:.5g}", f"yardstick Y({level:g}) = {reach:.5g}")
    headings = (
        Text("試料 1", "item 1"), Text("試料 2", "item 2"), Text("差", "difference"), Text("下限", "low"), Text("上限", "high"),
        Text("p (Tukey)", "p (Tukey)"),
    )  # fmt: skip
    return Table(Text("試料間の差", "Differences between items"), headings, tuple(rows), (note,))


def _conclusion(pairs: Pairs, means: Floats, differences: Table) -> Text:
    order = [pairs.items[i] for i in np.argsort(-means)]
    apart = sum(row[3] > 0 for row in differences.rows)
    return Text(
        f"評価の高い順に {' > '.join(order)}。{len(differences.rows)} 対のうち {apart} 対で差がヤードスティックを超えた。",
        f"From the best: {' > '.join(order)}. {apart} of {len(differences.rows)} differences exceed the yardstick.",
    )


def _sentence(variation: str, n: int, t: int, level: float) -> Text:
    name = {"nakaya": Text("中屋の変法", "Nakaya's variation"), "ura": Text("浦の変法", "Ura's variation")}[variation]
    return Text(
        f"{t} 種の試料を {n} 名の観察者がシェッフェの一対比較法 ({name.ja}) で評価し、分散分析と Tukey のヤードスティック ({100 * level:g} %) で比較した。",
        f"{n} observers compared {t} items by Scheffe's paired comparison ({name.en}); analysis of variance and Tukey's yardstick ({100 * level:g} %).",
    )


_MAIN = Text("主効果", "main effect")
_BY_OBSERVER = Text("主効果 × 観察者", "main effect x observer")
_COMBINED = Text("組合せ効果", "combination")
_ORDER = Text("順序効果", "order")
_ORDER_BY_OBSERVER = Text("順序 × 観察者", "order x observer")
_ERROR = Text("誤差", "error")
_AGAINST = Text("主効果 (主効果 × 観察者に対して)", "main effect, against main effect x observer")
