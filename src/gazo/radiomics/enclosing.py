"""Boxes and ellipsoids around a region: oriented bounding box of least volume, ellipsoid of least volume, surface of an ellipsoid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.mesh import Points

PRECISION = 1e-3  # of the ellipsoid of least volume, relative
ROUNDS = 100_000


def least_box(hull: Points, normals: Points) -> NDArray[np.float64]:
    """Sides in mm of the smallest box that has a face of the convex hull in one of its faces.

    For each face the rectangle of least area around the projected hull is found over the edges of its outline (Freeman & Shapira 1975);
    O'Rourke (1985) allows boxes that touch with edges only, which may be a little smaller.
    """
    from scipy.spatial import ConvexHull

    best, sides = np.inf, np.zeros(3)
    for normal in normals:
        first, second = _plane_axes(normal)
        height = np.ptp(hull @ normal)
        flat = np.stack([hull @ first, hull @ second], 1)
        outline = flat[ConvexHull(flat).vertices]
        edges = np.roll(outline, -1, 0) - outline
        along = edges / np.linalg.norm(edges, axis=1, keepdims=True)
        widths = np.ptp(outline @ along.T, axis=0)
        depths = np.ptp(outline @ np.stack([-along[:, 1], along[:, 0]]), axis=0)
        least = int((widths * depths).argmin())
        if height * widths[least] * depths[least] < best:
            best, sides = height * widths[least] * depths[least], np.array([height, widths[least], depths[least]])
    return sides


def _plane_axes(normal: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two directions at right angles to the normal and to each other."""
    helper = np.eye(3)[np.abs(normal).argmin()]
    first = np.cross(normal, helper)
    first /= np.linalg.norm(first)
    return first, np.cross(normal, first)


def least_ellipsoid(hull: Points) -> NDArray[np.float64]:
    """Semi-axes in mm of the ellipsoid of least volume around points (Khachiyan 1996; away steps of Todd & Yildirim 2007).

    `reach` is the Mahalanobis norm of each lifted point; a step gives weight to the farthest or takes it from the nearest, and both the
    inverse and the norms follow by the formula of Sherman and Morrison.
    """
    n, d = hull.shape
    lifted = np.concatenate([hull, np.ones((n, 1))], 1)
    weights = np.full(n, 1 / n)
    inverse = np.linalg.inv(lifted.T @ (lifted / n))
    reach = np.einsum("ij,jk,ik->i", lifted, inverse, lifted)
    for _ in range(ROUNDS):
        far, near = int(reach.argmax()), int(np.where(weights > 0, reach, np.inf).argmin())
        outward, inward = reach[far] / (d + 1) - 1, 1 - reach[near] / (d + 1)
        if max(outward, inward) <= PRECISION:
            break
        chosen = far if outward >= inward else near
        norm = float(reach[chosen])
        step = max((norm - d - 1) / ((d + 1) * (norm - 1)), -weights[chosen] / (1 - weights[chosen]))  # no weight below 0
        weights *= 1 - step
        weights[chosen] = max(0.0, weights[chosen] + step)
        towards = inverse @ lifted[chosen]
        share = step / (1 - step + step * norm)
        reach = (reach - share * (lifted @ towards) ** 2) / (1 - step)
        inverse = (inverse - share * np.outer(towards, towards)) / (1 - step)
    centre = weights @ hull
    spread = (hull - centre).T @ (weights[:, None] * (hull - centre))
    return np.asarray(np.sqrt(np.maximum(np.linalg.eigvalsh(spread)[::-1] * d, 0)))


def ellipsoid_area(semi: NDArray[np.float64]) -> float:
    """Surface of an ellipsoid with semi-axes a >= b >= c as IBSI 1 defines it (chapter 3.1, area density): a series cut at degree 20.

    4 pi a b sum over v of Q_v / (1 - 4 v²), Q_v = (αβ)^v P_v((α² + β²) / (2 αβ)), α² = 1 - b²/a², β² = 1 - c²/a². The consensus values
    rest on it; the true surface is larger, by 4 % where c = 0.75 a. Q_v follows from the recurrence of the Legendre polynomials, so a
    ball (αβ = 0) needs no case of its own.
    """
    a, b, c = (float(s) for s in semi)
    if a <= 0:
        return 0.0
    first, second = 1 - (b / a) ** 2, 1 - (c / a) ** 2
    half, product = (first + second) / 2, first * second
    before, here, total = 1.0, half, 1.0
    for v in range(1, 21):
        total += here / (1 - 4 * v * v)
        before, here = here, ((2 * v + 1) * half * here - v * product * before) / (v + 1)
    return 4 * np.pi * a * b * total
