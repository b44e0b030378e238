"""Survival curves as staircases with ticks at censored patients, limits, and the number at risk below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import BANDS, MM_PER_INCH, line_of, resize, with_unit
from gazo.stats.survival.kaplan_meier import SurvivalCurve
from gazo.stats.survival.shown import SurvivalCurves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW_MM = 3.6  # of the table of numbers at risk


@draws(SurvivalCurves)
def draw_survival(fig: Figure, results: tuple[SurvivalCurves, ...]) -> None:
    """One staircase a group; the table below says how many were at risk at each tick of the axis of time."""
    found = results[0]
    lines = len(found.curves)
    width_mm = fig.get_figwidth() * MM_PER_INCH
    resize(fig, 0.62, more_mm=ROW_MM * (lines + 1) + 3)
    height_mm = fig.get_figheight() * MM_PER_INCH
    table_mm = ROW_MM * (lines + 1)
    axes, below = fig.subplots(2, 1, sharex=True, height_ratios=(height_mm - table_mm - 12, table_mm))
    for number, curve in enumerate(found.curves):
        _staircase(axes, curve, number, band=lines <= BANDS)
    axes.set_ylim(0, 1.03)
    axes.set_xlim(left=0)
    axes.set_ylabel(str(Text("生存率", "Survival")))
    axes.grid(color="#E0E0E0", linewidth=0.5)
    axes.set_title(str(found.title))
    if lines > 1:
        axes.legend(loc="upper right", title=str(found.note) or None, title_fontsize=7)
    axes.tick_params(labelbottom=True)
    axes.set_xlabel(with_unit(Text("時間", "Time"), found.x_unit))
    _numbers(below, found, [t for t in axes.get_xticks() if 0 <= t <= axes.get_xlim()[1]], width_mm)


def _staircase(axes: Any, curve: SurvivalCurve, number: int, *, band: bool) -> None:
    look = line_of(number)
    x, y = np.append(0, curve.time), np.append(1, curve.survival)
    axes.step(x, y, where="post", **look, label=str(curve.name))
    if band:
        low, high = np.append(1, curve.low), np.append(1, curve.high)
        axes.fill_between(x, low, high, step="post", color=look["color"], alpha=0.15, linewidth=0)
    lost = curve.censored > 0
    axes.plot(curve.time[lost], curve.survival[lost], "|", color=look["color"], markersize=4, markeredgewidth=0.7)


def _numbers(below: Any, found: SurvivalCurves, ticks: list[float], width_mm: float) -> None:
    """The numbers at risk in the colours of their curves, under the ticks."""
    lines = len(found.curves)
    below.set_ylim(-0.5, lines + 0.5)
    below.invert_yaxis()
    below.tick_params(bottom=False, left=False, labelbottom=False, pad=11)
    for side in ("bottom", "left"):
        below.spines[side].set_visible(False)
    size = 6.5
    names = [str(curve.name) for curve in found.curves]
    below.set_yticks(range(lines + 1), [str(Text("リスク集合", "At risk")), *names], fontsize=size)
    for number, curve in enumerate(found.curves):
        colour = line_of(number)["color"]
        below.get_yticklabels()[number + 1].set_color(colour)
        for tick in ticks:
            below.text(tick, number + 1, str(curve.still_at_risk(tick)), ha="center", va="center", fontsize=size, color=colour)
