"""ROC curves with their bands, the line of chance, and the areas in the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import BANDS, GREY, interval_words, line_of, place_legend, resize
from gazo.stats.auc import RocCurve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(RocCurve, together=True)
def draw_roc(fig: Figure, curves: tuple[RocCurve, ...]) -> None:
    """Sensitivity against 1 - specificity, axes of one scale; bands are left out where there are too many."""
    axes = fig.add_subplot()
    for number, curve in enumerate(curves):
        axes.plot(curve.fpr, curve.tpr, **line_of(number), label=_words(curve), clip_on=False, zorder=3)
    for number, curve in enumerate(curves if len(curves) <= BANDS else ()):
        label = str(interval_words(curve.level)) if number == 0 else None
        axes.fill_between(curve.grid, curve.low, curve.high, color=line_of(number)["color"], alpha=0.18, linewidth=0, label=label)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), label=str(Text("偶然", "chance")))
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel(str(Text("偽陽性率 (1 − 特異度)", "False positive fraction (1 − specificity)")))
    axes.set_ylabel(str(Text("真陽性率 (感度)", "True positive fraction (sensitivity)")))
    resize(fig, 0.98)
    place_legend(fig, axes, inside="lower right" if len(curves) == 1 else None)


def _words(curve: RocCurve) -> str:
    area = curve.auc
    interval = "" if area.low is None or area.high is None else f" ({area.low:.3f}–{area.high:.3f})"
    name = f"{curve.title}: " if str(curve.title) else ""
    return f"{name}AUC {area.value:.3f}{interval}"
