"""Variance components and tests of Obuchowski & Rockette for figures of merit of I tests and J readers.

Sources: Obuchowski & Rockette 1995 (Commun Stat Simul 24:285); Hillis 2007 (Stat Med 26:596) for the degrees of freedom; Hillis 2014
(Stat Med 33:330) for single tests. theta_ij are the figures of merit, Cov1 is the covariance of the same reader under two tests, Cov2 of
two readers under the same test, Cov3 of two readers under two tests; each is a plain average.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gazo.core.results import result
from gazo.stats.inputs import Floats

Effect = Literal["random", "fixed"]
NOTHING = 1e-14  # a variance below this is rounding


@result("mrmc components")
@dataclass(frozen=True, eq=False)
class Components:
    """Mean squares and averaged covariances; `_of_test` are those of each test alone, (I,), `_of_reader` of each reader, (J,).

    `var_reader` and `var_test_reader` are estimated as differences and may be negative; they are reported as they come.
    """

    tests: int
    readers: int
    ms_test: float
    ms_reader: float
    ms_test_reader: float
    var: float
    cov1: float
    cov2: float
    cov3: float
    ms_reader_of_test: Floats
    var_of_test: Floats
    cov2_of_test: Floats
    var_of_reader: Floats
    cov1_of_reader: Floats

    @property
    def between(self) -> float:
        """max(Cov2 - Cov3, 0), with which the cases enter the comparison of tests."""
        return max(self.cov2 - self.cov3, 0.0)

    @property
    def var_reader(self) -> float:
        return (self.ms_reader - self.ms_test_reader) / self.tests - (self.cov1 - self.cov3)

    @property
    def var_test_reader(self) -> float:
        return self.ms_test_reader - self.var + self.cov1 + (self.cov2 - self.cov3)


@result("mrmc test")
@dataclass(frozen=True)
class GlobalTest:
    """Whether all tests are alike: `statistic` is F, or X2 (chi-square) when `df2` is None; `p` is NaN where nothing varies."""

    analysis: str
    letter: str
    statistic: float
    df1: int
    df2: float | None
    p: float


@result("mrmc contrast")
@dataclass(frozen=True)
class Contrast:
    """A difference or a mean with its standard error; t has `df` degrees of freedom, None stands for the normal distribution."""

    value: float
    se: float
    df: float | None
    level: float

    @property
    def reach(self) -> float:
        """Half the width of the interval."""
        from scipy.stats import norm, t

        tail = (1 + self.level) / 2
        quantile = norm.ppf(tail) if self.df is None or math.isinf(self.df) else t.ppf(tail, self.df)
        return float(quantile) * self.se

    @property
    def low(self) -> float:
        return self.value - self.reach

    @property
    def high(self) -> float:
        return self.value + self.reach

    def statistic(self, against: float = 0.0) -> float:
        """(value - against) / SE; NaN where nothing varies."""
        return (self.value - against) / self.se if self.se > 0 else math.nan

    def p(self, against: float = 0.0) -> float:
        """Two-sided."""
        from scipy.stats import norm, t

        apart = -abs(self.statistic(against))
        return float(2 * (norm.cdf(apart) if self.df is None or math.isinf(self.df) else t.cdf(apart, self.df)))


@dataclass(frozen=True, eq=False)
class Analysis:
    """The global test (None for one test), the differences of each pair of tests i < i', and the mean of each test."""

    test: GlobalTest | None
    differences: dict[tuple[int, int], Contrast]
    means: tuple[Contrast, ...]


def components_of(theta: Floats, covariance: Floats) -> Components:
    """Plain averages of the covariance (I, J, I, J) of the figures of merit (I, J), and their mean squares."""
    tests, readers = theta.shape
    same = np.eye(tests)[:, None, :, None] == 1, np.eye(readers)[None, :, None, :] == 1
    test, reader = (np.broadcast_to(one, covariance.shape) for one in same)
    of_test = np.einsum("ijik->ijk", covariance)
    own = np.einsum("ijij->ij", covariance)
    off = of_test.sum((1, 2)) - own.sum(1)
    of_reader = np.einsum("ijkj->jik", covariance)
    across = of_reader.sum((1, 2)) - own.sum(0)
    overall, by_test, by_reader = theta.mean(), theta.mean(1), theta.mean(0)
    rest = theta - by_test[:, None] - by_reader[None] + overall
    return Components(
        tests,
        readers,
        _mean_square(readers * ((by_test - overall) ** 2).sum(), tests - 1),
        _mean_square(tests * ((by_reader - overall) ** 2).sum(), readers - 1),
        _mean_square((rest**2).sum(), (tests - 1) * (readers - 1)),
        _mean(covariance[test & reader]),
        _mean(covariance[~test & reader]),
        _mean(covariance[test & ~reader]),
        _mean(covariance[~test & ~reader]),
        np.array([_mean_square(((row - row.mean()) ** 2).sum(), readers - 1) for row in theta]),
        own.mean(1),
        off / max(readers * (readers - 1), 1),
        own.mean(0),
        across / max(tests * (tests - 1), 1),
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else 0.0


def _mean_square(total: float, df: int) -> float:
    return float(total) / df if df else 0.0


def analysed(theta: Floats, found: Components, *, readers: Effect, cases: Effect, level: float = 0.95) -> Analysis:
    """The tests of Obuchowski & Rockette with random or fixed readers and cases (not both fixed)."""
    if readers == "fixed" or found.readers == 1:
        return _fixed_readers(theta, found, level)
    return _random_readers(theta, found, cases, level)


def _random_readers(theta: Floats, c: Components, cases: Effect, level: float) -> Analysis:
    """F = MS(T) / [MS(TR) + J max(Cov2 - Cov3, 0)], df2 = den^2 (I - 1)(J - 1) / MS(TR)^2 (Hillis 2007); fixed cases: MS(TR) alone."""
    extra = c.readers * c.between if cases == "random" else 0.0
    den = c.ms_test_reader + extra
    df = _hillis(den, c.ms_test_reader, (c.tests - 1) * (c.readers - 1))
    alone = np.maximum(c.cov2_of_test, 0) * c.readers if cases == "random" else np.zeros(c.tests)
    means = [
        _single(m, ms, more, c.readers, level) for m, ms, more in zip(theta.mean(1), c.ms_reader_of_test, alone, strict=True)
    ]
    kind = "RRRC" if cases == "random" else "RRFC"
    test = global_test(kind, c.ms_test, den, c.tests - 1, df) if c.tests > 1 else None
    return Analysis(test, _pairs(theta, math.sqrt(2 * den / c.readers), df, level), tuple(means))


def _fixed_readers(theta: Floats, c: Components, level: float) -> Analysis:
    """X2 = (I - 1) MS(T) / [Var - Cov1 + (J - 1) max(Cov2 - Cov3, 0)], chi-square with I - 1 degrees of freedom."""
    den = max(c.var - c.cov1 + (c.readers - 1) * c.between, 0.0)
    spread = c.var_of_test + (c.readers - 1) * np.maximum(c.cov2_of_test, 0)
    means = [
        Contrast(float(m), math.sqrt(max(v, 0.0) / c.readers), None, level) for m, v in zip(theta.mean(1), spread, strict=True)
    ]
    test = global_test("FRRC", (c.tests - 1) * c.ms_test, den, c.tests - 1, None) if c.tests > 1 else None
    return Analysis(test, _pairs(theta, math.sqrt(2 * den / c.readers), None, level), tuple(means))


def reader_differences(theta: Floats, c: Components, level: float) -> dict[tuple[int, int, int], Contrast]:
    """Differences of two tests within each reader: SE^2 = 2 (Var_j - Cov1_j), normal distribution; keys are test, test, reader."""
    se = np.sqrt(np.maximum(2 * (c.var_of_reader - c.cov1_of_reader), 0))
    return {
        (i, k, j): Contrast(float(theta[i, j] - theta[k, j]), float(se[j]), None, level)
        for i in range(c.tests)
        for k in range(i + 1, c.tests)
        for j in range(c.readers)
    }


def global_test(analysis: str, above: float, den: float, df1: int, df2: float | None) -> GlobalTest:
    """F = above / den, or chi-square without `df2`; p is NaN where neither part varies."""
    from scipy.stats import chi2, f

    letter = "X2" if df2 is None else "F"
    if den <= NOTHING:
        same = above <= NOTHING
        return GlobalTest(analysis, letter, 0.0 if same else math.inf, df1, df2, 1.0 if same else math.nan)
    statistic = above / den
    if df2 is None or math.isinf(df2):
        return GlobalTest(analysis, letter, statistic, df1, df2, float(chi2.sf(statistic * (1 if df2 is None else df1), df1)))
    return GlobalTest(analysis, letter, statistic, df1, df2, float(f.sf(statistic, df1, df2)))


def _hillis(den: float, of_readers: float, df: int) -> float:
    return den**2 * df / of_readers**2 if of_readers > NOTHING else math.inf


def _single(mean: float, ms_reader: float, more: float, readers: int, level: float) -> Contrast:
    """SE^2 = [MS(R)_i + J max(Cov2_i, 0)] / J, df = (...)^2 (J - 1) / MS(R)_i^2 (Hillis 2014)."""
    den = float(ms_reader + more)
    return Contrast(float(mean), math.sqrt(den / readers), _hillis(den, float(ms_reader), readers - 1), level)


def _pairs(theta: Floats, se: float, df: float | None, level: float) -> dict[tuple[int, int], Contrast]:
    means = theta.mean(1)
    return {
        (i, k): Contrast(float(means[i] - means[k]), se, df, level) for i in range(len(means)) for k in range(i + 1, len(means))
    }
