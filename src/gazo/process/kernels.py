"""Loops over pixels that no library offers in one pass, compiled at first use and kept on disk."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

UNLIMITED = 1e15  # a limit no pixel value reaches
# tanh t = t (135135 + 17325 t^2 + 378 t^4 + t^6) / (135135 + 62370 t^2 + 3150 t^4 + 28 t^6), Lambert's fraction, within 1e-4
_TANH = np.array([135135, 17325, 378, 62370, 3150, 28, 5, 1], np.float32)
_NOISE = np.array([1.5, 0, 1, 2, 1e-18], np.float32)  # what the activity may exceed; constants; least deviation


def add_limited(
    total: Pixels,
    finer: Pixels,
    coarser: Pixels,
    *,
    gain: float,
    upper: float = UNLIMITED,
    lower: float = UNLIMITED,
    weight: Pixels | None = None,
) -> None:
    """In place: total += weight x F(finer - coarser), F(d) = L tanh(gain d / L) with L `upper` for d > 0 and `lower` for d < 0.

    The slope of F at 0 is `gain`, and |F| stays below L. Without `weight` it is 1 everywhere.
    """
    weights = np.ones((1, 1), np.float32) if weight is None else weight
    _limited_sum()(total, finer, coarser, weights, np.float32(gain), np.float32(upper), np.float32(lower), _TANH)


@cache
def _limited_sum() -> Any:
    import numba

    @numba.njit(cache=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"})
    def run(total, finer, coarser, weight, gain, upper, lower, k):  # type: ignore[no-untyped-def]
        a, b, c, d, e, f, most, one = k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7]
        same = weight.size == 1
        for row in range(total.shape[0]):
            for column in range(total.shape[1]):
                difference = gain * (finer[row, column] - coarser[row, column])
                limit = upper if difference > 0 else lower
                t = min(max(difference / limit, -most), most)
                q = t * t
                bent = t * (a + q * (b + q * (c + q))) / (a + q * (d + q * (e + q * f)))
                bent = limit * min(max(bent, -one), one)
                total[row, column] += bent if same else weight[row, column] * bent

    return run


def away_from(pixels: NDArray[Any], masked: Pixels, gain: float) -> Pixels:
    """pixels + gain (pixels - masked), written over `masked`; the pixels may be of any real type."""
    _away_from()(pixels, masked, np.float32(gain))
    return masked


@cache
def _away_from() -> Any:
    import numba

    @numba.njit(cache=True, fastmath={"contract"})
    def run(pixels, masked, gain):  # type: ignore[no-untyped-def]
        for row in range(pixels.shape[0]):
            for column in range(pixels.shape[1]):
                value = np.float32(pixels[row, column])
                masked[row, column] = value + gain * (value - masked[row, column])

    return run


def looked_up(pixels: Pixels, table: Pixels, start: float, step: float) -> Pixels:
    """`table` read at each pixel, linear between entries that stand `step` apart from `start` on, held at the ends."""
    out = np.empty_like(pixels)
    _table_reader()(out, pixels, table, np.float32(start), np.float32(1 / step if step > 0 else 0))
    return out


@cache
def _table_reader() -> Any:
    import numba

    @numba.njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
    def run(out, pixels, table, start, per_step):  # type: ignore[no-untyped-def]
        zero, last = table[0] * 0, table[0] * 0 + (table.size - 2)
        for row in range(out.shape[0]):
            for column in range(out.shape[1]):
                place = max((pixels[row, column] - start) * per_step, zero)
                index = np.int32(min(place, last))
                share = min(place - np.float32(index), np.float32(1))
                out[row, column] = table[index] + share * (table[index + 1] - table[index])

    return run


def add_noise_like(noise: Pixels, band: Pixels, activity: Pixels, deviation: Pixels, threshold: float) -> None:
    """In place: noise += w F(band), with F(b) = b up to |b| = T s, falling to 0 at 2 T s, and w = 1 / (1 + max(activity / s^2 - 1.5, 0)^2).

    s is `deviation`, T the threshold; where s is 0 nothing is added.
    """
    _noise_like()(noise, band, activity, deviation, np.float32(threshold), _NOISE)


@cache
def _noise_like() -> Any:
    import numba

    @numba.njit(cache=True, error_model="numpy", fastmath={"contract", "arcp", "nsz"})
    def run(noise, band, activity, deviation, threshold, k):  # type: ignore[no-untyped-def]
        free, zero, one, two, tiny = k[0], k[1], k[2], k[3], k[4]
        for row in range(noise.shape[0]):
            for column in range(noise.shape[1]):
                s = max(deviation[row, column], tiny)
                b = band[row, column]
                share = min(max(two - abs(b) / (threshold * s), zero), one)
                excess = max(activity[row, column] / (s * s) - free, zero)
                noise[row, column] += b * share / (one + excess * excess)

    return run
