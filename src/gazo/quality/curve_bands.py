"""Curves with bands brought to the same frequencies, and products of powers of them with their band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.results import Curve

Array = NDArray[np.float64]


class Banded(NamedTuple):
    """Values with limits; the limits are the values where no band is known."""

    y: Array
    low: Array
    high: Array
    known: bool


def checked_curve(curve: Curve, least: int = 2) -> None:
    """Refuse a curve that is too short, not rising in x, or holds values that are not numbers."""
    x, y = np.asarray(curve.x, np.float64), np.asarray(curve.y, np.float64)
    if len(x) < least or len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all()) or (np.diff(x) <= 0).any():
        raise DataError(
            "G-QUA-420",
            en=f"a curve needs at least {least} points, rising x and finite values; '{curve.title.en}' with {len(x)} points does not. Check the table it comes from.",
            ja=f"曲線には {least} 点以上、増加する x、有限の値が必要ですが、「{curve.title.ja}」({len(x)} 点) は満たしていません。元の表を確認してください。",
        )


def shared_x(first: Curve, *others: Curve) -> Array:
    """The x of the first curve where all the others have values as well."""
    for curve in (first, *others):
        checked_curve(curve)
    low, high = max(c.x[0] for c in others), min(c.x[-1] for c in others)
    x = np.asarray(first.x, np.float64)
    margin = 1e-9 * (high - low)
    x = x[(x >= low - margin) & (x <= high + margin)]
    if len(x) < 2:
        raise DataError(
            "G-QUA-421",
            en=f"the curves share fewer than two points: one runs from {first.x[0]:g} to {first.x[-1]:g}, the others from {low:g} to {high:g}. Check the units of the frequency axes.",
            ja=f"曲線の範囲が重なっていません: {first.x[0]:g}〜{first.x[-1]:g} と {low:g}〜{high:g}。周波数軸の単位を確認してください。",
        )
    return x


def at(curve: Curve, x: Array) -> Banded:
    """A curve at other places, by straight lines between its points."""
    y = np.interp(x, curve.x, curve.y)
    if curve.low is None or curve.high is None:
        return Banded(y, y, y, False)
    return Banded(y, np.interp(x, curve.x, curve.low), np.interp(x, curve.x, curve.high), True)


def product(factors: Sequence[tuple[Banded, float]], spread: float = 0.0) -> Banded:
    """Product of powers of independent curves with its band.

    Limits of the logarithm are recovered from the limits of the parts (MOVER; Zou & Donner, Stat Med 2008; 27: 1693): the distances
    from estimate to limit, times the power, add in quadrature, each on its own side.

    Parameters
    ----------
    factors : curves and their powers.
    spread : further relative half width, such as that of a dosimeter.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.prod([banded.y**power for banded, power in factors], axis=0)
        down, up = np.full(len(y), spread**2), np.full(len(y), spread**2)
        for banded, power in factors:
            below, above = np.log(banded.y / np.maximum(banded.low, 0)), np.log(banded.high / banded.y)
            down += (power * (below if power > 0 else above)) ** 2
            up += (power * (above if power > 0 else below)) ** 2
        known = spread > 0 or any(banded.known for banded, _ in factors)
        return Banded(y, y * np.exp(-np.sqrt(down)), y * np.exp(np.sqrt(up)), known)


def difference(first: Banded, second: Banded) -> Banded:
    """first - second with its band (MOVER)."""
    y = first.y - second.y
    down = np.hypot(first.y - first.low, second.high - second.y)
    up = np.hypot(first.high - first.y, second.y - second.low)
    return Banded(y, y - down, y + up, first.known or second.known)
