"""What an honest judgement of a segmentation consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.learn.segment.plan import SegmentationPlan
from gazo.stats.paired import PairedComparison


@result("segmentation fold outcome")
@dataclass(frozen=True, eq=False)
class SegmentationOutcome:
    """What one fold gave.

    Parameters
    ----------
    test : row numbers that could be judged.
    values, baseline, second : (n, structures, measures) of the method, of the baseline, of a second observer.
    sizes : (n, structures, 2) pixels of the truth and of what was found.
    odds : (n, 2, bins) counts of `measures.odds_counts`; with one structure only.
    history : one mapping an epoch.
    shown : the worst cases and a middling one, with their Dice.
    """

    repeat: int
    number: int
    test: NDArray[np.integer[Any]]
    values: NDArray[np.floating[Any]]
    sizes: NDArray[np.integer[Any]]
    history: tuple[dict[str, float], ...] = ()
    baseline: NDArray[np.floating[Any]] | None = None
    second: NDArray[np.floating[Any]] | None = None
    odds: NDArray[np.integer[Any]] | None = None
    plan: SegmentationPlan | None = None
    shown: Panels | None = None
    shown_dice: tuple[float, ...] = ()
    passed_over: tuple[Text, ...] = ()


@result("segmentation study")
@dataclass(frozen=True, eq=False)
class SegmentationStudy:
    """A segmentation judged on images it did not learn from.

    Parameters
    ----------
    name : the method and its network.
    structures : in the order of their labels.
    plan : in words, how the images were divided.
    metrics : each with its interval; first the mean over images of each patient, then over patients. With several structures their
        mean stands before those of each.
    baseline_metrics, against_baseline : the same of the simple method on the same parts, and the paired difference of Dice.
    second_metrics, against_second : the same of a second observer.
    roc : of the pixels inside the region that is judged, one structure only.
    predictions : a row for each test image and structure.
    configuration : the plan of each fold.
    examples : true and found contours, the worst cases first.
    """

    name: Text
    structures: tuple[str, ...]
    plan: Text
    metrics: tuple[Estimate, ...]
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    baseline_metrics: tuple[Estimate, ...] = ()
    against_baseline: PairedComparison | None = None
    second_metrics: tuple[Estimate, ...] = ()
    against_second: PairedComparison | None = None
    roc: tuple[Curve, ...] = ()
    configuration: tuple[Table, ...] = ()
    examples: tuple[Panels, ...] = ()
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
