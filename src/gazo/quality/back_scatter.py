"""Back-scatter: how much of the signal comes from behind the detector, from exposures with and without a shield."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, OptionError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, Surface, result
from gazo.quality.drawn import grey, outlined, panels
from gazo.quality.inputs import listed, region, same_shape, spacing, stack
from gazo.quality.intervals import by_tiles, t_half, tiles

Floats = NDArray[np.float64]


@result("back-scatter")
@dataclass(frozen=True, eq=False, kw_only=True)
class BackScatter(Measurement):
    """Mean share of back-scatter (unshielded / shielded - 1), its largest and smallest, the map, profiles, low-frequency spectrum."""

    share: Estimate
    highest: Estimate
    lowest: Estimate
    ratio: Surface
    profiles: tuple[Curve, ...]
    spectrum: Curve


@operation("後方散乱線の評価", "Back-scatter", booklet="W9")
def back_scatter(
    unshielded: Sequence[Image],
    shielded: Sequence[Image],
    mask: Image | None = None,
    *,
    smooth_mm: Annotated[float, Gt(0), Le(100), Label("平滑化の幅", "Width of smoothing", "mm")] = 10.0,
    reference: Annotated[
        tuple[int, ...], Label("基準領域 (行 0, 行 1, 列 0, 列 1)", "Reference region (row 0, row 1, column 0, column 1)", "px")
    ] = (),
    seed: int = 0,
) -> BackScatter:
    """Ratio map R = <unshielded> / <shielded>, smoothed; back-scatter is R - 1 of the signal without it.

    Back-scatter is broad, so R is averaged over `smooth_mm` (box) before it is judged; the spectrum of R up to 1 / (2 smooth_mm)
    tells structure behind the detector (a frame, electronics) from an even share. Profiles: mean over the middle third, with Student's t bands
    over repeats where both groups have two or more exposures. A reference region without back-scatter (lead right before it) takes out
    the output of the tube. The shield must not change the distance; its own back-scatter stays in the denominator.

    Parameters
    ----------
    unshielded, shielded : one or several exposures each, same exposure factors, linear values, pixel spacing known.
    mask : the part judged.
    reference : pixels where R is set to 1.
    """
    without, behind = (stack(i, least=1, what=w) for i, w in ((unshielded, "unshielded"), (shielded, "shielded")))
    same_shape(without[0], behind[0])
    first = listed(unshielded)[0]
    rows_mm, columns_mm = spacing(first)
    chosen = region(mask, without.shape[1:])
    height, width = max(1, round(smooth_mm / rows_mm)), max(1, round(smooth_mm / columns_mm))
    if height > without.shape[1] or width > without.shape[2]:
        raise OptionError(
            "G-QUA-341",
            en=f"the image must be larger than the smoothing of {smooth_mm:g} mm; {without.shape[1] * rows_mm:g} x {without.shape[2] * columns_mm:g} mm came. "
            "Reduce smooth_mm, or check the pixel spacing.",
            ja=f"画像は平滑化の幅 {smooth_mm:g} mm より大きくなければなりません。受け取った大きさ: {without.shape[1] * rows_mm:g} × {without.shape[2] * columns_mm:g} mm。"
            "smooth_mm を小さくするか、画素間隔を確認してください。",
        )
    smoothed = [_smoothed(group, smooth_mm, rows_mm, columns_mm) for group in (without, behind)]
    below = smoothed[1].mean(0)
    if float(below[chosen].min()) <= 0 or float(smoothed[0].mean(0)[chosen].min()) <= 0:
        raise DataError(
            "G-QUA-328",
            en="a ratio needs signal everywhere in the part judged; some of it is 0 or below. Correct the offset, or draw a mask inside the field.",
            ja="比を求めるには評価範囲のすべてで信号が必要ですが、0 以下の部分があります。オフセットを補正するか、照射野の内側にマスクを指定してください。",
        )
    scale = _tube(smoothed, reference)
    ratio = smoothed[0].mean(0) / np.maximum(below, 1e-12) / scale
    cell = ratio[height // 2 :: height, width // 2 :: width]
    values, owners = ratio[chosen] - 1, tiles(chosen, max(2, 2 * max(height, width)))
    share = by_tiles(
        Text("後方散乱線の割合", "Share of back-scatter"), lambda v: float(100 * v.mean()), (values,), owners, seed=seed, unit="%"
    )
    ends = [
        by_tiles(name, lambda v, q=q: float(100 * np.quantile(v, q)), (values,), owners, seed=seed, unit="%")
        for name, q in ((Text("上位 2 % の値", "98th percentile"), 0.98), (Text("下位 2 % の値", "2nd percentile"), 0.02))
    ]
    y, x = (np.arange(n) * step for n, step in zip(cell.shape, (height * rows_mm, width * columns_mm), strict=True))
    return BackScatter(
        share=share,
        highest=ends[0],
        lowest=ends[1],
        ratio=Surface(
            x,
            y,
            cell,
            Text("列方向", "Column"),
            Text("行方向", "Row"),
            Text("遮蔽なし / あり", "Unshielded / shielded"),
            Text("比の分布", "Ratio map"),
            "mm",
            "mm",
        ),
        profiles=(_profile(smoothed, scale, 0, columns_mm), _profile(smoothed, scale, 1, rows_mm)),
        spectrum=_spectrum(cell, (height * rows_mm, width * columns_mm)),
        shown=panels(
            Text("比の分布と評価範囲", "Ratio map and part judged"),
            (Text("遮蔽なし / あり", "unshielded / shielded"), outlined(grey(ratio), [chosen])),
        ),
        sentence=Text(
            f"後方散乱線は遮蔽体なし {len(without)} 枚と遮蔽体あり {len(behind)} 枚の比 ({smooth_mm:g} mm で平滑化) から求めた。",
            f"Back-scatter was taken from the ratio of {len(without)} exposures without and {len(behind)} with the shield, smoothed over {smooth_mm:g} mm.",
        ),
    )


def _smoothed(group: NDArray[np.float32], smooth_mm: float, rows_mm: float, columns_mm: float) -> Floats:
    import cv2

    size = (max(1, round(smooth_mm / columns_mm)), max(1, round(smooth_mm / rows_mm)))
    return np.stack([cv2.blur(frame.astype(np.float64), size, borderType=cv2.BORDER_REFLECT) for frame in group])


def _tube(smoothed: list[Floats], reference: tuple[int, ...]) -> float:
    """Ratio of the mean signal in the reference region; 1 without one."""
    if not reference:
        return 1.0
    rows, columns = smoothed[0].shape[1:]
    fits = len(reference) == 4 and 0 <= reference[0] < reference[1] <= rows and 0 <= reference[2] < reference[3] <= columns
    if not fits:
        raise DataError(
            "G-QUA-329",
            en=f"the reference region is four numbers, row 0 < row 1 and column 0 < column 1, inside ({rows}, {columns}); {reference} came. Correct them.",
            ja=f"基準領域は 行 0 < 行 1、列 0 < 列 1 となる 4 つの数で、画像 ({rows}, {columns}) の内側に指定します。受け取った値: {reference}。直してください。",
        )
    part = np.s_[:, reference[0] : reference[1], reference[2] : reference[3]]
    return float(smoothed[0][part].mean() / smoothed[1][part].mean())


def _profile(smoothed: list[Floats], scale: float, axis: int, step_mm: float) -> Curve:
    """Mean ratio over the middle third, along columns (axis 0) or rows (axis 1), with the band of the repeats."""
    length = smoothed[0].shape[1 + axis]
    middle = slice(length // 3, max(length // 3 + 1, 2 * length // 3))
    means = [(group[:, middle] if axis == 0 else group[:, :, middle]).mean(1 + axis) for group in smoothed]
    ratio = means[0].mean(0) / means[1].mean(0) / scale
    low = high = None
    if min(len(m) for m in means) > 1:  # relative variances of both groups add, each with its own t
        halves = [np.array([t_half(column, 0.95) for column in m.T]) / m.mean(0) for m in means]
        half = ratio * np.hypot(*halves)
        low, high = ratio - half, ratio + half
    words = Text("列方向のプロファイル", "Along columns") if axis == 0 else Text("行方向のプロファイル", "Along rows")
    x = np.arange(len(ratio)) * step_mm
    return Curve(
        x, ratio, Text("位置", "Place"), Text("遮蔽なし / あり", "Unshielded / shielded"), words, "mm", low=low, high=high
    )


def _spectrum(cell: Floats, steps_mm: tuple[float, float]) -> Curve:
    """Radial mean of the spectrum of the ratio on the coarse grid, (Dx Dy / N) |F|^2, mean removed; band +- 2 / sqrt(bins averaged)."""
    power = np.abs(np.fft.fft2(cell - cell.mean())) ** 2 * steps_mm[0] * steps_mm[1] / cell.size
    f = np.hypot(np.fft.fftfreq(cell.shape[0], steps_mm[0])[:, None], np.fft.fftfreq(cell.shape[1], steps_mm[1])[None, :])
    width = 1 / (max(steps_mm) * max(cell.shape))
    bins = np.round(f / width).astype(int).ravel()
    count = np.bincount(bins)
    kept = np.flatnonzero((count > 0) & (np.arange(len(count)) > 0) & (np.arange(len(count)) * width <= 0.5 / max(steps_mm)))
    radial = np.bincount(bins, power.ravel())[kept] / count[kept]
    spread = np.minimum(2 / np.sqrt(np.maximum(count[kept] / 2, 1)), 1)  # half of the bins are mirror images
    frequency = np.bincount(bins, f.ravel())[kept] / count[kept]
    return Curve(
        frequency,
        radial,
        Text("空間周波数", "Spatial frequency"),
        Text("比のスペクトル", "Spectrum of the ratio"),
        Text("低周波成分", "Low-frequency spectrum"),
        "1/mm",
        "mm2",
        low=radial * (1 - spread),
        high=radial * (1 + spread),
    )
