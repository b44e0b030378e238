"""Effect sizes of means and of analyses of variance, with intervals from noncentral distributions."""

from __future__ import annotations

import math
from collections.abc import Callable

from gazo.core.language import Text
from gazo.core.results import Estimate
from gazo.stats.inputs import Floats

HEDGES = "noncentral t, Hedges 1981"


def hedges_g(a: Floats, b: Floats, level: float) -> Estimate:
    """Standardised difference of two independent means, first - second (Hedges 1981, J Educ Stat 6:107).

    g = J(m) (mean a - mean b) / s with the pooled s, m = n_a + n_b - 2 and J(m) = gamma(m / 2) / (sqrt(m / 2) gamma((m - 1) / 2)).
    The limits are the noncentralities for which t would lie at a tail (Steiger & Fouladi 1997), times J sqrt(1/n_a + 1/n_b).
    """
    free, scale = len(a) + len(b) - 2, math.sqrt(1 / len(a) + 1 / len(b))
    pooled = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / free)
    return _standardised(Text("Hedges の g", "Hedges' g"), float(a.mean() - b.mean()) / pooled, free, scale, level)


def hedges_g_paired(difference: Floats, level: float) -> Estimate:
    """Mean of the differences over their own standard deviation, corrected for few patients as `hedges_g`."""
    n = len(difference)
    name = Text("Hedges の g (差の標準偏差で割る)", "Hedges' g (by the SD of the differences)")
    return _standardised(name, float(difference.mean() / difference.std(ddof=1)), n - 1, 1 / math.sqrt(n), level)


def _standardised(name: Text, d: float, free: int, scale: float, level: float) -> Estimate:
    correction = small_sample_factor(free)
    low, high = (correction * scale * limit for limit in t_noncentralities(d / scale, free, level))
    return Estimate(name, correction * d, low, high, level, HEDGES)


def small_sample_factor(free: int) -> float:
    """J(m), exact; about 1 - 3 / (4 m - 1). One degree of freedom has none."""
    if free < 2:
        return 1.0
    return math.exp(math.lgamma(free / 2) - math.lgamma((free - 1) / 2)) / math.sqrt(free / 2)


def t_noncentralities(t: float, free: float, level: float) -> tuple[float, float]:
    """The noncentralities under which the observed t is the upper and the lower tail quantile."""
    from scipy.special import nctdtr

    tail = (1 - level) / 2
    low = _root(lambda c: float(nctdtr(free, c, t)) - (1 - tail), t - 1, t + 1)
    high = _root(lambda c: float(nctdtr(free, c, t)) - tail, t - 1, t + 1)
    return low, high


def explained(f: float, between: float, within_free: float, total: int, level: float) -> tuple[Estimate, Estimate, Estimate]:
    """Share of the variance that the groups explain: omega, epsilon and eta squared (Hays 1963; Kelley 1935).

    omega^2 = k (F - 1) / (k (F - 1) + N), epsilon^2 = k (F - 1) / (k F + m), eta^2 = k F / (k F + m), k and m degrees of freedom of F.
    All three estimate one share of the population; its interval is ncp / (ncp + N) at the noncentralities under which F lies
    at a tail (Steiger 2004, Psychol Methods 9:164).
    """
    low, high = (limit / (limit + total) for limit in f_noncentralities(f, between, within_free, level))
    omega = max(0.0, between * (f - 1) / (between * (f - 1) + total)) if f > 1 else 0.0
    epsilon = max(0.0, between * (f - 1) / (between * f + within_free))
    eta = between * f / (between * f + within_free)
    names = Text("ω²", "omega squared"), Text("ε²", "epsilon squared"), Text("η²", "eta squared")
    how = "noncentral F, Steiger 2004"
    first, second, third = (Estimate(n, v, low, high, level, how) for n, v in zip(names, (omega, epsilon, eta), strict=True))
    return first, second, third


def f_noncentralities(f: float, between: float, within_free: float, level: float) -> tuple[float, float]:
    """The noncentralities under which the observed F is the upper and the lower tail quantile; 0 where none is."""
    from scipy.special import ncfdtr

    tail = (1 - level) / 2
    return _above_zero(lambda c: float(ncfdtr(between, within_free, c, f)), 1 - tail), _above_zero(
        lambda c: float(ncfdtr(between, within_free, c, f)), tail
    )


def chi_square_noncentralities(x: float, free: int, level: float) -> tuple[float, float]:
    """The same for chi-square."""
    from scipy.special import chndtr

    tail = (1 - level) / 2
    return _above_zero(lambda c: float(chndtr(x, free, c)), 1 - tail), _above_zero(lambda c: float(chndtr(x, free, c)), tail)


def _above_zero(below: Callable[[float], float], wanted: float) -> float:
    """The noncentrality where the distribution function, which falls with it, has the wanted value; 0 where it lies lower at once."""
    return 0.0 if below(1e-12) <= wanted else _root(lambda c: below(c) - wanted, 1e-12, 1.0)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0; the bracket grows until it holds the place."""
    from scipy.optimize import brentq

    reach = high - low
    while function(low) < 0:
        low, reach = low - reach, 2 * reach
    while function(high) > 0:
        high, reach = high + reach, 2 * reach
    return float(brentq(function, low, high, xtol=1e-12))
