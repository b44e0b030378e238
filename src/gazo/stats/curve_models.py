"""The families of ROC curves under one roof: fit, parameters, and the smooth curve with its band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from gazo.core.language import Text
from gazo.stats.binormal import BinormalFit, binormal_fit, binormal_sensitivity
from gazo.stats.contaminated_binormal import ContaminatedBinormalFit, contaminated_binormal_fit, contaminated_sensitivity
from gazo.stats.inputs import Floats
from gazo.stats.proper_binormal import ProperBinormalFit, proper_binormal_fit, proper_sensitivity

ModelName = Literal["empirical", "binormal", "proper", "cbm"]
Fit = BinormalFit | ProperBinormalFit | ContaminatedBinormalFit
Shape = tuple[float, float]


@dataclass(frozen=True)
class Family:
    """One family of curves.

    Parameters
    ----------
    name, symbols : what it and its two parameters are called.
    source : where it was published.
    fit : truth, ratings and a start to a fit.
    sensitivity : the two parameters and false positive fractions to true positive fractions.
    coordinates, natural : between the parameters and the coordinates that the covariance of a fit is in.
    """

    name: Text
    symbols: tuple[str, str]
    source: str
    fit: Callable[[ArrayLike, ArrayLike, Shape | None], Fit]
    sensitivity: Callable[[float, float, ArrayLike], Floats]
    coordinates: Callable[[Shape], Floats]
    natural: Callable[[Floats], Shape]

    def band(self, fit: Fit, fpf: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """The curve and its pointwise limits: delta method on the scale of normal deviates, where a binormal curve is straight."""
        from scipy.special import ndtr, ndtri

        if fit.shape is None or fit.covariance is None:
            raise ValueError("a degenerate fit has no curve")
        curve = self.sensitivity(*fit.shape, fpf)
        middle = ndtri(np.clip(curve, 1e-12, 1 - 1e-12))
        slopes = np.stack([self._slope(fit.shape, n, fpf) for n in (0, 1)])
        reach = float(ndtri((1 + level) / 2)) * np.sqrt(np.maximum(0.0, np.einsum("ik,ij,jk->k", slopes, fit.covariance, slopes)))
        ends = (fpf <= 0) | (fpf >= 1)
        low = np.where(ends, curve, np.minimum(curve, ndtr(middle - reach)))  # where the curve is 1 to 12 digits, so is its band
        return curve, low, np.where(ends, curve, np.maximum(curve, ndtr(middle + reach)))

    def _slope(self, shape: Shape, number: int, fpf: Floats) -> Floats:
        """Of the normal deviate of the sensitivity by one coordinate, by central differences."""
        from scipy.special import ndtri

        here = self.coordinates(shape)
        step = np.zeros(2)
        step[number] = 1e-4 * max(1e-2, abs(float(here[number])))
        sides = [np.clip(self.sensitivity(*self.natural(here + way * step), fpf), 1e-12, 1 - 1e-12) for way in (-1, 1)]
        found: Floats = (ndtri(sides[1]) - ndtri(sides[0])) / (2 * step[number])
        return found


def _same(shape: Shape) -> Floats:
    return np.array(shape)


def _pair(coordinates: Floats) -> Shape:
    return float(coordinates[0]), float(coordinates[1])


def _proper_natural(coordinates: Floats) -> Shape:
    return float(np.sqrt(max(1e-6, float(coordinates[0])))), float(np.tanh(coordinates[1]))


FAMILIES: dict[ModelName, Family] = {
    "binormal": Family(
        Text("バイノーマルモデル", "binormal model"), ("a", "b"), "Dorfman & Alf 1969; Metz, Herman & Shen 1998", binormal_fit,
        binormal_sensitivity, _same, _pair,
    ),
    "proper": Family(
        Text("proper バイノーマルモデル", "proper binormal model"), ("d_a", "c"), "Metz & Pan 1999; Pesce & Metz 2007", proper_binormal_fit,
        proper_sensitivity, lambda shape: np.array([shape[0] ** 2, np.arctanh(shape[1])]), _proper_natural,
    ),
    "cbm": Family(
        Text("汚染バイノーマルモデル (CBM)", "contaminated binormal model"), ("mu", "alpha"), "Dorfman, Berbaum & Brandser 2000",
        contaminated_binormal_fit, contaminated_sensitivity, _same, lambda c: (float(c[0]), min(1.0, float(c[1]))),
    ),
}  # fmt: skip
