"""What an honest judgement of a detector consists of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.stats.average_precision import DetectionPrecision
from gazo.stats.detections import Found, HitRule
from gazo.stats.froc import FrocCurve

Ints = NDArray[np.int64]


@result("detection fold")
@dataclass(frozen=True, eq=False)
class DetectionFold:
    """What one fold gave: enough to judge it without training it again.

    Parameters
    ----------
    test, found : rows, and what was found in each, in pixels of the image.
    taught, taught_found : the same of some training images, for the gap between both.
    threshold : score at which the validation part has one false positive an image.
    seconds : for one image, proposals included.
    history : one mapping an epoch.
    """

    repeat: int
    number: int
    test: Ints
    found: tuple[Found, ...]
    taught: Ints
    taught_found: tuple[Found, ...]
    threshold: float
    seconds: float
    history: tuple[dict[str, float], ...] = ()


@result("detection study")
@dataclass(frozen=True, eq=False)
class DetectionStudy:
    """A detector judged on images it did not learn from.

    Parameters
    ----------
    name : the method and its network.
    plan : in words, how the images were divided.
    metrics : each with its interval; the first is the sensitivity at one false positive an image.
    froc, precision : the curve, and the average precision; of all test images, an image tested in several repeats each time.
    losses : training and validation loss over epochs, the mean over folds with the range as band.
    predictions : a row a finding: row of the image, patient pseudonym, box, score, whether it hit.
    folds : a row a fold.
    rows, patients, truth, found : of every test image, so that detectors can be compared on the same ones; `patients` are numbers.
    rule, limit : what counted as a hit.
    examples : images with true and found boxes, of the first fold.
    data : tables that describe the images; warnings are sentences a reader must see.
    """

    name: Text
    plan: Text
    metrics: tuple[Estimate, ...]
    froc: tuple[FrocCurve, ...]
    precision: tuple[DetectionPrecision, ...]
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    rows: Ints
    patients: Ints
    truth: tuple[NDArray[np.float64], ...]
    found: tuple[Found, ...]
    seconds: float
    rule: HitRule = "centre"
    limit: float | None = None
    examples: tuple[Panels, ...] = ()
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
