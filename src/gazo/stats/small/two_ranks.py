"""Two groups by ranks: Mann-Whitney and Wilcoxon's signed rank test, with Hodges-Lehmann shift, Cliff's delta and rank-biserial r."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.auc import auc
from gazo.stats.inputs import Floats
from gazo.stats.small.rank_distributions import (
    MOST_EXACT,
    lower_steps,
    midranks,
    normal_steps,
    normal_two_sided,
    rank_sum_chances,
    signed_rank_chances,
    tie_sum,
    tied,
    two_sided,
)
from gazo.stats.small.testing import Tested

Exactness = Literal["auto", "exact", "normal"]
SHIFT = Text("Hodges-Lehmann のずれ (1 番目 - 2 番目)", "Hodges-Lehmann shift (first - second)")
TOO_FEW = "none: too few patients for an interval of this level"


def mann_whitney(a: Floats, b: Floats, level: float, p_value: Exactness = "auto") -> Tested:
    """The rank sum test of Wilcoxon 1945 and Mann & Whitney 1947 (Ann Math Stat 18:50).

    "auto" is R's rule: exact with fewer than 50 in each group and no ties, else normal with the variance corrected for ties and
    the continuity correction. "exact" with ties is the permutation distribution of the midranks.
    """
    m, n, everything = len(a), len(b), np.concatenate([a, b])
    _some_difference(everything)
    ranks = midranks(everything)
    u, total = float(ranks[:m].sum()) - m * (m + 1) / 2, m + n
    exact = p_value == "exact" or (p_value == "auto" and max(m, n) < MOST_EXACT and not tied(everything))
    _not_too_many(exact, total)
    spread = math.sqrt(m * n / 12 * (total + 1 - tie_sum(everything) / (total * (total - 1))))
    plain = np.arange(1.0, total + 1)
    if exact:
        p = two_sided(rank_sum_chances(ranks, m), float(ranks[:m].sum()))
        steps = lower_steps(rank_sum_chances(plain, m), level)
    else:
        p, steps = normal_two_sided(u - m * n / 2, spread), normal_steps(m * n / 2, spread, level)
    shifts = np.sort((a[:, None] - b).ravel())
    how = _how(exact, tied(everything))
    cite = Text(
        f"2 群を Mann-Whitney の U 検定 ({how.ja}) で比較し、効果量は Hodges-Lehmann のずれと Cliff の δ とした。",
        f"Two groups were compared by the Mann-Whitney U test ({how.en}); effect sizes are the Hodges-Lehmann shift and Cliff's delta.",
    )
    name = Text(f"Mann-Whitney の U 検定 ({how.ja})", f"Mann-Whitney U test ({how.en})")
    return Tested(name, "U", u, (), p, (_shift(shifts, steps, level), cliff_delta(a, b, level)), cite)


def signed_rank(a: Floats, b: Floats, level: float, p_value: Exactness = "auto") -> Tested:
    """Wilcoxon's signed rank test (1945, Biometrics Bull 1:80); pairs without a difference are left out, as he did.

    "auto" is R's rule: exact with fewer than 50 pairs, no ties and no zeros, else normal, corrected for ties and continuity.
    """
    # values such as 1.3 - 0.6 and 2.3 - 1.6 are the same difference; ranks must not see the last bit
    difference = np.round(a - b, 12 - int(np.ceil(np.log10(max(float(np.abs([a, b]).max()), 1e-290)))))
    used = difference[difference != 0]
    if not len(used):
        raise DataError(
            "G-TEST-011",
            en=f"a signed rank test needs patients whose two values differ; all {len(difference)} pairs are equal. There is nothing to test.",
            ja=f"符号付順位検定には 2 つの値が異なる患者が必要ですが、{len(difference)} 組すべてが同じ値です。検定できません。",
        )
    n, ranks = len(used), midranks(np.abs(used))
    v = float(ranks[used > 0].sum())
    ties, zeros = tied(np.abs(used)), len(difference) - n
    exact = p_value == "exact" or (p_value == "auto" and n < MOST_EXACT and not ties and not zeros)
    _not_too_many(exact, n)
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - tie_sum(np.abs(used)) / 48)
    if exact:
        p, steps = two_sided(signed_rank_chances(ranks), v), lower_steps(signed_rank_chances(np.arange(1.0, n + 1)), level)
    else:
        p, steps = normal_two_sided(v - n * (n + 1) / 4, spread), normal_steps(n * (n + 1) / 4, spread, level)
    first, second = np.triu_indices(n)
    shift = _shift(np.sort((used[first] + used[second]) / 2), steps, level)
    how = _how(exact, ties)
    cite = Text(
        f"同じ患者の 2 条件を Wilcoxon の符号付順位検定 ({how.ja}) で比較し、効果量は Hodges-Lehmann のずれと順位双列相関とした。",
        f"Two conditions of the same patients were compared by Wilcoxon's signed rank test ({how.en}); effect sizes are the "
        "Hodges-Lehmann shift and the rank-biserial correlation.",
    )
    notes = _zeros(zeros, len(difference))
    name = Text(f"Wilcoxon の符号付順位検定 ({how.ja})", f"Wilcoxon signed rank test ({how.en})")
    return Tested(name, "V", v, (), p, (shift, _rank_biserial(v, n, level)), cite, notes)


def cliff_delta(a: Floats, b: Floats, level: float) -> Estimate:
    """P(a > b) - P(a < b) (Cliff 1993, Psychol Bull 114:494): twice the area under the ROC curve, less one."""
    area = auc(np.repeat([1, 0], [len(a), len(b)]), np.concatenate([a, b]), level=level)
    low, high = (None if limit is None else 2 * limit - 1 for limit in (area.low, area.high))
    return Estimate(Text("Cliff の δ", "Cliff's delta"), 2 * area.value - 1, low, high, level, f"2 AUC - 1, {area.method}")


def _rank_biserial(v: float, n: int, level: float) -> Estimate:
    """(T+ - T-) / (T+ + T-) (Kerby 2014, Compr Psychol 3:1); Fisher's z with the variance of T+ when nothing differs."""
    from scipy.special import ndtri

    whole = n * (n + 1) / 2
    name, value = Text("順位双列相関", "Rank-biserial correlation"), (2 * v - whole) / whole
    if abs(value) >= 1:
        return Estimate(name, value, None, None, level, "none: all differences have one sign")
    spread = math.sqrt(n * (n + 1) * (2 * n + 1) / 6) / whole
    reach = float(ndtri((1 + level) / 2)) * spread
    return Estimate(
        name, value, math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach), level, "Fisher's z, Kerby 2014"
    )


def _shift(ordered: Floats, steps: int, level: float) -> Estimate:
    """Median of the differences, and the ones that the test would just not refuse (Hodges & Lehmann 1963; Lehmann 1975)."""
    middle = float(np.median(ordered))
    if steps < 1:
        return Estimate(SHIFT, middle, None, None, level, TOO_FEW)
    return Estimate(SHIFT, middle, float(ordered[steps - 1]), float(ordered[-steps]), level, "inverted test, Lehmann 1975")


def _how(exact: bool, ties: bool) -> Text:
    if exact:
        return Text("正確、同順位あり", "exact, ties included") if ties else Text("正確", "exact")
    return Text("正規近似、同順位と連続性の補正", "normal, corrected for ties and continuity")


def _zeros(zeros: int, pairs: int) -> tuple[Text, ...]:
    if not zeros:
        return ()
    ja, en = f"差が 0 の {pairs} 組中 {zeros} 組を除きました。", f"{zeros} of {pairs} pairs without a difference were left out."
    return (Text(ja, en),)


def _some_difference(everything: Floats) -> None:
    if float(np.ptp(everything)) == 0:
        raise DataError(
            "G-TEST-012",
            en=f"a rank test needs values that differ; all {len(everything)} are equal. Look at the column: it may be a constant.",
            ja=f"順位の検定には異なる値が必要ですが、{len(everything)} 個すべてが同じ値です。定数の列ではないか確かめてください。",
        )


def _not_too_many(exact: bool, values: int) -> None:
    if exact and values > 300:
        raise DataError(
            "G-TEST-013",
            en=f"the exact distribution of ranks is computed for up to 300 values; {values} came. Choose p_value=normal, which is as good here.",
            ja=f"順位の正確な分布は 300 個までの値で計算します。受け取った数: {values}。この数なら p_value=normal で十分です。",
        )
