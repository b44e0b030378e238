"""Precision-recall curves with their bands and the level of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import GREY, interval_words, line_of, place_legend, resize
from gazo.stats.precision_recall import PrecisionRecallCurve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(PrecisionRecallCurve, together=True)
def draw_precision_recall(fig: Figure, curves: tuple[PrecisionRecallCurve, ...]) -> None:
    """A staircase, since straight lines between the points would flatter; the dotted line is the share of positives."""
    axes = fig.add_subplot()
    level = curves[0].prevalence
    axes.axhline(level, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), label=str(Text("偶然", "chance")) + f" ({level:.2f})")
    for number, curve in enumerate(curves):
        look = line_of(number)
        area = curve.average_precision
        name = f"{curve.title}: " if str(curve.title) else ""
        label = f"{name}AP {area.value:.3f} ({area.low:.3f}–{area.high:.3f})"
        axes.step([0, *curve.recall], [curve.precision[0], *curve.precision], where="pre", **look, label=label, zorder=3)
        if len(curves) <= 3:
            words = str(interval_words(curve.level)) if number == 0 else None
            axes.fill_between(curve.grid, curve.low, curve.high, color=look["color"], alpha=0.18, linewidth=0, label=words)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
    axes.set_xlabel(str(Text("再現率 (感度)", "Recall (sensitivity)")))
    axes.set_ylabel(str(Text("適合率 (陽性的中率)", "Precision (positive predictive value)")))
    resize(fig, 1.0 + 0.055 * (len(curves) + 2))
    place_legend(fig, axes)
