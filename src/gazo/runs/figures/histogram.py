"""How values are spread, groups over one another: scores of each class, ages, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, HATCHES, LINES, place_legend, resize, whole_numbers, with_unit
from gazo.stats.summaries import Histogram

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(Histogram)
def draw_histogram(fig: Figure, results: tuple[Histogram, ...]) -> None:
    """Outlined steps with a colour, a line and a hatch for each group."""
    found = results[0]
    axes = fig.add_subplot()
    for number, (name, counts) in enumerate(zip(found.groups, found.counts, strict=True)):
        colour, line, hatch = (looks[number % len(looks)] for looks in (COLOURS, LINES, HATCHES))
        axes.stairs(counts, found.edges, fill=True, facecolor=colour, alpha=0.25, edgecolor=colour, hatch=hatch, linewidth=0)
        label = f"{name} (n = {counts.sum()})" if str(name) else None
        axes.stairs(counts, found.edges, color=colour, linestyle=line, linewidth=1.2, label=label)
    axes.set_xlabel(with_unit(found.x_label, found.x_unit))
    axes.set_ylabel(str(Text("件数", "Number of cases")))
    axes.set_ylim(bottom=0, top=1.05 * max(1, found.counts.max()))
    axes.set_xlim(found.edges[0], found.edges[-1])
    axes.yaxis.set_major_locator(whole_numbers())
    missing = str(Text(f" (欠損 {found.missing})", f" ({found.missing} missing)")) if found.missing else ""
    axes.set_title(f"{found.title}{missing}")
    resize(fig, 0.7)
    if any(map(str, found.groups)):
        place_legend(fig, axes, inside="best" if len(found.groups) <= 4 else None)
