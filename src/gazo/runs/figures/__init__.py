"""Figures of results: `figure(result)` draws, `save` writes PNG, SVG or PDF, `svg_text` gives SVG for a page."""

# The modules are imported for what they register: who draws which kind of result.
from gazo.runs.figures import (  # noqa: F401
    bars,
    bland_altman,
    calibration,
    confusion,
    curves,
    flow,
    forest,
    froc,
    groups,
    histogram,
    kaplan_meier,
    panels,
    precision_recall,
    roc,
    surface,
    trajectories,
)
from gazo.runs.figures.drawing import drawable, draws, figure
from gazo.runs.figures.saving import save, svg_text

__all__ = ["drawable", "draws", "figure", "save", "svg_text"]
