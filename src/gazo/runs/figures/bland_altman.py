"""The Bland-Altman plot: differences over means, the bias and the limits of agreement with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.core.results import number_text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, GREY, interval_words, place_legend, resize, with_unit
from gazo.stats.agreement import BlandAltman

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(BlandAltman)
def draw_bland_altman(fig: Figure, results: tuple[BlandAltman, ...]) -> None:
    """One dot a case; lines at the bias and at both limits with their values, bands for their intervals."""
    found = results[0]
    axes = fig.add_subplot()
    size = 9 if len(found.mean) <= 300 else 4
    axes.scatter(found.mean, found.difference, s=size, color=COLOURS[0], alpha=0.6, linewidths=0)
    axes.axhline(0, color=GREY, linewidth=0.6)
    lines = (
        (found.bias, COLOURS[1], "-", Text("バイアス", "bias")),
        (found.high_limit, COLOURS[2], "--", Text("95 % 一致限界", "95 % limits of agreement")),
        (found.low_limit, COLOURS[2], "--", None),
    )
    for estimate, colour, style, label in lines:
        axes.axhline(estimate.value, color=colour, linestyle=style, linewidth=1.1, label=None if label is None else str(label))
        if estimate.low is not None and estimate.high is not None:
            axes.axhspan(estimate.low, estimate.high, color=colour, alpha=0.15, linewidth=0)
        axes.annotate(
            number_text(estimate.value), (1, estimate.value), xycoords=("axes fraction", "data"), xytext=(2, 0),
            textcoords="offset points", va="center", fontsize=6,
        )  # fmt: skip
    first, second = found.names
    axes.set_xlabel(with_unit(Text(f"平均 ({first.ja}、{second.ja})", f"Mean of {first.en} and {second.en}"), found.unit))
    axes.set_ylabel(with_unit(Text(f"差 ({first.ja} − {second.ja})", f"Difference ({first.en} − {second.en})"), found.unit))
    reach = 1.15 * max(float(np.abs(found.difference).max()), abs(found.high_limit.value), abs(found.low_limit.value), 1e-9)
    axes.set_ylim(-reach, reach)
    axes.axhspan(0, 0, color=COLOURS[2], alpha=0.15, label=str(interval_words(found.bias.level)))
    axes.set_title(str(found.title))
    resize(fig, 0.75)
    place_legend(fig, axes)
