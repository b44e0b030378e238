"""The surface of a region as triangles, and its convex hull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles around a region, corners in mm (planes, rows, columns), and the corners of its convex hull."""

    corners: Points
    area: float
    volume: float
    hull: Points
    hull_area: float
    hull_volume: float
    hull_normals: Points


def mesh_of(mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> Mesh:
    """Marching cubes at half height (Lorensen & Cline 1987, cases of Lewiner 2003) on the region with an empty border.

    Volume: sum of a · (b × c) / 6 of all triangles; area: sum of |(b - a) × (c - a)| / 2.
    """
    from scipy.spatial import ConvexHull
    from skimage.measure import marching_cubes

    corners, faces, _, _ = marching_cubes(np.pad(mask, 1).astype(np.float32), 0.5, spacing=(1.0, 1.0, 1.0))
    corners = corners.astype(np.float64) * np.array(spacing_mm)
    a, b, c = (corners[faces[:, k]] for k in range(3))
    volume = abs(float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum())) / 6
    area = float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2
    hull = ConvexHull(corners)
    normals: NDArray[Any] = np.round(hull.equations[:, :3], 9)
    normals = np.unique(normals * np.sign(normals @ np.array([1.0, 1e-3, 1e-6]))[:, None], axis=0)  # opposite faces count once
    return Mesh(corners, area, volume, corners[hull.vertices], float(hull.area), float(hull.volume), normals)


def largest_distance(hull: Points) -> float:
    """The largest distance of two corners of the hull."""
    from scipy.spatial.distance import pdist

    return float(pdist(hull).max())
