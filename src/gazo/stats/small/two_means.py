"""Two means: Student's, Welch's and the paired t test, with the difference and Hedges' g."""

from __future__ import annotations

import numpy as np

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.inputs import Floats
from gazo.stats.small.effects import hedges_g, hedges_g_paired
from gazo.stats.small.testing import Tested

DIFFERENCE = Text("平均の差 (1 番目 - 2 番目)", "Difference of means (first - second)")


def student(a: Floats, b: Floats, level: float) -> Tested:
    """Student's t test: both groups are taken to spread alike."""
    return _independent(a, b, level, equal=True)


def welch(a: Floats, b: Floats, level: float) -> Tested:
    """Welch's t test (1947, Biometrika 34:28): the groups may spread differently."""
    return _independent(a, b, level, equal=False)


def _independent(a: Floats, b: Floats, level: float, *, equal: bool) -> Tested:
    from scipy.stats import ttest_ind

    some_spread(np.concatenate([a - a.mean(), b - b.mean()]), float(np.abs(np.concatenate([a, b])).max()))
    found = ttest_ind(a, b, equal_var=equal)
    limits = found.confidence_interval(level)
    name = Text("Student の t 検定", "Student's t test") if equal else Text("Welch の t 検定", "Welch's t test")
    effect = Estimate(DIFFERENCE, float(a.mean() - b.mean()), float(limits.low), float(limits.high), level, "t distribution")
    cite = Text(
        f"2 群の平均を {name.ja}で比較し、効果量は Hedges の g とした。",
        f"Two means were compared by {name.en}; the effect size is Hedges' g.",
    )
    effects = (effect, hedges_g(a, b, level))
    return Tested(name, "t", float(found.statistic), (float(found.df),), float(found.pvalue), effects, cite)


def paired_t(a: Floats, b: Floats, level: float) -> Tested:
    """The paired t test: the mean of the differences within patients."""
    from scipy.stats import ttest_rel

    difference = a - b
    some_spread(difference - difference.mean(), float(max(np.abs(a).max(), np.abs(b).max())))
    found = ttest_rel(a, b)
    limits = found.confidence_interval(level)
    effect = Estimate(DIFFERENCE, float(difference.mean()), float(limits.low), float(limits.high), level, "t distribution")
    cite = Text(
        "同じ患者の 2 条件の平均を対応のある t 検定で比較し、効果量は差の標準偏差による Hedges の g とした。",
        "Two conditions of the same patients were compared by the paired t test; the effect size is Hedges' g by the SD of the differences.",
    )
    name, effects = Text("対応のある t 検定", "Paired t test"), (effect, hedges_g_paired(difference, level))
    return Tested(name, "t", float(found.statistic), (float(found.df),), float(found.pvalue), effects, cite)


def some_spread(rest: Floats, size: float) -> None:
    """Refuse values that do not vary at all: no test of means exists then."""
    if float(np.abs(rest).max()) <= 1e-12 * max(size, 1e-300):
        raise DataError(
            "G-TEST-010",
            en=f"a test of means needs values that vary; all {len(rest)} are the same within their group (or differ by the same amount in every patient). Look at the column: it may be a constant.",
            ja=f"平均の検定には値のばらつきが必要ですが、{len(rest)} 個の値が群の中ですべて同じです (またはどの患者でも差が同じです)。定数の列ではないか確かめてください。",
        )
