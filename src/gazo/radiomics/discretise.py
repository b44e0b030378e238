"""Grey levels of a region: bins of a fixed size or a fixed number of bins (IBSI 1, chapter 2.7)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.radiomics.settings import Settings

Levels = NDArray[np.int32]
MOST = 1024  # grey levels: 13 matrices of pairs then take 0.1 GB


def levels_of(volume: NDArray[Any], mask: NDArray[np.bool_], settings: Settings) -> Levels:
    """Grey levels from 1 in the region, 0 outside."""
    values = volume[mask]
    found = (
        fixed_size(values, settings.bin_size, start(values, settings))
        if by_size(settings)
        else fixed_number(values, settings.bin_number)
    )
    if found.max() > MOST:
        raise DataError(
            "G-RAD-005",
            en=f"bins of {settings.bin_size:g} make {found.max()} grey levels; {MOST} is the most. Choose a larger bin size or a fixed number of bins.",
            ja=f"ビンの幅 {settings.bin_size:g} では階調数が {found.max()} になります (上限 {MOST})。ビンの幅を広げるか、ビンの数を固定してください。",
        )
    levels = np.zeros(volume.shape, np.int32)
    levels[mask] = found
    return levels


def by_size(settings: Settings) -> bool:
    """True for bins of a fixed size."""
    return settings.discretisation == "fixed bin size"


def start(values: NDArray[Any], settings: Settings) -> float:
    """Where bins of a fixed size begin: where the caller says, else at the lowest value allowed, else at the least value."""
    given = settings.bin_start if settings.bin_start is not None else settings.lowest
    return float(values.min()) if given is None else given


def fixed_size(values: NDArray[Any], size: float, first: float) -> NDArray[np.int64]:
    """floor((x - first) / size) + 1, at least 1."""
    return np.asarray(np.maximum(np.floor((values - first) / size) + 1, 1), np.int64)


def fixed_number(values: NDArray[Any], number: int) -> NDArray[np.int64]:
    """floor(N (x - min) / (max - min)) + 1, and N for the largest value; 1 everywhere when all are equal."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.ones(values.shape, np.int64)
    return np.asarray(np.minimum(np.floor(number * (values - low) / (high - low)) + 1, number), np.int64)
