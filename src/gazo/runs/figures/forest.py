"""A forest plot: estimates with their intervals under one another, and what they are in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.results import Estimate
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, GREY, interval_words, resize, wrapped
from gazo.stats.survival.shown import Forest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINE_MM = 6.0


@draws(Forest)
def draw_forest(fig: Figure, results: tuple[Forest, ...]) -> None:
    """A square and a bar for each estimate, a line where there is no effect, the numbers at the right."""
    found = results[0]
    axes = fig.add_subplot()
    lines = len(found.names)
    for place, one in enumerate(found.estimates):
        axes.plot(one.value, place, "s", color=COLOURS[0], markersize=4.5)
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [place, place], color=COLOURS[0], linewidth=1.2)
        axes.annotate(
            _numbers(one), (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=6.5,
        )  # fmt: skip
    axes.axvline(found.neutral, color=GREY, linewidth=0.8, linestyle="--")
    if found.logarithmic:
        _logarithmic(axes, found)
    axes.set_yticks(range(lines), [wrapped(name, 26) for name in found.names])
    axes.set_ylim(lines - 0.5, -0.5)
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    level = found.estimates[0].level if found.estimates else 0.95
    axes.set_xlabel(f"{found.x_label} ({interval_words(level)})")
    axes.set_title(str(found.title))
    resize(fig, 0.2, more_mm=LINE_MM * lines)


def _numbers(one: Estimate) -> str:
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} ({one.low:.2f} – {one.high:.2f})"


def _logarithmic(axes: object, found: Forest) -> None:
    """Ticks at 1, 2, 5 of each decade, as numbers, over the range of the intervals."""
    from matplotlib.axes import Axes
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    assert isinstance(axes, Axes)
    ends = [v for one in found.estimates for v in (one.low, one.high, one.value) if v is not None and v > 0 and np.isfinite(v)]
    ends.append(found.neutral)
    low, high = min(ends), max(ends)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.15, high * 1.15)
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
