"""What an honest judgement of a classifier consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.stats.auc import PairedComparison, RocCurve
from gazo.stats.calibration import Reliability
from gazo.stats.classification import Confusion
from gazo.stats.risk_coverage import RiskCoverage


@result("fold outcome")
@dataclass(frozen=True, eq=False)
class FoldOutcome:
    """What one fold gave: enough to judge it without training it again.

    `test` are row numbers, `probabilities` (n, classes) what the network said of them, `baseline` what the baseline said
    (None without one), `history` one mapping an epoch. `temperature` suits the validation part (None without one); `scaled` says whether
    the probabilities have it in them.
    """

    repeat: int
    number: int
    test: NDArray[np.integer[Any]]
    probabilities: NDArray[np.floating[Any]]
    threshold: float
    history: tuple[dict[str, float], ...]
    baseline: NDArray[np.floating[Any]] | None = None
    baseline_threshold: float = 0.5
    temperature: float | None = None
    scaled: bool = False


@result("classification study")
@dataclass(frozen=True, eq=False)
class ClassificationStudy:
    """A classifier judged on images it did not learn from.

    Parameters
    ----------
    name : the method and its network.
    classes : in order; with two, the second is the positive one.
    plan : in words, how the images were divided.
    metrics : each with its interval; over all test images, each image once (its mean probability over repeats).
    roc : one curve for two classes, else one against the rest for each class.
    baseline_metrics, baseline_roc, against_baseline : the same of the baseline on the same folds, and the paired test.
    losses : training and validation loss over epochs, the mean over folds with the range as band.
    predictions : row, patient pseudonym, truth, what was said, probabilities.
    folds : one row a fold.
    expected_width : of the interval of the AUC, known before training from the number of patients.
    examples : heat maps of right and wrong decisions, of the first fold's network on its test images.
    calibration : ECE and Brier score before and after temperature scaling.
    uncertainty : risk against coverage, for each way of telling how sure the networks are.
    leaks : each check against leaks with its verdict.
    data : tables that describe the images; warnings are sentences a reader must see.
    """

    name: Text
    classes: tuple[str, ...]
    plan: Text
    metrics: tuple[Estimate, ...]
    roc: tuple[RocCurve, ...]
    confusion: Confusion
    reliability: Reliability | None
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    baseline_metrics: tuple[Estimate, ...] = ()
    baseline_roc: tuple[RocCurve, ...] = ()
    against_baseline: PairedComparison | None = None
    expected_width: Estimate | None = None
    examples: tuple[Panels, ...] = ()
    calibration: Table | None = None
    uncertainty: tuple[RiskCoverage, ...] = ()
    leaks: Table | None = None
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
