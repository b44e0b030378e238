"""The normalised rank method: ranks of several observers become an interval scale, with Friedman's test beside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any, Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Table, result
from gazo.stats.inputs import Floats
from gazo.stats.kappa import Level
from gazo.stats.ratings_table import Ratings, ratings_of


@result("normalised rank")
@dataclass(frozen=True, eq=False, kw_only=True)
class NormalisedRank(Measurement):
    """Scale values of the items, analysis of variance, differences with Tukey's yardstick, Friedman's test and Kendall's W."""

    conclusion: Text
    scale: tuple[Estimate, ...]
    variance: Table
    differences: Table
    tests: Table


@operation("正規化順位法", "Normalised rank method", booklet="B6")
def normalised_rank(
    ranks: Table,
    *,
    item: Annotated[str, Label("試料の列", "Column of the item")],
    reader: Annotated[str, Label("観察者の列", "Column of the observer")],
    rank: Annotated[str, Label("順位の列", "Column of the rank")],
    best: Annotated[
        Literal["first", "last"], Label("最も良い順位 (1 位 / 最大の数)", "Best rank: 1, or the largest number")
    ] = "first",
    level: Level = 0.95,
) -> NormalisedRank:
    """Rank r of t becomes Phi^-1((t - r + 0.5) / t); the mean over observers is the scale value. Analysis of variance over items, Tukey's yardstick.

    Equal ranks take their mean rank. Friedman's chi-square and Kendall's W need no scale and stand beside it.

    Parameters
    ----------
    ranks : one row a rank; every observer ranks every item.
    """
    said = ratings_of(ranks, subject=item, rater=reader, rating=rank)
    if said.left_out or len(said.subjects) < 3:
        raise DataError(
            "G-AGR-020",
            en=f"normalised ranks need 3 items at least, all ranked by every observer; {len(said.subjects)} whole and {said.left_out} incomplete items came. Complete the table.",
            ja=f"正規化順位法には、全観察者が順位を付けた試料が 3 つ以上必要です。受け取った数: 揃った試料 {len(said.subjects)}、不足のある試料 {said.left_out}。表を補ってください。",
        )
    places = _places(said.numbers(), best)
    z = _normal(places)
    t, n = z.shape
    free = (t - 1) * (n - 1)
    main = n * float((z.mean(1) ** 2).sum())
    rest = max(0.0, float((z**2).sum()) - main - float((z.mean(0) ** 2).sum()) * t)
    spread = float(np.sqrt(rest / free / n)) if free else 0.0
    differences = _differences(said, z.mean(1), spread, free, level)
    return NormalisedRank(
        conclusion=_conclusion(said, z.mean(1), differences),
        scale=_scale(said, z.mean(1), spread, free, level),
        variance=_variance(main, rest, t, n),
        differences=differences,
        tests=_tests(places),
        sentence=Text(
            f"{t} 試料に対する {n} 名の順位を正規化順位法で尺度化し、分散分析と Tukey のヤードスティック ({100 * level:g} %) で比較した。順位の一致は Kendall の W で評価した。",
            f"Ranks of {t} items by {n} observers were scaled by the normalised rank method and compared by analysis of variance and Tukey's yardstick ({100 * level:g} %); agreement by Kendall's W.",
        ),
    )


def _places(ranks: Floats, best: str) -> Floats:
    """(items, observers): 1 is best, equal ranks take their mean."""
    from scipy.stats import rankdata

    places: Floats = rankdata(ranks if best == "first" else -ranks, axis=0)
    return places


def _normal(places: Floats) -> Floats:
    from scipy.special import ndtri

    z: Floats = ndtri((len(places) - places + 0.5) / len(places))
    return z


def _variance(main: float, rest: float, t: int, n: int) -> Table:
    from scipy.stats import f

    free, error = t - 1, (t - 1) * (n - 1)
    ratio = main / free / (rest / error) if rest > 0 else None
    rows = (
        (Text("試料", "items"), main, free, main / free, ratio, None if ratio is None else float(f.sf(ratio, free, error))),
        (Text("誤差", "error"), rest, error, rest / error, None, None),
    )
    headings = (
        Text("要因", "source"), Text("平方和", "sum of squares"), Text("自由度", "degrees of freedom"), Text("平均平方", "mean square"),
        Text("F", "F"), Text("p", "p"),
    )  # fmt: skip
    return Table(Text("分散分析", "Analysis of variance"), headings, rows)


def _scale(said: Ratings, means: Floats, spread: float, free: int, level: float) -> tuple[Estimate, ...]:
    from scipy.stats import studentized_range

    reach = float(studentized_range.ppf(level, len(means), free)) * spread / 2
    return tuple(
        Estimate(Text(name, name), float(m), float(m) - reach, float(m) + reach, level, "half of Tukey's yardstick")
        for name, m in zip(said.subjects, means, strict=True)
    )


def _differences(said: Ratings, means: Floats, spread: float, free: int, level: float) -> Table:
    from scipy.stats import studentized_range

    reach = float(studentized_range.ppf(level, len(means), free)) * spread
    rows: list[tuple[Any, ...]] = []
    for i, j in combinations(np.argsort(-means).tolist(), 2):
        gap = float(means[i] - means[j])
        p = float(studentized_range.sf(gap / spread, len(means), free)) if spread > 0 else None
        rows.append((said.subjects[i], said.subjects[j], gap, gap - reach, gap + reach, p))
    headings = (
        Text("試料 1", "item 1"), Text("試料 2", "item 2"), Text("差", "difference"), Text("下限", "low"), Text("上限", "high"),
        Text("p (Tukey)", "p (Tukey)"),
    )  # fmt: skip
    return Table(Text("試料間の差", "Differences between items"), headings, tuple(rows))


def _tests(places: Floats) -> Table:
    """Friedman's chi-square (corrected for ties), and Kendall's W = chi-square / (n (t - 1))."""
    from scipy.stats import friedmanchisquare

    t, n = places.shape
    found = friedmanchisquare(*places)
    w = float(found.statistic) / (n * (t - 1))
    headings = (Text("検定", "test"), Text("値", "value"), Text("自由度", "degrees of freedom"), Text("p", "p"))
    rows = (
        (Text("フリードマン検定 χ²", "Friedman chi-square"), float(found.statistic), t - 1, float(found.pvalue)),
        (Text("ケンドールの一致係数 W", "Kendall's W"), w, None, None),
    )
    return Table(Text("順位のままの検定", "Tests of the ranks"), headings, rows)


def _conclusion(said: Ratings, means: Floats, differences: Table) -> Text:
    order = [said.subjects[i] for i in np.argsort(-means)]
    apart = sum(row[3] > 0 for row in differences.rows)
    return Text(
        f"評価の高い順に {' > '.join(order)}。{len(differences.rows)} 対のうち {apart} 対で差がヤードスティックを超えた。",
        f"From the best: {' > '.join(order)}. {apart} of {len(differences.rows)} differences exceed the yardstick.",
    )
