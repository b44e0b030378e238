"""What an anti-scatter grid does to primary and scatter (JIS Z 4910, IEC 60627)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Estimate, Measurement, result

# Transmission of primary and of scatter. Illustrative values, not a maker's: measure your grid or take its data sheet.
GRIDS: Mapping[str, tuple[float, float]] = {
    "6:1": (0.72, 0.24),
    "8:1": (0.70, 0.16),
    "10:1": (0.68, 0.12),
    "12:1": (0.67, 0.10),
}


@result("grid-factors")
@dataclass(frozen=True, eq=False, kw_only=True)
class GridFactors(Measurement):
    """The quantities of a grid; computed, so without intervals.

    Parameters
    ----------
    total_transmission : Tt = (Tp + Ts SPR) / (1 + SPR).
    exposure_factor : B = 1 / Tt (Bucky factor).
    contrast_improvement : K = Tp / Tt.
    selectivity : Sigma = Tp / Ts; infinite for a grid that passes no scatter.
    improvement_factor : Q = Tp^2 / Tt.
    """

    total_transmission: Estimate
    exposure_factor: Estimate
    contrast_improvement: Estimate
    selectivity: Estimate
    improvement_factor: Estimate


@operation("グリッドの特性値", "Grid factors", booklet="P5")
def grid_factors(
    *,
    primary_transmission: Annotated[float, Gt(0), Le(1), Label("一次線透過率", "Transmission of primary")] = 0.70,
    scatter_transmission: Annotated[float, Ge(0), Le(1), Label("散乱線透過率", "Transmission of scatter")] = 0.16,
    scatter_to_primary: Annotated[float, Ge(0), Le(100), Label("散乱線/一次線比", "Scatter to primary")] = 2.3,
) -> GridFactors:
    """Exposure factor, contrast improvement, selectivity and image improvement of a grid before given scatter.

    Tt = (Tp + Ts SPR)/(1 + SPR), B = 1/Tt, K = Tp/Tt, Sigma = Tp/Ts, Q = Tp^2/Tt (JIS Z 4910, IEC 60627).
    """
    tp, ts, spr = primary_transmission, scatter_transmission, scatter_to_primary
    total = (tp + ts * spr) / (1 + spr)
    return GridFactors(
        total_transmission=Estimate(Text("全放射線透過率 Tt", "Transmission of total radiation Tt"), total),
        exposure_factor=Estimate(Text("露出係数 B", "Exposure factor B"), 1 / total),
        contrast_improvement=Estimate(Text("コントラスト改善比 K", "Contrast improvement ratio K"), tp / total),
        selectivity=Estimate(Text("選択度 Σ", "Selectivity Σ"), tp / ts if ts > 0 else float("inf")),
        improvement_factor=Estimate(Text("イメージ改善係数 Q", "Image improvement factor Q"), tp**2 / total),
        sentence=Text(
            f"一次線透過率 {tp:g}、散乱線透過率 {ts:g} のグリッドの特性値を、散乱線/一次線比 {spr:g} について JIS Z 4910 (IEC 60627) の定義で計算した。",
            f"The quantities of a grid with transmissions of {tp:g} (primary) and {ts:g} (scatter) were computed after JIS Z 4910 (IEC 60627) "
            f"for a scatter-to-primary ratio of {spr:g}.",
        ),
    )
