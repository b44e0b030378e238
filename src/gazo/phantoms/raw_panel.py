"""Raw frames of an uncalibrated flat panel: offset, gain, a response that bends differently in each pixel, defects, quanta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.seeds import generator

Array = NDArray[np.float64]
QUANTA_PER_MM2_UGY = 30_000.0  # about SNRin2 of RQA5
EFFICIENCY = 0.7
COUNTS_PER_UGY = 1000.0


@dataclass(frozen=True, eq=False)
class RawPanel:
    """Frames of one exposure, and the panel behind them.

    image : frames (n, rows, columns), float32, "stored".
    offset, gain : of each pixel (counts; relative to the mean of good pixels).
    defects : mask (uint8): dead, hot and noisy pixels, one column.
    """

    image: Image
    offset: Image
    gain: Image
    defects: Image


@operation("未補正フラットパネル", "Uncalibrated flat panel", booklet="W10")
def raw_panel(
    *,
    rng: np.random.Generator,
    kerma_ugy: Annotated[float, Ge(0), Le(1000), Label("空気カーマ (0 は暗画像)", "Air kerma (0 is a dark frame)", "µGy")] = 5.0,
    frames: Annotated[int, Ge(1), Le(200), Label("フレーム数", "Frames")] = 4,
    size_px: Annotated[int, Ge(32), Le(4096), Label("画像の大きさ", "Image size", "px")] = 256,
    pixel_mm: Annotated[float, Gt(0), Le(5), Label("画素の大きさ", "Pixel size", "mm")] = 0.15,
    gain_percent: Annotated[float, Ge(0), Le(50), Label("感度のばらつき (標準偏差)", "Spread of gains (SD)", "%")] = 5.0,
    offset_counts: Annotated[float, Ge(0), Le(10_000), Label("オフセットのばらつき (標準偏差)", "Spread of offsets (SD)")] = 60.0,
    bend_percent: Annotated[
        float, Ge(0), Le(20), Label("10 µGy での直線からの外れ (平均)", "Bend of the response at 10 µGy (mean)", "%")
    ] = 4.0,
    defect_share: Annotated[float, Ge(0), Le(0.05), Label("欠損画素の割合", "Share of defective pixels")] = 0.002,
    electronic_counts: Annotated[float, Ge(0), Le(1000), Label("電子雑音", "Electronic noise")] = 4.0,
    shading_percent: Annotated[
        float, Ge(0), Le(60), Label("照射野のむら (隅での低下)", "Fall of the beam in the corners", "%")
    ] = 10.0,
    panel: Annotated[
        int, Ge(0), Le(10**6), Label("パネルの番号 (画素の性質を決める)", "Number of the panel (fixes its pixels)")
    ] = 0,
) -> RawPanel:
    """Frames D = O + c g K (1 - b K / 10 uGy) + noise; the panel (O, g, b, defects) is the same for one number, only quanta are drawn anew.

    Quanta: Poisson of mean 0.7 x 30,000 / mm2 / uGy x pixel area x K, white. Each pixel bends by b = `bend_percent` x (1 + 0.3 n), n standard
    normal, so one gain calibration does not hold at every exposure. Defects: dead, hot (saturated), noisy (40 x noise), and
    one column that responds half. Not modelled: blur, lag, temperature drift.

    Parameters
    ----------
    rng : draws quanta and noise.
    """
    fixed = generator(panel, "raw panel")
    shape = (size_px, size_px)
    gain = 1 + gain_percent / 100 * fixed.normal(size=shape)
    offset = 300 + offset_counts * (fixed.normal(size=shape) + fixed.normal(size=(1, size_px)))
    bend = bend_percent / 100 * (1 + 0.3 * fixed.normal(size=shape))
    kinds = _kinds(fixed, shape, defect_share)
    quanta = EFFICIENCY * QUANTA_PER_MM2_UGY * pixel_mm**2
    kerma = kerma_ugy * _beam(size_px, shading_percent)
    counted = rng.poisson(quanta * kerma, (frames, *shape)) / quanta
    signal = COUNTS_PER_UGY * gain * counted * (1 - bend * counted / 10)
    signal = np.where(kinds == 1, 0.0, np.where(kinds == 4, 0.5 * signal, signal))
    noise = electronic_counts * np.where(kinds == 3, 40.0, 1.0) * rng.normal(size=signal.shape)
    values = np.where(kinds == 2, 60_000.0, offset + signal + noise)
    spacing = (pixel_mm, pixel_mm)
    return RawPanel(
        image=Image(values.astype(np.float32), (1.0, *spacing), meaning="stored", modality="DX"),
        offset=Image(offset.astype(np.float32), spacing, meaning="quantity"),
        gain=Image(gain.astype(np.float32), spacing, meaning="quantity"),
        defects=Image((kinds > 0).astype(np.uint8), spacing, meaning="mask"),
    )


def _kinds(fixed: np.random.Generator, shape: tuple[int, int], share: float) -> NDArray[np.int64]:
    """0 good, 1 dead, 2 hot, 3 noisy, 4 half response (a column)."""
    kinds = np.where(fixed.random(shape) < share, fixed.integers(1, 4, shape), 0)
    column = int(fixed.integers(shape[1] // 4, 3 * shape[1] // 4))
    if share > 0:
        kinds[:, column] = 4
    return kinds


def _beam(size: int, shading_percent: float) -> Array:
    """1 in the middle, less towards the corners, where `shading_percent` is missing."""
    axis = (np.arange(size) - (size - 1) / 2) / (size / 2)
    return np.asarray(1 - shading_percent / 100 * (axis[:, None] ** 2 + axis[None, :] ** 2) / 2)
