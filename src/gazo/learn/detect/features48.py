"""Forty-eight features of a candidate: filter responses, grey values around it, its shape, texture, colour and surroundings.

The article joins a network with "texture and shape features" and a three-layer perceptron; the 48 features of its authors are not in the
sources we could read, so these are ours, chosen to describe the same things.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image
from gazo.core.registry import feature
from gazo.learn.detect.candidates import Points
from gazo.learn.detect.candidates_planes import SCALES, Planes
from gazo.learn.detect.features_shape import SHAPE, shape_of
from gazo.learn.detect.features_texture import TEXTURE, texture_of

Floats = NDArray[np.float64]
SECTORS = 8
FILTERS = (
    "double ring, small", "double ring, middle", "double ring, large", "directional contrast",
    "shape index, fine", "shape index, middle", "shape index, coarse",
    "curvedness, fine", "curvedness, middle", "curvedness, coarse",
    "Gabor, strongest angle", "Gabor, round", "vesselness", "vesselness, highest around",
)  # fmt: skip
RINGS = (
    "mean of disc", "mean of ring", "SD of ring", "weakest sector", "second weakest sector", "strongest sector",
    "contrast over SD", "mean of wide ring", "SD of wide ring", "highest of wide ring",
)  # fmt: skip
COLOURS = (
    "red, disc - ring", "green, disc - ring", "blue, disc - ring", "red of ring", "green of ring", "blue of ring",
    "red - green contrast", "green share of disc",
)  # fmt: skip
PLACE = ("candidates around", "rank in the image")
NAMES: tuple[str, ...] = (*FILTERS, *RINGS, *SHAPE, *TEXTURE, *COLOURS, *PLACE)


@feature("病変候補の 48 特徴量", "48 features of a candidate", booklet=("C1", "D4"))
def features_at(planes: Planes, points: Points) -> Floats:
    """(n, 48) numbers for n candidates (row, column); the order is that of `NAMES`. Spots are bright in `planes`.

    Filters at three sizes (14), means and deviations of discs and rings (10), shape of the region at half height (9), co-occurrence of
    grey levels (5), colour (8; 0 for grey images), and where the candidate stands among the others (2).
    """
    if not len(points):
        return np.zeros((0, len(NAMES)))
    patches = _patches(planes.raw, points, round(4 * planes.radius))
    shapes = np.array([shape_of(patch, planes.radius) for patch in patches])
    textures = np.array([texture_of(patch, planes.radius) for patch in patches])
    parts = (
        _filters(planes, points), _rings(patches, planes.radius), shapes, textures, _colours(planes, points), _place(points, planes),
    )  # fmt: skip
    return np.nan_to_num(np.hstack(parts).astype(np.float64))


def _patches(plane: NDArray[np.floating[Any]], points: Points, reach: int) -> NDArray[np.float32]:
    """(n, 2 reach + 1, 2 reach + 1) cut out about each point, mirrored at the border."""
    framed = np.pad(plane, reach, mode="symmetric")
    side = np.arange(2 * reach + 1)
    return np.asarray(framed[(points[:, 0, None] + side)[:, :, None], (points[:, 1, None] + side)[:, None, :]])


def _filters(planes: Planes, points: Points) -> Floats:
    """Responses at the point; of smooth planes, so the nearest pixel will do."""
    import cv2

    from gazo.process.enhance.double_ring import double_ring_filter
    from gazo.process.enhance.gabor import gabor_bank
    from gazo.process.enhance.shape_index import shape_index

    image, radius, at = Image(planes.raw), planes.radius, tuple(points.T)
    found = [
        double_ring_filter(
            image, disc_radius_px=0.5 * c * radius, ring_inner_px=c * radius, ring_outer_px=1.4 * c * radius, spots="bright"
        ).pixels[at]
        for c in SCALES
    ]
    found.append(planes.enhanced()["directional"][at])
    forms = [shape_index(image, sigma_px=max(0.5, c * radius)) for c in (0.35, 0.55, 0.8)]
    found += [form.image.pixels[at] for form in forms] + [form.curvedness.pixels[at] for form in forms]
    frequency = min(0.4, max(0.01, 1 / (4 * radius)))
    found.append(gabor_bank(image, frequency_per_px=frequency, angles=8, aspect=0.5, part="bright").image.pixels[at])
    found.append(planes.enhanced()["gabor"][at])
    tubes = _tubes(forms[1].image.pixels, forms[1].curvedness.pixels)
    around = cv2.dilate(tubes, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(3 * radius) + 1,) * 2))
    found += [tubes[at], around[at]]
    return np.stack(found, 1).astype(np.float64)


def _tubes(index: NDArray[Any], curvedness: NDArray[Any]) -> NDArray[np.float32]:
    """How much it is a bright line: |k2| - |k1| of ridges, from the shape index s and the curvedness c.

    k1 + k2 = -sqrt(2) c sin(pi s / 2) and k1 - k2 = sqrt(2) c cos(pi s / 2), so both eigenvalues are known.
    """
    angle = np.pi / 2 * index
    large = curvedness * (np.sin(angle) + np.cos(angle)) / np.sqrt(2)  # -k2
    small = np.abs(curvedness * (np.cos(angle) - np.sin(angle)) / np.sqrt(2))  # |k1|
    return np.asarray(np.maximum(large - small, 0), np.float32)


def _rings(patches: NDArray[np.float32], radius: float) -> Floats:
    """Grey values of a disc, of the ring about it in eight sectors, and of a wider ring."""
    reach = patches.shape[1] // 2
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away, angle = np.hypot(row, column), np.arctan2(row, column)
    disc, ring, wide = away <= 0.6 * radius, (away > radius) & (away <= 2 * radius), (away > 2 * radius) & (away <= 4 * radius)
    sector = np.floor((angle + np.pi) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    middle = patches[:, disc].mean(1)
    drops = np.sort(np.stack([middle - patches[:, ring & (sector == s)].mean(1) for s in range(SECTORS)], 1), 1)
    around, far = patches[:, ring], patches[:, wide]
    contrast = middle - around.mean(1)
    return np.stack(
        [
            middle, around.mean(1), around.std(1), drops[:, 0], drops[:, 1], drops[:, -1],
            contrast / (around.std(1) + 0.1), far.mean(1), far.std(1), far.max(1),
        ], 1,
    ).astype(np.float64)  # fmt: skip


def _colours(planes: Planes, points: Points) -> Floats:
    """Contrast and level of each colour; zeros for a grey image."""
    if not len(planes.colours):
        return np.zeros((len(points), len(COLOURS)))
    reach = round(2 * planes.radius)
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(row, column)
    disc, ring = away <= 0.6 * planes.radius, (away > planes.radius) & (away <= 2 * planes.radius)
    cut = [_patches(plane, points, reach) for plane in planes.colours]
    inner = np.stack([patch[:, disc].mean(1) for patch in cut], 1)
    outer = np.stack([patch[:, ring].mean(1) for patch in cut], 1)
    drop = (inner - outer) / (outer + 0.05)
    share = inner[:, 1] / (inner.sum(1) + 0.05)
    return np.hstack([drop, outer, (drop[:, 0] - drop[:, 1])[:, None], share[:, None]])


def _place(points: Points, planes: Planes) -> Floats:
    """How many candidates lie within 20 radii (vessels and haemorrhages give many), and the rank of its directional contrast."""
    from scipy.spatial import cKDTree

    tree = cKDTree(points)
    near = np.array([len(found) - 1 for found in tree.query_ball_point(points, 20 * planes.radius)], float)
    rank = np.argsort(np.argsort(-planes.enhanced()["directional"][tuple(points.T)], kind="stable")) / len(points)
    return np.stack([near / 10, rank], 1)
