"""Uniformity of a flat exposure: signal and noise of regions over the detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, Surface, Table, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import Plane, plane, region, spacing, varied
from gazo.quality.intervals import by_tiles

Floats = NDArray[np.float64]


@result("uniformity")
@dataclass(frozen=True, eq=False, kw_only=True)
class Uniformity(Measurement):
    """Largest deviation of a region from the mean (%), (max - min) / (max + min) (%), the same deviation of SNR, and the maps.

    `signal_map` holds the mean of each region relative to the mean of all.
    """

    signal: Estimate
    integral: Estimate
    noise: Estimate
    signal_map: Surface
    regions: Table


@operation("均一性", "Uniformity", booklet="W10")
def uniformity(
    image: Image,
    mask: Image | None = None,
    *,
    roi_mm: Annotated[float, Gt(0), Le(200), Label("小領域の一辺", "Side of a region", "mm")] = 20.0,
    seed: int = 0,
) -> Uniformity:
    """Non-uniformity of signal and SNR of a flat exposure, from square regions that cover it.

    Signal: max |m_i - m| / m of region means m_i; integral: (max - min) / (max + min) of them; SNR: max |q_i - q| / q, q_i = m_i / s_i.
    The largest of many noisy values is above zero for a perfect detector too. Interval: bootstrap over regions.

    Parameters
    ----------
    image : flat exposure, linear values, pixel spacing known.
    mask : part to be judged; regions that it does not cover wholly are left out.
    """
    pixels = plane(image)
    rows_mm, columns_mm = spacing(image)
    chosen = region(mask, pixels.shape)
    varied(pixels, "uniformity")
    height, width = max(2, round(roi_mm / rows_mm)), max(2, round(roi_mm / columns_mm))
    means, deviations, y, x = _regions(pixels, chosen, height, width)
    inside = np.isfinite(means)
    if inside.sum() < 4 or float(np.nanmean(means)) <= 0:
        raise ImageError(
            "G-QUA-324",
            en=f"at least 4 whole regions of {roi_mm:g} mm with a mean above 0 are needed; {int(inside.sum())} fit. Choose a smaller roi_mm or a larger region.",
            ja=f"{roi_mm:g} mm の小領域が 4 つ以上必要で、平均は 0 より大きくなければなりません。収まった数: {int(inside.sum())}。roi_mm を小さくするか領域を広げてください。",
        )
    values, ratios = means[inside], means[inside] / np.maximum(deviations[inside], 1e-12)
    owners = np.arange(len(values))

    def estimate(name: Text, statistic: Callable[[Floats], float], data: Floats) -> Estimate:
        return by_tiles(name, statistic, (data,), owners, seed=seed, unit="%")

    rows = tuple(
        (float(x[c] * columns_mm), float(y[r] * rows_mm), float(means[r, c]), float(deviations[r, c]))
        for r in range(len(y))
        for c in range(len(x))
        if inside[r, c]
    )
    headings = (Text("x [mm]", "x [mm]"), Text("y [mm]", "y [mm]"), Text("平均", "mean"), Text("標準偏差", "SD"))
    return Uniformity(
        signal=estimate(Text("信号の最大偏差", "Largest deviation of signal"), _largest, values),
        integral=estimate(Text("積分均一性 (最大 - 最小)/(最大 + 最小)", "Integral non-uniformity"), _integral, values),
        noise=estimate(Text("SNR の最大偏差", "Largest deviation of SNR"), _largest, ratios),
        signal_map=Surface(
            x * columns_mm,
            y * rows_mm,
            means / values.mean(),
            Text("列方向の位置", "Column"),
            Text("行方向の位置", "Row"),
            Text("相対信号", "Relative signal"),
            Text("信号の均一性", "Uniformity of signal"),
            "mm",
            "mm",
        ),
        regions=Table(Text("小領域の信号と雑音", "Signal and noise of the regions"), headings, rows),
        shown=panels(Text("測定範囲", "Part judged"), (Text("測定範囲", "part judged"), outlined(grey(pixels), [chosen]))),
        sentence=Text(
            f"均一性は一辺 {roi_mm:g} mm の {len(values)} 領域の平均から、最大偏差と (最大 - 最小)/(最大 + 最小) で評価した。",
            f"Uniformity was judged by the largest deviation and (max - min)/(max + min) of the means of {len(values)} regions of {roi_mm:g} mm.",
        ),
    )


def _regions(pixels: Plane, chosen: NDArray[np.bool_], height: int, width: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and standard deviation of each region (NaN where the mask does not cover it), y and x of their middles in pixels from the first."""
    down, across = pixels.shape[0] // height, pixels.shape[1] // width
    top, left = (pixels.shape[0] - down * height) // 2, (pixels.shape[1] - across * width) // 2
    if down == 0 or across == 0:
        return np.full((1, 1), np.nan), np.full((1, 1), np.nan), np.zeros(1), np.zeros(1)

    def cut(array: NDArray[Any]) -> NDArray[Any]:
        part = array[top : top + down * height, left : left + across * width]
        return part.reshape(down, height, across, width).swapaxes(1, 2).reshape(down, across, -1)

    covered = cut(chosen).all(-1)
    means = np.where(covered, cut(pixels).mean(-1), np.nan)
    spread = np.where(covered, cut(pixels).std(-1, ddof=1), np.nan)
    y, x = top + height * (np.arange(down) + 0.5) - 0.5, left + width * (np.arange(across) + 0.5) - 0.5
    return means, spread, y, x


def _largest(values: Floats) -> float:
    return float(100 * np.abs(values / values.mean() - 1).max())


def _integral(values: Floats) -> float:
    return float(100 * (values.max() - values.min()) / (values.max() + values.min()))
