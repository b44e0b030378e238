"""Contrast-limited adaptive histogram equalisation."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

LEVELS = 4096


@operation("CLAHE (コントラスト制限付き適応ヒストグラム平坦化)", "CLAHE")
def clahe(
    image: Image,
    *,
    clip_limit: Annotated[float, Gt(0), Le(1), Label("コントラスト制限 (割合)", "Clip limit (share)")] = 0.01,
    tiles: Annotated[int, Ge(1), Le(64), Label("一辺のタイル数", "Tiles along a side")] = 8,
    low: Annotated[float | None, Label("画素値範囲の下端", "Lower end of the value range")] = None,
    high: Annotated[float | None, Label("画素値範囲の上端", "Upper end of the value range")] = None,
) -> Image:
    """Equalise the histogram of each tile, limited, and blend the curves of neighbours (Zuiderveld, Graphics Gems IV, 1994).

    OpenCV's CLAHE on 16-bit values. OpenCV counts its limit in 65536 levels, so the same number acts far more weakly than on 8 bits;
    here `clip_limit` is the share of a tile's pixels that one of 256 grey steps may hold, whatever the depth, so contrast is raised at
    most 256 x clip_limit times. Values are taken at 4096 levels between `low` and `high` (whole numbers at their own, if fewer) and come
    back on that scale. float32.

    Parameters
    ----------
    image : 2-D; a constant image comes back unchanged.
    low, high : by default the least and the greatest pixel; values beyond are cut to them.

    Errors: G-PRC-229 (low not below high).
    """
    import cv2

    pixels = plane(image)
    low, high = (float(pixels.min()) if low is None else low), (float(pixels.max()) if high is None else high)
    if low > high or (low == high and pixels.min() < pixels.max()):
        raise OptionError(
            "G-PRC-229",
            en=f"'low' must lie below 'high'; {low:g} and {high:g} came. Exchange them, or leave both out.",
            ja=f"low は high より小さくなければなりません。受け取った値: {low:g} と {high:g}。入れ替えるか、両方とも省いてください。",
        )
    if low == high:
        return image.with_pixels(pixels)
    whole = image.pixels.dtype.kind in "ui"
    levels = min(LEVELS, round(high - low) + 1) if whole else LEVELS
    made = cv2.createCLAHE(256 * clip_limit * 65536 / levels, (tiles, tiles))
    step = np.float32((levels - 1) / (high - low))
    level = cv2.addWeighted(pixels, step, pixels, 0, -low * step)
    np.rint(np.clip(level, 0, levels - 1, out=level), out=level)
    level *= np.float32(65535 / (levels - 1))
    equalised = made.apply(np.rint(level, out=level).astype(np.uint16))
    scaled = cv2.addWeighted(equalised, (high - low) / 65535, equalised, 0, low, dtype=cv2.CV_32F)
    return image.with_pixels(scaled, window=None)
