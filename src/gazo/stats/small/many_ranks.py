"""Several groups by ranks: Kruskal-Wallis and Friedman."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Floats
from gazo.stats.small.rank_distributions import midranks, tie_sum
from gazo.stats.small.testing import Tested

RESAMPLES = 1000


def kruskal_wallis(groups: Sequence[Floats], level: float, seed: int) -> Tested:
    """H of the mean ranks, corrected for ties, by chi-square (Kruskal & Wallis 1952, JASA 47:583); epsilon^2 = H / (N - 1)."""
    from scipy.special import chdtrc

    values = np.concatenate(groups)
    owner = np.repeat(np.arange(len(groups), dtype=np.float64), [len(g) for g in groups])
    _some_difference(values)
    h, free = rank_h(values, owner), len(groups) - 1

    def share(v: Floats, o: Floats) -> float:
        return rank_h(v, o) / (len(v) - 1)

    effect = _resampled(Text("順位の ε²", "rank epsilon squared"), share, (values, owner), owner, level, seed)
    cite = Text(
        "群を Kruskal-Wallis 検定 (同順位の補正、χ² 近似) で比較し、効果量は順位の ε² とした。",
        "Groups were compared by the Kruskal-Wallis test (corrected for ties, chi-square); the effect size is the rank epsilon squared.",
    )
    name = Text("Kruskal-Wallis 検定", "Kruskal-Wallis test")
    return Tested(name, "H", h, (float(free),), float(chdtrc(free, h)), (effect,), cite)


def rank_h(values: Floats, owner: Floats) -> float:
    """H with its correction for ties; NaN where all values are equal."""
    ranks, n = midranks(values), len(values)
    _, place = np.unique(owner, return_inverse=True)
    counts = np.bincount(place)
    sums = np.bincount(place, ranks)
    plain = 12 / (n * (n + 1)) * float((sums**2 / counts).sum()) - 3 * (n + 1)
    correction = 1 - tie_sum(values) / (n**3 - n)
    return plain / correction if correction > 0 else float("nan")


def friedman(conditions: Sequence[Floats], level: float, seed: int) -> Tested:
    """Ranks within patients, corrected for ties, by chi-square (Friedman 1937, JASA 32:675); W = chi^2 / (n (k - 1)) (Kendall)."""
    from scipy.special import chdtrc

    values = np.column_stack(conditions)
    n, k = values.shape
    _some_difference((values - values[:, :1]).ravel())
    ranks = np.apply_along_axis(midranks, 1, values)
    chi = n * (k - 1) * kendall_w(ranks)
    effect = _resampled(Text("Kendall の W", "Kendall's W"), kendall_w, (ranks,), np.zeros(n), level, seed)
    cite = Text(
        "同じ患者の条件を Friedman 検定 (同順位の補正、χ² 近似) で比較し、効果量は Kendall の W とした。",
        "Conditions of the same patients were compared by Friedman's test (corrected for ties, chi-square); the effect size is Kendall's W.",
    )
    name = Text("Friedman 検定", "Friedman's test")
    return Tested(name, "χ²", chi, (float(k - 1),), float(chdtrc(k - 1, chi)), (effect,), cite)


def kendall_w(ranks: Floats) -> float:
    """Agreement of the rows of midranks, 0 to 1, corrected for ties; NaN where every row is tied throughout."""
    n, k = ranks.shape
    ties = sum(tie_sum(row) for row in ranks)
    spread = n * (k**3 - k) - ties
    sums = ranks.sum(0)
    return 12 * float(((sums - sums.mean()) ** 2).sum()) / (n * spread) if spread > 0 else float("nan")


def _resampled(
    name: Text, statistic: Callable[..., float], parts: tuple[Floats, ...], strata: Floats, level: float, seed: int
) -> Estimate:
    low, high = bootstrap(statistic, *parts, repeats=RESAMPLES, seed=seed, level=level, strata=strata)
    return Estimate(name, float(statistic(*parts)), low, high, level, f"bootstrap by patient, {RESAMPLES} resamples, percentile")


def _some_difference(values: Floats) -> None:
    if float(np.ptp(values)) == 0:
        raise DataError(
            "G-TEST-014",
            en=f"a rank test of several groups needs values that differ; all {len(values)} are equal. Look at the column: it may be a constant.",
            ja=f"多群の順位検定には異なる値が必要ですが、{len(values)} 個すべてが同じ値です。定数の列ではないか確かめてください。",
        )
