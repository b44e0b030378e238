"""The confusion matrix: counts, percent of each true class, shade by percent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import MM_PER_INCH, letters, resize
from gazo.stats.confusion import Confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_WITH_PERCENT = 8  # classes; with more, the shade alone tells the percentage
DARK = 73.0  # percent from which on white letters have more contrast than black ones (both 4.5 to 1 there)


@draws(Confusion)
def draw_confusion(fig: Figure, results: tuple[Confusion, ...]) -> None:
    """True classes down, predicted classes across; a class without cases shows a dash instead of a percentage."""
    found = results[0]
    percent, number = found.row_percent, len(found.classes)
    axes = fig.add_subplot()
    shown = axes.imshow(np.nan_to_num(percent), cmap="Blues", vmin=0, vmax=100)
    cell_mm = 0.62 * fig.get_figwidth() * MM_PER_INCH / number
    size = min(9.0, 0.75 * cell_mm)  # five letters take four fifths of a cell
    for row, column in np.ndindex(number, number):
        share = "–" if np.isnan(percent[row, column]) else f"{percent[row, column]:.0f} %"
        colour = "white" if percent[row, column] > DARK else "black"
        text = f"{found.counts[row, column]}\n{share}" if number <= MOST_WITH_PERCENT else f"{found.counts[row, column]}"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size, linespacing=1.4)
    long = max(map(letters, found.classes)) * number > 30
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
