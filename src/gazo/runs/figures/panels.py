"""Images in a grid, heat maps over them, captions below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Panels
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import COLOURS, MAP, MM_PER_INCH, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_MM = 26.0  # width of the smallest panel
CAPTION_LINE_MM = 2.7
LETTER_MM = 1.3  # of a caption, 6 points
STRONGEST = 0.65  # how far the strongest heat covers the image
FRAMES: tuple[dict[str, Any], ...] = ({"edgecolor": COLOURS[5], "linestyle": "-"}, {"edgecolor": COLOURS[4], "linestyle": "--"})


@draws(Panels)
def draw_panels(fig: Figure, results: tuple[Panels, ...]) -> None:
    """As many panels a row as have `LEAST_MM` each; heat shows by colour and by how much it covers, weak heat is transparent."""
    found = results[0]
    fig.set_layout_engine("compressed")  # equal gaps, though the images have shapes of their own
    width_mm = fig.get_figwidth() * MM_PER_INCH
    columns = max(1, min(len(found.images), int(width_mm / LEAST_MM)))
    rows = -(-len(found.images) // columns)
    captions = [wrapped(str(caption), int(width_mm / columns / LETTER_MM)) for caption in found.captions]
    grid = fig.subplots(rows, columns, squeeze=False)
    overlays = found.overlays or (None,) * len(found.images)
    heated = [_panel(*each) for each in zip(grid.flat, found.images, overlays, captions, strict=False)]
    framed = [_frames(*each) for each in zip(grid.flat, found.boxes, strict=False)]
    for axes in grid.flat:
        axes.set_axis_off()
    heat = next((shown for shown in heated if shown is not None), None)
    if heat is not None:
        _scale(fig, grid, heat)
    if any(framed):
        _key(fig)
    fig.suptitle(str(found.title), fontsize=8)
    tallest = max(image.shape[0] / image.shape[1] for image in found.images)
    lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    height_mm = rows * (width_mm / columns * tallest + lines * CAPTION_LINE_MM + 1.5) + 6 + (9 if heat is not None else 0)
    height_mm += 5 if any(framed) else 0
    fig.set_figheight(height_mm / MM_PER_INCH)


def _panel(axes: Any, image: np.ndarray, overlay: np.ndarray | None, caption: str) -> Any:
    """One image; gives back its heat map, None without one."""
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.text(0.5, -0.03, caption, transform=axes.transAxes, ha="center", va="top", fontsize=6)
    if overlay is None:
        return None
    height, width = image.shape[:2]
    heat = overlay / 255
    return axes.imshow(
        heat,
        cmap=MAP,
        vmin=0,
        vmax=1,
        alpha=STRONGEST * heat,
        extent=(-0.5, width - 0.5, height - 0.5, -0.5),
        interpolation="bilinear",
    )


def _frames(axes: Any, boxes: np.ndarray | None) -> bool:
    """True boxes in solid, found ones in broken lines of another colour; whether there is any."""
    from matplotlib.patches import Rectangle

    for x, y, width, height, kind in [] if boxes is None else boxes.tolist():
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), width, height, fill=False, linewidth=0.9, **FRAMES[int(kind)]))
    return boxes is not None and len(boxes) > 0


def _key(fig: Figure) -> None:
    """What the frames mean, below the panels."""
    from matplotlib.lines import Line2D

    names = str(Text("正解", "true")), str(Text("検出", "found"))
    lines = [Line2D([], [], color=look["edgecolor"], linestyle=look["linestyle"], linewidth=1) for look in FRAMES]
    fig.legend(lines, names, loc="outside lower center", ncols=2)


def _scale(fig: Figure, grid: Any, heat: Any) -> None:
    from matplotlib.cm import ScalarMappable

    bar = fig.colorbar(
        ScalarMappable(heat.norm, heat.cmap), ax=grid, orientation="horizontal", shrink=0.4, aspect=30, pad=0.02, ticks=[0, 1]
    )
    bar.ax.set_xticklabels([str(Text("弱い", "weak")), str(Text("強い", "strong"))])
    bar.ax.tick_params(length=0, labelsize=6)
    bar.outline.set_visible(False)
