"""Tests of tables of counts: chi-square and Fisher for groups; McNemar, Bowker and Cochran for the same patients."""

from __future__ import annotations

import math

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Floats, Ints
from gazo.stats.proportions import mcnemar, proportion
from gazo.stats.small.category_effects import (
    cramer_v,
    discordant_odds,
    odds_ratio,
    pearson_chi_square,
    risk_difference,
    risk_ratio,
)
from gazo.stats.small.fisher import fisher_p
from gazo.stats.small.testing import Tested


def chi_square(counts: Ints, level: float, *, corrected: bool) -> Tested:
    """Pearson's chi-square (1900); `corrected` takes Yates' continuity correction (1934) in tables of two rows and columns."""
    chi, free, p, least = pearson_chi_square(counts, corrected=corrected)
    name = (
        Text("χ² 検定 (Yates の補正)", "chi-square test with Yates' correction")
        if corrected
        else Text("χ² 検定", "chi-square test")
    )
    return Tested(name, "χ²", chi, (float(free),), p, _effects(counts, level), _cite(name), _small(least))


def fisher(counts: Ints, level: float, seed: int) -> Tested:
    """Fisher's exact test (1934) of a table of any size."""
    p, exact = fisher_p(counts, seed)
    name = (
        Text("Fisher の正確検定", "Fisher's exact test")
        if exact
        else Text("Fisher の正確検定 (無作為抽出)", "Fisher's exact test by random tables")
    )
    return Tested(name, "", math.nan, (), p, _effects(counts, level), _cite(name))


def _effects(counts: Ints, level: float) -> tuple[Estimate, ...]:
    chi = pearson_chi_square(counts)[0]
    if counts.shape == (2, 2):
        return (
            risk_difference(counts, level),
            odds_ratio(counts, level),
            risk_ratio(counts, level),
            cramer_v(chi, counts, level),
        )
    return (cramer_v(chi, counts, level),)


def _cite(name: Text) -> Text:
    return Text(
        f"群ごとの割合を{name.ja}で比較した。リスク差は Newcombe の区間、オッズ比は条件付き最尤推定と正確な区間、Cramér の V は非心 χ² 分布の区間とした。",
        f"Proportions of the groups were compared by {name.en}; risk difference with Newcombe's interval, conditional odds ratio with exact "
        "limits, Cramer's V with limits from the noncentral chi-square.",
    )


def _small(least: float) -> tuple[Text, ...]:
    if least >= 5:
        return ()
    return (
        Text(
            f"期待度数の最小値が {least:.3g} (5 未満) のため、χ² 近似は不正確なことがあります。Fisher の正確検定を検討してください。",
            f"The smallest expected count is {least:.3g} (below 5): chi-square may be inaccurate; consider Fisher's exact test.",
        ),
    )


def mcnemar_exact(first: Ints, second: Ints, level: float) -> Tested:
    """McNemar's exact test of two conditions, 1 where the event is."""
    found = mcnemar(first.astype(bool), second.astype(bool), level=level)
    name = Text("McNemar 検定 (正確)", "McNemar's test (exact)")
    return _paired(name, "", math.nan, (), found.p, first, second, level)


def mcnemar_chi_square(first: Ints, second: Ints, level: float, *, corrected: bool) -> Tested:
    """(|b - c| - 1)^2 / (b + c), or without the correction (McNemar 1947; Edwards 1948)."""
    from scipy.special import chdtrc

    b, c = int(((first == 1) & (second == 0)).sum()), int(((first == 0) & (second == 1)).sum())
    chi = max(0.0, abs(b - c) - corrected) ** 2 / (b + c) if b + c else 0.0
    kind = Text("連続性の補正あり", "corrected for continuity") if corrected else Text("補正なし", "not corrected")
    name = Text(f"McNemar 検定 (χ²、{kind.ja})", f"McNemar's test (chi-square, {kind.en})")
    return _paired(name, "χ²", chi, (1.0,), float(chdtrc(1, chi)), first, second, level)


def _paired(
    name: Text, symbol: str, statistic: float, free: tuple[float, ...], p: float, first: Ints, second: Ints, level: float
) -> Tested:
    found = mcnemar(first.astype(bool), second.astype(bool), level=level)
    difference = Estimate(
        Text("割合の差 (1 番目 - 2 番目)", "Difference of proportions (first - second)"),
        found.difference.value, found.difference.low, found.difference.high, level, found.difference.method,
    )  # fmt: skip
    cite = Text(
        f"同じ患者の 2 条件の割合を{name.ja}で比較し、差の区間は Bonett & Price (2012) によった。",
        f"Proportions of two conditions of the same patients were compared by {name.en}; the difference has Bonett and Price's interval (2012).",
    )
    effects = (difference, discordant_odds(found.only_a, found.only_b, level))
    return Tested(name, symbol, statistic, free, p, effects, cite)


def cochran_q(events: Ints, level: float, seed: int) -> Tested:
    """Several conditions of the same patients, 1 where the event is: Cochran 1950 (Biometrika 37:256), chi-square.

    Q = (k - 1) (k sum of squared column sums - N^2) / (k N - sum of squared row sums). Effect: Q / (n (k - 1)), which is Kendall's W.
    """
    from scipy.special import chdtrc

    n, k = events.shape
    q = _q(events.astype(np.float64))
    p = float(chdtrc(k - 1, q)) if q == q else 1.0
    q = q if q == q else 0.0

    def share(rows: Floats) -> float:
        return float(_q(rows) / (len(rows) * (k - 1)))

    name, how = Text("Cochran の Q 検定", "Cochran's Q test"), "bootstrap by patient, 1000 resamples, percentile"
    effect = Estimate(Text("Kendall の W", "Kendall's W"), q / (n * (k - 1)), None, None, level, "none: all values are equal")
    if q > 0:
        effect = Estimate(
            effect.name,
            effect.value,
            *bootstrap(share, events.astype(np.float64), repeats=1000, seed=seed, level=level),
            level,
            how,
        )
    cite = Text(
        "同じ患者の条件間の割合を Cochran の Q 検定で比較し、効果量は Kendall の W とした。",
        "Proportions of the conditions were compared by Cochran's Q test; the effect size is Kendall's W.",
    )
    return Tested(name, "Q", q, (float(k - 1),), p, (effect,), cite)


def _q(events: Floats) -> float:
    k, total = events.shape[1], float(events.sum())
    rest = k * total - float((events.sum(1) ** 2).sum())
    numerator = (k - 1) * (k * float((events.sum(0) ** 2).sum()) - total**2)
    return numerator / rest if rest > 0 else math.nan


def bowker(counts: Ints, level: float) -> Tested:
    """Symmetry of a square table of two conditions (Bowker 1948, JASA 43:572), pairs of categories that never occur left out as in R.

    Effect: the share of patients that change.
    """
    from scipy.special import chdtrc

    moved, (chi, free) = int(counts.sum() - np.trace(counts)), _symmetry(counts)
    p = float(chdtrc(free, chi)) if free else 1.0
    name = Text("Bowker の対称性検定", "Bowker's test of symmetry")
    share = proportion(moved, int(counts.sum()), level=level, name=Text("分類が変わった割合", "Share of patients that changed"))
    cite = Text(
        "同じ患者の 2 条件の分類を Bowker の対称性検定で比較した。",
        "Categories under two conditions of the same patients were compared by Bowker's test of symmetry.",
    )
    return Tested(name, "χ²", chi, (float(free),), p, (share,), cite)


def _symmetry(counts: Ints) -> tuple[float, int]:
    """Sum of (n_ij - n_ji)^2 / (n_ij + n_ji) over the pairs of categories that occur."""
    i, j = np.triu_indices(len(counts), 1)
    both = (counts[i, j] + counts[j, i]).astype(np.float64)
    apart = (counts[i, j] - counts[j, i]).astype(np.float64)
    return float((apart[both > 0] ** 2 / both[both > 0]).sum()), int((both > 0).sum())
