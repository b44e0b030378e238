"""How many there are of each kind, in each part of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, HATCHES, place_legend, resize, whole_numbers, wrapped
from gazo.stats.summaries import Bars

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(Bars)
def draw_bars(fig: Figure, results: tuple[Bars, ...]) -> None:
    """Bars side by side with their counts above; lying down where there are many kinds or long names."""
    found = results[0]
    axes = fig.add_subplot()
    kinds, parts = len(found.names), len(found.series)
    lying = kinds > 8 or max(len(str(name)) for name in found.names) * kinds > 50
    thickness = 0.8 / parts
    for number, (name, counts) in enumerate(zip(found.series, found.counts, strict=True)):
        places = np.arange(kinds) - 0.4 + thickness * (number + 0.5)
        look: dict[str, Any] = {
            "color": COLOURS[number % len(COLOURS)],
            "hatch": HATCHES[number % len(HATCHES)],
            "edgecolor": "white",
            "linewidth": 0.5,
            "label": str(name),
        }
        drawn = axes.barh(places, counts, thickness, **look) if lying else axes.bar(places, counts, thickness, **look)
        axes.bar_label(drawn, fontsize=6, padding=1)
    names = [wrapped(str(name), 24) for name in found.names]
    if lying:
        axes.set_yticks(range(kinds), names)
        axes.invert_yaxis()
        axes.set_xlabel(str(found.y_label))
        axes.margins(x=0.12)
    else:
        axes.set_xticks(range(kinds), names)
        axes.set_ylabel(str(found.y_label))
        axes.margins(y=0.12)
    (axes.xaxis if lying else axes.yaxis).set_major_locator(whole_numbers())
    axes.set_title(str(found.title))
    resize(fig, max(0.6, 0.12 + 0.055 * kinds * max(1, parts / 2)) if lying else 0.7)
    if any(map(str, found.series)):
        place_legend(fig, axes)
