"""The analysis of Dorfman, Berbaum & Metz: an analysis of variance of jackknife pseudovalues, tests x readers x cases.

Dorfman, Berbaum & Metz 1992 (Invest Radiol 27:723); Hillis, Obuchowski, Schartz & Berbaum 2005 (Stat Med 24:1579) for normalised
pseudovalues and for leaving terms out, Hillis 2007 for the degrees of freedom. With them and the jackknife it is the analysis of Obuchowski
& Rockette, each mean square K times as large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from gazo.core.errors import DataError
from gazo.stats.inputs import Floats
from gazo.stats.mrmc_models import Analysis, Contrast, Effect, global_test

DegreesOfFreedom = Literal["hillis", "satterthwaite"]


@dataclass(frozen=True, eq=False)
class Anova:
    """Mean squares and degrees of freedom by name: T, R, C, TR, TC, RC, TRC."""

    ms: dict[str, float]
    df: dict[str, int]


def pseudovalues(theta: Floats, left: Floats) -> Floats:
    """K theta - (K - 1) theta(-k), (I, J, K), shifted so that their mean is theta."""
    count = left.shape[-1]
    raw = count * theta[..., None] - (count - 1) * left
    shifted: Floats = raw + (theta - raw.mean(axis=-1))[..., None]
    return shifted


def anova_of(values: Floats) -> Anova:
    """Three-way analysis of variance without replication."""
    if min(values.shape) < 2:
        raise DataError(
            "G-MRMC-006",
            en=f"the analysis of pseudovalues needs at least two tests, readers and cases; {' x '.join(map(str, values.shape))} came. "
            "Choose method 'or', which also takes one reader or one test.",
            ja=f"擬似値の分散分析には、検査・読影者・症例がそれぞれ 2 つ以上必要です。受け取った数: {' x '.join(map(str, values.shape))}。"
            "読影者や検査が 1 つでも使える「or」を選んでください。",
        )
    names = "TRC"
    mean = values.mean()
    sums: dict[str, float] = {}
    df: dict[str, int] = {}
    for kept in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        name = "".join(names[axis] for axis in kept)
        others = tuple(axis for axis in range(3) if axis not in kept)
        cells = values.mean(axis=others) if others else values
        times = math.prod(values.shape[axis] for axis in others)
        within = sum(total for part, total in sums.items() if set(part) < set(name))
        sums[name] = float(times * ((cells - mean) ** 2).sum()) - within
        df[name] = math.prod(values.shape[axis] - 1 for axis in kept)
    return Anova({name: total / df[name] for name, total in sums.items()}, df)


def pseudovalue_analysis(
    theta: Floats, values: Floats, *, readers: Effect, cases: Effect, df: DegreesOfFreedom = "hillis", level: float = 0.95
) -> tuple[Anova, Analysis]:
    """F = MS(T) / [MS(TR) + max(MS(TC) - MS(TRC), 0)]; fixed readers: MS(TC) alone; fixed cases: MS(TR) alone.

    Parameters
    ----------
    df : "hillis" (2007), or "satterthwaite" as in 1992, whose intervals are sometimes far too wide.
    """
    found = anova_of(values)
    ms, tests, size, count = found.ms, *values.shape
    if readers == "fixed":
        den, freedom = ms["TC"], float(found.df["TC"])
    elif cases == "fixed":
        den, freedom = ms["TR"], float(found.df["TR"])
    else:
        den = ms["TR"] + max(ms["TC"] - ms["TRC"], 0.0)
        freedom = den**2 * found.df["TR"] / ms["TR"] ** 2 if df == "hillis" else _satterthwaite(found)
    kind = "FRRC" if readers == "fixed" else "RRFC" if cases == "fixed" else "RRRC"
    se, means = math.sqrt(2 * den / (size * count)), theta.mean(1)
    pairs = {(i, k): Contrast(float(means[i] - means[k]), se, freedom, level) for i in range(tests) for k in range(i + 1, tests)}
    single = tuple(_mean(values[i], readers, cases, level) for i in range(tests))
    return found, Analysis(global_test(kind, ms["T"], den, tests - 1, freedom), pairs, single)


def _satterthwaite(found: Anova) -> float:
    """Of MS(TR) + MS(TC) - MS(TRC)."""
    ms, df = found.ms, found.df
    den = ms["TR"] + ms["TC"] - ms["TRC"]
    return float(den**2 / sum(ms[name] ** 2 / df[name] for name in ("TR", "TC", "TRC")))


def _mean(values: Floats, readers: Effect, cases: Effect, level: float) -> Contrast:
    """One test alone: MS(R) + max(MS(C) - MS(RC), 0) over J K, and the same with a fixed factor left out."""
    size, count = values.shape
    mean, rows, columns = values.mean(), values.mean(1), values.mean(0)
    ms_r = float(count * ((rows - mean) ** 2).sum() / (size - 1))
    ms_c = float(size * ((columns - mean) ** 2).sum() / (count - 1))
    rest = values - rows[:, None] - columns + mean
    ms_rc = float((rest**2).sum() / ((size - 1) * (count - 1)))
    if readers == "fixed":
        return Contrast(float(mean), math.sqrt(ms_c / (size * count)), count - 1, level)
    den = ms_r + (max(ms_c - ms_rc, 0.0) if cases == "random" else 0.0)
    df = den**2 * (size - 1) / ms_r**2 if ms_r > 0 else math.inf
    return Contrast(float(mean), math.sqrt(den / (size * count)), df, level)
