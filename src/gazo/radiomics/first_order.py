"""Intensity statistics of the region (IBSI 1, chapter 3.3), for raw values and for grey levels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def statistics(values: NDArray[Any]) -> dict[str, float]:
    """The 18 statistics by their tags without prefix; NaN where a ratio has no meaning (division by 0).

    Moments divide by N; kurtosis is 0 for a normal distribution; skewness and kurtosis are 0 for equal values.
    """
    x = np.asarray(values, np.float64)
    mean, variance = float(x.mean()), float(x.var())
    away = x - mean
    spread = variance > 1e-12 * max(1.0, mean * mean)
    low, p10, q1, median, q3, p90, high = (float(q) for q in np.percentile(x, [0, 10, 25, 50, 75, 90, 100]))
    middle = x[(x >= p10) & (x <= p90)]
    square = float((x * x).sum())
    return {
        "mean": mean,
        "var": variance,
        "skew": float((away**3).mean()) / variance**1.5 if spread else 0.0,
        "kurt": float((away**4).mean()) / variance**2 - 3 if spread else 0.0,
        "median": median,
        "min": low,
        "p10": p10,
        "p90": p90,
        "max": high,
        "iqr": q3 - q1,
        "range": high - low,
        "mad": float(np.abs(away).mean()),
        "rmad": float(np.abs(middle - middle.mean()).mean()),
        "medad": float(np.abs(x - median).mean()),
        "cov": _ratio(variance**0.5, mean),
        "qcod": _ratio(q3 - q1, q3 + q1),
        "energy": square,
        "rms": (square / x.size) ** 0.5,
    }


def _ratio(above: float, below: float) -> float:
    return above / below if below != 0 else float("nan")
