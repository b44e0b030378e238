"""Unsharp mask, with a mask of either kind, an amount that depends on density, and limits to over- and undershoot."""

from __future__ import annotations

from math import sqrt
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.process.density import density_weights
from gazo.process.kernels import UNLIMITED, Pixels, add_limited, away_from
from gazo.process.masks import gaussian, sigma_px
from gazo.process.plane import checked


@operation("鮮鋭化処理 (ボケマスク処理)", "Unsharp mask", booklet="P1")
def unsharp_mask(
    image: Image,
    density_curve: Curve | None = None,
    *,
    radius_mm: Annotated[float, Gt(0), Le(50), Label("半径", "Radius", "mm")] = 2.0,
    amount: Annotated[float, Ge(0), Le(10), Label("強調の強さ", "Amount")] = 1.0,
    mask: Annotated[Literal["box", "gaussian"], Label("マスクの形", "Mask")] = "box",
    density_low: Annotated[float | None, Label("強調を弱める側の画素値", "Pixel value of weak enhancement")] = None,
    density_high: Annotated[float | None, Label("強調を全部かける画素値", "Pixel value of full enhancement")] = None,
    density_floor: Annotated[float, Ge(0), Le(1), Label("弱める側の強調の割合", "Share of the amount at the weak side")] = 0.0,
    overshoot_limit: Annotated[
        float | None, Gt(0), Label("オーバーシュートの上限 (画素値)", "Largest overshoot (pixel value)")
    ] = None,
    undershoot_limit: Annotated[
        float | None, Gt(0), Label("アンダーシュートの上限 (画素値)", "Largest undershoot (pixel value)")
    ] = None,
) -> Image:
    r"""Add back the detail that a mask removes: S' = S + beta(S) F(S - S_us).

    Gain along an axis at frequency u (cycles/mm), with beta = 1 and no limits: G(u) = 1 + a (1 - H(u)); box of M pixels of
    pitch D, M the odd number nearest to 2 x radius_mm / D: H = sin(pi M u D) / (M sin(pi u D)); Gaussian of the same variance,
    sigma = radius_mm / sqrt(3): H = exp(-2 pi^2 sigma^2 u^2). With a limit L, F(d) = L tanh(a d / L): the gain of small
    differences stays, no pixel moves by more than L (in the manner of US 4,346,409). A step of height c has an undershoot of a c / 2
    without limits. float32; reflected at the borders; nothing is clipped; the unit is kept.

    Parameters
    ----------
    image : 2-D, any real dtype, pixel spacing known; not modified.
    density_curve : beta against pixel value, instead of the rise between `density_low` and `density_high`.
    radius_mm : half the width of the mask on the detector, so that 0.1 mm and 0.2 mm images look alike.
    amount : 0 returns the input unchanged.
    density_low, density_high : beta rises from `density_floor` to 1 between these pixel values, to spare noise; both or none.

    Errors: G-PRC-101 to 103 (density dependence), G-PRC-201 and 202 (no plain grey picture).
    """
    given = checked(image, least=1)
    plain = density_curve is None and density_low is None and density_high is None
    if mask == "box" and plain and overshoot_limit is None and undershoot_limit is None:
        native = np.ascontiguousarray(given, given.dtype if given.dtype in (np.uint8, np.uint16, np.int16) else np.float32)
        return image.with_pixels(away_from(native, _boxed(native, image.odd_mask(radius_mm)), amount))
    pixels = np.ascontiguousarray(given, np.float32)
    masked = (
        _boxed(pixels, image.odd_mask(radius_mm)) if mask == "box" else gaussian(pixels, sigma_px(image, radius_mm / sqrt(3)))
    )
    weight = density_weights(pixels, density_curve, density_low, density_high, density_floor)
    sharp = pixels.copy()
    if amount > 0:
        limits = {"upper": overshoot_limit or UNLIMITED, "lower": undershoot_limit or UNLIMITED}
        add_limited(sharp, pixels, masked, gain=amount, weight=weight, **limits)
    return image.with_pixels(sharp)


def _boxed(pixels: NDArray[Any], width: tuple[int, int]) -> Pixels:
    """The mean over a rectangle, float32, from whichever type OpenCV reads."""
    import cv2

    return cv2.boxFilter(pixels, cv2.CV_32F, width, borderType=cv2.BORDER_REFLECT)
