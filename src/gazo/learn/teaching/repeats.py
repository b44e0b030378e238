"""The interval of a mean over repeats of a teaching experiment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean_and_half(values: Floats) -> tuple[Floats, Floats]:
    """Mean over the repeats (last axis) and half the width of its 95 % interval (Student's t)."""
    from scipy.stats import t

    n = values.shape[-1]
    return values.mean(axis=-1), t.ppf(0.975, n - 1) * values.std(axis=-1, ddof=1) / np.sqrt(n)
