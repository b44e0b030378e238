"""Intensity-volume histogram (IBSI 1, chapter 3.5): what share of the volume has at least a given value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.radiomics.discretise import fixed_number, fixed_size
from gazo.radiomics.settings import Settings

MOST_LEVELS = 200_000


def ivh_features(values: NDArray[Any], settings: Settings) -> dict[str, float]:
    """V10, V90, I10, I90, their differences and the area under the curve (the last is not standardised).

    V_x: largest volume share with an intensity share of at least x %; I_x: least value present in at most x % of the volume. When no
    level is that rare, I_x is one step above the highest.
    """
    grid, positions = _levels(np.asarray(values, np.float64), settings)
    counts = np.bincount(positions, minlength=grid.size).astype(np.float64)
    volume = counts[::-1].cumsum()[::-1] / positions.size
    intensity = (grid - grid[0]) / (grid[-1] - grid[0]) if grid.size > 1 else np.zeros(1)
    v10, v90 = (_first(volume, intensity >= x, 0.0) for x in (0.1, 0.9))
    above = float(2 * grid[-1] - grid[-2]) if grid.size > 1 else float(grid[-1])
    i10, i90 = (_first(grid, volume <= x, above) for x in (0.1, 0.9))
    area = float(np.trapezoid(volume, intensity)) if grid.size > 1 else 0.0
    return {
        "ivh_v10": v10, "ivh_v90": v90, "ivh_i10": i10, "ivh_i90": i90,
        "ivh_diff_v10_v90": v10 - v90, "ivh_diff_i10_i90": i10 - i90, "ivh_auc": area,
    }  # fmt: skip


def _first(of: NDArray[Any], where: NDArray[np.bool_], otherwise: float) -> float:
    return float(of[where.argmax()]) if where.any() else otherwise


def _levels(values: NDArray[np.float64], settings: Settings) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The levels of the histogram and the place of each voxel among them (0 is the first).

    They run from the lowest to the highest value allowed, else over the values of the region: whole numbers, or centres of bins.
    """
    if settings.ivh == "fixed bin number":
        return np.arange(1.0, settings.ivh_bin_number + 1), fixed_number(values, settings.ivh_bin_number) - 1
    low = float(values.min()) if settings.lowest is None else settings.lowest
    high = float(values.max()) if settings.highest is None else settings.highest
    whole = settings.ivh == "values"
    size = 1.0 if whole else settings.ivh_bin_size
    if (high - low) / size > MOST_LEVELS:
        raise DataError(
            "G-RAD-006",
            en=f"the intensity-volume histogram would have {(high - low) / size:.0f} levels; {MOST_LEVELS} is the most. "
            "Choose ivh='fixed bin number' or a larger bin size.",
            ja=f"値・体積ヒストグラムの階調数が {(high - low) / size:.0f} になります (上限 {MOST_LEVELS})。"
            "ivh='fixed bin number' を選ぶか、ビンの幅を広げてください。",
        )
    positions = np.round(values - low).astype(np.int64) if whole else fixed_size(values, size, low) - 1
    count = max(int(positions.max()) + 1, round((high - low) / size) + whole)
    return np.asarray(low + size * (np.arange(count) + (0.0 if whole else 0.5)), np.float64), positions
