"""What can be wrong with the picture of an edge: saturation, clipping, wrong direction, values that are not linear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.quality.edge_line import Line

Array = NDArray[np.float64]
BRIM = 0.02  # share of the pixels of a side that may stand at the largest value


def need_unsaturated(region: Array, whole_numbers: bool) -> None:
    """Refuse an edge whose bright side is cut off at the top of the scale.

    The bright side counts as cut off where more than 2 % of it stands at the largest value, and that value is the top of 8 to 16 bits,
    or the dark side is not equally constant (an ideal, noise-free edge has two constant sides).
    """
    top, bottom = float(region.max()), float(region.min())
    bright = int((region > (top + bottom) / 2).sum())
    at_top, at_bottom = float((region == top).sum()) / bright, float((region == bottom).sum()) / (region.size - bright)
    full = whole_numbers and np.log2(top + 1) in range(8, 17)
    if at_top > BRIM and (full or (at_top > 0.2 and at_bottom < at_top / 4)):
        raise DataError(
            "G-QUA-412",
            en=f"{100 * at_top:.0f} % of the bright side stands at the largest value {top:g}: the edge is saturated, which bends the edge spread. Repeat the exposure with less dose.",
            ja=f"明るい側の {100 * at_top:.0f} % の画素が最大値 {top:g} に達しています。エッジが飽和し、ESF が歪みます。線量を下げて撮り直してください。",
        )


def need_polarity(line: Line, polarity: str) -> None:
    """Refuse an edge that rises where it was said to fall, or the reverse."""
    rises = line.high > line.low
    if polarity != "any" and rises != (polarity == "rising"):
        found = Text("増加", "rise") if rises else Text("減少", "fall")
        raise DataError(
            "G-QUA-413",
            en=f"pixel values {found.en} across the edge (left to right, top to bottom), but the polarity '{polarity}' was asked for; check that the right edge was taken, or leave polarity at 'any'.",
            ja=f"エッジを横切ると画素値は{found.ja}しますが (左から右、上から下)、polarity には「{polarity}」が指定されています。正しいエッジか確認するか、polarity を「any」にしてください。",
        )


def doubts(image: Image, region: Array, line: Line, angle: float, rivals: int) -> tuple[Text, ...]:
    """What the reader of the result should know about the edge."""
    found = []
    if image.meaning in ("log exposure", "display"):
        found.append(
            Text(
                f"画素値は線量に比例していません ({image.meaning})。先に linearize で線形化してください。",
                f"pixel values are not linear in exposure ({image.meaning}); use linearize first.",
            )
        )
    if not 1.5 <= angle <= 3:
        found.append(
            Text(
                f"エッジの角度 {angle:.2f} 度は IEC 62220-1 の 1.5〜3 度 (記憶による値) の外です。",
                f"the edge angle of {angle:.2f} degrees is outside the 1.5 to 3 degrees of IEC 62220-1 (recalled).",
            )
        )
    if line.scatter > 0.5:
        found.append(
            Text(
                f"行ごとのエッジ位置が直線から {line.scatter:.2f} 画素ばらついています。",
                f"edge positions scatter by {line.scatter:.2f} px about the line.",
            )
        )
    dark = region[region <= (line.low + line.high) / 2]
    cut = np.mean(dark == dark.min())
    if 0.05 < cut < 0.95:
        found.append(
            Text(
                "暗い側の画素の 5 % 以上が最小値で切られています。",
                "more than 5 % of the dark side is cut off at the smallest value.",
            )
        )
    if rivals:
        found.append(
            Text(
                f"ほかに {rivals} 本のエッジがあります。測定したものは図に示しています。",
                f"{rivals} more edges are in the image; the one measured is shown.",
            )
        )
    return tuple(found)
