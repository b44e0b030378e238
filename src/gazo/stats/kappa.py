"""Agreement of raters beyond chance: Cohen's kappa, with weights, and Fleiss' for any number of raters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Gt, Label, Lt
from gazo.core.results import Estimate, Measurement, Table, number_text, result
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Floats
from gazo.stats.proportions import share_of
from gazo.stats.ratings_table import Ratings, ratings_of

Codes = NDArray[np.int64]

Raters = Annotated[tuple[str, ...], Label("評価者の列 (横長の表)", "Columns of the raters (a wide table)")]
Subject = Annotated[str, Label("対象の列", "Column of the subject")]
Rater = Annotated[str, Label("評価者の列 (縦長の表)", "Column of the rater (a long table)")]
Rating = Annotated[str, Label("評価値の列 (縦長の表)", "Column of the rating (a long table)")]
Level = Annotated[float, Gt(0.5), Lt(1), Label("信頼水準", "Confidence level")]


@result("kappa")
@dataclass(frozen=True, eq=False, kw_only=True)
class Kappa(Measurement):
    """Observed agreement and the kappas of the whole group, those of each pair of raters, and the ratings counted."""

    conclusion: Text
    agreement: Estimate
    kappas: tuple[Estimate, ...]
    pairs: Table
    counts: Table


@operation("κ 係数 (評価者間の一致度)", "Kappa: agreement of raters", booklet="B6")
def kappa(
    ratings: Table,
    *,
    raters: Raters = (),
    subject: Subject = "",
    rater: Rater = "",
    rating: Rating = "",
    order: Annotated[tuple[str, ...], Label("カテゴリーの順序 (重み付き κ 用)", "Order of the categories, for weights")] = (),
    level: Level = 0.95,
    seed: int = 0,
) -> Kappa:
    """Cohen's kappa (1960), weighted by distance or its square (1968), and Fleiss' (1971, Psychol Bull 76:378) for more raters.

    Intervals of two raters from the large-sample variance of Fleiss, Cohen & Everitt 1969 (statsmodels), of more from the bootstrap
    over subjects. Weights need an order: numbers have one, words that of `order`. kappa depends on how frequent the categories are:
    read it with the observed agreement beside it.

    Parameters
    ----------
    ratings : one row a subject with a column a rater, or one row a rating.
    """
    said = ratings_of(ratings, raters=raters, subject=subject, rater=rater, rating=rating)
    names, ordered = _categories(said, order)
    codes = np.array([[names.index(word) for word in row] for row in said.words], np.int64)
    kinds = ["", "linear", "quadratic"] if ordered and len(names) > 2 else [""]
    kappas = _of_two(codes, len(names), kinds, level) if codes.shape[1] == 2 else _of_many(codes, len(names), kinds, level, seed)
    return Kappa(
        conclusion=_conclusion(kappas[0], said),
        agreement=_agreement(codes, level, seed),
        kappas=kappas,
        pairs=_pairs(codes, names, said, kinds, level),
        counts=_counts(codes, names, said),
        sentence=_sentence(codes.shape[1], kinds, level),
        warnings=said.warnings,
    )


def fleiss_kappa(codes: Codes, categories: int) -> float:
    """Fleiss 1971, eqs 1-8, for ratings (subjects, raters) coded 0 ... categories - 1; NaN when all ratings are one category."""
    from statsmodels.stats.inter_rater import fleiss_kappa as fleiss

    counts = np.stack([(codes == c).sum(1) for c in range(categories)], axis=1)
    if (counts.sum(0) > 0).sum() < 2:
        return float("nan")
    return float(fleiss(counts, method="fleiss"))


def _categories(said: Ratings, order: tuple[str, ...]) -> tuple[list[str], bool]:
    """The categories, and whether they have an order."""
    there = sorted({word for row in said.words for word in row})
    if len(there) < 2:
        raise DataError(
            "G-AGR-005",
            en=f"kappa needs at least two categories; every rating is '{there[0]}'. Report the observed agreement instead.",
            ja=f"κ 係数には 2 種類以上の評価が必要ですが、すべて「{there[0]}」です。一致割合で報告してください。",
        )
    missing = [word for word in there if order and word not in order]
    if missing:
        raise OptionError(
            "G-AGR-006",
            en=f"'order' must name every category; '{missing[0]}' is not in it. Add it.",
            ja=f"「order」にはすべてのカテゴリーが必要ですが、「{missing[0]}」がありません。加えてください。",
        )
    if order:
        return list(order), True
    try:
        return sorted(there, key=float), True
    except ValueError:
        return there, False


def _square(a: Codes, b: Codes, categories: int) -> Floats:
    table = np.zeros((categories, categories))
    np.add.at(table, (a, b), 1)
    return table


def _cohen(a: Codes, b: Codes, categories: int, kind: str, level: float) -> Estimate:
    from statsmodels.stats.inter_rater import cohens_kappa

    table = _square(a, b, categories)
    share = table / table.sum()
    if np.isclose(share.sum(0) @ share.sum(1), 1):
        return Estimate(_NAMES[kind], float("nan"), None, None, level, "none: all values are equal")
    found = cohens_kappa(table, wt=kind or None)
    low, high = _limits(float(found.kappa), float(found.std_kappa), level)
    return Estimate(_NAMES[kind], float(found.kappa), low, high, level, "Fleiss, Cohen & Everitt 1969")


def _limits(value: float, se: float, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    reach = float(ndtri((1 + level) / 2)) * se
    return max(-1.0, value - reach), min(1.0, value + reach)


def _of_two(codes: Codes, categories: int, kinds: list[str], level: float) -> tuple[Estimate, ...]:
    return tuple(_cohen(codes[:, 0], codes[:, 1], categories, kind, level) for kind in kinds)


def _of_many(codes: Codes, categories: int, kinds: list[str], level: float, seed: int) -> tuple[Estimate, ...]:
    """Fleiss' kappa, and the mean of Cohen's over all pairs (Light 1971)."""
    found = [(Text("Fleiss の κ", "Fleiss' kappa"), lambda c: fleiss_kappa(c, categories))]
    found += [
        (Text(f"{_NAMES[k].ja} (対の平均)", f"{_NAMES[k].en} (mean of pairs)"), _mean_of_pairs(categories, k)) for k in kinds
    ]
    return tuple(_bootstrapped(name, statistic, codes, level, seed) for name, statistic in found)


def _mean_of_pairs(categories: int, kind: str) -> Callable[[Codes], float]:
    steps = abs(np.subtract.outer(np.arange(categories), np.arange(categories))).astype(np.float64)
    weight = {"": np.sign(steps), "linear": steps, "quadratic": steps**2}[kind]

    def mean(codes: Codes) -> float:
        one, other = np.triu_indices(codes.shape[1], 1)
        seen = weight[codes[:, one], codes[:, other]].mean(0)
        shares = np.stack([(codes == c).mean(0) for c in range(categories)])
        chance = (shares.T @ weight @ shares)[one, other]
        return float(np.mean(1 - seen / chance)) if (chance > 0).all() else float("nan")

    return mean


def _bootstrapped(name: Text, statistic: Callable[[Codes], float], codes: Codes, level: float, seed: int) -> Estimate:
    low, high = bootstrap(statistic, codes, seed=seed, level=level)
    return Estimate(name, statistic(codes), low, high, level, "bootstrap, 2000 resamples, percentile")


def _agreement(codes: Codes, level: float, seed: int) -> Estimate:
    """Share of pairs of raters that say the same of a subject."""
    name = Text("一致割合", "Observed agreement")
    pairs = list(combinations(range(codes.shape[1]), 2))
    same = np.stack([codes[:, i] == codes[:, j] for i, j in pairs], axis=1)
    if len(pairs) == 1:
        return share_of(same[:, 0], level=level, name=name)
    low, high = bootstrap(lambda s: float(s.mean()), same, seed=seed, level=level)
    return Estimate(name, float(same.mean()), low, high, level, "bootstrap, 2000 resamples, percentile")


def _pairs(codes: Codes, names: list[str], said: Ratings, kinds: list[str], level: float) -> Table:
    rows: list[tuple[Any, ...]] = []
    for i, j in combinations(range(codes.shape[1]), 2):
        for kind in kinds:
            one = _cohen(codes[:, i], codes[:, j], len(names), kind, level)
            rows.append((said.raters[i], said.raters[j], one.name, one.value, one.low, one.high))
    headings = (
        Text("評価者 1", "rater 1"), Text("評価者 2", "rater 2"), Text("指標", "figure"), Text("値", "value"),
        Text("下限", "low"), Text("上限", "high"),
    )  # fmt: skip
    return Table(Text("評価者の対ごとの κ", "kappa of each pair"), headings, tuple(rows))


def _counts(codes: Codes, names: list[str], said: Ratings) -> Table:
    """For two raters the square table, for more how often each chose each category."""
    words = tuple(Text(name, name) for name in names)
    if codes.shape[1] == 2:
        square = _square(codes[:, 0], codes[:, 1], len(names))
        corner = Text(f"{said.raters[0]} (行) と {said.raters[1]} (列)", f"{said.raters[0]} (rows), {said.raters[1]} (columns)")
        rows = tuple((name, *map(int, line)) for name, line in zip(names, square, strict=True))
    else:
        corner = Text("評価者", "rater")
        rows = tuple((who, *((codes[:, k] == c).sum().item() for c in range(len(names)))) for k, who in enumerate(said.raters))
    return Table(Text("評価の度数", "Ratings counted"), (corner, *words), rows)


def _conclusion(first: Estimate, said: Ratings) -> Text:
    span = "" if first.low is None or first.high is None else f" ({number_text(first.low)} - {number_text(first.high)})"
    return Text(
        f"評価者 {len(said.raters)} 名・{len(said.subjects)} 例で {first.name.ja} = {number_text(first.value)}{span}。",
        f"{first.name.en} = {number_text(first.value)}{span} of {len(said.raters)} raters on {len(said.subjects)} subjects.",
    )


def _sentence(raters: int, kinds: list[str], level: float) -> Text:
    weights = {
        True: Text(
            "、順序を考慮して 1 次および 2 次の重み付き κ 係数", ", with linear and quadratic weights for the order of categories"
        ),
        False: Text("", ""),
    }[len(kinds) > 1]
    if raters == 2:
        return Text(
            f"評価者間の一致は Cohen の κ 係数{weights.ja}で評価し、{100 * level:g} % 信頼区間は Fleiss, Cohen, Everitt (1969) の大標本分散から求めた。",
            f"Agreement was measured by Cohen's kappa{weights.en}; {100 * level:g} % intervals from the large-sample variance of Fleiss, Cohen and Everitt (1969).",
        )
    return Text(
        f"{raters} 名の評価者の一致は Fleiss の κ 係数 (1971) と、全対の Cohen の κ{weights.ja}の平均 (Light 1971) で評価し、{100 * level:g} % 信頼区間は対象のブートストラップ (2000 回) で求めた。",
        f"Agreement of {raters} raters was measured by Fleiss' kappa (1971) and by the mean of Cohen's kappa{weights.en} over all pairs (Light 1971); {100 * level:g} % intervals from 2000 bootstrap resamples of subjects.",
    )


_NAMES = {
    "": Text("Cohen の κ", "Cohen's kappa"),
    "linear": Text("重み付き κ (1 次)", "Weighted kappa (linear)"),
    "quadratic": Text("重み付き κ (2 次)", "Weighted kappa (quadratic)"),
}
