"""The greyscale standard display function of DICOM PS3.14: luminance in steps that the eye tells apart."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import ArrayLike, NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.core.results import Curve

JND_MAX = 1023
LUMINANCE_MIN, LUMINANCE_MAX = 0.05, 4000.0  # cd/m2, the range the standard defines
# PS3.14 equation 7-1: log10 L = (a + c x + e x2 + g x3 + m x4) / (1 + b x + d x2 + f x3 + h x4 + k x5), x = ln j.
_ABOVE = (-1.3011877, 8.0242636e-2, 1.3646699e-1, -2.5468404e-2, 1.3635334e-3)
_BELOW = (1.0, -2.5840191e-2, -1.0320229e-1, 2.8745620e-2, -3.1978977e-3, 1.2992634e-4)
# Equation 7-2: j = A + B y + ... + I y8, y = log10 L.
_INVERSE = (71.498068, 94.593053, 41.912053, 9.8247004, 0.28175407, -1.1878455, -0.18014349, 0.14710899, -0.017046845)


@feature("GSDF の輝度", "GSDF luminance")
def gsdf_luminance(jnd: ArrayLike) -> NDArray[np.float64]:
    """Luminance (cd/m2) of just-noticeable-difference indices 1 to 1023 (DICOM PS3.14, equation 7-1)."""
    index = np.asarray(jnd, np.float64)
    if not ((index >= 1) & (index <= JND_MAX)).all():
        raise DataError(
            "G-PRC-221",
            en=f"JND indices run from 1 to {JND_MAX}; {index.min():g} to {index.max():g} came. Take them from `gsdf_jnd`.",
            ja=f"JND インデックスは 1 から {JND_MAX} までです。受け取った範囲: {index.min():g} から {index.max():g}。`gsdf_jnd` で求めてください。",
        )
    x = np.log(index)
    luminance: NDArray[Any] = 10 ** (np.polyval(_ABOVE[::-1], x) / np.polyval(_BELOW[::-1], x))
    return luminance


@feature("GSDF の JND インデックス", "GSDF JND index")
def gsdf_jnd(luminance_cdm2: ArrayLike) -> NDArray[np.float64]:
    """JND index of luminances of 0.05 to 4000 cd/m2 (PS3.14, equation 7-2); within 0.1 of the inverse of `gsdf_luminance`."""
    luminance = np.asarray(luminance_cdm2, np.float64)
    if not ((luminance >= 0.999 * LUMINANCE_MIN) & (luminance <= LUMINANCE_MAX)).all():
        raise DataError(
            "G-PRC-222",
            en=f"the standard covers {LUMINANCE_MIN} to {LUMINANCE_MAX:g} cd/m2; {luminance.min():g} to {luminance.max():g} came. "
            "Include the ambient light and check the unit.",
            ja=f"GSDF が定める輝度は {LUMINANCE_MIN} から {LUMINANCE_MAX:g} cd/m2 です。受け取った範囲: {luminance.min():g} から "
            f"{luminance.max():g}。環境光を含めた値か、単位が正しいか確認してください。",
        )
    index: NDArray[Any] = np.polyval(_INVERSE[::-1], np.log10(luminance))
    return index


@operation("表示の校正 (Presentation LUT)", "Presentation LUT")
def presentation_lut(
    display: Curve | None = None,
    *,
    l_min_cdm2: Annotated[
        float, Ge(0.05), Le(100), Label("最低輝度 (環境光を含む)", "Least luminance with ambient light", "cd/m2")
    ] = 1.0,
    l_max_cdm2: Annotated[
        float, Gt(0.1), Le(4000), Label("最高輝度 (環境光を含む)", "Greatest luminance with ambient light", "cd/m2")
    ] = 400.0,
    bits: Annotated[int, Ge(6), Le(16), Label("ビット数", "Bits")] = 8,
) -> Curve:
    """The luminance that each P-value should have, or the driving level that a measured display needs for it.

    P-values 0 ... 2^bits - 1 lie at equal steps of JND index between the index of the least and the greatest luminance (PS3.14).

    Parameters
    ----------
    display : measured luminance (y, cd/m2) against digital driving level (x), both rising; then its own range counts instead of
        `l_min_cdm2` and `l_max_cdm2`, and the result is driving level against P-value (linear between measured levels).

    Errors: G-PRC-223 (least not below greatest), G-PRC-224 (display not rising).
    """
    low, high = (l_min_cdm2, l_max_cdm2) if display is None else _range(display)
    if low >= high:
        raise OptionError(
            "G-PRC-223",
            en=f"the least luminance must lie below the greatest; {low:g} and {high:g} cd/m2 came. Exchange or correct them.",
            ja=f"最低輝度は最高輝度より小さくなければなりません。受け取った値: {low:g} と {high:g} cd/m2。値を入れ替えるか直してください。",
        )
    p_values = np.arange(2**bits, dtype=np.float64)
    first, last = gsdf_jnd([low, high])
    luminance = gsdf_luminance(np.clip(first + (last - first) * p_values / p_values[-1], 1, JND_MAX))
    title, x_label = Text("Presentation LUT", "Presentation LUT"), Text("P 値", "P-value")
    if display is None:
        return Curve(p_values, luminance, x_label, Text("輝度", "Luminance"), title, y_unit="cd/m2")
    levels = np.interp(luminance, display.y, display.x)
    return Curve(p_values, levels, x_label, Text("駆動レベル (DDL)", "Digital driving level"), title)


def _range(display: Curve) -> tuple[float, float]:
    if display.y.size < 2 or not (np.diff(display.x) > 0).all() or not (np.diff(display.y) > 0).all():
        raise DataError(
            "G-PRC-224",
            en=f"a display's luminance must rise with the driving level at 2 or more levels; {display.y.size} levels came that do not. "
            "Sort them, and leave out levels that measure alike.",
            ja=f"輝度は 2 点以上の駆動レベルに対して単調に増加する必要があります。受け取った {display.y.size} 点はそうなっていません。"
            "並べ替え、同じ輝度の点を除いてください。",
        )
    return float(display.y[0]), float(display.y[-1])
