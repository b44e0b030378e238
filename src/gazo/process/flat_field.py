"""Offset, gain and defect correction of a flat-panel detector."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.median import median
from gazo.process.plane import plane, same_shape


@operation("オフセット・ゲイン・欠損補正", "Flat-field correction")
def flat_field_correct(
    raw: Image,
    flat: Image,
    dark: Image | None = None,
    defects: Image | None = None,
    *,
    reach_px: Annotated[int, Ge(1), Le(64), Label("欠損補正で参照する最大距離", "Farthest neighbour of a defect", "px")] = 8,
) -> Image:
    """G = (I - O) / (F - O) x mean(F - O); defects by the directional median.

    A defect takes the median of the two nearest good pixels on either side along the direction (row, column, two diagonals) in which those
    four differ least, so edges and lines go on. Pixels where the flat is not above the dark count as defects too; the mean is over
    the good ones. float32.

    Parameters
    ----------
    raw : the exposure to correct, as read from the detector.
    flat : mean of even exposures of the same beam quality.
    dark : mean without exposure; 0 by default.
    defects : mask, not 0 where a pixel is defect (see `find_defects`).

    Errors: G-PRC-240 (no good pixel), G-PRC-241 (a defect without good neighbours).
    """
    values = _finite(raw, defects)
    offset = np.zeros_like(values) if dark is None else same_shape(raw, dark, name_en="dark image", name_ja="ダーク画像")
    gain = same_shape(raw, flat, name_en="flat image", name_ja="フラット画像") - offset
    bad = gain <= 0
    if defects is not None:
        bad |= same_shape(raw, defects, name_en="mask of defects", name_ja="欠損マスク") != 0
    if bad.all():
        raise DataError(
            "G-PRC-240",
            en="no pixel is good: the flat image is nowhere above the dark one outside the defects. Check that they were not exchanged.",
            ja="正常な画素がありません。欠損以外でフラット画像がダーク画像を上回る画素がないため、両者を取り違えていないか確認してください。",
        )
    level = np.float32(gain[~bad].mean(dtype=np.float64))
    corrected = (values - offset) / np.where(bad, 1, gain) * level
    return raw.with_pixels(filled(corrected, bad, reach_px) if bad.any() else corrected)


def _finite(raw: Image, defects: Image | None) -> NDArray[np.float32]:
    """The raw pixels; NaN is allowed in a defect, which gets another value anyway."""
    if defects is None or raw.pixels.dtype.kind != "f" or raw.colour or defects.shape != raw.shape:
        return plane(raw)
    return plane(raw.with_pixels(np.where(defects.pixels != 0, np.float32(0), raw.pixels)))


def filled(values: NDArray[np.float32], bad: NDArray[np.bool_], reach: int) -> NDArray[np.float32]:
    """The values with those marked bad replaced by the directional median."""
    rows, columns = np.nonzero(bad)
    new = _compiled()(values, bad, rows, columns, reach)
    if np.isnan(new).any():
        lost = int(np.argmax(np.isnan(new)))
        raise ImageError(
            "G-PRC-241",
            en=f"{int(np.isnan(new).sum())} defects have no good pixel within {reach} px in any direction, the first at row {rows[lost]}, "
            f"column {columns[lost]}. Raise reach_px, or crop the dead part.",
            ja=f"{int(np.isnan(new).sum())} 個の欠損画素には、どの方向にも {reach} px 以内に正常な画素がありません (最初は行 {rows[lost]}、"
            f"列 {columns[lost]})。reach_px を大きくするか、その部分を切り取ってください。",
        )
    repaired = values.copy()
    repaired[rows, columns] = new
    return repaired


@cache
def _compiled() -> Any:
    from numba import njit

    return njit(cache=True, nogil=True)(_fill)


def _fill(values: Any, bad: Any, rows: Any, columns: Any, reach: int) -> Any:
    """For each defect the median of up to four neighbours along the direction of least spread; NaN where there are none.

    A direction with neighbours on both sides is preferred to one with them on a single side (at the border).
    """
    new = np.full(rows.size, np.nan, np.float32)
    near = np.empty(4, np.float32)
    for n in range(rows.size):
        least = np.inf
        for direction in range(4):
            dr, dc = (0, 1, 1, 1)[direction], (1, 0, 1, -1)[direction]
            count, sides = 0, 0
            for side in (-1, 1):
                found = 0
                for far in range(1, reach + 1):
                    r, c = rows[n] + side * far * dr, columns[n] + side * far * dc
                    if found == 2 or r < 0 or c < 0 or r >= values.shape[0] or c >= values.shape[1]:
                        break
                    if not bad[r, c]:
                        near[count] = values[r, c]
                        count += 1
                        found += 1
                sides += found > 0
            if count == 0:
                continue
            ordered = np.sort(near[:count])
            spread = ordered[-1] - ordered[0] + (0.0 if sides == 2 else 1e30)
            if spread < least:
                least = spread
                new[n] = 0.5 * (ordered[(count - 1) // 2] + ordered[count // 2])
    return new


@operation("欠損画素の検出", "Find defects")
def find_defects(
    flat: Image,
    dark: Image | None = None,
    *,
    deviation_sd: Annotated[float, Gt(0), Le(100), Label("しきい値 (ロバスト標準偏差の倍数)", "Threshold in robust SD")] = 6.0,
    deviation_percent: Annotated[
        float, Ge(0), Le(100), Label("しきい値 (周囲に対する割合)", "Threshold in percent of the surroundings", "%")
    ] = 5.0,
    window_px: Annotated[
        int, Ge(3), Le(101), Label("周囲の一辺 (奇数に切り上げ)", "Side of the surroundings (made odd)", "px")
    ] = 15,
) -> Image:
    """Mask (uint8, 0 or 1) of pixels that do not respond as their surroundings.

    With m the median of the window (of the flat less the dark): defect where |x - m| exceeds both `deviation_sd` x 1.4826 x the median
    of |x - m| and `deviation_percent` of m, or where the flat is not above the dark. In the dark itself: |x - m| beyond
    `deviation_sd` robust SDs and beyond `deviation_percent` of the mean signal. Lines are found like points where the window is
    wider than twice the line.

    Parameters
    ----------
    flat : mean of even exposures; the fewer, the more noise hides weak defects.
    dark : mean without exposure.
    """
    signal = plane(flat, least=3)
    offset = None if dark is None else same_shape(flat, dark, name_en="dark image", name_ja="ダーク画像")
    if offset is not None:
        signal = signal - offset
    far, around = _far(flat.with_pixels(signal), deviation_sd, window_px)
    bad = (signal <= 0) | (far & (np.abs(signal - around) > deviation_percent / 100 * np.abs(around)))
    if offset is not None:
        hot, level = _far(flat.with_pixels(offset), deviation_sd, window_px)
        bad |= hot & (np.abs(offset - level) > deviation_percent / 100 * np.abs(signal.mean(dtype=np.float64)))
    return flat.with_pixels(bad.astype(np.uint8), meaning="mask", unit="", window=None, inverted=False)


def _far(image: Image, deviation_sd: float, window_px: int) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    around = median(image, size_px=window_px | 1).pixels
    distance = np.abs(image.pixels - around)
    return distance > deviation_sd * 1.4826 * np.median(distance), around
