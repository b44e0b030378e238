"""Enhancement that depends on density: weights beta(S) from a smooth rise between two pixel values, or from a curve.

The makers' tables (FCR: GT, RT types) are not public; the smooth rise is the family offered for them, a `Curve` is for any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.results import Curve
from gazo.process.kernels import Pixels, looked_up

TABLE = 4096  # steps between the lowest and the highest pixel value


def density_weights(pixels: Pixels, curve: Curve | None, low: float | None, high: float | None, floor: float) -> Pixels | None:
    """beta for each pixel: from the curve, or `floor` below `low`, 1 above `high` and 3t^2 - 2t^3 between; None for 1 everywhere.

    With `low` above `high` the weight falls instead of rising.
    """
    if curve is None and low is None and high is None:
        return None
    values = np.linspace(float(pixels.min()), float(pixels.max()), TABLE)
    table = _on_curve(curve, values) if curve is not None else floor + (1 - floor) * _rise(values, low, high)
    return looked_up(pixels, table.astype(np.float32), float(values[0]), float(values[1] - values[0]))


def _rise(values: NDArray[np.float64], low: float | None, high: float | None) -> NDArray[np.float64]:
    if low is None or high is None or low == high:
        raise OptionError(
            "G-PRC-101",
            en=f"density dependence needs two different pixel values; density_low={low}, density_high={high} came. Give both or none.",
            ja=f"濃度依存性には異なる 2 つの画素値が必要です。受け取った値: density_low={low}、density_high={high}。両方を指定するか、どちらも指定しないでください。",
        )
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _on_curve(curve: Curve, values: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = curve_points(curve)
    if y.min() < 0:
        raise DataError(
            "G-PRC-102",
            en=f"a density curve gives weights of at least 0; {y.min():g} came. Correct the curve.",
            ja=f"濃度依存曲線の重みは 0 以上でなければなりません。受け取った最小値: {y.min():g}。曲線を直してください。",
        )
    return np.interp(values, x, y)


def curve_points(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of a curve over pixel values; held at its ends outside."""
    x, y = np.asarray(curve.x, np.float64), np.asarray(curve.y, np.float64)
    if x.ndim != 1 or x.size < 2 or x.shape != y.shape or not np.isfinite([x, y]).all() or (np.diff(x) <= 0).any():
        raise DataError(
            "G-PRC-103",
            en=f"a curve needs at least two points, finite, with rising x; shapes {x.shape} and {y.shape} came. Sort it and remove gaps.",
            ja=f"曲線には x が増加する有限の点が 2 つ以上必要です。受け取った形: {x.shape} と {y.shape}。並べ替え、欠けた点を除いてください。",
        )
    return x, y
