"""How well two measurements of the same things agree: Bland-Altman, Lin's concordance, intraclass correlation, calibration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import Estimate, result
from gazo.stats.bootstrap import bootstrap
from gazo.stats.inputs import Floats, Ints, groups_of, numbers, repeated, same_length, within

SPAN = 1.96  # of the limits of agreement, in standard deviations (Bland & Altman 1986)
LEAST = 3


@result("bland-altman")
@dataclass(frozen=True, eq=False)
class BlandAltman:
    """Difference against mean of two measurements, with the limits between which 95 % of differences lie.

    Parameters
    ----------
    mean, difference : (n,) of each case; difference = first - second.
    bias : mean difference; low_limit, high_limit : limits of agreement; each with its interval.
    slope : of the difference over the mean: other than 0, the bias grows with what is measured.
    names : of the two measurements; `unit` is theirs.
    """

    mean: Floats
    difference: Floats
    bias: Estimate
    low_limit: Estimate
    high_limit: Estimate
    slope: Estimate
    names: tuple[Text, Text]
    unit: str = ""
    title: Text = Text("", "")


@feature("Bland-Altman 分析", "Bland-Altman analysis", booklet="E5")
def bland_altman(
    first: ArrayLike,
    second: ArrayLike,
    *,
    patients: Iterable[Any] | None = None,
    level: float = 0.95,
    seed: int = 0,
    names: tuple[Text, Text] = (Text("測定 1", "first"), Text("測定 2", "second")),
    unit: str = "",
    title: Text = Text("", ""),
) -> BlandAltman:
    """Bias and limits of agreement, bias +- 1.96 s (Bland & Altman 1986, Lancet 327:307).

    One case a patient: intervals from t, of the bias t s / sqrt(n), of a limit t s sqrt(1 / n + 1.96^2 / (2 (n - 1))). Several: s^2 is
    the variance within patients plus that between them (Bland & Altman 2007, J Biopharm Stat 17:571, method where the true value
    varies), and the intervals are from the bootstrap over patients.

    Parameters
    ----------
    first, second : (n,) in the same unit; such as estimate and truth.
    patients : (n,) whose rows belong together; None takes each row alone.
    """
    a, b, groups = _pairs(first, second, patients, level)
    difference, mean = a - b, (a + b) / 2
    low, high = (lambda d, g, sign=sign: d.mean() + sign * SPAN * _spread(d, g) for sign in (-1, 1))
    of = _by_t if not repeated(groups) else _by_bootstrap
    return BlandAltman(
        mean,
        difference,
        of(Text("バイアス", "Bias"), lambda d, g: d.mean(), 0.0, difference, groups, level, seed, unit),
        of(Text("一致限界 (下)", "Lower limit of agreement"), low, SPAN, difference, groups, level, seed, unit),
        of(Text("一致限界 (上)", "Upper limit of agreement"), high, SPAN, difference, groups, level, seed, unit),
        _line(Text("差の平均値に対する傾き", "Slope of the difference over the mean"), mean, difference, groups, level)[1],
        names,
        unit,
        title,
    )


@feature("Lin の一致相関係数", "Lin's concordance correlation", booklet="E5")
def concordance(
    first: ArrayLike, second: ArrayLike, *, patients: Iterable[Any] | None = None, level: float = 0.95, seed: int = 0
) -> Estimate:
    """2 s12 / (s1^2 + s2^2 + (m1 - m2)^2): correlation with the line of equality (Lin 1989, Biometrics 45:255).

    Interval from Fisher's z with Lin's variance (corrected: Biometrics 56:324, 2000); with several rows of a patient from the
    bootstrap over patients.
    """
    a, b, groups = _pairs(first, second, patients, level)
    name, value = Text("一致相関係数 (CCC)", "Concordance correlation (CCC)"), _concordance(a, b)
    if repeated(groups):
        low, high = bootstrap(_concordance, a, b, groups=groups, seed=seed, level=level)
        return Estimate(name, value, low, high, level, "bootstrap by patient, 2000 resamples, percentile")
    r = float(np.corrcoef(a, b)[0, 1]) if a.std() * b.std() > 0 else math.nan
    if not 0 < abs(r) < 1 or abs(value) >= 1:
        return Estimate(name, value, None, None, level, "none: no spread, or perfect correlation")
    from scipy.special import ndtri

    shift = (a.mean() - b.mean()) / math.sqrt(a.std() * b.std())
    rest = 1 - value**2
    parts = (1 - r**2) * value**2 / (rest * r**2) + 2 * value**3 * (1 - value) * shift**2 / (r * rest**2)
    variance = (parts - value**4 * shift**4 / (2 * r**2 * rest**2)) / (len(a) - 2)
    reach = float(ndtri((1 + level) / 2)) * math.sqrt(max(variance, 0))
    low, high = (math.tanh(math.atanh(value) + sign * reach) for sign in (-1, 1))
    return Estimate(name, value, low, high, level, "Lin, Fisher's z")


@feature("推定値の較正 (切片と傾き)", "Calibration of estimated values", booklet="E5")
def linear_calibration(
    truth: ArrayLike, estimate: ArrayLike, *, patients: Iterable[Any] | None = None, level: float = 0.95
) -> tuple[Estimate, Estimate]:
    """Intercept and slope of truth = a + b estimate; a = 0 and b = 1 are right, b < 1 the estimates are too extreme.

    Least squares with t intervals; with several rows of a patient the sandwich variance over patients (Liang & Zeger 1986).
    """
    b, a, groups = _pairs(truth, estimate, patients, level)
    names = Text("較正の切片", "Calibration intercept"), Text("較正の傾き", "Calibration slope")
    return _line(names[0], a, b, groups, level)[0], _line(names[1], a, b, groups, level)[1]


def _pairs(first: ArrayLike, second: ArrayLike, patients: Iterable[Any] | None, level: float) -> tuple[Floats, Floats, Ints]:
    within("level", level, 0, 1)
    a, b = numbers(first, "measurements"), numbers(second, "measurements")
    groups = groups_of(patients, len(a))
    same_length(first=a, second=b, patients=groups)
    if groups.max() + 1 < LEAST:
        raise DataError(
            "G-EST-020",
            en=f"agreement needs at least {LEAST} patients (or cases, where no patients are named); {groups.max() + 1} came. Add patients.",
            ja=f"一致度の評価には患者 (患者の指定がなければ症例) が {LEAST} 人以上必要です。受け取った数: {groups.max() + 1}。患者を増やしてください。",
        )
    return a, b, groups


def _spread(difference: Floats, groups: Ints) -> float:
    """Standard deviation of one difference; where patients repeat, within and between them together (one-way analysis of variance)."""
    _, place = np.unique(groups, return_inverse=True)
    counts = np.bincount(place).astype(np.float64)
    if counts.max() == 1:
        return float(difference.std(ddof=1))
    means = np.bincount(place, difference) / counts
    n, patients = len(difference), len(counts)
    inside = float(((difference - means[place]) ** 2).sum()) / (n - patients)
    between = float((counts * (means - difference.mean()) ** 2).sum()) / max(1, patients - 1)
    usual = (n**2 - float((counts**2).sum())) / max(1, patients - 1) / n
    return math.sqrt(inside + max(0.0, between - inside) / usual) if patients > 1 else math.sqrt(inside)


Statistic = Callable[[Floats, Ints], float]


def _by_t(
    name: Text, value: Statistic, span: float, difference: Floats, groups: Ints, level: float, seed: int, unit: str
) -> Estimate:
    from scipy.special import stdtrit

    n, found = len(difference), float(value(difference, groups))
    reach = stdtrit(n - 1, (1 + level) / 2) * difference.std(ddof=1) * math.sqrt(1 / n + span**2 / (2 * (n - 1)))
    return Estimate(name, found, found - float(reach), found + float(reach), level, "t distribution", unit)


def _by_bootstrap(
    name: Text, value: Statistic, span: float, difference: Floats, groups: Ints, level: float, seed: int, unit: str
) -> Estimate:
    low, high = bootstrap(value, difference, groups, groups=groups, seed=seed, level=level)
    how = "bootstrap by patient, 2000 resamples, percentile"
    return Estimate(name, float(value(difference, groups)), low, high, level, how, unit)


def _line(name: Text, x: Floats, y: Floats, groups: Ints, level: float) -> tuple[Estimate, Estimate]:
    """Intercept and slope of y over x, both under `name`."""
    from scipy.special import stdtrit

    middle = float(x.mean())
    if not x.std() > 1e-12 * max(1.0, float(np.abs(x).max())):
        nothing = Estimate(name, math.nan, None, None, level, "none: all values are equal")
        return nothing, nothing
    columns = np.column_stack([np.ones(len(x)), x - middle])  # centred, so that nothing cancels
    inverse = np.diag(1 / (columns**2).sum(0))
    beta = inverse @ columns.T @ y
    rest = y - columns @ beta
    if repeated(groups):
        scores = np.stack([np.bincount(groups, weights=column * rest) for column in columns.T])
        patients = int(groups.max()) + 1
        covariance = inverse @ (scores @ scores.T) @ inverse * patients / (patients - 1)
        free, how = patients - 1, "least squares, sandwich by patient"
    else:
        free, how = len(x) - 2, "least squares, t distribution"
        covariance = inverse * float(rest @ rest) / free
    to_zero = np.array([[1.0, -middle], [0.0, 1.0]])  # from the value at the mean to that at 0
    beta, covariance = to_zero @ beta, to_zero @ covariance @ to_zero.T
    reach = stdtrit(free, (1 + level) / 2) * np.sqrt(np.diag(covariance))
    low, high = beta - reach, beta + reach
    intercept, slope = (Estimate(name, float(beta[i]), float(low[i]), float(high[i]), level, how) for i in (0, 1))
    return intercept, slope


def _concordance(a: Floats, b: Floats) -> float:
    """Lin's coefficient with variances over n; 1 for two equal constants."""
    shared = float(((a - a.mean()) * (b - b.mean())).mean())
    whole = float(a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    return 1.0 if whole == 0 else 2 * shared / whole
