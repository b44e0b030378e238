"""The confusion matrix: counts, percent of each true class, shade by percent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import resize
from gazo.stats.confusion import Confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 55.0  # percent from which on white letters read better than black ones


@draws(Confusion)
def draw_confusion(fig: Figure, results: tuple[Confusion, ...]) -> None:
    """True classes down, predicted classes across; a class without cases shows a dash instead of a percentage."""
    found = results[0]
    percent, number = found.row_percent, len(found.classes)
    axes = fig.add_subplot()
    shown = axes.imshow(np.nan_to_num(percent), cmap="Blues", vmin=0, vmax=100)
    size = min(9.0, 90.0 * fig.get_figwidth() / 3.35 / (number * 6))
    for row, column in np.ndindex(number, number):
        share = "–" if np.isnan(percent[row, column]) else f"{percent[row, column]:.0f} %"
        colour = "white" if percent[row, column] > DARK else "black"
        separator = "\n" if number <= 8 else " "
        text = f"{found.counts[row, column]}{separator}{share}" if number <= 8 else f"{found.counts[row, column]}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)
    long = max(len(name) for name in found.classes) * number > 24
    axes.set_xticks(range(number), found.classes, rotation=45 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(number), found.classes)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(number - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(number - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel(str(Text("予測", "Predicted")))
    axes.set_ylabel(str(Text("正解", "True")))
    if str(found.title):
        axes.set_title(str(found.title))
    bar = fig.colorbar(shown, ax=axes, shrink=0.8, pad=0.03)
    bar.set_label(str(Text("正解クラスに対する割合 [%]", "Share of the true class [%]")))
    bar.outline.set_visible(False)
    resize(fig, 0.85)
