"""The binormal ROC curve by maximum likelihood (Dorfman & Alf 1969; LABROC4: Metz, Herman & Shen 1998)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.curve_fit import NO_POINT, RUNAWAY, Optimum, Rates, best_of
from gazo.stats.inputs import Floats
from gazo.stats.rating_runs import Runs, runs_of

ONE_POINT = Text(
    "曲線の内部の点が 1 つだけなので 2 つの母数は定まりません。分散が等しいモデル (b = 1、c = 0) に固定しました。",
    "only one point lies inside the unit square, so two parameters are not determined; equal variances (b = 1, c = 0) were assumed.",
)
_NORMAL = math.sqrt(2 * math.pi)


@result("binormal fit")
@dataclass(frozen=True, eq=False)
class BinormalFit:
    """TPF = Phi(a + b Phi^-1(FPF)), AUC = Phi(a / sqrt(1 + b^2)).

    `degenerate`: no curve is determined; `auc` is then the empirical one, `se`, `a` and `b` are None, and `limit` is the area of the
    curve that the likelihood tends to (a corner, a level or an upright line: what other programs print). `covariance` (2, 2) is that of
    a and b. `log_likelihood` depends on how categories were joined; compare parameters between programs, not this.
    """

    auc: float
    se: float | None
    a: float | None
    b: float | None
    covariance: Floats | None
    thresholds: Floats
    log_likelihood: float
    degenerate: bool
    warnings: tuple[Text, ...] = ()
    limit: float | None = None

    @property
    def shape(self) -> tuple[float, float] | None:
        """(a, b), from which another fit can start."""
        return None if self.a is None or self.b is None else (self.a, self.b)


@feature("バイノーマルモデルの ROC 曲線", "Binormal ROC curve")
def binormal_fit(truth: ArrayLike, ratings: ArrayLike, start: tuple[float, float] | None = None) -> BinormalFit:
    """a and b of the binormal ROC curve by maximum likelihood from ratings on any scale; SE of the area by the delta method.

    Parameters
    ----------
    truth : (n,) 0 or 1.
    ratings : (n,) higher speaks for 1.
    start : (a, b) of a fit to nearly the same cases, for a jackknife; the search then begins there too.
    """
    return fit_runs(runs_of(truth, ratings), start)


def fit_runs(runs: Runs, start: tuple[float, float] | None = None) -> BinormalFit:
    """The same from runs."""
    if runs.interior == 0:
        return _undetermined(runs, NO_POINT)
    starts = [np.array([start[0], math.log(start[1])])] if start else []
    free = (True, len(runs.fpf) > 1)
    found = best_of(Binormal(), runs, [*starts, first_shape(runs)], free) if free[1] else None
    if runs.interior == 1 and (found is None or _ran_away(found, runs)):
        free = (True, False)
        found = best_of(Binormal(), runs, [first_shape(runs, sloped=False)], free)
    if found is None or (free[1] and _ran_away(found, runs)):
        return _undetermined(runs, RUNAWAY, None if found is None else _limit(found, runs))
    return _fitted(found, free)


def _ran_away(found: Optimum, runs: Runs) -> bool:
    """b tends to 0 or to infinity where straight edges go through every point (Metz 1989, Invest Radiol 24:234).

    With fewer than two points inside the square a fit that explains the data wholly is such a curve.
    """
    whole = found.log_likelihood > runs.best_log_likelihood - 1e-3
    return abs(float(found.shape[1])) > math.log(50) or (runs.interior < 2 and whole)


def _limit(found: Optimum, runs: Runs) -> float:
    """The area as b tends to 0 (a level line through the inner points) or to infinity (an upright one)."""
    inside = (runs.fpf > 0) & (runs.fpf < 1) & (runs.tpf > 0) & (runs.tpf < 1)
    f, t = runs.fpf[inside], runs.tpf[inside]
    if np.ptp(t) == 0:
        return float(t[0])
    if np.ptp(f) == 0:
        return 1 - float(f[0])
    return binormal_area(float(found.shape[0]), math.exp(float(found.shape[1])))


class Binormal:
    """F = Phi(-t), T = Phi(a - b t); coordinates a and ln b."""

    limits = np.array([[-60.0, -math.log(60)], [60.0, math.log(60)]])

    def rates(self, shape: Floats, thresholds: Floats) -> Rates:
        from scipy.special import ndtr

        a, b = float(shape[0]), math.exp(float(shape[1]))
        z = a - b * thresholds
        f, t = density(thresholds), density(z)
        flat = np.zeros((2, len(thresholds)))
        return Rates(ndtr(-thresholds), ndtr(z), -f, -b * t, flat, np.stack([t, -b * thresholds * t]))

    def fractions(self, shape: Floats, thresholds: Floats) -> tuple[Floats, Floats]:
        from scipy.special import ndtr

        return ndtr(-thresholds), ndtr(float(shape[0]) - math.exp(float(shape[1])) * thresholds)

    def grid(self, shape: Floats) -> Floats:
        a, b = float(shape[0]), math.exp(float(shape[1]))
        return two_scales((0.0, 1.0), (a / b, 1 / b))


def first_shape(runs: Runs, sloped: bool = True) -> Floats:
    """(a, ln b) of a straight line through the normal deviates of the points, those on an edge moved in by half a case."""
    from scipy.special import ndtri

    n, m = runs.negative.sum(), runs.positive.sum()
    x = ndtri(np.clip(runs.fpf, 0.5 / n, 1 - 0.5 / n))
    y = ndtri(np.clip(runs.tpf, 0.5 / m, 1 - 0.5 / m))
    spread = float(np.std(x))
    b = float(np.clip(np.std(y) / spread, 0.1, 10)) if sloped and spread > 0 else 1.0
    return np.array([float(y.mean() - b * x.mean()), math.log(b)])


def two_scales(first: tuple[float, float], second: tuple[float, float]) -> Floats:
    """A grid that is fine on the scale of both distributions, each given by mean and standard deviation."""
    steps = np.linspace(-8, 8, 100)
    found: Floats = np.union1d(first[0] + first[1] * steps, second[0] + second[1] * steps)
    return found


def binormal_area(a: float, b: float) -> float:
    """Phi(a / sqrt(1 + b^2))."""
    from scipy.special import ndtr

    return float(ndtr(a / math.hypot(1.0, b)))


def binormal_sensitivity(a: float, b: float, fpf: ArrayLike) -> Floats:
    """Phi(a + b Phi^-1(FPF))."""
    from scipy.special import ndtr, ndtri

    fractions = np.asarray(fpf, np.float64)
    found: Floats = ndtr(a + b * ndtri(fractions))
    return found


def density(x: Floats) -> Floats:
    """Of the standard normal distribution."""
    found: Floats = np.exp(-0.5 * x * x) / _NORMAL
    return found


def hook(a: float, b: float) -> bool:
    """Whether the curve crosses the chance line between 0.001 and 0.999: at Phi^-1(FPF) = a / (1 - b)."""
    from scipy.special import ndtri

    return b != 1 and abs(a / (1 - b)) < -float(ndtri(0.001))


def _fitted(found: Optimum, free: tuple[bool, bool]) -> BinormalFit:
    a, b = float(found.shape[0]), math.exp(float(found.shape[1]))
    scale = np.array([1.0, b])
    covariance = found.covariance(free) * np.outer(scale, scale)
    z = a / math.hypot(1, b)
    slope = math.exp(-z * z / 2) / _NORMAL * np.array([1 / math.hypot(1, b), -a * b / (1 + b * b) ** 1.5])
    se = math.sqrt(max(0.0, float(slope @ covariance @ slope)))
    warnings = _words(a, b, free)
    return BinormalFit(binormal_area(a, b), se, a, b, covariance, found.thresholds, found.log_likelihood, False, warnings)


def _words(a: float, b: float, free: tuple[bool, bool]) -> tuple[Text, ...]:
    crosses = Text(
        f"推定した曲線 (a = {a:.3f}、b = {b:.3f}) は対角線と交差し、鉤形 (フック) になっています。proper バイノーマルモデルの使用を検討してください。",
        f"the fitted curve (a = {a:.3f}, b = {b:.3f}) crosses the chance line (a hook); consider the proper binormal model.",
    )
    return tuple(word for word, applies in ((ONE_POINT, not free[1]), (crosses, hook(a, b))) if applies)


def _undetermined(runs: Runs, why: Text, limit: float | None = None) -> BinormalFit:
    return BinormalFit(runs.area, None, None, None, None, np.empty(0), 0.0, True, (why,), runs.limit if limit is None else limit)
