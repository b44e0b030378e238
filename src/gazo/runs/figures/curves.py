"""Curves with bands: learning curves, and any y against x."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.results import Curve
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import BANDS, MARKERS, line_of, place_legend, resize, whole_numbers, with_unit, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = 8  # markers a curve carries, so that it is known in black and white


@draws(Curve, together=True)
def draw_curves(fig: Figure, curves: tuple[Curve, ...]) -> None:
    """Curves over one another, told apart by colour, line and marker, with their bands where there are few; axes are labelled as the first one says."""
    axes = fig.add_subplot()
    for number, curve in enumerate(curves):
        look = line_of(number)
        every = max(1, -(-len(curve.x) // MARKS))
        marker = MARKERS[number % len(MARKERS)] if len(curves) > 1 or len(curve.x) < 2 else None
        start = number * every // max(1, len(curves)) if len(curve.x) > MARKS else 0
        axes.plot(curve.x, curve.y, **look, marker=marker, markevery=(start, every), label=str(curve.title))
        if curve.low is not None and curve.high is not None and len(curves) <= BANDS:
            axes.fill_between(curve.x, curve.low, curve.high, color=look["color"], alpha=0.18, linewidth=0)
    first = curves[0]
    axes.set_xlabel(with_unit(first.x_label, first.x_unit))
    axes.set_ylabel(wrapped(with_unit(first.y_label, first.y_unit), 34))
    axes.margins(x=0.02)
    axes.grid(color="#E0E0E0", linewidth=0.5)
    if all(np.array_equal(curve.x, np.round(curve.x)) for curve in curves):
        axes.xaxis.set_major_locator(whole_numbers())
    if len(curves) == 1:
        axes.set_title(str(first.title))
    resize(fig, 0.7)
    if len(curves) > 1:
        place_legend(fig, axes, inside="best" if len(curves) <= 4 else None)
