"""The parts that all measurements of noise share: tables, intervals of totals, pictures of the regions, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.results import Estimate, Panels, Table
from gazo.quality.nps_bands import Repeats
from gazo.quality.nps_plane import Plane

SIDE = 256
FIRST, OTHERS = (230, 159, 0), (86, 180, 233)  # orange and sky blue of Okabe & Ito


def regions_table(images: int, count: int, plane: Plane, step: int) -> Table:
    """How many images and regions, of which size."""
    rows = (
        (Text("画像の数", "Images"), images),
        (Text("関心領域の数", "Regions"), count),
        (Text("関心領域の列数 [px]", "Columns of a region [px]"), plane.roi[1]),
        (Text("関心領域の行数 [px]", "Rows of a region [px]"), plane.roi[0]),
        (Text("関心領域の間隔 [px]", "Step of regions [px]"), step),
        (Text("画素間隔 (列) [mm]", "Pixel spacing, columns [mm]"), plane.spacing_mm[1]),
        (Text("画素間隔 (行) [mm]", "Pixel spacing, rows [mm]"), plane.spacing_mm[0]),
        (Text("周波数間隔 Δu [cycles/mm]", "Frequency step du [cycles/mm]"), plane.du),
        (Text("周波数間隔 Δv [cycles/mm]", "Frequency step dv [cycles/mm]"), plane.dv),
    )
    return Table(Text("解析した領域", "Regions analysed"), (Text("項目", "Item"), Text("値", "Value")), rows)


def volume_estimate(name: Text, value: float, repeats: Repeats, plane: Plane, unit: str) -> Estimate:
    """A total (variance or volume) with the interval of the summed spectrum over the repeats."""
    total = Repeats(repeats.reach, 1.0)
    add = lambda curve: np.array([plane.part(curve, "row_u").sum() * plane.du])  # noqa: E731
    total.groups = [(image, place, count, add(curve)) for image, place, count, curve in repeats.groups]
    total.images = [(count, add(curve)) for count, curve in repeats.images]
    low, high = total.band()
    if low is None or high is None:
        return Estimate(name, value, method="too few repeats", unit=unit)
    return Estimate(name, value, float(low[0]), float(high[0]), 0.95, f"t, logarithm, {total.words.en}", unit)


def shown_regions(pixels: NDArray[Any], roi: tuple[int, int], rows: Sequence[int], columns: Sequence[int]) -> Panels:
    """The first image with the edge of each region."""
    corners = [(row, column) for row in rows for column in columns]
    return shown_corners(pixels, roi, corners)


def shown_corners(pixels: NDArray[Any], roi: tuple[int, int], corners: Sequence[tuple[int, int]]) -> Panels:
    """The first image with the edge of each region that begins at one of the corners; the first one in orange."""
    import cv2

    step = max(1, -(-max(pixels.shape) // SIDE))
    small = np.asarray(pixels[::step, ::step], np.float32)
    low, high = np.percentile(small[::4, ::4], (0.5, 99.5))
    grey = (255 * np.clip((small - low) / max(float(high - low), 1e-12), 0, 1)).astype(np.uint8)
    colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    to_each_corner = np.array([(0, 0), (roi[1] - 1, 0), (roi[1] - 1, roi[0] - 1), (0, roi[0] - 1)])
    outlines = (np.array(corners)[:, None, ::-1] + to_each_corner).astype(np.int32) // step
    cv2.polylines(colour, list(outlines[1:]), True, OTHERS)
    cv2.polylines(colour, [outlines[0]], True, FIRST)
    caption = Text(f"{len(corners)} 個の関心領域 (最初の画像)", f"{len(corners)} regions (first image)")
    return Panels(Text("解析した領域", "Regions analysed"), (colour,), (caption,))


def not_linear(image: Image) -> tuple[Text, ...]:
    """A warning for pixels that are no linear exposure, CT number or quantity."""
    if image.meaning in ("linear exposure", "HU", "quantity", "log exposure"):
        return ()
    if image.meaning == "display":
        return (
            Text(
                "表示用に処理された画像です。検出器の物理評価には、処理前の線形化した画像を使ってください。",
                "These pixels were processed for display; judge a detector on linearised, unprocessed images.",
            ),
        )
    return (
        Text(
            "画素値の意味が不明です。DQE などに使うには、入射線量に対して線形な画素値でなければなりません。",
            "It is not known what the pixel values mean; for a DQE they must be linear in exposure.",
        ),
    )
