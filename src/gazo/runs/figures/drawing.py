"""`figure(result)`: finds who draws a kind of result, and gives a matplotlib figure that knows its size in mm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gazo.core.errors import OptionError
from gazo.core.language import Language, speaking
from gazo.core.registry import feature
from gazo.runs.figures.style import MM_PER_INCH, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawer = Callable[[Any, tuple[Any, ...]], None]
_drawers: dict[type, tuple[Drawer, bool]] = {}


def draws(kind: type, *, together: bool = False) -> Callable[[Drawer], Drawer]:
    """Make a function the one that draws a kind of result: ``drawer(fig, results)``.

    Parameters
    ----------
    kind : the class of the result.
    together : several results of the kind may stand in one figure; otherwise `results` holds exactly one.
    """

    def add(drawer: Drawer) -> Drawer:
        if kind in _drawers:
            raise ValueError(f"{kind.__name__} is drawn by {_drawers[kind][0].__module__} already")
        _drawers[kind] = drawer, together
        return drawer

    return add


@feature("結果の図", "Figure of a result")
def figure(result: Any, *, language: Language | None = None, width_mm: float = 85, dpi: int = 300) -> Figure:
    """Draw a result, or a tuple of results of one kind over one another.

    Parameters
    ----------
    result : RocCurve, PrecisionRecallCurve, Curve (each also several), Confusion, Reliability, Histogram, Bars, Panels, Surface.
    language : "ja" or "en"; None takes the language spoken now.
    width_mm : 85 is one column of a journal, 175 both; the height follows from what is drawn.
    dpi : dots per inch of a PNG made from it; 300 for halftones, 600 for lines.
    """
    results = result if isinstance(result, tuple | list) else (result,)
    drawer = _drawer(tuple(results))
    with speaking(language), styled():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        drawn = Figure(figsize=(width_mm / MM_PER_INCH, width_mm / MM_PER_INCH), dpi=dpi, layout="constrained")
        FigureCanvasAgg(drawn)
        drawer(drawn, tuple(results))
        drawn.draw_without_rendering()  # ticks are made when drawn: they must take the font of this block
    return drawn


def drawable(value: Any) -> bool:
    """Whether a figure can be drawn of this one result."""
    return type(value) in _drawers


def _drawer(results: tuple[Any, ...]) -> Drawer:
    kinds = {type(one) for one in results}
    drawer, together = _drawers.get(next(iter(kinds)), (None, False)) if len(kinds) == 1 else (None, False)
    if drawer is None or (len(results) > 1 and not together):
        came = ", ".join(sorted(kind.__name__ for kind in kinds)) or "nothing"
        known = ", ".join(sorted(kind.__name__ + (" (+)" if many else "") for kind, (_, many) in _drawers.items()))
        raise OptionError(
            "G-FIG-001",
            en=f"a figure shows one result, or several of one kind marked (+); {came} x {len(results)} came. Can be drawn: {known}.",
            ja=f"図にできるのは 1 つの結果か、(+) の付いた同じ種類の複数の結果です。受け取ったもの: {came} × {len(results)}。図にできる種類: {known}。",
        )
    return drawer
