"""The curve of dynamic range compression: what is added to a blurred pixel value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.process.density import curve_points

Number = TypeVar("Number", np.float32, np.float64)
LEAST_SLOPE = 0.2  # of s + f(s): below it neighbouring densities can no longer be told apart (design value)


@dataclass(frozen=True)
class Compression:
    """f(s): below `low` a rise a (low - s), above `high` a fall -b (s - high), each bent in over `knee` pixel values; or a curve."""

    low: float
    low_strength: float
    high: float
    high_strength: float
    knee: float
    curve: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def __call__(self, s: NDArray[Number]) -> NDArray[Number]:
        """f at each value, in the precision of `s`."""
        if self.curve is not None:
            return np.interp(s, *self.curve).astype(s.dtype)
        raised, lowered = _bent(self.low - s, self.knee), _bent(s - self.high, self.knee)
        return (self.low_strength * raised - self.high_strength * lowered).astype(s.dtype, copy=False)

    def shown(self, start: float, end: float) -> Curve:
        """s' = s + f(s) from `start` to `end`: what becomes of large flat areas."""
        s = np.linspace(start, end, 256)
        title = Text("ダイナミックレンジ圧縮の階調", "Curve of dynamic range compression")
        return Curve(
            s, s + self(s), Text("処理前の画素値", "Pixel value before"), Text("処理後の画素値", "Pixel value after"), title
        )


def compression(
    start: float,
    end: float,
    middle: float,
    curve: Curve | None,
    *,
    low: float | None,
    low_strength: float,
    high: float | None,
    high_strength: float,
) -> Compression:
    """f for an image whose blurred values reach from `start` to `end`; thresholds not given are at `middle`.

    Refused when large areas would lose their contrast: slope 1 + f' below 0.2 anywhere between `start` and `end`.
    """
    knee = 0.1 * (end - start)
    points = None if curve is None else curve_points(curve)
    found = Compression(
        middle if low is None else low, low_strength, middle if high is None else high, high_strength, knee, points
    )
    s = np.linspace(start, end, 2048)
    slope = 1 + float(np.min(np.diff(found(s)) / np.diff(s))) if end > start else 1.0
    if slope < LEAST_SLOPE - 1e-3:
        raise OptionError(
            "G-PRC-110",
            en=f"the compressed curve must keep a slope of at least {LEAST_SLOPE}, or large areas lose their contrast or turn into their "
            f"negative; its least slope is {slope:.2f}. Lower the strengths, or move the thresholds apart.",
            ja=f"圧縮後の階調の傾きは {LEAST_SLOPE} 以上でなければなりません。下回ると広い領域のコントラストが失われ、白黒が反転することもあります。"
            f"傾きの最小値: {slope:.2f}。圧縮の強さを下げるか、しきい値を離してください。",
        )
    return found


def _bent(d: NDArray[Number], knee: float) -> NDArray[Number]:
    """max(d, 0) with a parabola between -knee/2 and knee/2, so that the slope is continuous and never above 1."""
    if knee <= 0:
        return np.maximum(d, 0)
    t = np.clip(d / knee + 0.5, 0, 1)
    return np.maximum(d - 0.5 * knee, 0) + 0.5 * knee * t * t
