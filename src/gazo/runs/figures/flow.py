"""Who was left out of a study, and why: boxes from top to bottom, as CONSORT and STARD show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.datasets.cohort import Flow
from gazo.runs.figures.drawing import draws
from gazo.runs.figures.style import MM_PER_INCH, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BOX_MM, _GAP_MM, _LINE_MM = 11.0, 5.0, 3.6


@draws(Flow)
def draw_flow(fig: Figure, results: tuple[Flow, ...]) -> None:
    """What remains stands on the left, what is left out on the right of the arrow to the next box."""
    flow = results[0]
    width_mm = fig.get_figwidth() * MM_PER_INCH
    letters = int(width_mm * 0.46 / 1.45)
    told = [wrapped(str(step.reason), letters) for step in flow.steps]
    side_mm = [_LINE_MM * (text.count("\n") + 2) + 3 for text in told]
    height_mm = _BOX_MM + sum(max(side, _BOX_MM) + 2 * _GAP_MM + _BOX_MM for side in side_mm) + 2
    fig.set_figheight(height_mm / MM_PER_INCH)
    fig.set_layout_engine("none")
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width_mm)
    axes.set_ylim(-height_mm, 0)
    axes.set_axis_off()
    left, main = 1.0, width_mm * 0.42
    middle, top = left + main / 2, -1.0
    start = Text("対象", "All")
    _box(axes, left, top, main, _BOX_MM, f"{start}\n{_count(flow, flow.images, flow.patients)}")
    for number, (step, text, side) in enumerate(zip(flow.steps, told, side_mm, strict=True)):
        gap = max(side, _BOX_MM) + 2 * _GAP_MM
        below = top - _BOX_MM - gap
        _arrow(axes, middle, top - _BOX_MM, middle, below)
        beside = top - _BOX_MM - gap / 2
        right = width_mm * 0.5
        _arrow(axes, middle, beside, right, beside)
        out = Text("除外", "Left out")
        _box(
            axes,
            right,
            beside + side / 2,
            width_mm - right - 1,
            side,
            f"{out}: {_count(flow, step.images_out, step.patients_out)}\n{text}",
        )
        last = Text("解析対象", "Analysed") if number == len(flow.steps) - 1 else Text("残り", "Left")
        top = below
        _box(axes, left, top, main, _BOX_MM, f"{last}\n{_count(flow, step.images, step.patients)}")


def _count(flow: Flow, images: int, patients: int) -> Text:
    if not flow.patients_known:
        return Text(f"画像 {images} 枚", f"{images} images")
    return Text(f"患者 {patients} 人、画像 {images} 枚", f"{patients} patients, {images} images")


def _box(axes: object, x: float, top: float, width: float, height: float, text: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, top - height), width, height, fill=False, linewidth=0.8))  # type: ignore[attr-defined]
    axes.text(x + width / 2, top - height / 2, text, ha="center", va="center", fontsize=7)  # type: ignore[attr-defined]


def _arrow(axes: object, x: float, y: float, to_x: float, to_y: float) -> None:
    axes.annotate(
        "", (to_x, to_y), (x, y), arrowprops={"arrowstyle": "-|>", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "color": "black"}
    )  # type: ignore[attr-defined]
