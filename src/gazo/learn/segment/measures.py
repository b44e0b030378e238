"""How alike two masks are: overlap, distance of surfaces, size; per structure of one image."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.metrics import dice
from gazo.core.registry import feature

MEASURES = {
    "dice": Text("Dice 係数", "Dice"),
    "hd95": Text("HD95", "HD95"),
    "surface_dice": Text("表面 Dice", "Surface Dice"),
    "sensitivity": Text("感度 (画素)", "Sensitivity (pixels)"),
    "precision": Text("適合率 (画素)", "Precision (pixels)"),
    "size_error_percent": Text("大きさの誤差", "Error of size"),
}
BINS, REACH = 1024, 10.0  # of the log odds from which the area under the ROC curve of pixels is counted


@feature("領域分割の評価指標", "Measures of a segmentation", booklet="C3")
def mask_measures(
    truth: NDArray[Any],
    found: NDArray[Any],
    structures: int,
    *,
    spacing: Sequence[float] | None = None,
    tolerance: float = 2.0,
    inside: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """(structures, 6): Dice, HD95, surface Dice, sensitivity, precision, error of size in percent of the true size.

    HD95 is the larger of the two 95th percentiles of distances between surfaces (Huttenlocher et al. 1993), surface Dice the share of both
    surfaces within `tolerance` of the other (Nikolov et al. 2021), both by MONAI on the border pixels. What does not exist is NaN:
    distances where one mask is empty, sensitivity without truth, precision where nothing was found.

    Parameters
    ----------
    truth, found : labels 0 ... `structures`, flat or volumes.
    spacing : mm along each axis; None measures in pixels.
    tolerance : in mm, or in pixels without spacing.
    inside : pixels that are judged; structures outside of it do not count.
    """
    if inside is not None:
        truth, found = np.where(inside, truth, 0), np.where(inside, found, 0)
    return np.stack([_one(truth == label, found == label, spacing, tolerance) for label in range(1, structures + 1)])


def _one(
    truth: NDArray[np.bool_], found: NDArray[np.bool_], spacing: Sequence[float] | None, tolerance: float
) -> NDArray[np.float64]:
    size, said, common = int(truth.sum()), int(found.sum()), int((truth & found).sum())
    distances = _surfaces(truth, found, spacing, tolerance) if size and said else (np.nan, np.nan)
    sensitivity = common / size if size else np.nan
    precision = common / said if said else np.nan
    error = 100 * (said - size) / size if size else np.nan
    return np.array([dice(truth, found), *distances, sensitivity, precision, error])


def _surfaces(
    truth: NDArray[np.bool_], found: NDArray[np.bool_], spacing: Sequence[float] | None, tolerance: float
) -> tuple[float, float]:
    import torch
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance
    from monai.metrics.surface_dice import compute_surface_dice

    said, given = (torch.from_numpy(mask[None, None].astype(np.uint8)) for mask in (found, truth))
    steps = None if spacing is None else [float(s) for s in spacing]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # MONAI 1.6 warns of an argument that it gives itself
        far = compute_hausdorff_distance(said, given, include_background=True, percentile=95, spacing=steps)
        near = compute_surface_dice(said, given, [tolerance], include_background=True, spacing=steps)
    return float(far[0, 0]), float(near[0, 0])


def odds_counts(truth: NDArray[Any], shares: NDArray[np.floating[Any]], inside: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """(2, bins): how many pixels outside and inside of the structure have which log odds; from 0.00005 to 0.99995 in steps of 0.02."""
    positive = truth.ravel() > 0
    share = np.clip(shares.ravel().astype(np.float64), 1e-9, 1 - 1e-9)
    place = np.clip((np.log(share / (1 - share)) + REACH) / (2 * REACH) * BINS, 0, BINS - 1).astype(np.int64)
    kept = np.ones(len(place), bool) if inside is None else inside.ravel()
    return np.stack([np.bincount(place[kept & (positive == side)], minlength=BINS) for side in (False, True)])


def area_of(counts: NDArray[Any]) -> float:
    """Area under the ROC curve of pixels counted by `odds_counts` (2, bins); pixels of one bin count half. NaN without one of both kinds."""
    negative, positive = counts.astype(np.float64)
    pairs = negative.sum() * positive.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(negative) - negative / 2
    return float((positive * below).sum() / pairs)
