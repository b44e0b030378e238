"""Effect sizes of tables of counts: odds ratio, risk difference, risk ratio, Cramer's V."""

from __future__ import annotations

import math

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.inputs import Ints
from gazo.stats.proportions import exact_limits, wilson_limits
from gazo.stats.small.effects import chi_square_noncentralities


def odds_ratio(counts: Ints, level: float) -> Estimate:
    """Conditional maximum likelihood and exact limits (Cornfield 1956; Fisher 1962), as R's fisher.test."""
    from scipy.stats.contingency import odds_ratio as of_scipy

    name = Text("オッズ比", "Odds ratio")
    if 0 in counts.sum(0) or 0 in counts.sum(1):
        return Estimate(name, math.nan, None, None, level, "none: a row or column is empty")
    found = of_scipy(counts, kind="conditional")
    limits = found.confidence_interval(level)
    return Estimate(name, float(found.statistic), float(limits.low), float(limits.high), level, "conditional, exact")


def risk_difference(counts: Ints, level: float, *, event: int = 0) -> Estimate:
    """Share with the event in the first group less that in the second; Newcombe's hybrid score limits.

    counts[group, category]. With Wilson limits (l, u) of each share: d - sqrt((p1 - l1)^2 + (u2 - p2)^2) and
    d + sqrt((u1 - p1)^2 + (p2 - l2)^2) (Newcombe 1998, Stat Med 17:873, method 10).
    """
    totals = counts.sum(1)
    (p1, l1, u1), (p2, l2, u2) = (
        (hits / total, *wilson_limits(hits, total, level)) for hits, total in zip(map(int, counts[:, event]), totals, strict=True)
    )
    low = p1 - p2 - math.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + math.hypot(u1 - p1, p2 - l2)
    name = Text("リスク差 (1 番目 - 2 番目)", "Risk difference (first - second)")
    return Estimate(name, p1 - p2, max(-1.0, low), min(1.0, high), level, "Newcombe 1998, method 10")


def risk_ratio(counts: Ints, level: float, *, event: int = 0) -> Estimate:
    """Share of the first group over that of the second; limits on the logarithm (Katz 1978, Biometrics 34:469)."""
    from scipy.special import ndtri

    name, (m, n) = Text("リスク比", "Risk ratio"), counts.sum(1)
    a, c = (int(value) for value in counts[:, event])
    if not a or not c:
        return Estimate(name, math.nan if not c else 0.0, None, None, level, "none: no event in a group")
    value = a / m / (c / n)
    reach = float(ndtri((1 + level) / 2)) * math.sqrt(max(0.0, 1 / a - 1 / m + 1 / c - 1 / n))
    return Estimate(name, value, value * math.exp(-reach), value * math.exp(reach), level, "Katz 1978")


def cramer_v(chi: float, counts: Ints, level: float) -> Estimate:
    """sqrt(chi^2 / (N (q - 1))), q the smaller side (Cramer 1946); limits from the noncentral chi-square (Smithson 2003)."""
    used = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    free = (used.shape[0] - 1) * (used.shape[1] - 1)
    scale = int(used.sum()) * (min(used.shape) - 1)
    low, high = (min(1.0, math.sqrt(limit / scale)) for limit in chi_square_noncentralities(chi, free, level))
    return Estimate(Text("Cramér の V", "Cramer's V"), math.sqrt(chi / scale), low, high, level, "noncentral chi-square")


def discordant_odds(only_a: int, only_b: int, level: float) -> Estimate:
    """Odds ratio of matched pairs, the ratio of the two kinds of discordant pairs; exact limits of their share (Clopper & Pearson)."""
    name, total = Text("対応のあるオッズ比", "Odds ratio of pairs"), only_a + only_b
    if not total:
        return Estimate(name, math.nan, None, None, level, "none: no discordant pairs")
    low, high = exact_limits(only_a, total, level)
    value = only_a / only_b if only_b else math.inf
    return Estimate(name, value, low / (1 - low), high / (1 - high) if high < 1 else math.inf, level, "Clopper-Pearson 1934")


def pearson_chi_square(counts: Ints, *, corrected: bool = False) -> tuple[float, int, float, float]:
    """Chi-square, degrees of freedom, p, and the smallest expected count, empty rows and columns left out."""
    from scipy.stats import chi2_contingency

    used = counts[counts.sum(1) > 0][:, counts.sum(0) > 0]
    found = chi2_contingency(used, correction=corrected)
    return float(found.statistic), int(found.dof), float(found.pvalue), float(np.min(found.expected_freq))
