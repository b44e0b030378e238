"""Which groups differ: every pair compared, p and intervals made for all pairs together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate, Table
from gazo.stats.inputs import Floats
from gazo.stats.small.rank_distributions import midranks, tie_sum
from gazo.stats.small.testing import P_ADJUSTED, P, Tested, holm
from gazo.stats.small.two_ranks import cliff_delta

Pairs = list[tuple[int, int]]
SIMULTANEOUS = Text(
    "区間は全対比較で同時に成り立つ (補正後の p と対応する)。", "Intervals hold for all pairs together, as the adjusted p does."
)
SINGLE = Text(
    "区間は 1 対ごとのもので、多重性を補正していない。", "Intervals are of single pairs, not corrected for their number."
)
PERCENT_HEADINGS = (Text("下限", "Low"), Text("上限", "High"))


def tukey(names: Sequence[str], groups: Sequence[Floats], level: float) -> Table:
    """Tukey & Kramer's honest differences (Kramer 1956, Biometrics 12:307): studentised range, one spread for all groups."""
    free = sum(map(len, groups)) - len(groups)
    error = sum(float(((g - g.mean()) ** 2).sum()) for g in groups) / free
    pairs = _pairs(len(groups))
    spreads = [math.sqrt(error / 2 * (1 / len(groups[i]) + 1 / len(groups[j]))) for i, j in pairs]
    return _by_range(Text("Tukey-Kramer 法", "Tukey-Kramer"), names, groups, spreads, [float(free)] * len(pairs), level)


def games_howell(names: Sequence[str], groups: Sequence[Floats], level: float) -> Table:
    """Games & Howell 1976 (J Educ Stat 1:113): studentised range with each pair's own spread and Welch's degrees of freedom."""
    parts = [float(g.var(ddof=1)) / len(g) for g in groups]
    spreads, free = [], []
    for i, j in _pairs(len(groups)):
        both = parts[i] + parts[j]
        spreads.append(math.sqrt(both / 2))
        free.append(both**2 / (parts[i] ** 2 / (len(groups[i]) - 1) + parts[j] ** 2 / (len(groups[j]) - 1)))
    return _by_range(Text("Games-Howell 法", "Games-Howell"), names, groups, spreads, free, level)


def _by_range(
    title: Text, names: Sequence[str], groups: Sequence[Floats], spreads: list[float], free: list[float], level: float
) -> Table:
    from scipy.stats import studentized_range

    k, rows = len(groups), []
    quantiles = {df: float(studentized_range.ppf(level, k, df)) for df in set(free)}  # slow, and often the same
    for (i, j), spread, df in zip(_pairs(k), spreads, free, strict=True):
        difference = float(groups[i].mean() - groups[j].mean())
        reach = quantiles[df] * spread
        p = float(studentized_range.sf(abs(difference) / spread, k, df))
        rows.append((f"{names[i]} - {names[j]}", difference, difference - reach, difference + reach, min(1.0, max(0.0, p))))
    headings = (PAIR, Text("平均の差", "Difference of means"), *PERCENT_HEADINGS, P_ADJUSTED)
    return Table(_titled(title), headings, tuple(rows), (SIMULTANEOUS,))


def dunn(names: Sequence[str], groups: Sequence[Floats], level: float) -> Table:
    """Dunn 1964 (Technometrics 6:241): mean ranks over all groups, corrected for ties; Holm's p. Effect: Cliff's delta."""
    from scipy.special import ndtr

    everything = np.concatenate(groups)
    n, owner = len(everything), np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    means = np.bincount(owner, midranks(everything)) / np.bincount(owner)
    variance = n * (n + 1) / 12 - tie_sum(everything) / (12 * (n - 1))
    z = [
        float(means[i] - means[j]) / math.sqrt(variance * (1 / len(groups[i]) + 1 / len(groups[j])))
        for i, j in _pairs(len(groups))
    ]
    p = [float(2 * ndtr(-abs(value))) for value in z]
    effects = [cliff_delta(groups[i], groups[j], level) for i, j in _pairs(len(groups))]
    return _listed(Text("Dunn 法 (Holm)", "Dunn, Holm"), names, effects, "z", z, p, holm(p))


def steel_dwass(names: Sequence[str], groups: Sequence[Floats], level: float) -> Table:
    """Steel 1960 and Dwass 1960: rank sums of each pair alone, corrected for ties; p from the studentised range of k groups.

    t = (R - E) / sqrt(V), V = n_i n_j / (N (N - 1)) (sum of squared ranks - N (N + 1)^2 / 4); p = P(range of k normals > t sqrt 2).
    """
    from scipy.stats import studentized_range

    k, t, effects = len(groups), [], []
    for i, j in _pairs(k):
        m, n = len(groups[i]), len(groups[j])
        total, ranks = m + n, midranks(np.concatenate([groups[i], groups[j]]))
        variance = m * n / (total * (total - 1)) * (float((ranks**2).sum()) - total * (total + 1) ** 2 / 4)
        deviation = float(ranks[:m].sum()) - m * (total + 1) / 2
        t.append(deviation / math.sqrt(variance) if variance > 0 else 0.0)
        effects.append(cliff_delta(groups[i], groups[j], level))
    p = [min(1.0, max(0.0, float(studentized_range.sf(abs(value) * math.sqrt(2), k, np.inf)))) for value in t]
    return _listed(Text("Steel-Dwass 法", "Steel-Dwass"), names, effects, "t", t, None, p)


def by_pairs(
    names: Sequence[str], groups: Sequence[Any], test: Callable[[Any, Any], Tested], title: Text, symbol: str | None = None
) -> Table:
    """A test of two for each pair, with Holm's p; such as paired t tests or Fisher's exact tests."""
    found = [test(groups[i], groups[j]) for i, j in _pairs(len(groups))]
    p = [one.p for one in found]
    statistics = [one.statistic for one in found]
    shown = found[0].symbol if symbol is None else symbol
    title = Text(f"{title.ja} (Holm)", f"{title.en}, Holm")
    return _listed(title, names, [one.effects[0] for one in found], shown, statistics, p, holm(p))


def _listed(
    title: Text,
    names: Sequence[str],
    effects: Sequence[Estimate],
    symbol: str,
    statistics: Sequence[float],
    p: Sequence[float] | None,
    corrected: Sequence[float],
) -> Table:
    headings = [PAIR, effects[0].name, *PERCENT_HEADINGS]
    columns: list[Sequence[Any]] = [
        [f"{names[i]} - {names[j]}" for i, j in _pairs(len(names))],
        [e.value for e in effects],
        [e.low for e in effects],
        [e.high for e in effects],
    ]
    if symbol:
        headings, columns = [*headings, Text(symbol, symbol)], [*columns, statistics]
    if p is not None:
        headings, columns = [*headings, P], [*columns, p]
    rows = tuple(zip(*columns, corrected, strict=True))
    return Table(_titled(title), (*headings, P_ADJUSTED), rows, (SINGLE,))


PAIR = Text("対", "Pair")


def _titled(title: Text) -> Text:
    return Text(f"多重比較: {title.ja}", f"Every pair: {title.en}")


def _pairs(k: int) -> Pairs:
    return list(combinations(range(k), 2))
