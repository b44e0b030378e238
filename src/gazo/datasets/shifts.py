"""Two sets side by side: do their images and marked regions come from one distribution?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.datasets.measures import Survey

LEAST = 5


@dataclass(frozen=True)
class Shift:
    """One measure in the set and in the target data: medians, Kolmogorov-Smirnov D and p, standardised mean difference."""

    name: Text
    median: float
    target_median: float
    cases: int
    target_cases: int
    d: float
    p: float
    smd: float


def shifts(here: Survey, target: Survey) -> list[Shift]:
    """Measures that both sets have at least five times, compared by the two-sample Kolmogorov-Smirnov test (scipy `ks_2samp`).

    The standardised mean difference is (mean - target mean) / root of the mean variance (Cohen's d with equal weights).
    """
    ours, theirs = _columns(here), _columns(target)
    pairs = ((name, ours[name], theirs[name]) for name in ours if name in theirs)
    return [_shift(name, a, b) for name, a, b in pairs if min(len(a), len(b)) >= LEAST]


def _columns(found: Survey) -> dict[Text, NDArray[np.float64]]:
    unit = "mm" if all(region.unit == "mm" for region in found.regions) else "px"
    columns = {
        Text("画素値の平均", "mean of pixel values"): found.numbers("mean"),
        Text("画像のコントラスト (SD)", "contrast of images (SD)"): found.numbers("contrast"),
        Text("画像の幅 [px]", "width of images [px]"): found.numbers("columns"),
        Text("画像の高さ [px]", "height of images [px]"): found.numbers("rows"),
        Text(f"領域の等価直径 [{unit}]", f"equivalent diameter of regions [{unit}]"): np.array(
            [region.diameter for region in found.regions if region.unit == unit]
        ),
        Text("領域と周囲のコントラスト [周囲の SD]", "contrast of regions [SD around]"): np.array(
            [r.contrast for r in found.regions]
        ),
    }
    return {name: values[np.isfinite(values)] for name, values in columns.items()}


def _shift(name: Text, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Shift:
    from scipy.stats import ks_2samp

    d, p = ks_2samp(ours, theirs, method="auto" if max(len(ours), len(theirs)) < 1000 else "asymp")
    spread = np.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / 2)
    gap = ours.mean() - theirs.mean()
    smd = float(gap / spread) if spread > 0 else float(np.sign(gap) * np.inf) if gap else 0.0
    return Shift(name, float(np.median(ours)), float(np.median(theirs)), len(ours), len(theirs), float(d), float(p), smd)
