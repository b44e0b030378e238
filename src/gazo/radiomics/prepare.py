"""Image preparation of IBSI 1: normalise, interpolate on a grid with the same centre, round, restrict the values of the region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.radiomics.settings import Settings

Volume = NDArray[np.float64]
Mask = NDArray[np.bool_]
_ORDER = {"nearest": 0, "linear": 1, "cubic": 3}
_SPARE = 14  # voxels kept around the region before interpolation: the reach of a cubic spline is below 1e-7 there


@dataclass(frozen=True, eq=False)
class Prepared:
    """Image and region on the grid on which features are computed.

    `mask` is the region for its form, `intensity_mask` the part of it whose values take part (resegmentation). All (planes, rows, columns).
    """

    volume: Volume
    mask: Mask
    intensity_mask: Mask
    spacing_mm: tuple[float, float, float]


def prepared(
    volume: NDArray[Any],
    mask: NDArray[Any],
    spacing_mm: tuple[float, ...],
    settings: Settings,
    *,
    crop: bool = True,
    margin_mm: float = 7.0,
) -> Prepared:
    """Image and region ready for the features.

    `crop` leaves only the region and `margin_mm` around it: the default is what local peaks need (a sphere of 6.2 mm), filters ask for
    what they reach. A voxel of the region is one where the interpolated mask is at least 0.5.
    """
    values, region, spacing = three_axes(volume, mask, spacing_mm)
    if settings.normalise == "z-score":
        values = _z_scored(values)
    if settings.spacing_mm > 0:
        values, region, spacing = _interpolated(values, region, spacing, settings, margin_mm if crop else None)
    if crop:  # before numbers are made float64, which for a whole CT takes much memory
        values, region = _cropped(values, region, [int(np.ceil(margin_mm / s)) for s in spacing])
    values = values.astype(np.float64)
    if settings.rounding:
        values = np.round(values)
    if not region.any():
        raise DataError(
            "G-RAD-002",
            en=f"the region vanishes on a grid of {settings.spacing_mm:g} mm; choose a finer spacing or a larger region.",
            ja=f"{settings.spacing_mm:g} mm の間隔に補間すると領域がなくなります。間隔を細かくするか、領域を大きくしてください。",
        )
    return Prepared(values, region, resegmented(values, region, settings), spacing)


def three_axes(
    volume: NDArray[Any], mask: NDArray[Any], spacing_mm: tuple[float, ...]
) -> tuple[NDArray[Any], Mask, tuple[float, float, float]]:
    """(planes, rows, columns) of a volume or a single plane; a plane counts as thick as its mean pixel is wide."""
    values, region = np.asarray(volume), np.asarray(mask) > 0
    if values.ndim == 2:
        spacing_mm = ((spacing_mm[0] * spacing_mm[1]) ** 0.5, *spacing_mm)
        values, region = values[None], region[None]
    planes, rows, columns = (float(s) for s in spacing_mm)
    return values, region, (planes, rows, columns)


def _z_scored(values: NDArray[Any]) -> Volume:
    inside = values[values != 0].astype(np.float64)
    deviation = float(inside.std()) if inside.size else 0.0
    if not deviation > 0:
        raise DataError(
            "G-RAD-003",
            en="a z-score needs an image whose pixels differ; all pixels that are not 0 are equal. Choose normalise='none'.",
            ja="z スコアには値の異なる画素が必要ですが、0 でない画素がすべて同じ値です。normalise='none' を選んでください。",
        )
    return np.asarray((values - inside.mean()) / deviation)


def _interpolated(
    values: NDArray[Any], region: Mask, spacing: tuple[float, float, float], settings: Settings, margin_mm: float | None
) -> tuple[Volume, Mask, tuple[float, float, float]]:
    """On a grid whose centre is that of the image (IBSI "align grid centres"): ceil(n s / s') points, x' = (n - 1) / 2 + (i - (n' - 1) / 2) s' / s."""
    from scipy.ndimage import affine_transform

    planar = settings.by_slice or values.shape[0] == 1
    wanted = tuple(s if planar and axis == 0 else settings.spacing_mm for axis, s in enumerate(spacing))
    scale = np.array(wanted) / np.array(spacing)
    lengths = np.array(values.shape)
    counts = np.maximum(1, np.ceil(np.round(lengths / scale, 6)).astype(int))
    first = (lengths - 1) / 2 - (counts - 1) / 2 * scale
    if margin_mm is not None:
        first, counts, values, region = _near_region(
            values, region, first, counts, scale, np.ceil(margin_mm / np.array(wanted)) + 1
        )
    options: dict[str, Any] = {"offset": first, "output_shape": tuple(counts), "mode": "nearest"}
    moved = affine_transform(values.astype(np.float64), scale, order=_ORDER[settings.interpolation], **options)
    inside = affine_transform(region.astype(np.float64), scale, order=1, **options)
    return np.asarray(moved), np.asarray(np.round(inside, 6) >= 0.5), (wanted[0], wanted[1], wanted[2])


def _near_region(
    values: NDArray[Any], region: Mask, first: NDArray[Any], counts: NDArray[Any], scale: NDArray[Any], margin: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], Mask]:
    """The part of the new grid around the region and the part of the image that it needs."""
    low, high = _bounds(region)
    start = np.clip(np.floor((low - first) / scale - margin), 0, counts - 1).astype(int)
    stop = np.clip(np.ceil((high - first) / scale + margin), start, counts - 1).astype(int)
    near = np.clip(np.floor(first + start * scale).astype(int) - _SPARE, 0, np.array(values.shape) - 1)
    far = np.clip(np.ceil(first + stop * scale).astype(int) + _SPARE + 1, near + 1, values.shape)
    part = tuple(slice(a, b) for a, b in zip(near, far, strict=True))
    return first + start * scale - near, stop - start + 1, values[part], region[part]


def _bounds(region: Mask) -> tuple[NDArray[Any], NDArray[Any]]:
    """Least and largest index of the region along each axis."""
    along = [np.flatnonzero(region.any(axis=tuple(a for a in range(3) if a != axis))) for axis in range(3)]
    return np.array([places[0] for places in along]), np.array([places[-1] for places in along])


def _cropped(values: NDArray[Any], region: Mask, margin: list[int]) -> tuple[NDArray[Any], Mask]:
    if not region.any():
        return values, region
    low, high = _bounds(region)
    part = tuple(slice(max(0, a - m), b + m + 1) for a, b, m in zip(low, high, margin, strict=True))
    return values[part], region[part]


def resegmented(values: Volume, region: Mask, settings: Settings) -> Mask:
    """The region without values outside the range, then without those beyond mean ± 3 SD of what is left of the whole region.

    IBSI 1: both rules look at the region before either is applied.
    """
    inside = region.copy()
    if settings.lowest is not None:
        inside &= values >= settings.lowest
    if settings.highest is not None:
        inside &= values <= settings.highest
    if settings.outliers:
        mean, deviation = values[region].mean(), values[region].std()
        inside &= np.abs(values - mean) <= 3 * deviation
    if not inside.any():
        raise DataError(
            "G-RAD-004",
            en="no value of the region lies within the range from 'lowest' to 'highest'; widen the range or check the unit of the image.",
            ja="領域内に、指定した範囲 (lowest から highest) の値がありません。範囲を広げるか、画像の値の単位を確かめてください。",
        )
    return np.asarray(inside)
