"""Shadows of the strips of a stationary grid, found as a peak in the spectrum and taken out by a narrow notch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

LEAST_PEAK = 8.0  # of the power of a line peak over its surroundings
STEEPEST_DEG = 10.0
LOWEST = 0.3  # of the Nyquist frequency: below, anatomy is stronger than any line


@dataclass(frozen=True, kw_only=True, eq=False)
class GridLines:
    """The image without grid lines.

    Parameters
    ----------
    image : input less lines (in a linear-exposure image: divided by them).
    lines : what was taken out, in the unit of the input (of its logarithm for linear exposure).
    frequency_per_mm : of the lines as the detector shows them (a finer grid appears folded); None when there are none.
    across : "columns" when the value changes from column to column, "rows" when from row to row; "" when there are none.
    """

    image: Image
    lines: Image
    frequency_per_mm: float | None
    across: Literal["columns", "rows", ""]


@operation("グリッド縞の除去", "Suppress grid lines")
def suppress_grid_lines(
    image: Image,
    *,
    lines_per_mm: Annotated[
        float | None, Gt(0), Le(20), Label("グリッド密度 (省略時は自動検出)", "Strips of the grid (found if not given)", "1/mm")
    ] = None,
    width_per_mm: Annotated[float, Gt(0), Le(1), Label("ノッチの幅 (標準偏差)", "Width of the notch (sigma)", "1/mm")] = 0.08,
    harmonics: Annotated[
        int, Ge(1), Le(4), Label("除去する高調波の次数 (1 は基本波のみ)", "Harmonics taken out (1: the fundamental)")
    ] = 1,
) -> GridLines:
    """Multiply the spectrum by 1 - exp(-((u - f)^2 + (v - g)^2) / (2 w^2)) at the lines' frequency (f, g) and its (folded) harmonics.

    f: the greatest peak of the mean power spectrum along columns or rows above 0.3 of the Nyquist frequency, at least 8 times its
    surroundings; an image without such a peak comes back unchanged. g: the peak of the two-dimensional spectrum beside it, so lines may be
    tilted up to 10 degrees. Only what runs along the lines is touched. Linear exposure is treated as its logarithm, since strips weaken by a factor. Borders reflected. float32.

    Parameters
    ----------
    image : 2-D, at least 32 x 32 pixels, pixel spacing known.
    lines_per_mm : 4.0 for 40 lines/cm; the frequency it folds to is worked out.

    Errors: G-PRC-242 (a given frequency folds to below 0.05 of the sampling frequency).
    """
    pixels = plane(image, least=32)
    spacing = image.need_spacing()
    factor = image.meaning == "linear exposure" and float(pixels.min()) > 0
    values = np.log(pixels) if factor else pixels
    axis, frequency = _strongest(values, spacing) if lines_per_mm is None else _given(values, spacing, lines_per_mm)
    if frequency is None:
        empty = image.with_pixels(np.zeros_like(pixels), meaning="quantity", window=None)
        return GridLines(image=image.with_pixels(pixels), lines=empty, frequency_per_mm=None, across="")
    turned, pitch = (values, spacing) if axis == 1 else (values.T, spacing[::-1])
    lines = _lines(turned, pitch, (frequency, _across(turned, pitch, frequency)), width_per_mm, harmonics)
    lines = np.ascontiguousarray(lines if axis == 1 else lines.T)
    return GridLines(
        image=image.with_pixels(pixels * np.exp(-lines) if factor else pixels - lines),
        lines=image.with_pixels(lines, meaning="quantity", unit="" if factor else image.unit, window=None),
        frequency_per_mm=frequency,
        across="columns" if axis == 1 else "rows",
    )


def _strongest(values: NDArray[np.float32], spacing: tuple[float, ...]) -> tuple[int, float | None]:
    """The axis along which the strongest peak lies and its frequency (1/mm), refined by a parabola; None when none stands out."""
    found = []
    for axis in (0, 1):
        power, step = _power(values, spacing, axis)
        surroundings = _surroundings(power)
        first = int(LOWEST * power.size)
        at = first + int(np.argmax((power / surroundings)[first:-1]))
        excess = power[at] - surroundings[at] if power[at] >= LEAST_PEAK * surroundings[at] else 0.0
        found.append((excess, axis, _refined(np.log(power), at) * step))
    excess, axis, frequency = max(found)
    return axis, float(frequency) if excess > 0 else None


def _given(values: NDArray[np.float32], spacing: tuple[float, ...], lines_per_mm: float) -> tuple[int, float]:
    """The axis with more power at the folded frequency of the grid, and that frequency moved to the peak near it."""
    found = []
    for axis in (0, 1):
        power, step = _power(values, spacing, axis)
        folded = fold(lines_per_mm, spacing[axis])
        near = slice(max(1, round((folded - 0.15) / step)), min(power.size - 1, round((folded + 0.15) / step) + 1))
        if folded * spacing[axis] > 0.05 and near.start < near.stop:
            at = near.start + int(np.argmax(power[near]))
            found.append((power[at] - _surroundings(power)[at], axis, _refined(np.log(power), at) * step))
    if not found:
        raise OptionError(
            "G-PRC-242",
            en=f"strips of {lines_per_mm:g} per mm fold to almost 0 at pixels of {spacing} mm and cannot be told from anatomy. "
            "Leave 'lines_per_mm' out, or treat the image at its full resolution.",
            ja=f"{lines_per_mm:g} 本/mm の縞は画素間隔 {spacing} mm では 0 に近い周波数に折り返され、被写体と区別できません。"
            "lines_per_mm を省くか、縮小前の画像を使ってください。",
        )
    _, axis, frequency = max(found)
    return axis, float(frequency)


def fold(frequency: float, pitch_mm: float) -> float:
    """The frequency at which sampling with `pitch_mm` shows a wave: its distance from the nearest multiple of 1 / pitch."""
    return abs(frequency - round(frequency * pitch_mm) / pitch_mm)


def _power(values: NDArray[np.float32], spacing: tuple[float, ...], axis: int) -> tuple[NDArray[np.float64], float]:
    """Mean power spectrum along an axis under a Hann window, and its step in 1/mm."""
    from scipy import fft

    n = values.shape[axis]
    lines = values if axis == 1 else values.T
    window = np.hanning(n).astype(np.float32)
    spectrum = fft.rfft((lines - lines.mean(axis=1, keepdims=True)) * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0, dtype=np.float64)
    return np.maximum(power, power.max() * 1e-12 + 1e-30), 1 / (n * spacing[axis])


def _surroundings(power: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.ndimage import median_filter

    return np.maximum(median_filter(power, max(15, power.size // 12) | 1, mode="nearest"), power.max() * 1e-12)


def _refined(log_power: NDArray[np.float64], at: int) -> float:
    """The top of the parabola through three points, in bins."""
    left, top, right = log_power[at - 1 : at + 2]
    bend = left - 2 * top + right
    return at + (0.5 * (left - right) / bend if bend < 0 else 0.0)


def _across(values: NDArray[np.float32], spacing: tuple[float, ...], frequency: float) -> float:
    """Frequency of the lines along the first axis, which tells their tilt: where the 2-D spectrum has its peak at `frequency`."""
    from scipy import fft

    window = np.hanning(values.shape[0])[:, None] * np.hanning(values.shape[1])
    power = np.abs(fft.rfft2((values - values.mean()) * window.astype(np.float32)))
    u, v = fft.rfftfreq(values.shape[1], spacing[1]), fft.fftfreq(values.shape[0], spacing[0])
    power[np.abs(v) > frequency * np.tan(np.deg2rad(STEEPEST_DEG))] = 0
    row, _ = np.unravel_index(np.argmax(power * (np.abs(u - frequency) < 2.5 * u[1])), power.shape)
    return float(v[row])


def _lines(
    values: NDArray[np.float32], spacing: tuple[float, ...], peak: tuple[float, float], width: float, harmonics: int
) -> NDArray[np.float32]:
    """What the notches take out; `peak` is the frequency along the last and the first axis."""
    import cv2
    from scipy import fft

    edge = [min(n - 1, int(np.ceil(4 / (2 * np.pi * width) / s))) for n, s in zip(values.shape, spacing, strict=True)]
    around = cv2.copyMakeBorder(values, edge[0], edge[0], edge[1], edge[1], cv2.BORDER_REFLECT)
    u, v = fft.rfftfreq(around.shape[1], spacing[1]), fft.fftfreq(around.shape[0], spacing[0])
    passed = np.zeros((v.size, u.size), np.float32)
    for order in range(1, harmonics + 1):
        folded = order * peak[0] - round(order * peak[0] * spacing[1]) / spacing[1]
        side = np.copysign(order * peak[1], peak[1] * folded)  # a folded wave leans the other way
        if abs(folded) * spacing[1] > 0.05:  # a harmonic that folds onto the anatomy stays
            notch = np.exp(-((u - abs(folded)) ** 2) / (2 * width**2)) * np.exp(-((v - side) ** 2) / (2 * width**2))[:, None]
            passed = np.maximum(passed, notch.astype(np.float32))
    lines = fft.irfft2(fft.rfft2(around) * passed, around.shape)
    return lines[edge[0] : edge[0] + values.shape[0], edge[1] : edge[1] + values.shape[1]].astype(np.float32)
