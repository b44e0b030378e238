"""Do groups change at different speed? The slopes of groups from a mixed model, tested in four ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gazo.core.seeds import generator
from gazo.radiomics.mixed_model import Floats, Ints, MixedModel, fit_mixed


@dataclass(frozen=True, eq=False)
class Series:
    """Measurements of subjects over time.

    Parameters
    ----------
    y, time : (n,) ; subject (n,) 0, 1, 2 ...
    group : (subjects, k) columns that tell the groups apart: indicators of all but the first, or a dose.
    covariates : (n, c) centred.
    """

    y: Floats
    time: Floats
    subject: Ints
    group: Floats
    covariates: Floats
    names: tuple[str, ...]
    covariate_names: tuple[str, ...]

    @property
    def centre(self) -> float:
        return float(self.time.mean())

    def design(self, group: Floats | None = None, *, interaction: bool = True) -> Floats:
        """Intercept, centred time, groups, covariates, time x groups."""
        rows = (self.group if group is None else group)[self.subject]
        time = (self.time - self.centre)[:, None]
        parts = [np.ones_like(time), time, rows, self.covariates]
        return np.concatenate([*parts, time * rows] if interaction else parts, axis=1)

    def column_names(self) -> tuple[str, ...]:
        return ("intercept", "time", *self.names, *self.covariate_names, *(f"time x {name}" for name in self.names))

    def random(self, slope: bool) -> Floats:
        ones = np.ones((len(self.y), 1))
        return np.concatenate([ones, (self.time - self.centre)[:, None]], axis=1) if slope else ones


@dataclass(frozen=True, eq=False)
class SlopeComparison:
    """The fitted model and the tests of time x group; `free` are the degrees of freedom of t and of the limits."""

    series: Series
    model: MixedModel
    slope: bool
    free: int
    p_t: float
    p_wald: float
    p_likelihood: float
    p_permutation: float | None

    def effect(self, contrast: Floats, level: float) -> tuple[float, float, float]:
        """contrast'beta with its t limits."""
        value = float(contrast @ self.model.beta)
        reach = self.reach(level) * float(np.sqrt(contrast @ self.model.covariance @ contrast))
        return value, value - reach, value + reach

    def reach(self, level: float) -> float:
        from scipy.special import stdtrit

        return float(stdtrit(self.free, (1 + level) / 2))

    def slope_of(self, group: Floats) -> Floats:
        """The contrast that is the change per unit of time in a group."""
        contrast = np.zeros(len(self.model.beta))
        contrast[1] = 1
        contrast[len(contrast) - len(group) :] = group
        return contrast

    def level_of(self, group: Floats, time: float) -> Floats:
        """The contrast that is the mean of a group at a time, covariates at their mean."""
        contrast = (time - self.series.centre) * self.slope_of(group)
        contrast[0] = 1
        contrast[2 : 2 + len(group)] = group
        return contrast

    def percent(self, group: Floats, level: float) -> tuple[float, float, float]:
        """The change per unit of time in percent of the mean at time 0 (delta method)."""
        slope, start = self.slope_of(group), self.level_of(group, 0.0)
        a, b = float(slope @ self.model.beta), float(start @ self.model.beta)
        gradient = 100 * (slope / b - a * start / b**2)
        reach = self.reach(level) * float(np.sqrt(gradient @ self.model.covariance @ gradient))
        return 100 * a / b, 100 * a / b - reach, 100 * a / b + reach


def compare_slopes(series: Series, *, random_slope: bool = True, permutations: int = 0, seed: int = 0) -> SlopeComparison:
    """y ~ time * group + covariates with random intercept and slope by subject (Laird & Ware 1982); REML for estimates, ML for the likelihood ratio.

    t: with a random slope there is one slope a subject, so the degrees of freedom are subjects - groups; with a random
    intercept only those within subjects, n - subjects - terms in time (as nlme: Pinheiro & Bates 2000, section 2.4). The Wald test takes the
    normal distribution and is too ready to reject below about 30 subjects. When the slope has no variance, or nobody
    came more than twice (slope and error cannot be told apart), the model is fitted without it.
    """
    x, names, k = series.design(), series.column_names(), series.group.shape[1]
    slope = random_slope and int(np.bincount(series.subject).max()) > 2
    model = fit_mixed(series.y, x, series.random(slope), series.subject, names)
    if slope and model.singular:
        slope = False
        model = fit_mixed(series.y, x, series.random(False), series.subject, names)
    z, plain = series.random(slope), series.design(interaction=False)
    full, less = (
        fit_mixed(series.y, m, z, series.subject, names[: m.shape[1]], restricted=False, like=model) for m in (x, plain)
    )
    free = _free(series, slope)
    wald = _quadratic(model.beta[-k:], model.covariance[-k:, -k:])
    by_chance = _permuted(series, slope, permutations, seed) if permutations else None
    return SlopeComparison(series, model, slope, free, *_p_values(wald, k, free, 2 * (full.value - less.value)), by_chance)


def _free(series: Series, slope: bool) -> int:
    subjects, k = (int(size) for size in series.group.shape)
    if slope:
        return max(1, subjects - 1 - k)
    return max(1, len(series.y) - subjects - 1 - k)


def _p_values(wald: float, k: int, free: int, ratio: float) -> tuple[float, float, float]:
    from scipy.special import chdtrc, fdtrc

    return float(fdtrc(k, free, wald / k)), float(chdtrc(k, wald)), float(chdtrc(k, max(ratio, 0.0)))


def _quadratic(value: Floats, covariance: Floats) -> float:
    return float(value @ np.linalg.solve(covariance, value))


def _permuted(series: Series, slope: bool, repeats: int, seed: int) -> float:
    """Share of shuffles of the groups over subjects whose Wald statistic reaches that of the data; variances are those without time x group."""
    z = series.random(slope)
    plain = series.design(interaction=False)
    null = fit_mixed(series.y, plain, z, series.subject, series.column_names()[: plain.shape[1]])
    order, whiten = _whitening(series.subject, z, null)

    def statistic(group: Floats) -> float:
        x = whiten(series.design(group)[order])
        xx = x.T @ x
        beta = np.linalg.solve(xx, x.T @ y)
        k = group.shape[1]
        return _quadratic(np.asarray(beta[-k:], np.float64), np.asarray(np.linalg.inv(xx)[-k:, -k:], np.float64))

    y = whiten(series.y[order][:, None])[:, 0]
    observed, rng = statistic(series.group), generator(seed, "permutation")
    more = sum(statistic(series.group[rng.permutation(len(series.group))]) >= observed * (1 - 1e-9) for _ in range(repeats))
    return (1 + more) / (1 + repeats)


def _whitening(subject: Ints, z: Floats, model: MixedModel) -> tuple[Ints, _Whiten]:
    order = np.argsort(subject, kind="stable")
    blocks = np.split(order, np.flatnonzero(np.diff(subject[order])) + 1)
    variances = [z[rows] @ model.random @ z[rows].T + model.residual * np.eye(len(rows)) for rows in blocks]
    return order, _Whiten(tuple(np.linalg.inv(np.linalg.cholesky(v)) for v in variances))


@dataclass(frozen=True, eq=False)
class _Whiten:
    """Multiplies the rows of each subject by the inverse root of their covariance."""

    roots: Sequence[Floats]

    def __call__(self, columns: Floats) -> Floats:
        ends = np.cumsum([len(root) for root in self.roots])[:-1]
        return np.concatenate([root @ part for root, part in zip(self.roots, np.split(columns, ends), strict=True)])
