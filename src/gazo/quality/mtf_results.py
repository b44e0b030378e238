"""What every MTF brings: the curve with its band, the frequencies at 50 % and 10 %, the profiles it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.inputs import plane

Array = NDArray[np.float64]
FREQUENCY = Text("空間周波数", "Spatial frequency")
PER_MM = "cycles/mm"
LEVEL = 0.95


@result("mtf")
@dataclass(frozen=True, eq=False, kw_only=True)
class MTF(Measurement):
    """A modulation transfer function.

    `curve` is the MTF against cycles/mm up to the Nyquist frequency, with its band; `mtf50` and `mtf10` are the frequencies where it
    falls to one half and one tenth, with the interval where the band crosses; `profiles` are what it was computed from (edge spread,
    line spread, radial profile) against mm.
    """

    curve: Curve
    mtf50: Estimate
    mtf10: Estimate
    profiles: tuple[Curve, ...] = ()


@result("edge-mtf")
@dataclass(frozen=True, eq=False, kw_only=True)
class EdgeMTF(MTF):
    """An MTF of an edge or a slit: also the angle against the pixel columns or rows, and the contrast of the edge."""

    angle: Estimate
    contrast: Estimate


def frequencies(nyquist: float, *, up_to: float = 1.0) -> Array:
    """0, one step, two steps ... below the Nyquist frequency (or `up_to` times it), and that.

    The step is 1, 2 or 5 times a power of ten, about a 64th of the Nyquist frequency.
    """
    rough = nyquist / 64
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 5, 10), key=lambda factor: abs(np.log(factor * power / rough)))
    steps = np.arange(int(np.ceil(up_to * nyquist / step - 1e-9))) * step
    return np.append(steps, up_to * nyquist)


def mtf_curve(frequency: Array, mtf: Array, half: Array | None, title: Text) -> Curve:
    """The MTF with the band mtf +- half."""
    low, high = (None, None) if half is None else (mtf - half, mtf + half)
    return Curve(frequency, mtf, FREQUENCY, Text("MTF", "MTF"), title, PER_MM, "", low, high, LEVEL)


def crossing(curve: Curve, share: float) -> Estimate:
    """The frequency where the MTF first falls to `share`; the interval is where the limits of its band do.

    Parameters
    ----------
    curve : the MTF, up to twice the Nyquist frequency where it may fall to `share` beyond it only.
    share : 0.5 or 0.1.
    """
    name = Text(f"MTF が {100 * share:g} % になる周波数", f"frequency of {100 * share:g} % MTF")
    value = _falls_to(curve.x, curve.y, share)
    limits = [None if side is None else _falls_to(curve.x, side, share) for side in (curve.low, curve.high)]
    low, high = (None if limit is None or np.isnan(limit) else limit for limit in limits)
    return Estimate(name, value, low, high, curve.level, "inversion of the band", PER_MM)


def _falls_to(x: NDArray[Any], y: NDArray[Any], share: float) -> float:
    """First crossing by straight line; NaN where the curve stays above."""
    below = np.flatnonzero(y < share)
    if not below.size or below[0] == 0:
        return float("nan")
    i = below[0]
    return float(x[i - 1] + (x[i] - x[i - 1]) * (y[i - 1] - share) / (y[i - 1] - y[i]))


def t_half_width(deviations: Array, level: float = LEVEL) -> Array | None:
    """Half the width of the t interval of a mean of units; None where there are fewer than two.

    Parameters
    ----------
    deviations : (units, frequencies), each unit less the mean of all.
    level : coverage.
    """
    from scipy.stats import t

    units = len(deviations)
    if units < 2:
        return None
    sd = np.sqrt((deviations**2).sum(0) / (units - 1))
    return np.asarray(t.ppf(0.5 + level / 2, units - 1) * sd / np.sqrt(units))


def same_grid(images: Iterable[Image]) -> Iterable[tuple[Image, Array, tuple[float, float]]]:
    """Each image with its pixels and spacing (rows, columns) in mm; all must have the size and spacing of the first."""
    first: tuple[Any, ...] | None = None
    for image in images:
        pixels, spacing = plane(image, least_px=16), image.need_spacing()[-2:]
        first = first or (spacing, pixels.shape)
        if not np.allclose(spacing, first[0], rtol=1e-4) or pixels.shape != first[1]:
            raise DataError(
                "G-QUA-403",
                en=f"repeats must share size and pixel spacing; {first[1]} at {first[0]} mm and {pixels.shape} at {spacing} mm came. Measure them one by one.",
                ja=f"繰り返しの画像は同じ大きさと画素間隔でなければなりません。受け取った画像: {first[1]} ({first[0]} mm) と {pixels.shape} ({spacing} mm)。別々に測定してください。",
            )
        yield image, pixels, (spacing[0], spacing[1])
    if first is None:
        raise DataError(
            "G-QUA-404",
            en="no image came; give at least one image of the test object.",
            ja="画像がありません。テスト器具を撮影した画像を 1 枚以上指定してください。",
        )
