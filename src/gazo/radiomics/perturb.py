"""Image and region a little changed, as another scan or another hand would have made them (Zwanenburg et al., Sci Rep 2019; 9: 614)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Region = NDArray[np.bool_]


@dataclass(frozen=True)
class Perturbation:
    """How far image and region may be changed; each repeat draws its own amounts within these.

    Parameters
    ----------
    rotation_deg : of the grid about the axis of planes, to either side.
    shift_px : of the grid along each axis, in parts of a voxel, to either side.
    volume_percent : by how much the region may grow or shrink.
    noise : Gaussian noise, its standard deviation as a multiple of the noise found in the image.
    """

    rotation_deg: float = 0.0
    shift_px: float = 0.0
    volume_percent: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """What one repeat does."""

    angle_deg: float
    shift_px: tuple[float, ...]
    volume_factor: float
    noise_seed: int


def drawn(limits: Perturbation, axes: int, seed: int, row: int, repeat: int) -> Drawn:
    """The amounts of one repeat of one image: all draws first, the same whatever is switched on and in whatever order cases are computed."""
    rng = np.random.default_rng((seed, row, repeat))
    angle, factor = rng.uniform(-1, 1, 2)
    return Drawn(
        float(angle * limits.rotation_deg),
        tuple((rng.uniform(-1, 1, axes) * limits.shift_px).tolist()),
        float(1 + factor * limits.volume_percent / 100),
        int(rng.integers(2**31)),
    )


def perturbed(
    values: Floats, region: Region, spacing_mm: tuple[float, ...], limits: Perturbation, what: Drawn, order: int
) -> tuple[Floats, Region]:
    """Noise is added, the grid is turned and shifted about the centre of the region, then the region grows or shrinks.

    Parameters
    ----------
    order : of the spline that interpolates the image; the region is interpolated linearly and cut at 0.5.
    """
    values = np.asarray(values, np.float64)
    if limits.noise > 0:
        rng = np.random.default_rng(what.noise_seed)
        values = values + rng.normal(0, limits.noise * noise_level(values), values.shape)
    if what.angle_deg or any(what.shift_px):
        values, region = _moved(values, region, spacing_mm, what, order)
    if what.volume_factor != 1:
        region = resized(region, spacing_mm, what.volume_factor)
    return values, region


def _moved(values: Floats, region: Region, spacing_mm: tuple[float, ...], what: Drawn, order: int) -> tuple[Floats, Region]:
    from scipy.ndimage import affine_transform

    turn = np.eye(values.ndim)
    c, s = np.cos(np.deg2rad(what.angle_deg)), np.sin(np.deg2rad(what.angle_deg))
    stretch = spacing_mm[-1] / spacing_mm[-2]  # a rotation is one in mm
    turn[-2:, -2:] = [[c, -s * stretch], [s / stretch, c]]
    centre = np.array([axis.mean() for axis in np.nonzero(region)])
    offset = centre - turn @ centre + np.array(what.shift_px)
    moved = affine_transform(values, turn, offset, order=order, mode="nearest")
    inside = affine_transform(region.astype(np.float64), turn, offset, order=1, mode="constant")
    return np.asarray(moved), np.asarray(np.round(inside, 6) >= 0.5)


def resized(region: Region, spacing_mm: tuple[float, ...], factor: float) -> Region:
    """The region with `factor` times its volume: voxels are added or taken away in the order of their distance from its edge."""
    from scipy.ndimage import distance_transform_edt

    wanted = min(max(1, round(factor * int(region.sum()))), region.size)
    outside = distance_transform_edt(~region, sampling=spacing_mm)
    depth = np.where(region, -distance_transform_edt(region, sampling=spacing_mm), outside).ravel()
    found = np.zeros(region.size, np.bool_)
    found[np.argsort(depth, kind="stable")[:wanted]] = True
    return found.reshape(region.shape)


def noise_level(values: Any) -> float:
    """Standard deviation of the noise: median of the absolute diagonal coif1 wavelet response divided by 0.6745 (Donoho & Johnstone 1994)."""
    from gazo.radiomics.filters.boundary import convolved
    from gazo.radiomics.filters.wavelets import wavelet_taps

    high = np.array(wavelet_taps("coif1")[1])
    response = convolved(np.asarray(values, np.float64), (high, high), (-1, -2), "mirror")
    return float(np.median(np.abs(response))) / 0.6745
