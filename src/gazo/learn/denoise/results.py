"""What an honest judgement of a noise reduction consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.stats.paired import PairedComparison


@result("noise reduction outcome")
@dataclass(frozen=True, eq=False)
class NoiseReductionOutcome:
    """What one fold gave: enough to judge it without training it again.

    Parameters
    ----------
    test : row numbers.
    figures : (n, as many as `judged.FIGURES`), NaN where one does not exist.
    spectra : radial noise power of what was put in and of what was taken off, each with an integral of 1; see `judged.spectra`.
    history : one mapping an epoch.
    """

    repeat: int
    number: int
    test: NDArray[np.integer[Any]]
    figures: NDArray[np.floating[Any]]
    spectra: NDArray[np.floating[Any]]
    history: tuple[dict[str, float], ...]
    examples: tuple[Panels, ...] = ()


@result("noise reduction study")
@dataclass(frozen=True, eq=False)
class NoiseReductionStudy:
    """A noise reduction judged on images it did not learn from, to which noise of the dose asked for was added.

    Parameters
    ----------
    name : what was judged.
    plan : in words, how the images were divided.
    metrics : means over images with intervals by patient; the first is the PSNR.
    compared : the network beside the noisy image, the best Gaussian filter and FNC.
    tests : paired differences, network less the other.
    spectra : noise power against frequency of what was added and of what was taken off.
    losses, predictions, folds, data, warnings, examples : as in every study.
    """

    name: Text
    plan: Text
    metrics: tuple[Estimate, ...]
    compared: Table
    tests: tuple[PairedComparison, ...]
    spectra: tuple[Curve, ...]
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
    examples: tuple[Panels, ...] = ()
