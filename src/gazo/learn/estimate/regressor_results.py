"""What an honest judgement of a regression consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.stats.agreement import BlandAltman
from gazo.stats.paired import PairedComparison


@result("regression fold")
@dataclass(frozen=True, eq=False)
class RegressionFold:
    """What one fold gave.

    `test` are row numbers, `values` what the network said of them, `mean` that of the values that taught (the simplest prediction),
    `baseline` what HOG + ridge said (None without it), `history` one mapping an epoch, `examples` heat maps (of the first fold).
    """

    repeat: int
    number: int
    test: NDArray[np.integer[Any]]
    values: NDArray[np.floating[Any]]
    mean: float
    history: tuple[dict[str, float], ...]
    baseline: NDArray[np.floating[Any]] | None = None
    examples: tuple[Panels, ...] = ()


@result("regression study")
@dataclass(frozen=True, eq=False)
class RegressionStudy:
    """A regression judged on images it did not learn from.

    Parameters
    ----------
    name : the method and its network.
    plan : in words, how the images were divided.
    metrics : each with its interval by patient, over all test images, each image once. MAE comes first.
    agreement : Bland-Altman, estimate minus truth.
    baseline_metrics, against_baseline : the same of HOG + ridge on the same parts, and the paired comparison of the MAE.
    mean_metrics, against_mean : the same of always saying the mean of the training part.
    losses : training and validation loss over epochs.
    predictions : row, patient pseudonym, truth, estimate, difference.
    folds : one row a fold.
    examples : heat maps of the best and the worst estimates.
    data : tables that describe the images; warnings are sentences a reader must see.
    """

    name: Text
    plan: Text
    metrics: tuple[Estimate, ...]
    agreement: BlandAltman
    mean_metrics: tuple[Estimate, ...]
    against_mean: PairedComparison
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    baseline_metrics: tuple[Estimate, ...] = ()
    against_baseline: PairedComparison | None = None
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
    examples: tuple[Panels, ...] = ()
