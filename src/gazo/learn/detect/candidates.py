"""Candidates: the places of an image that a detector of spots looks at, and which of them are lesions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.registry import feature
from gazo.learn.detect.candidates_planes import Planes, SpotOptions
from gazo.learn.truth import Boxes
from gazo.stats.detections import Found

Points = NDArray[np.int64]  # (n, 2): row, column


@feature("病変候補の抽出", "Candidates of lesions", booklet=("C1", "D4"))
def candidates_in(planes: Planes, options: SpotOptions) -> Points:
    """The highest local maxima of the chosen filter, where the image may be looked at, the surest first."""
    return peaks(planes.enhanced()[options.candidates_by], planes.inside, options.merge_radii * planes.radius, options.candidates)


def peaks(plane: NDArray[np.floating[Any]], inside: NDArray[np.bool_], apart: float, most: int) -> Points:
    """Local maxima at least `apart` pixels from a higher one, the highest `most` of them."""
    import cv2

    side = 2 * max(1, round(apart)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    values = np.where(inside, plane, -np.inf).astype(np.float32)
    top = (values == cv2.dilate(values, disc)) & inside & np.isfinite(values)
    found = np.argwhere(top)
    order = np.argsort(-values[tuple(found.T)], kind="stable")
    return _thinned(found[order], apart)[:most]


def _thinned(points: Points, apart: float) -> Points:
    """Points in order, without those that a flat top has near an earlier one."""
    from scipy.spatial import cKDTree

    if len(points) < 2:
        return points
    gone = np.zeros(len(points), bool)
    for first, second in sorted(map(tuple, cKDTree(points).query_pairs(apart))):
        gone[second] |= not gone[first]
    return points[~gone]


def hits(points: Points, boxes: Boxes, slack: float) -> NDArray[np.bool_]:
    """Which points lie in a lesion's box, or within `slack` pixels of its centre: small and point-like lesions have no room."""
    if not len(points) or not len(boxes):
        return np.zeros(len(points), bool)
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    away = np.abs(points[:, None, ::-1] + 0.5 - centres[None])
    return np.asarray(((away <= boxes[None, :, 2:] / 2).all(2) | (np.hypot(*np.moveaxis(away, 2, 0)) <= slack)).any(1))


def found_at(points: Points, scores: NDArray[np.floating[Any]], side: float, shape: tuple[int, ...]) -> Found:
    """Findings as boxes of one side about the points, cut at the edge of the image."""
    low = np.clip(points[:, ::-1] + 0.5 - side / 2, 0, None)
    high = np.minimum(points[:, ::-1] + 0.5 + side / 2, [shape[1], shape[0]])
    return Found(np.hstack([low, high - low]), np.asarray(scores, np.float64))
