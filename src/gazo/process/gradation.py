"""Gradation processing: slope, centre, shift and kind of curve, as consoles name them."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.plane import plane

Family = Literal["linear", "sigmoid", "toe", "shoulder"]


@operation("階調処理", "Gradation")
def gradation(
    image: Image,
    *,
    ga: Annotated[float, Gt(0), Le(10), Label("回転量 GA (傾き)", "GA, slope")] = 1.0,
    gc: Annotated[
        float, Ge(0), Le(1), Label("回転中心 GC (信号範囲に対する割合)", "GC, centre (share of the signal range)")
    ] = 0.5,
    gs: Annotated[float, Ge(-1), Le(1), Label("移動量 GS (信号範囲に対する割合)", "GS, shift (share of the signal range)")] = 0.0,
    gt: Annotated[Family, Label("階調タイプ GT", "GT, type of curve")] = "sigmoid",
    low: Annotated[float | None, Label("信号範囲の下端", "Lower end of the signal range")] = None,
    high: Annotated[float | None, Label("信号範囲の上端", "Upper end of the signal range")] = None,
) -> Image:
    """Bend the signal into display values: q = GA (s - GC) + GC + GS, then a curve; s and the result run from 0 to 1.

    The curves are fitted families, not a maker's: the tables behind the letters of commercial consoles are not public. Each is
    flat outside 0 ... 1: linear q; sigmoid (g(q) - g(0)) / (g(1) - g(0)) with g(q) = 1 / (1 + exp(-6 (q - 0.5))); toe q^1.6 (opens the
    dark side slowly); shoulder 1 - (1 - q)^1.6. Values come back on the scale `low` ... `high`. float32.

    Parameters
    ----------
    image : 2-D, any meaning; the result is "display".
    low, high : ends of the signal range; by default the least and the greatest pixel.

    Errors: G-PRC-228 (range without width, such as that of a constant image).
    """
    pixels = plane(image, least=1)
    low, high = (float(pixels.min()) if low is None else low), (float(pixels.max()) if high is None else high)
    if not low < high:
        raise OptionError(
            "G-PRC-228",
            en=f"the signal range must have a width; it runs from {low:g} to {high:g}. Give 'low' and 'high' (a constant image has no range).",
            ja=f"信号範囲に幅が必要です。現在の範囲: {low:g} から {high:g}。low と high を指定してください (値が一定の画像には範囲がありません)。",
        )
    share = (pixels - np.float32(low)) * np.float32(1 / (high - low))
    turned = np.clip(np.float32(ga) * (share - np.float32(gc)) + np.float32(gc + gs), 0, 1)
    bent = _curve(turned, gt) * np.float32(high - low) + np.float32(low)
    return image.with_pixels(bent, meaning="display", unit="", window=None)


def _curve(q: NDArray[np.float32], family: Family) -> NDArray[np.float32]:
    if family == "linear":
        return q
    if family == "toe":
        return q ** np.float32(1.6)
    if family == "shoulder":
        return 1 - (1 - q) ** np.float32(1.6)
    end = 1 / (1 + np.exp(3.0))  # g(0); g(1) = 1 - g(0)
    bent = 1 / (1 + np.exp(-6 * (q - np.float32(0.5))))
    return ((bent - np.float32(end)) * np.float32(1 / (1 - 2 * end))).astype(np.float32)
