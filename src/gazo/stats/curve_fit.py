"""Maximum likelihood of a ROC curve with two shape parameters: Fisher scoring with Levenberg damping over shape and thresholds.

With F and T the false and true positive fractions above the thresholds t_1 < ... < t_k and category c between t_c and t_(c+1),
LL = sum n_c ln P_c + m_c ln Q_c, P_c = F(t_c) - F(t_(c+1)), Q_c likewise of T (Dorfman & Alf 1969, J Math Psychol 6:487). The expected
information is N A' diag(1/P) A + M B' diag(1/Q) B with A = dP, B = dQ by all parameters.

A threshold is told by the share of all cases above it, s = (N F + M T) / (N + M): whatever the shape, every falling series of shares is
allowed, and the observed shares are nearly the best ones, so a change of shape does not throw the thresholds out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from gazo.core.language import Text
from gazo.stats.inputs import Bools, Floats
from gazo.stats.rating_runs import Runs

STEPS = 200
SLOPE, GAIN, ROUGH = 1e-7, 1e-10, 1e-2  # where a climb ends: the largest slope of the log likelihood, or its gain in one step
LEAST = 1e-18  # below this a difference of two fractions is rounding


class Rates(NamedTuple):
    """F and T at k thresholds with their derivatives: by the threshold (k,), by the two shape parameters (2, k)."""

    f: Floats
    t: Floats
    f_by_threshold: Floats
    t_by_threshold: Floats
    f_by_shape: Floats
    t_by_shape: Floats


class CurveModel(Protocol):
    """A family of ROC curves; its two shape coordinates stay between `limits`, (2, 2): lowest, highest."""

    limits: Floats

    def rates(self, shape: Floats, thresholds: Floats) -> Rates:
        """Both fractions and their derivatives."""
        ...

    def fractions(self, shape: Floats, thresholds: Floats) -> tuple[Floats, Floats]:
        """Both fractions alone."""
        ...

    def grid(self, shape: Floats) -> Floats:
        """Rising thresholds that reach from everything to nothing above them, closely spaced."""
        ...


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best curve of a family: shape and thresholds, the log likelihood, the expected information of shape and shares."""

    shape: Floats
    thresholds: Floats
    log_likelihood: float
    information: Floats

    def covariance(self, free: tuple[bool, bool] = (True, True)) -> Floats:
        """(2, 2) of the shape; a parameter that is not free has no variance. The thresholds are profiled out."""
        kept = [n for n, use in enumerate(free) if use]
        info = self.information
        inner, border = info[2:, 2:], info[np.ix_(kept, range(2, len(info)))]
        left = info[np.ix_(kept, kept)] - border @ np.linalg.solve(inner, border.T)
        found = np.zeros((2, 2))
        found[np.ix_(kept, kept)] = np.linalg.pinv(left, rcond=1e-12, hermitian=True)
        return found


def best_of(model: CurveModel, runs: Runs, starts: Iterable[Floats], free: tuple[bool, bool] = (True, True)) -> Optimum | None:
    """The highest of the maxima that are reached from several shapes; None when none of them can begin.

    Every start climbs until a step gains little; those that may still win, and lead to other places, climb to the end.
    """
    shares = (runs.negative.sum() * runs.fpf + runs.positive.sum() * runs.tpf) / (runs.negative.sum() + runs.positive.sum())
    points = [np.concatenate([np.clip(start, *model.limits), shares]) for start in starts]
    begun = [here for point in points if (here := _scored(model, runs, point)) is not None]
    rough = [_climb(model, runs, here, free, ROUGH if len(begun) > 1 else GAIN) for here in begun]
    rough.sort(key=lambda place: -place.value)
    best: list[_Place] = []
    for place in rough:
        near = any(np.abs(place.point[:2] - other.point[:2]).max() < 0.1 for other in best)
        if not near and place.value > rough[0].value - 50 * ROUGH:
            best.append(_climb(model, runs, place, free, GAIN))
    top = max(best, key=lambda place: place.value, default=None)
    return None if top is None else Optimum(top.point[:2], top.thresholds, top.value, top.information)


class _Place(NamedTuple):
    """A point of the search (shape, shares above the thresholds) and what the likelihood is there."""

    point: Floats
    thresholds: Floats
    value: float
    slope: Floats
    information: Floats


def _climb(model: CurveModel, runs: Runs, here: _Place, free: tuple[bool, bool], gain: float) -> _Place:
    """Steps until a whole, hardly damped one gains less than `gain`; a step cut short at a limit says nothing of the distance left."""
    damping, (low, high), small = 1e-4, model.limits, 0
    for _ in range(STEPS):
        shape, slope = here.point[:2], here.slope
        stuck = ((shape <= low) & (slope[:2] < 0)) | ((shape >= high) & (slope[:2] > 0)) | ~np.array(free)
        moving = np.append(~stuck, np.ones(len(slope) - 2, bool))
        if np.abs(slope[moving]).max() < SLOPE:
            break
        there, used, whole = _step(model, runs, here, moving, damping)
        if there is None:
            break
        gained, here, damping = there.value - here.value, there, max(used / 10, 1e-10)
        small = small + 1 if gained < gain else 0
        if small and ((whole and used < 1e-2) or small > 5):
            break
    return here


def _step(model: CurveModel, runs: Runs, here: _Place, moving: Bools, damping: float) -> tuple[_Place | None, float, bool]:
    """A step that does not lower the likelihood, its damping, and whether no limit cut it short; None when even a tiny one cannot."""
    while damping < 1e12:
        step = _direction(here, moving, damping)
        outward = (_room(model, here.point[:2], step[:2]) == 0) & moving[:2]
        if outward.any():  # it would leave at once: along the limit, then
            step = _direction(here, moving & ~np.append(outward, np.zeros(len(step) - 2, bool)), damping)
        share = min(1.0, float(_room(model, here.point[:2], step[:2]).min()))
        reached = here.point + step * share
        reached[:2] = _inside(model, reached[:2])
        there = _scored(model, runs, reached) if np.abs(reached[:2] - here.point[:2]).max() < 5 else None
        if there is not None and there.value >= here.value:
            return there, damping, share == 1.0
        damping *= 10
    return None, damping, False


def _direction(here: _Place, moving: Bools, damping: float) -> Floats:
    block = here.information[np.ix_(moving, moving)]
    step = np.zeros(len(moving))
    step[moving] = np.linalg.solve(block + np.diag(damping * np.diag(block) + 1e-12), here.slope[moving])
    return step


def _inside(model: CurveModel, shape: Floats) -> Floats:
    """On the limit exactly where rounding left it a hair away."""
    low, high = model.limits
    found: Floats = np.where(shape < low + 1e-9, low, np.where(shape > high - 1e-9, high, shape))
    return found


def _room(model: CurveModel, shape: Floats, step: Floats) -> Floats:
    """How often the step could be gone until each coordinate of the shape comes to its limit."""
    limit = np.where(step > 0, model.limits[1], model.limits[0])
    room: Floats = np.where(step == 0, np.inf, (limit - shape) / np.where(step == 0, 1.0, step))
    return room


def _scored(model: CurveModel, runs: Runs, point: Floats) -> _Place | None:
    """Log likelihood, its slope and the expected information; None where no likelihood exists."""
    shape, wanted = point[:2], point[2:]
    if (np.diff(wanted, prepend=1.0, append=0.0) >= 0).any():
        return None
    n, m = runs.negative, runs.positive
    weight = float(m.sum() / (n.sum() + m.sum()))
    thresholds = thresholds_at(model, shape, wanted, weight)
    rates = model.rates(shape, thresholds)
    above_by_threshold = (1 - weight) * rates.f_by_threshold + weight * rates.t_by_threshold
    if not (above_by_threshold < 0).all():
        return None
    along = ((1 - weight) * rates.f_by_shape + weight * rates.t_by_shape) / above_by_threshold
    f, t = rates.f_by_threshold, rates.t_by_threshold
    p, a = _shares(rates.f, f / above_by_threshold, rates.f_by_shape - along * f)
    q, b = _shares(rates.t, t / above_by_threshold, rates.t_by_shape - along * t)
    if min(p.min(), q.min()) < -1e-9 or (p[n > 0] < LEAST).any() or (q[m > 0] < LEAST).any():
        return None
    p, q = np.maximum(p, LEAST), np.maximum(q, LEAST)
    value = float(n @ np.log(p) + m @ np.log(q))
    slope = (n / p) @ a + (m / q) @ b
    information = n.sum() * (a.T / p) @ a + m.sum() * (b.T / q) @ b
    return _Place(point, thresholds, value, slope, information)


def thresholds_at(model: CurveModel, shape: Floats, wanted: Floats, weight: float) -> Floats:
    """Where the shares of all cases above are those wanted (weight: share of cases with disease): from a grid, then Newton's steps inside the cell of the grid."""
    grid = model.grid(shape)
    f, t = model.fractions(shape, grid)
    above = -((1 - weight) * f + weight * t)
    cell = np.clip(np.searchsorted(above, -wanted), 1, len(grid) - 1)
    low, high = grid[cell - 1], grid[cell]
    found = np.interp(-wanted, above, grid)
    for _ in range(2):
        rates = model.rates(shape, found)
        slope = (1 - weight) * rates.f_by_threshold + weight * rates.t_by_threshold
        excess = (1 - weight) * rates.f + weight * rates.t - wanted
        found = np.clip(found - excess / np.where(slope < 0, slope, -np.inf), low, high)
    return found


def _shares(fraction: Floats, by_threshold: Floats, by_shape: Floats) -> tuple[Floats, Floats]:
    """Shares of the k + 1 categories and their derivatives by the 2 + k parameters, (k + 1, 2 + k)."""
    k = len(fraction)
    above = np.concatenate([[1.0], fraction, [0.0]])
    slopes = np.zeros((k + 2, k + 2))
    slopes[1:-1, :2] = by_shape.T
    slopes[np.arange(1, k + 1), np.arange(2, k + 2)] = by_threshold
    return above[:-1] - above[1:], slopes[:-1] - slopes[1:]


NO_POINT = Text(
    "曲線上の点が単位正方形の辺にしかなく (完全な分離、または全症例が同じ評点など)、モデルの曲線は定まりません。経験的 AUC を示します。",
    "every point of the curve lies on an edge of the unit square (perfect separation, all ratings tied, or the like), so no model curve "
    "is determined; the empirical AUC is given.",
)
RUNAWAY = Text(
    "最尤推定が有限の値に収束しません (縮退データ)。経験的 AUC を示します。",
    "the maximum likelihood runs off to infinity (degenerate data); the empirical AUC is given.",
)
