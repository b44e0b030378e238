"""Precision-recall curves with their bands and the level of chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import BANDS, GREY, interval_words, line_of, place_legend, resize
from gazo.stats.precision_recall import PrecisionRecallCurve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(PrecisionRecallCurve, together=True)
def draw_precision_recall(fig: Figure, curves: tuple[PrecisionRecallCurve, ...]) -> None:
    """A staircase, since straight lines between the points would flatter; the dotted line is the share of positives."""
    axes = fig.add_subplot()
    for number, curve in enumerate(curves):
        area = curve.average_precision
        name = f"{curve.title}: " if str(curve.title) else ""
        label = f"{name}AP {area.value:.3f} ({area.low:.3f}–{area.high:.3f})"
        recall, precision = [0, *curve.recall], [curve.precision[0], *curve.precision]
        axes.step(recall, precision, where="pre", **line_of(number), label=label, zorder=3)
    for number, curve in enumerate(curves if len(curves) <= BANDS else ()):
        words = str(interval_words(curve.level)) if number == 0 else None
        axes.fill_between(curve.grid, curve.low, curve.high, color=line_of(number)["color"], alpha=0.18, linewidth=0, label=words)
    level = curves[0].prevalence
    axes.axhline(level, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), label=str(Text("偶然", "chance")) + f" ({level:.2f})")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
    axes.set_xlabel(str(Text("再現率 (感度)", "Recall (sensitivity)")))
    axes.set_ylabel(str(Text("適合率 (陽性的中率)", "Precision (positive predictive value)")))
    resize(fig, 0.98)
    place_legend(fig, axes)
