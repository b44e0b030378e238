"""The contaminated binormal ROC curve by maximum likelihood (Dorfman, Berbaum & Brandser 2000, Acad Radiol 7:420): in a share of the
cases with disease the abnormality is not seen, and those look like cases without it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.binormal import density, two_scales
from gazo.stats.curve_fit import NO_POINT, RUNAWAY, Optimum, Rates, best_of
from gazo.stats.inputs import Floats
from gazo.stats.proper_binormal import BELOW_CHANCE
from gazo.stats.rating_runs import Runs, runs_of

LARGEST = 10.0  # of mu: beyond it the curve no longer changes

ALL_SEEN = Text(
    "曲線の内部の点が 1 つだけなので 2 つの母数は定まりません。すべての病変が見えているモデル (α = 1) に固定しました。",
    "only one point lies inside the unit square, so two parameters are not determined; every abnormality was taken as seen (alpha = 1).",
)


@result("contaminated binormal fit")
@dataclass(frozen=True, eq=False)
class ContaminatedBinormalFit:
    """F = Phi(-t), T = (1 - alpha) Phi(-t) + alpha Phi(mu - t); AUC = (1 - alpha)/2 + alpha Phi(mu/sqrt2).

    `degenerate`: no curve is determined; `auc` is then the empirical one, `se`, `mu` and `alpha` are None, `limit` is the area that the
    likelihood tends to where no point lies inside the unit square. `covariance` (2, 2) is that of mu and alpha; one that stands at its
    limit (alpha = 1, mu = 10) is taken as known.
    """

    auc: float
    se: float | None
    mu: float | None
    alpha: float | None
    covariance: Floats | None
    thresholds: Floats
    log_likelihood: float
    degenerate: bool
    warnings: tuple[Text, ...] = ()
    limit: float | None = None

    @property
    def shape(self) -> tuple[float, float] | None:
        """(mu, alpha), from which another fit can start."""
        return None if self.mu is None or self.alpha is None else (self.mu, self.alpha)


@feature("汚染バイノーマルモデル (CBM) の ROC 曲線", "Contaminated binormal ROC curve")
def contaminated_binormal_fit(
    truth: ArrayLike, ratings: ArrayLike, start: tuple[float, float] | None = None
) -> ContaminatedBinormalFit:
    """mu and alpha of the contaminated binormal curve by maximum likelihood; SE of the area by the delta method.

    Parameters
    ----------
    truth : (n,) 0 or 1.
    ratings : (n,) higher speaks for 1.
    start : (mu, alpha) of a fit to nearly the same cases, for a jackknife.
    """
    return fit_runs(runs_of(truth, ratings), start)


def fit_runs(runs: Runs, start: tuple[float, float] | None = None) -> ContaminatedBinormalFit:
    """The same from runs."""
    if runs.interior == 0:
        return _undetermined(runs, NO_POINT)
    free = (True, len(runs.fpf) > 1)
    shapes = _starts(runs, start) if free[1] else iter([(_mu_of(runs.area, 1.0), 1.0)])
    found = best_of(ContaminatedBinormal(), runs, (np.array(shape) for shape in shapes), free)
    return _undetermined(runs, RUNAWAY) if found is None else _fitted(found, free, runs)


class ContaminatedBinormal:
    """Coordinates mu and alpha."""

    limits = np.array([[1e-3, 1e-3], [LARGEST, 1.0]])

    def fractions(self, shape: Floats, thresholds: Floats) -> tuple[Floats, Floats]:
        from scipy.special import ndtr

        f = ndtr(-thresholds)
        return f, (1 - shape[1]) * f + shape[1] * ndtr(shape[0] - thresholds)

    def rates(self, shape: Floats, thresholds: Floats) -> Rates:
        from scipy.special import ndtr

        mu, alpha = float(shape[0]), float(shape[1])
        f, seen = ndtr(-thresholds), ndtr(mu - thresholds)
        f_density, seen_density = density(thresholds), density(mu - thresholds)
        by_threshold = -(1 - alpha) * f_density - alpha * seen_density
        by_shape = np.stack([alpha * seen_density, seen - f])
        return Rates(f, (1 - alpha) * f + alpha * seen, -f_density, by_threshold, np.zeros_like(by_shape), by_shape)

    def grid(self, shape: Floats) -> Floats:
        return two_scales((0.0, 1.0), (float(shape[0]), 1.0))


def contaminated_area(mu: float, alpha: float) -> float:
    """(1 - alpha)/2 + alpha Phi(mu/sqrt2)."""
    from scipy.special import ndtr

    return (1 - alpha) / 2 + alpha * float(ndtr(mu / math.sqrt(2)))


def contaminated_sensitivity(mu: float, alpha: float, fpf: ArrayLike) -> Floats:
    """(1 - alpha) FPF + alpha Phi(mu + Phi^-1(FPF))."""
    from scipy.special import ndtr, ndtri

    fractions = np.asarray(fpf, np.float64)
    found: Floats = (1 - alpha) * fractions + alpha * ndtr(mu + ndtri(fractions))
    return found


def _starts(runs: Runs, start: tuple[float, float] | None) -> Iterator[tuple[float, float]]:
    """Shapes with about the empirical area, from few to all abnormalities seen."""
    if start is not None:
        yield start
        yield (_mu_of(runs.area, 0.9), 0.9)
        return
    yield from ((_mu_of(runs.area, alpha), alpha) for alpha in (0.3, 0.6, 0.8, 0.95))


def _mu_of(area: float, alpha: float) -> float:
    from scipy.special import ndtri

    share = (area - (1 - alpha) / 2) / alpha
    return float(math.sqrt(2) * ndtri(np.clip(share, 0.55, 0.998)))


def _fitted(found: Optimum, free: tuple[bool, bool], runs: Runs) -> ContaminatedBinormalFit:
    mu, alpha = map(float, found.shape)
    covariance = found.covariance((mu < LARGEST, free[1] and alpha < 1))
    half = mu / math.sqrt(2)
    slope = np.array([alpha * math.exp(-half * half / 2) / (2 * math.sqrt(math.pi)), contaminated_area(mu, 1.0) - 0.5])
    se = math.sqrt(max(0.0, float(slope @ covariance @ slope)))
    words = ((BELOW_CHANCE, runs.area < 0.5), (ALL_SEEN, not free[1]))
    warnings = tuple(word for word, applies in words if applies)
    area = contaminated_area(mu, alpha)
    return ContaminatedBinormalFit(area, se, mu, alpha, covariance, found.thresholds, found.log_likelihood, False, warnings)


def _undetermined(runs: Runs, why: Text) -> ContaminatedBinormalFit:
    return ContaminatedBinormalFit(runs.area, None, None, None, None, np.empty(0), 0.0, True, (why,), runs.limit)
