"""Dark images: offset, electronic noise, fixed pattern, drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.drawn import grey, panels
from gazo.quality.inputs import region, stack
from gazo.quality.intervals import by_tiles, of_repeats, t_half, tiles


@result("dark level")
@dataclass(frozen=True, eq=False, kw_only=True)
class DarkLevel(Measurement):
    """Mean dark value, noise from frame to frame, fixed pattern, its row and column part, drift from the first frame to the last."""

    level: Estimate
    noise: Estimate
    fixed_pattern: Estimate
    line_pattern: Estimate
    drift: Curve


@operation("暗電流・オフセット", "Dark level", booklet="W10")
def dark_level(frames: Sequence[Image], mask: Image | None = None, *, seed: int = 0) -> DarkLevel:
    """Dark level and noise from frames without exposure.

    Noise: s_t^2 = mean over pixels of the variance over frames (ddof 1), the mean of each frame removed first. Fixed pattern: variance
    over pixels of the mean frame less s_t^2 / n. Line pattern: the part of the fixed pattern in means of rows and columns.

    Parameters
    ----------
    frames : at least two dark frames, not offset-corrected.
    mask : part to be judged.
    """
    dark = stack(frames, least=2, what="dark")
    chosen = region(mask, dark.shape[1:])
    means = np.array([float(frame[chosen].mean(dtype=np.float64)) for frame in dark])
    pixels = dark[:, chosen].astype(np.float64) - means[:, None]
    temporal, average = pixels.var(0, ddof=1), pixels.mean(0)
    owners, count, unit = tiles(chosen), len(dark), frames[0].unit if not isinstance(frames, Image) else frames.unit

    def pattern(values: np.ndarray, noise: np.ndarray) -> float:
        return float(np.sqrt(max(0.0, values.var(ddof=1) - noise.mean() / count)))

    number = np.arange(1, count + 1, dtype=np.float64)
    half = np.array([t_half(frame[chosen].astype(np.float64)[::97], 0.95) or 0.0 for frame in dark]) / np.sqrt(97)
    lines = _lines(dark.mean(0), chosen)
    return DarkLevel(
        level=of_repeats(Text("オフセット", "Dark level"), means, unit=unit),
        noise=by_tiles(
            Text("フレーム間雑音", "Noise from frame to frame"),
            lambda v: float(np.sqrt(v.mean())),
            (temporal,),
            owners,
            seed=seed,
            unit=unit,
        ),
        fixed_pattern=by_tiles(Text("固定パターン", "Fixed pattern"), pattern, (average, temporal), owners, seed=seed, unit=unit),
        line_pattern=Estimate(Text("行・列パターン", "Row and column pattern"), lines, method="one mean frame", unit=unit),
        drift=Curve(
            number,
            means,
            Text("フレーム番号", "Frame"),
            Text("平均", "Mean"),
            Text("オフセットの変動", "Drift of the dark level"),
            y_unit=unit,
            low=means - half,
            high=means + half,
        ),
        shown=panels(Text("暗画像の平均", "Mean dark frame"), (Text("平均画像", "mean frame"), grey(dark.mean(0)))),
        sentence=Text(
            f"オフセットと電子雑音は {count} 枚の暗画像から求め、固定パターンは平均画像の分散からフレーム間雑音の寄与を除いた。",
            f"Dark level and electronic noise were taken from {count} frames without exposure; the fixed pattern is the variance of their mean "
            "less the share of the noise.",
        ),
    )


def _lines(frame: np.ndarray, chosen: np.ndarray) -> float:
    """Standard deviation of the means of rows and of columns, together; lines are taken over marked pixels."""
    weight = chosen.astype(np.float64)
    total = 0.0
    for axis in (0, 1):
        counts = weight.sum(axis)
        kept = counts > 0.5 * counts.max()
        means = (frame * weight).sum(axis)[kept] / counts[kept]
        total += float(means.var(ddof=1)) if kept.sum() > 1 else 0.0
    return float(np.sqrt(total))
