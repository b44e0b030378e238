"""A body in a field of scattered x rays, whose primary, scatter and thickness are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.process.scatter_model import NARROW_MM, SPR_AT_200_MM, WIDE_MM, exponential_kernel, scatter_to_primary, wide_share


@dataclass(frozen=True, kw_only=True, eq=False)
class ScatterPhantom:
    """The radiograph without a grid and what it is made of; pixel values are air kerma at the detector over that of the open beam x i0.

    Parameters
    ----------
    image : primary + scatter (float32, linear exposure), with noise if asked for.
    primary, scatter : what adds up to the image before noise, in the same unit.
    thickness : water on the way of each ray, in mm.
    details : mask of the inserts.
    i0 : pixel value of the unattenuated beam.
    mu_per_mm : attenuation of water the phantom was made with.
    """

    image: Image
    primary: Image
    scatter: Image
    thickness: Image
    details: Image
    i0: float
    mu_per_mm: float


@operation("散乱線ファントム", "Scatter phantom", booklet="P5")
def scatter_phantom(
    *,
    rng: np.random.Generator,
    thickness_mm: Annotated[float, Ge(20), Le(400), Label("最大の厚さ", "Greatest thickness", "mm")] = 200.0,
    detail_mm: Annotated[float, Ge(0), Le(50), Label("挿入物の厚さ", "Thickness of the inserts", "mm")] = 5.0,
    mu_per_mm: Annotated[float, Gt(0), Le(0.1), Label("水の線減弱係数", "Attenuation of water", "1/mm")] = 0.0253,
    spr_at_200_mm: Annotated[
        float, Ge(0), Le(10), Label("水 200 mm の散乱線/一次線比", "Scatter to primary at 200 mm")
    ] = SPR_AT_200_MM,
    i0: Annotated[float, Gt(0), Label("直接線の画素値", "Pixel value of the open beam")] = 10_000.0,
    size_px: Annotated[int, Ge(64), Le(1024), Label("画素数", "Pixels along a side", "px")] = 256,
    pixel_mm: Annotated[float, Ge(0.1), Le(8), Label("画素間隔", "Pixel spacing", "mm")] = 1.6,
    quanta_per_pixel: Annotated[
        float, Ge(0), Label("直接線の光子数/画素 (0 は雑音なし)", "Quanta a pixel of the open beam (0: no noise)")
    ] = 0.0,
) -> ScatterPhantom:
    """A rounded block of water with a thinner window on each side, two rows of discs, and open beam around it.

    Primary P = i0 exp(-mu T). Scatter: each pixel sends P SPR(T) into a mixture of two radial exponentials (see
    `gazo.process.scatter_model`); nothing comes from outside the field. Convolved in float64 with kernels sampled on the grid.

    Parameters
    ----------
    rng : for the quantum noise; not used without it.
    """
    thickness, details = _body(size_px, pixel_mm, thickness_mm, detail_mm)
    primary = i0 * np.exp(-mu_per_mm * thickness)
    scatter = _scatter(primary, thickness, spr_at_200_mm, pixel_mm)
    exposure = primary + scatter
    if quanta_per_pixel > 0:
        exposure = rng.poisson(exposure * (quanta_per_pixel / i0)) * (i0 / quanta_per_pixel)
    linear = Image(exposure.astype(np.float32), (pixel_mm, pixel_mm), meaning="linear exposure", modality="DX")
    return ScatterPhantom(
        image=linear,
        primary=linear.with_pixels(primary.astype(np.float32)),
        scatter=linear.with_pixels(scatter.astype(np.float32)),
        thickness=linear.with_pixels(thickness.astype(np.float32), meaning="quantity", unit="mm"),
        details=linear.with_pixels(details.astype(np.uint8), meaning="mask"),
        i0=i0,
        mu_per_mm=mu_per_mm,
    )


def _body(size: int, pixel_mm: float, thickness_mm: float, detail_mm: float) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Thickness in mm and where the inserts are; lengths are shares of half the field, so any size shows the same picture."""
    axis = (np.arange(size) - (size - 1) / 2) / (size / 2)
    x, y = axis[None, :], axis[:, None]
    block = thickness_mm * np.maximum(0, 1 - (np.abs(x) / 0.72) ** 8 - (np.abs(y) / 0.8) ** 8) ** 0.5
    for side in (-0.36, 0.36):  # thinner windows, as lungs are
        block = block * (1 - 0.3 * np.exp(-(((x - side) / 0.16) ** 4) - ((y + 0.1) / 0.36) ** 4))
    details = np.zeros((size, size), bool)
    for row in (-0.1, 0.42):
        for column in (-0.36, 0.0, 0.36):
            details |= np.hypot(x - column, y - row) < 0.05
    return block + detail_mm * details, details


def _scatter(primary: NDArray[Any], thickness: NDArray[Any], spr_at_200_mm: float, pixel_mm: float) -> NDArray[Any]:
    from scipy.signal import fftconvolve

    size = primary.shape[0]
    offset = np.arange(1 - size, size) * pixel_mm
    distance = np.hypot(offset[:, None], offset)
    sent, wide = primary * scatter_to_primary(thickness, spr_at_200_mm) * pixel_mm**2, wide_share(thickness)
    narrow_part = fftconvolve(sent * (1 - wide), exponential_kernel(distance, NARROW_MM), mode="same")
    return narrow_part + fftconvolve(sent * wide, exponential_kernel(distance, WIDE_MM), mode="same")
