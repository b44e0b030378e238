"""Form of the region (IBSI 1, chapter 3.1): 29 features of mesh, axes, enclosing bodies and spatial correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.autocorrelation import moran_geary
from gazo.radiomics.enclosing import ellipsoid_area, least_box, least_ellipsoid
from gazo.radiomics.mesh import Mesh, largest_distance, mesh_of
from gazo.radiomics.prepare import Prepared


def morphology_features(region: Prepared) -> dict[str, float]:
    """The 29 features by their tags; lengths in mm.

    Boxes, hull and mesh come from the region for its form, intensity and correlation from the voxels whose values take part. Moran's I and
    Geary's C take all pairs of voxels.
    """
    mesh = mesh_of(region.mask, region.spacing_mm)
    places = np.argwhere(region.mask) * np.array(region.spacing_mm)
    values = region.volume[region.intensity_mask]
    valued = np.argwhere(region.intensity_mask) * np.array(region.spacing_mm)
    shift = float(np.linalg.norm(places.mean(0) - _centre(valued, values)))
    moran, geary = moran_geary(region.volume, region.intensity_mask, region.spacing_mm)
    axes = principal_axes(places)
    cells = float(region.mask.sum() * np.prod(region.spacing_mm))
    return (
        {"morph_volume": mesh.volume, "morph_vol_approx": cells, "morph_area_mesh": mesh.area}
        | _roundness(mesh.area, mesh.volume)
        | {"morph_com": shift, "morph_diam": largest_distance(mesh.hull)}
        | _axes(axes)
        | _densities(mesh, axes / 2)
        | {"morph_integ_int": float(values.mean()) * mesh.volume, "morph_moran_i": moran, "morph_geary_c": geary}
    )


def _centre(places: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """The centre of mass of the values; NaN when they sum to 0."""
    total = float(values.sum())
    return np.full(3, np.nan) if total == 0 else np.asarray(values @ places / total)


def _roundness(area: float, volume: float) -> dict[str, float]:
    ratio = 36 * np.pi * volume**2 / area**3
    return {
        "morph_av": area / volume,
        "morph_comp_1": volume / (np.pi**0.5 * area**1.5),
        "morph_comp_2": ratio,
        "morph_sph_dispr": ratio ** (-1 / 3),
        "morph_sphericity": ratio ** (1 / 3),
        "morph_asphericity": ratio ** (-1 / 3) - 1,
    }


def principal_axes(places: NDArray[Any]) -> NDArray[np.float64]:
    """Lengths 4 sqrt(eigenvalue) of the covariance of the voxel centres, largest first; the covariance divides by N - 1."""
    covariance = np.cov(places.T) if len(places) > 1 else np.zeros((places.shape[1],) * 2)
    return np.asarray(4 * np.sqrt(np.maximum(np.linalg.eigvalsh(covariance)[::-1], 0)))


def _axes(axes: NDArray[np.float64]) -> dict[str, float]:
    major, minor, least = (float(a) for a in axes)
    return {
        "morph_pca_maj_axis": major,
        "morph_pca_min_axis": minor,
        "morph_pca_least_axis": least,
        "morph_pca_elongation": minor / major if major > 0 else float("nan"),
        "morph_pca_flatness": least / major if major > 0 else float("nan"),
    }


def _densities(mesh: Mesh, semi: NDArray[np.float64]) -> dict[str, float]:
    """Volume and area of the mesh over those of what encloses it."""
    ball = 4 * np.pi / 3
    aligned, oriented = np.ptp(mesh.corners, axis=0), least_box(mesh.hull, mesh.hull_normals)
    ellipsoid = least_ellipsoid(mesh.hull)
    around = {
        "aabb": (float(np.prod(aligned)), _box_area(aligned)),
        "ombb": (float(np.prod(oriented)), _box_area(oriented)),
        "aee": (ball * float(np.prod(semi)), ellipsoid_area(semi)),
        "mvee": (ball * float(np.prod(ellipsoid)), ellipsoid_area(ellipsoid)),
        "conv_hull": (mesh.hull_volume, mesh.hull_area),
    }
    found = {}
    for name, (volume, area) in around.items():
        found[f"morph_vol_dens_{name}"] = mesh.volume / volume if volume > 0 else float("nan")
        found[f"morph_area_dens_{name}"] = mesh.area / area if area > 0 else float("nan")
    return found


def _box_area(sides: NDArray[np.float64]) -> float:
    a, b, c = (float(s) for s in sides)
    return 2 * (a * b + b * c + a * c)
