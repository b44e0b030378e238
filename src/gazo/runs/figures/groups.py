"""The values of groups: every patient a dot, boxes over them, lines where the groups are conditions of the same patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, GREY, resize
from gazo.stats.small.shown import GroupValues, Scatter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LINES = 200


@draws(GroupValues)
def draw_groups(fig: Figure, results: tuple[GroupValues, ...]) -> None:
    """Box: quartiles and median, whiskers to 1.5 times the box (Tukey 1977); the diamond is the mean."""
    found = results[0]
    axes = fig.add_subplot()
    places = np.arange(1, len(found.names) + 1)
    axes.boxplot(
        found.values, positions=places, widths=0.5, showfliers=False, showmeans=True,
        medianprops={"color": COLOURS[1], "linewidth": 1.4}, boxprops={"linewidth": 0.7}, whiskerprops={"linewidth": 0.7},
        capprops={"linewidth": 0.7},
        meanprops={"marker": "D", "markersize": 3, "markerfacecolor": COLOURS[1], "markeredgecolor": COLOURS[1]},
    )  # fmt: skip
    if found.paired and len(found.values[0]) <= MOST_LINES:
        axes.plot(places, np.array(found.values), color=GREY, linewidth=0.5, alpha=0.6)
    for place, values in zip(places, found.values, strict=True):
        across = np.full(len(values), place) if found.paired else place + _aside(values)
        axes.scatter(across, values, s=7 if len(values) <= 200 else 3, color=COLOURS[0], alpha=0.6, linewidths=0, zorder=3)
    axes.set_xticks(places, found.names, rotation=0 if max(map(len, found.names)) <= 60 // len(places) else 30)
    axes.set_ylabel(str(found.label))
    axes.set_title(str(found.title))
    resize(fig, 0.75)


@draws(Scatter)
def draw_scatter(fig: Figure, results: tuple[Scatter, ...]) -> None:
    """Every patient a dot, with the straight line of least squares."""
    found = results[0]
    axes = fig.add_subplot()
    axes.scatter(found.x, found.y, s=9 if len(found.x) <= 300 else 4, color=COLOURS[0], alpha=0.6, linewidths=0)
    if np.ptp(found.x) > 0:
        ends = np.array([found.x.min(), found.x.max()])
        axes.plot(ends, np.polyval(np.polyfit(found.x, found.y, 1), ends), color=COLOURS[1])
    axes.set_xlabel(str(found.x_label))
    axes.set_ylabel(str(found.y_label))
    axes.set_title(str(found.title))
    resize(fig, 0.75)


def _aside(values: np.ndarray) -> np.ndarray:
    """How far each dot stands aside, so that equal values do not cover one another: within a bin of values, from the middle outwards."""
    bins = np.digitize(values, np.linspace(values.min(), values.max(), 31)) if np.ptp(values) else np.zeros(len(values), int)
    order = np.zeros(len(values))
    for one in np.unique(bins):
        here = np.flatnonzero(bins == one)
        n = np.arange(len(here))
        order[here] = (n + 1) // 2 * np.where(n % 2, 1, -1)
    return np.clip(order * min(0.04, 0.2 / max(1.0, np.abs(order).max())), -0.2, 0.2)
