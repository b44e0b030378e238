"""Exposures with and without a shield behind the detector, and the true share of back-scatter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label

QUANTA_PER_MM2_UGY = 30_000.0  # about SNRin2 of RQA5
MU_LEAD_PER_MM = 5.021 * 11.35 / 10  # 60 keV, NIST SRD 126 x density; recalled


@dataclass(frozen=True, eq=False)
class BackScatterPair:
    """One exposure without and one with the shield.

    image : without the shield, kerma in µGy ("linear exposure"); shielded : with it; share : back-scatter over forward signal without shield, and what the shield
    leaves of it is exp(-2 mu t) (the beam goes through it twice).
    """

    image: Image
    shielded: Image
    share: Image
    shielded_share: Image


@operation("後方散乱線のシミュレーション", "Back-scatter simulation", booklet="W9")
def back_scatter_pair(
    *,
    rng: np.random.Generator,
    size_px: Annotated[int, Ge(32), Le(4096), Label("画像の大きさ", "Image size", "px")] = 256,
    detector_mm: Annotated[float, Ge(50), Le(600), Label("検出器の大きさ", "Detector", "mm")] = 350.0,
    kerma_ugy: Annotated[float, Gt(0), Le(1000), Label("空気カーマ", "Air kerma", "µGy")] = 5.0,
    share_percent: Annotated[float, Ge(0), Le(50), Label("後方散乱線の割合 (中央)", "Back-scatter in the middle", "%")] = 8.0,
    frame_percent: Annotated[
        float, Ge(0), Le(50), Label("背面の構造による増減", "Change by a structure behind the detector", "%")
    ] = 2.0,
    spread_mm: Annotated[float, Ge(5), Le(200), Label("広がり (ガウス分布の σ)", "Spread (Gaussian sigma)", "mm")] = 60.0,
    lead_mm: Annotated[float, Ge(0), Le(5), Label("遮蔽体の鉛厚", "Lead of the shield", "mm")] = 0.5,
) -> BackScatterPair:
    """A flat exposure K (1 + B) without and K (1 + B exp(-2 mu t)) with a sheet of lead behind the detector, with Poisson noise.

    B is `share_percent` in the middle and falls to the edge as a Gaussian of `spread_mm` x 2; a dark cross of `frame_percent` stands for
    a support behind the detector, blurred by `spread_mm` / 4. mu is 5.7 / mm (lead, 60 keV). The model is ours, for tests and teaching.

    Parameters
    ----------
    rng : draws the quanta.
    """
    from scipy.ndimage import gaussian_filter

    pixel_mm = detector_mm / size_px
    axis = (np.arange(size_px) - (size_px - 1) / 2) * pixel_mm
    broad = np.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / (2 * (2 * spread_mm) ** 2))
    cross = ((np.abs(axis)[:, None] < 20) | (np.abs(axis)[None, :] < 20)).astype(np.float64)
    support = gaussian_filter(cross, spread_mm / 4 / pixel_mm, mode="nearest")
    share = np.maximum(0.0, share_percent / 100 * broad - frame_percent / 100 * support)
    left = share * np.exp(-2 * MU_LEAD_PER_MM * lead_mm)
    quanta = QUANTA_PER_MM2_UGY * pixel_mm**2
    spacing = (pixel_mm, pixel_mm)

    def exposed(part: np.ndarray) -> Image:
        counted = rng.poisson(quanta * kerma_ugy * (1 + part)) / quanta
        return Image(counted.astype(np.float32), spacing, meaning="linear exposure", unit="µGy", modality="DX")

    shares = (Image(part.astype(np.float32), spacing, meaning="quantity") for part in (share, left))
    return BackScatterPair(exposed(share), exposed(left), *shares)
