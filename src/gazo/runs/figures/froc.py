"""FROC curves with their bands, false positives on a logarithmic axis, the mean sensitivities in the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import BANDS, interval_words, line_of, place_legend, resize
from gazo.stats.froc import RATES, FrocCurve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(FrocCurve, together=True)
def draw_froc(fig: Figure, curves: tuple[FrocCurve, ...]) -> None:
    """Sensitivity by lesion against false positives an image from 1/8 to 8; bands are left out where there are too many."""
    axes = fig.add_subplot()
    for number, curve in enumerate(curves):
        look, name = line_of(number), str(curve.title)
        rate = np.append(curve.false_positives, max(16.0, curve.false_positives[-1]))
        steps = np.append(curve.sensitivity, curve.sensitivity[-1])
        words = f"{name}: " if name else ""
        label = f"{words}{Text('平均感度', 'mean sensitivity')} {curve.mean.value:.3f}"
        axes.plot(np.maximum(rate, 1e-6), steps, **look, drawstyle="steps-post", label=label, zorder=3)
    for number, curve in enumerate(curves if len(curves) <= BANDS else ()):
        shown = str(interval_words(curve.level)) if number == 0 else None
        axes.fill_between(curve.grid, curve.low, curve.high, color=line_of(number)["color"], alpha=0.18, linewidth=0, label=shown)
    axes.set_xscale("log", base=2)
    axes.set(xlim=(RATES[0], RATES[-1]), ylim=(0, 1))
    axes.set_xticks(RATES, [f"1/{round(1 / r)}" if r < 1 else f"{r:g}" for r in RATES])
    axes.minorticks_off()
    axes.set_xlabel(str(Text("画像あたりの偽陽性数", "False positives per image")))
    axes.set_ylabel(str(Text("感度 (病変単位)", "Sensitivity (by lesion)")))
    axes.grid(color="#E0E0E0", linewidth=0.5)
    resize(fig, 0.85)
    place_legend(fig, axes)
