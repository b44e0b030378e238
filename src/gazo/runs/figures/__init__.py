"""Figures of results: `figure(result)` draws, `save` writes PNG, SVG or PDF, `svg_text` gives SVG for a page."""

from gazo.runs.figures import bars, calibration, confusion, curves, histogram, panels, precision_recall, roc
from gazo.runs.figures.drawing import draws, figure
from gazo.runs.figures.saving import save, svg_text

__all__ = [
    "bars",
    "calibration",
    "confusion",
    "curves",
    "draws",
    "figure",
    "histogram",
    "panels",
    "precision_recall",
    "roc",
    "save",
    "svg_text",
]
