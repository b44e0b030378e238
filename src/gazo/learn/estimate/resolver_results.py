"""What an honest judgement of super-resolution consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Estimate, Panels, Table, result
from gazo.stats.paired import PairedComparison


@result("super-resolution fold")
@dataclass(frozen=True, eq=False)
class ResolverFold:
    """What one fold gave.

    `test` are row numbers, `measures` (n, 2, measures) those of bicubic image and estimate, `spectra` (n, 4, frequencies),
    `history` one mapping an epoch, `taught` the number of training images, `examples` pictures of some test images.
    """

    repeat: int
    number: int
    test: NDArray[np.integer[Any]]
    measures: NDArray[np.floating[Any]]
    spectra: NDArray[np.floating[Any]]
    history: tuple[dict[str, float], ...]
    taught: int
    warnings: tuple[Text, ...] = ()
    examples: tuple[Panels, ...] = ()


@result("super-resolution study")
@dataclass(frozen=True, eq=False)
class SuperResolutionStudy:
    """Super-resolution judged on images the network did not learn from: each is shrunk, restored and compared with itself.

    Parameters
    ----------
    name : the method and its network.
    plan : in words, what taught and what was judged.
    metrics : each with its interval by patient; the mean over test images. PSNR comes first.
    baseline_metrics, against_baseline : the same of bicubic enlargement, and the paired comparison of the PSNR.
    gains : estimate minus bicubic, each with its interval.
    spectra : radial power of truth, bicubic images and estimates, with bands by patient.
    losses : training and validation loss over epochs.
    predictions : one row a test image: all figures, bicubic beside estimate.
    folds : one row a fold.
    examples : truth, restorations and difference images.
    data : tables that describe the images; warnings are sentences a reader must see.
    """

    name: Text
    plan: Text
    metrics: tuple[Estimate, ...]
    baseline_metrics: tuple[Estimate, ...]
    gains: tuple[Estimate, ...]
    against_baseline: PairedComparison
    spectra: tuple[Curve, ...]
    losses: tuple[Curve, ...]
    predictions: Table
    folds: Table
    data: tuple[Table, ...] = ()
    warnings: tuple[Text, ...] = ()
    examples: tuple[Panels, ...] = ()
