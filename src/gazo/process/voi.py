"""From stored values to grey on a monitor: windows and tables of DICOM (PS3.3 C.11.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.process.plane import plane

Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]


@operation("VOI LUT (ウィンドウ処理)", "VOI LUT")
def apply_voi_lut(
    image: Image,
    table: Curve | None = None,
    *,
    centre: Annotated[float | None, Label("ウィンドウ中心", "Window centre")] = None,
    width: Annotated[float | None, Gt(0), Label("ウィンドウ幅", "Window width")] = None,
    function: Annotated[Function, Label("関数", "Function")] = "LINEAR",
    bits: Annotated[int, Ge(1), Le(16), Label("出力のビット数", "Bits of the output")] = 8,
) -> Image:
    """Values through a window, or through a table, onto 0 ... 2^bits - 1; MONOCHROME1 is turned white on black, once.

    With c, w and top = 2^bits - 1 (PS3.3 C.11.2.1.2.1 and C.11.2.1.3): LINEAR ((x - (c - 0.5)) / (w - 1) + 0.5) top, clipped;
    LINEAR_EXACT ((x - c) / w + 0.5) top, clipped; SIGMOID top / (1 + exp(-4 (x - c) / w)). float32, not rounded.

    Parameters
    ----------
    image : 2-D; its own window is used where none is given. `inverted` is False in the result.
    table : VOI LUT instead of a window: output (y) against stored value (x, rising); the first and last value count beyond its
        ends, and its greatest output becomes white.

    Errors: G-PRC-225 (no window known), G-PRC-226 (LINEAR with a width below 1), G-PRC-227 (table not rising).
    """
    pixels, top = plane(image, least=1), float(2**bits - 1)
    shown = (
        _looked_up(pixels, table, top) if table is not None else windowed(pixels, *_window(image, centre, width), function, top)
    )
    if image.inverted:
        shown = np.float32(top) - shown
    return image.with_pixels(shown, meaning="display", unit="", window=None, inverted=False)


def windowed(values: NDArray[np.float32], centre: float, width: float, function: str, top: float) -> NDArray[np.float32]:
    """Values through a window onto 0 ... top, float32; any other function than SIGMOID and LINEAR_EXACT counts as LINEAR."""
    if function == "SIGMOID":
        exponent = np.clip(-4 * (values - np.float32(centre)) / np.float32(width), -80, 80)
        return np.float32(top) / (1 + np.exp(exponent))
    if function == "LINEAR_EXACT":
        share = (values - np.float32(centre)) / np.float32(width) + np.float32(0.5)
    elif width < 1:
        raise OptionError(
            "G-PRC-226",
            en=f"the LINEAR window of DICOM has a width of at least 1; {width:g} came. Use LINEAR_EXACT for values between 0 and 1.",
            ja=f"DICOM の LINEAR ではウィンドウ幅は 1 以上です。受け取った値: {width:g}。0 から 1 の値の画像には LINEAR_EXACT を使ってください。",
        )
    elif width == 1:  # a threshold
        share = (values > centre - 0.5).astype(np.float32)
    else:
        share = (values - np.float32(centre - 0.5)) / np.float32(width - 1) + np.float32(0.5)
    return np.clip(share, 0, 1) * np.float32(top)


def _window(image: Image, centre: float | None, width: float | None) -> tuple[float, float]:
    if centre is not None and width is not None:
        return centre, width
    if image.window is None or centre is not None or width is not None:
        raise OptionError(
            "G-PRC-225",
            en=f"a window needs a centre and a width; centre={centre}, width={width} came and the image brings {image.window}. Give both.",
            ja=f"ウィンドウには中心と幅の両方が必要です。受け取った値: centre={centre}、width={width}。画像の持つ値: {image.window}。両方を指定してください。",
        )
    return image.window


def _looked_up(values: NDArray[np.float32], table: Curve, top: float) -> NDArray[np.float32]:
    x, y = np.asarray(table.x, np.float64), np.asarray(table.y, np.float64)
    if x.size < 2 or not (np.diff(x) > 0).all() or not y.max() > 0:
        raise DataError(
            "G-PRC-227",
            en=f"a VOI table needs 2 or more stored values that rise and an output above 0; {x.size} entries came that do not fit. Sort them.",
            ja=f"VOI LUT には昇順の入力値が 2 個以上と 0 より大きい出力値が必要です。受け取った {x.size} 個は条件を満たしません。並べ替えてください。",
        )
    found: NDArray[Any] = np.interp(values, x, y * (top / y.max()))
    return found.astype(np.float32)
