"""Dynamic range compression: what is too black is made lighter, what is too white darker, and detail stays."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Annotated

from annotated_types import Ge, Gt, Le

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve
from gazo.process.masks import Blurred, blurred, enlarged, inside, sigma_px
from gazo.process.plane import plane
from gazo.process.tone import compression

TOO_MUCH = 0.2  # of the range of densities: a shift of the highest or lowest density that is warned of (design value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Compressed:
    """The compressed image and how it came about.

    Parameters
    ----------
    image : S + f(S_us).
    correction : f(S_us), what was added.
    curve : s + f(s), what becomes of large flat areas.
    least_slope : of that curve; 1 where nothing is compressed.
    highest_change, lowest_change : shift of the highest and the lowest density of large areas, in pixel values.
    warnings : what is lost with these settings.
    """

    image: Image
    correction: Image
    curve: Curve
    least_slope: float
    highest_change: float
    lowest_change: float
    warnings: tuple[Text, ...] = ()


@operation("ダイナミックレンジ圧縮処理", "Dynamic range compression", booklet="P2")
def dynamic_range_compression(
    image: Image,
    compression_curve: Curve | None = None,
    *,
    radius_mm: Annotated[float, Gt(0), Le(50), Label("マスクの半径", "Radius of the mask", "mm")] = 5.0,
    low_threshold: Annotated[
        float | None, Label("これより低い画素値を持ち上げる", "Pixel value below which values are raised")
    ] = None,
    low_strength: Annotated[float, Ge(0), Le(1), Label("低い側の圧縮の強さ", "Strength at the low side")] = 0.3,
    high_threshold: Annotated[
        float | None, Label("これより高い画素値を下げる", "Pixel value above which values are lowered")
    ] = None,
    high_strength: Annotated[float, Ge(0), Le(1), Label("高い側の圧縮の強さ", "Strength at the high side")] = 0.0,
) -> Compressed:
    r"""Add a correction that depends on the blurred image only: S' = S + f(S_us).

    f(s) = a max(T - s, 0) at the low side and -b max(s - T, 0) at the high side, each bent in over a tenth of the range so that its
    slope is continuous (EP 0 440 166, US 5,454,044, Nakajima). S_us: Gaussian mask of the variance of a box of half width
    `radius_mm`, sigma = radius_mm / sqrt(3). Detail finer than the mask keeps its amplitude; gain of low frequencies: 1 + f'.
    A slope 1 + f' below 0.2 is refused. What the booklet warns of, white areas that turn dark and a maximum density that falls, is
    warned of when it exceeds a fifth of the range. f is computed on the grid of the mask. float32; nothing is clipped.

    Parameters
    ----------
    image : 2-D, any real dtype, pixel spacing known; not modified.
    compression_curve : f against pixel value, instead of thresholds and strengths.
    radius_mm : 5 to 20 / 2 is usual; larger than the structures that are to keep their contrast.
    low_threshold, high_threshold : None takes the mean of the image.

    Errors: G-PRC-103 (curve), G-PRC-110 (slope), G-PRC-201 and 202 (no plain grey picture).
    """
    import cv2

    pixels = plane(image, least=1)
    (masked,), grid = blurred(pixels, [sigma_px(image, radius_mm / sqrt(3))])
    densities = inside(masked, grid)
    start, end, *_ = cv2.minMaxLoc(densities)
    sides = {"low": low_threshold, "low_strength": low_strength, "high": high_threshold, "high_strength": high_strength}
    f = compression(start, end, cv2.mean(densities)[0], compression_curve, **sides)
    correction = enlarged(Blurred(f(masked.pixels), masked.level), grid)
    curve = f.shown(start, end)
    slopes = (curve.y[1:] - curve.y[:-1]) / (curve.x[1:] - curve.x[:-1]) if end > start else [1.0]
    top, bottom = float(f(curve.x[-1:])[0]), float(f(curve.x[:1])[0])
    return Compressed(
        image=image.with_pixels(cv2.add(pixels, correction)),
        correction=image.with_pixels(correction, window=None),
        curve=curve,
        least_slope=float(min(slopes)),
        highest_change=top,
        lowest_change=bottom,
        warnings=_warnings(top, bottom, end - start),
    )


def _warnings(top: float, bottom: float, span: float) -> tuple[Text, ...]:
    found = []
    if top < -TOO_MUCH * span:
        found.append(
            Text(
                ja=f"高い側の圧縮が強すぎます。最高濃度 (最大の画素値) が {-top:.4g}、画像の幅の {-top / span:.0%} だけ下がります。",
                en=f"the high side is compressed too strongly: the maximum density falls by {-top:.4g}, {-top / span:.0%} of the range.",
            )
        )
    if bottom > TOO_MUCH * span:
        found.append(
            Text(
                ja=f"低い側の圧縮が強すぎます。最低濃度 (最小の画素値) が {bottom:.4g}、画像の幅の {bottom / span:.0%} だけ上がり、白い部分が黒くなります。",
                en=f"the low side is compressed too strongly: the minimum density rises by {bottom:.4g}, {bottom / span:.0%} of the range, "
                "and white areas turn dark.",
            )
        )
    return tuple(found)
