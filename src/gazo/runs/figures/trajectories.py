"""The spaghetti plot: a thin line for each subject, a thick one with its band for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.radiomics.longitudinal import Trajectories
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import line_of, place_legend, resize, with_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(Trajectories)
def draw_trajectories(fig: Figure, results: tuple[Trajectories, ...]) -> None:
    """Subjects in the colour of their group; the lines of the groups are those of the model."""
    found = results[0]
    axes = fig.add_subplot()
    faint = 0.4 if len(found.group) <= 60 else 0.25
    for subject, group in enumerate(found.group):
        rows = found.subject == subject
        colour = line_of(int(group))["color"]
        axes.plot(found.time[rows], found.value[rows], color=colour, linewidth=0.5, alpha=faint, marker="o", markersize=1.2)
    for number, name in enumerate(found.names):
        look = line_of(number)
        count = int(np.sum(found.group == number))
        axes.plot(found.at, found.mean[number], **look, linewidth=2, label=f"{name} (n = {count})")
        axes.fill_between(found.at, found.low[number], found.high[number], color=look["color"], alpha=0.2, linewidth=0)
    axes.set_xlabel(with_unit(Text("時間", "Time"), found.x_unit))
    axes.set_ylabel(with_unit(found.y_label, found.y_unit))
    axes.grid(color="#E0E0E0", linewidth=0.5)
    axes.margins(x=0.02)
    resize(fig, 0.75)
    place_legend(fig, axes)
