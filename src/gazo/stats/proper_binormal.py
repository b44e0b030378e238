"""The proper binormal ROC curve by maximum likelihood: never a hook (Metz & Pan 1999, J Math Psychol 43:1; Pesce & Metz 2007,
Acad Radiol 14:814). Decisions follow the likelihood ratio of a binormal pair."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.core.results import result
from gazo.stats.binormal import ONE_POINT, density, first_shape
from gazo.stats.curve_fit import NO_POINT, RUNAWAY, Optimum, Rates, best_of, thresholds_at
from gazo.stats.inputs import Floats
from gazo.stats.rating_runs import Runs, runs_of

RIDGE = 0.05  # below this d_a the curve does not depend on it: c and the area are determined, d_a is not
_MIDDLE = 1e-9  # |c| is never smaller: the second terms are then exactly those of c = 0
_SMALLEST = 1e-3  # the search goes no lower on the ridge: the area is off by less than 1e-7 there

BELOW_CHANCE = Text(
    "経験的 AUC が 0.5 未満です。このモデルの曲線は対角線より下になりません。評点の向きを確かめてください。",
    "the empirical AUC is below 0.5, but a curve of this model cannot lie below chance; check the direction of the ratings.",
)
ON_RIDGE = Text(
    "d_a はほぼ 0 で、その値は定まりません (c と AUC は定まります)。d_a の比較はしないでください。",
    "d_a is close to 0 and not determined (c and the AUC are); do not compare d_a.",
)


@result("proper binormal fit")
@dataclass(frozen=True, eq=False)
class ProperBinormalFit:
    """A likelihood-ratio curve with d_a >= 0 and -1 < c < 1; c = 0 is the symmetric binormal curve.

    `degenerate`: no curve is determined; `auc` is then the empirical one, `se`, `d_a` and `c` are None, `limit` is the area that the
    likelihood tends to where no point lies inside the unit square. Below d_a = 0.05 only c and the area are determined. `covariance`
    (2, 2) is that of d_a^2 and atanh c.
    """

    auc: float
    se: float | None
    d_a: float | None
    c: float | None
    covariance: Floats | None
    thresholds: Floats
    log_likelihood: float
    degenerate: bool
    warnings: tuple[Text, ...] = ()
    limit: float | None = None

    @property
    def shape(self) -> tuple[float, float] | None:
        """(d_a, c), from which another fit can start."""
        return None if self.d_a is None or self.c is None else (self.d_a, self.c)


@feature("proper バイノーマルモデルの ROC 曲線", "Proper binormal ROC curve")
def proper_binormal_fit(truth: ArrayLike, ratings: ArrayLike, start: tuple[float, float] | None = None) -> ProperBinormalFit:
    """d_a and c of the proper binormal curve by maximum likelihood; SE of the area by the delta method.

    The likelihood often has two maxima; without `start` the search begins at eight shapes and the highest maximum is kept.

    Parameters
    ----------
    truth : (n,) 0 or 1.
    ratings : (n,) higher speaks for 1.
    start : (d_a, c) of a fit to nearly the same cases, for a jackknife; the search then begins there and at the binormal shape only.
    """
    return fit_runs(runs_of(truth, ratings), start)


def fit_runs(runs: Runs, start: tuple[float, float] | None = None) -> ProperBinormalFit:
    """The same from runs."""
    if runs.interior == 0:
        return _undetermined(runs, NO_POINT)
    model, free = ProperBinormal(), (True, len(runs.fpf) > 1)
    shapes = _starts(runs, start) if free[1] else iter([(_of_binormal(runs)[0], 0.0)])
    found = best_of(model, runs, (_coordinates(*shape) for shape in shapes), free)
    return _undetermined(runs, RUNAWAY) if found is None else _fitted(found, free, runs)


class ProperBinormal:
    """F and T above the monotone function v of the likelihood ratio, eqs. of Metz & Pan; coordinates d_a^2 (the curve depends smoothly on it at 0) and atanh c."""

    limits = np.array([[_SMALLEST**2, -5.0], [400.0, 5.0]])

    def rates(self, shape: Floats, thresholds: Floats) -> Rates:
        d, c = _natural(shape)
        v, s = thresholds, math.hypot(1, c)
        f, f_v, f_d, f_c = _fraction(v, d, c, s, -1.0)
        t, t_v, t_d, t_c = _fraction(v, d, c, s, 1.0)
        scale = np.array([[0.5 / d], [1 - c * c]])
        return Rates(f, t, f_v, t_v, scale * np.stack([f_d, f_c]), scale * np.stack([t_d, t_c]))

    def fractions(self, shape: Floats, thresholds: Floats) -> tuple[Floats, Floats]:
        d, c = _natural(shape)
        return _fraction_alone(thresholds, d, c, -1.0), _fraction_alone(thresholds, d, c, 1.0)

    def grid(self, shape: Floats) -> Floats:
        """Dense where either fraction changes, ending at the limit of the support, d_a s / (4 c)."""
        d, c = _natural(shape)
        limit, reach = d * math.hypot(1, c) / (4 * c), 7.0 + 2 * d
        slow, near = reach / (1 - abs(c)), np.geomspace(1e-7, 1.0, 300)
        if c < 0:
            start = max(limit, -slow)
            found: Floats = start + near * (slow - start)
            return found
        end = min(limit, slow)
        return (end - near * (end + slow))[::-1]


def _fraction(v: Floats, d: float, c: float, s: float, sign: float) -> tuple[Floats, Floats, Floats, Floats]:
    """F (sign -1) or T (sign +1) and its derivatives by v, d_a and c.

    Phi(-w v + sign h) + Phi(-w v + q) - H(c), w = 1 + sign c, h = d_a s / 2, q = d_a s / (2 c); for c > 0 the last two are -Phi(w v - q),
    free of cancellation.
    """
    w, h, q = 1 + sign * c, d * s / 2, d * s / (2 * c)
    p1, p2 = density(-w * v + sign * h), density(-w * v + q)
    by_d = p1 * (sign * s / 2) + p2 * (s / (2 * c))
    by_c = p1 * (-sign * v + sign * d * c / (2 * s)) + p2 * (-sign * v - d / (2 * s * c * c))
    return _fraction_alone(v, d, c, sign), -w * (p1 + p2), by_d, by_c


def _fraction_alone(v: Floats, d: float, c: float, sign: float) -> Floats:
    from scipy.special import ndtr

    w, s = 1 + sign * c, math.hypot(1, c)
    x1, x2 = -w * v + sign * d * s / 2, -w * v + d * s / (2 * c)
    found: Floats = ndtr(x1) + (ndtr(x2) if c < 0 else -ndtr(-x2))
    return found


def proper_area(d_a: float, c: float) -> float:
    """Phi(d_a/sqrt2) + 2 Phi2(-d_a/sqrt2, 0; rho), rho = -(1 - c^2)/(1 + c^2): exactly 1 - 2 T(d_a/sqrt2, (1 - c^2)/(2 |c|)).

    T is Owen's function: Phi2(h, 0; rho) = Phi(h)/2 + T(h, rho/sqrt(1 - rho^2)) for h < 0 (Owen 1956, Ann Math Stat 27:1075).
    """
    from scipy.special import owens_t

    return 1 - 2 * float(owens_t(d_a / math.sqrt(2), _ratio(c)))


def proper_sensitivity(d_a: float, c: float, fpf: ArrayLike) -> Floats:
    """The true positive fraction of the curve: the one whose slope falls all the way."""
    model, shape = ProperBinormal(), _coordinates(d_a, c)
    wanted = np.clip(np.asarray(fpf, np.float64), 0, 1)
    inside = (wanted > 0) & (wanted < 1)
    found = wanted.copy()
    found[inside] = model.fractions(shape, thresholds_at(model, shape, wanted[inside], 0.0))[1]
    return found


def _ratio(c: float) -> float:
    return (1 - c * c) / (2 * max(abs(c), _MIDDLE))


def _starts(runs: Runs, start: tuple[float, float] | None) -> Iterator[tuple[float, float]]:
    """From the binormal line, and from shapes near and far, since the likelihood may have two maxima."""
    d, c = _of_binormal(runs)
    if start is not None:
        yield from (start, (d, c))
        return
    yield from ((d, c), (d, 0.01), (d, -0.01), (d / 2, 0.6), (d / 2, -0.6), (0.05, 0.8), (0.05, -0.8), (0.3, -0.9))


def _of_binormal(runs: Runs) -> tuple[float, float]:
    """d_a = a sqrt2 / sqrt(1 + b^2), c = (b - 1)/(b + 1) of the straight line."""
    a, b = float(first_shape(runs)[0]), math.exp(float(first_shape(runs)[1]))
    return max(0.1, a * math.sqrt(2) / math.hypot(1, b)), (b - 1) / (b + 1)


def _coordinates(d: float, c: float) -> Floats:
    return np.array([max(d, _SMALLEST) ** 2, math.atanh(float(np.clip(c, -0.9999, 0.9999)))])


def _natural(shape: Floats) -> tuple[float, float]:
    c = math.tanh(float(shape[1]))
    return math.sqrt(float(shape[0])), math.copysign(max(abs(c), _MIDDLE), c)


def _fitted(found: Optimum, free: tuple[bool, bool], runs: Runs) -> ProperBinormalFit:
    d, c = _natural(found.shape)
    ridge = d < RIDGE
    covariance = found.covariance((free[0] and not ridge, free[1]))
    slope = _area_slope(d, c)
    se = math.sqrt(max(0.0, float(slope @ covariance @ slope)))
    words = ((BELOW_CHANCE, runs.area < 0.5), (ONE_POINT, not free[1]), (ON_RIDGE, ridge))
    warnings = tuple(word for word, applies in words if applies)
    return ProperBinormalFit(proper_area(d, c), se, d, c, covariance, found.thresholds, found.log_likelihood, False, warnings)


def _area_slope(d: float, c: float) -> Floats:
    """dAUC by d_a^2 and atanh c: dT/dh = -phi(h) (Phi(r h) - 1/2), dT/dr = exp(-h^2 (1 + r^2)/2) / (2 pi (1 + r^2))."""
    from scipy.special import ndtr

    h, r = d / math.sqrt(2), _ratio(c)
    by_h = -math.exp(-h * h / 2) / math.sqrt(2 * math.pi) * (float(ndtr(r * h)) - 0.5)
    by_r = math.exp(-h * h * (1 + r * r) / 2) / (2 * math.pi * (1 + r * r))
    ratio_by_c = -math.copysign((1 + c * c) / (2 * c * c), c)
    return np.array([-2 * by_h / (2 * math.sqrt(2) * d), -2 * by_r * ratio_by_c * (1 - c * c)])


def _undetermined(runs: Runs, why: Text) -> ProperBinormalFit:
    return ProperBinormalFit(runs.area, None, None, None, None, np.empty(0), 0.0, True, (why,), runs.limit)
