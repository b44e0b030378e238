"""Values on a plane, such as a two-dimensional Wiener spectrum: a map with its scale, equal steps on both axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.results import Surface
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import MAP, MM_PER_INCH, with_unit, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RANGE = 1e4  # a logarithmic scale shows this ratio of highest to lowest at most
BESIDE_MM = 26.0  # room for the axis and the scale


@draws(Surface)
def draw_surface(fig: Figure, results: tuple[Surface, ...]) -> None:
    """One map; `Surface.logarithmic` chooses the scale. Axes of one unit get equal lengths for equal steps."""
    found = results[0]
    axes = fig.add_subplot()
    drawn = axes.imshow(
        _above_zero(found.values) if found.logarithmic else found.values,
        origin="lower",
        cmap=MAP,
        norm=_scale(found),
        extent=(*_ends(found.x), *_ends(found.y)),
        aspect="equal" if found.x_unit == found.y_unit else "auto",
        interpolation="nearest",
    )
    axes.set_xlabel(with_unit(found.x_label, found.x_unit))
    axes.set_ylabel(with_unit(found.y_label, found.y_unit))
    axes.set_title(str(found.title))
    plain = (
        (lambda value, _: f"{value:g}") if found.logarithmic else None
    )  # powers of ten would come as mathematics, which is off
    bar = fig.colorbar(drawn, ax=axes, fraction=0.05, pad=0.03, format=plain)
    bar.set_label(wrapped(with_unit(found.value_label, found.value_unit), 40))
    bar.outline.set_linewidth(0.5)
    width_mm = fig.get_figwidth() * MM_PER_INCH
    tall = _span(found.y) / _span(found.x) if found.x_unit == found.y_unit else 0.75
    fig.set_figheight(((width_mm - BESIDE_MM) * min(max(tall, 0.2), 3) + 14) / MM_PER_INCH)


def _scale(found: Surface) -> Any:
    from matplotlib.colors import LogNorm, Normalize

    values = found.values[np.isfinite(found.values)]
    highest = float(values.max()) if values.size else 1.0
    if not found.logarithmic or highest <= 0:
        return Normalize(float(values.min()) if values.size else 0.0, highest)
    return LogNorm(max(float(values[values > 0].min()), highest / RANGE), highest)


def _above_zero(values: Any) -> Any:
    """Zero has no logarithm; it is shown as the lowest value of the scale."""
    highest = max(float(np.nanmax(values)), np.finfo(float).tiny)
    return np.maximum(values, highest / RANGE / 10)


def _ends(axis: Any) -> tuple[float, float]:
    """Outer edges of the first and last cell."""
    half = float(axis[1] - axis[0]) / 2 if len(axis) > 1 else 0.5
    return float(axis[0]) - half, float(axis[-1]) + half


def _span(axis: Any) -> float:
    low, high = _ends(axis)
    return high - low
