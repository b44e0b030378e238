"""Features of the histogram of grey levels (IBSI 1, chapter 3.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.radiomics.first_order import statistics


def histogram_features(levels: NDArray[Any], count: int) -> dict[str, float]:
    """The 23 features by their tags.

    Parameters
    ----------
    levels : the grey levels of the voxels of the region, from 1.
    count : number of grey levels, empty ones included.
    """
    heights = np.bincount(levels, minlength=count + 1)[1:].astype(np.float64)
    moments = statistics(levels)
    found = {name: value for name, value in moments.items() if name not in ("energy", "rms")}
    shares = heights[heights > 0] / heights.sum()
    modes = np.flatnonzero(heights == heights.max()) + 1  # of several highest levels the one nearest to the mean
    found["mode"] = float(modes[np.abs(modes - moments["mean"]).argmin()])
    found["entropy"] = float(-(shares * np.log2(shares)).sum())
    found["uniformity"] = float((shares**2).sum())
    slopes = np.gradient(heights) if heights.size > 1 else np.zeros(1)
    found |= {"max_grad": float(slopes.max()), "max_grad_g": float(slopes.argmax() + 1)}
    found |= {"min_grad": float(slopes.min()), "min_grad_g": float(slopes.argmin() + 1)}
    return {f"ih_{name}": value for name, value in found.items()}
