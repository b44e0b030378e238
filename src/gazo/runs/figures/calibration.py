"""The reliability curve above the numbers of cases it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gazo.core.language import Text
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, GREY, interval_words, place_legend, resize, whole_numbers
from gazo.stats.calibration import Reliability

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@draws(Reliability)
def draw_reliability(fig: Figure, results: tuple[Reliability, ...]) -> None:
    """Observed share against probability with Wilson's intervals; below, how many cases each bin has."""
    found = results[0]
    upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), label=str(Text("理想", "ideal")))
    reach = np.stack([found.observed - found.low, found.high - found.observed])
    label = f"{Text('観測', 'observed')}, {interval_words(found.level)}"
    upper.errorbar(
        found.probability,
        found.observed,
        np.maximum(reach, 0),
        fmt="o-",
        color=COLOURS[0],
        elinewidth=0.8,
        capsize=1.5,
        label=label,
    )
    upper.set(xlim=(0, 1), ylim=(-0.02, 1.02), ylabel=str(Text("実際の陽性割合", "Observed share of positives")))
    upper.set_title(f"ECE {found.ece:.3f}, Brier {found.brier.brier:.3f}")
    middles = (np.ceil(found.probability * found.bins) - 0.5) / found.bins
    lower.bar(middles, found.counts, width=0.9 / found.bins, color=COLOURS[0])
    lower.set_xlabel(str(Text("予測した確率", "Predicted probability")))
    lower.set_ylabel(str(Text("件数", "Cases")))
    lower.yaxis.set_major_locator(whole_numbers(2))
    resize(fig, 1.05)
    place_legend(fig, upper)
