"""Several means: analysis of variance, Welch's, and of repeated measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.inputs import Floats
from gazo.stats.small.effects import explained, f_noncentralities
from gazo.stats.small.testing import Tested
from gazo.stats.small.two_means import some_spread

ANOVA = Text("一元配置分散分析", "One-way analysis of variance")


def anova(groups: Sequence[Floats], level: float) -> Tested:
    """One-way analysis of variance (Fisher 1925): the groups are taken to spread alike."""
    from scipy.stats import f_oneway

    _some_spread(groups)
    found = f_oneway(*groups)
    total = sum(map(len, groups))
    free = float(len(groups) - 1), float(total - len(groups))
    return _tested(ANOVA, float(found.statistic), free, float(found.pvalue), total, level)


def welch_anova(groups: Sequence[Floats], level: float) -> Tested:
    """Welch's analysis of variance (1951, Biometrika 38:330): the groups may spread differently."""
    from statsmodels.stats.oneway import anova_oneway

    _some_spread(groups)
    for group in groups:
        some_spread(group - group.mean(), float(np.abs(group).max()))  # its weight would be infinite
    found = anova_oneway(list(groups), use_var="unequal", welch_correction=True)
    free = float(found.df[0]), float(found.df[1])
    name = Text("Welch の分散分析", "Welch's analysis of variance")
    return _tested(name, float(found.statistic), free, float(found.pvalue), sum(map(len, groups)), level)


def _tested(name: Text, f: float, free: tuple[float, float], p: float, total: int, level: float) -> Tested:
    cite = Text(
        f"群の平均を{name.ja}で比較し、効果量は ω² (非心 F 分布の区間) とした。",
        f"Means of the groups were compared by {_lower(name.en)}; the effect size is omega squared (noncentral F interval).",
    )
    shares = explained(f, *free, total, level)
    return Tested(name, "F", f, free, p, shares if name == ANOVA else shares[:1], cite)


def repeated_anova(conditions: Sequence[Floats], level: float) -> Tested:
    """Analysis of variance of repeated measures; both degrees of freedom times Greenhouse & Geisser's epsilon (1959).

    F = MS(condition) / MS(condition x patient). With C the covariance of the conditions, centred both ways,
    epsilon = (trace C)^2 / ((k - 1) sum C^2): 1 when the conditions differ alike (sphericity). Effect: partial eta squared.
    """
    from scipy.special import fdtrc

    values = np.column_stack(conditions)
    n, k = values.shape
    rest = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    some_spread(rest, float(np.abs(values).max()))
    between, within = n * float(((values.mean(0) - values.mean()) ** 2).sum()), float((rest**2).sum())
    f = between / (k - 1) / (within / ((n - 1) * (k - 1)))
    centred = rest.T @ rest
    epsilon = float(np.trace(centred) ** 2 / ((k - 1) * (centred**2).sum()))
    free = epsilon * (k - 1), epsilon * (n - 1) * (k - 1)
    low, high = (limit / (limit + free[1] + free[0] + 1) for limit in f_noncentralities(f, *free, level))
    share = Estimate(
        Text("偏 η²", "partial eta squared"), between / (between + within), low, high, level, "noncentral F, Steiger 2004"
    )
    shape = Estimate(
        Text("Greenhouse-Geisser の ε", "Greenhouse-Geisser epsilon"),
        epsilon,
        method="none: it describes these patients, 1 is sphericity",
    )
    cite = Text(
        "同じ患者の条件間の平均を反復測定分散分析 (自由度を Greenhouse-Geisser の ε で補正) で比較し、効果量は偏 η² とした。",
        "Means of the conditions were compared by analysis of variance of repeated measures, degrees of freedom corrected by "
        "Greenhouse and Geisser's epsilon; the effect size is partial eta squared.",
    )
    name = Text("反復測定分散分析 (Greenhouse-Geisser)", "Analysis of variance of repeated measures (Greenhouse-Geisser)")
    return Tested(name, "F", f, free, float(fdtrc(*free, f)), (share, shape), cite)


def _some_spread(groups: Sequence[Floats]) -> None:
    some_spread(np.concatenate([g - g.mean() for g in groups]), float(max(np.abs(g).max() for g in groups)))


def _lower(name: str) -> str:
    return name if name.startswith("Welch") else name[0].lower() + name[1:]
