"""A figure of a result as a file: its size in mm, dots per inch, kind, language; plain for paper, or enlarged for a poster."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from gazo.core.errors import OptionError
from gazo.core.language import Language, speaking
from gazo.core.parameters import Ge, Label, Le, checked
from gazo.runs.export_sections import picture_named
from gazo.runs.figures import figure
from gazo.runs.figures.saving import FigureKind, figure_bytes
from gazo.runs.figures.style import MM_PER_INCH

POSTER = 3.0  # 8-point type becomes 24 points, which is read from two metres
NARROWEST_MM = 50  # below, letters leave no room for what is drawn
MOST_MEGAPIXELS = 200


def figure_file(
    drawn: Any,
    *,
    kind: Annotated[FigureKind, Label("ファイルの形式", "Kind of file")] = "png",
    width_mm: Annotated[float, Ge(NARROWEST_MM), Le(1200), Label("図の幅", "Width", "mm")] = 85,
    dpi: Annotated[int, Ge(72), Le(1200), Label("解像度", "Resolution", "dpi")] = 300,
    style: Annotated[Literal["paper", "poster"], Label("用途", "Made for")] = "paper",
    language: Annotated[Literal["ja", "en"] | None, Label("図中の言語", "Language of the figure")] = None,
) -> bytes:
    """The file of a figure of anything that `gazo.figure` draws.

    A PNG is ``width_mm / 25.4 * dpi`` pixels wide, rounded. A poster figure has its type, lines and marks three times as large.
    """
    given = {"kind": kind, "width_mm": width_mm, "dpi": dpi, "style": style, "language": language}
    told = checked(figure_file, given)
    enlarge = POSTER if told["style"] == "poster" else 1.0
    pixels = round(told["width_mm"] / MM_PER_INCH * told["dpi"])
    if told["kind"] == "png" and pixels**2 > MOST_MEGAPIXELS * 1e6:
        raise OptionError(
            "G-EXP-006",
            en=f"a picture of {told['width_mm']:g} mm at {told['dpi']} dpi would be {pixels} pixels wide; at most {int((MOST_MEGAPIXELS * 1e6) ** 0.5)} can be made. Take fewer dpi, or PDF or SVG.",
            ja=f"幅 {told['width_mm']:g} mm、{told['dpi']} dpi の画像は横 {pixels} 画素になります。上限は {int((MOST_MEGAPIXELS * 1e6) ** 0.5)} 画素です。解像度を下げるか、PDF または SVG を選んでください。",
        )
    if told["width_mm"] < NARROWEST_MM * enlarge:
        raise OptionError(
            "G-EXP-023",
            en=f"a figure with poster type needs a width of at least {NARROWEST_MM * enlarge:g} mm; {told['width_mm']:g} came. Make it wider, or take it for paper.",
            ja=f"ポスター用の図には {NARROWEST_MM * enlarge:g} mm 以上の幅が必要です ({told['width_mm']:g} mm を受け取りました)。幅を広げるか、論文用を選んでください。",
        )
    exact_mm = (pixels + 1e-6) / told["dpi"] * MM_PER_INCH  # matplotlib cuts off the fraction of a pixel
    with speaking(told["language"]):
        fig = figure(drawn, width_mm=exact_mm / enlarge, dpi=told["dpi"])
        return figure_bytes(fig, told["kind"], enlarge=enlarge)


def figure_of_result(
    outcome: Any, name: str, *, width_mm: float | None = None, language: Language | None = None, **told: Any
) -> bytes:
    """The file of one of the figures of a result's report; without a width as wide as there."""
    picture = picture_named(outcome, name)
    enlarge = POSTER if told.get("style") == "poster" else 1.0
    return figure_file(
        picture.drawn, width_mm=picture.width_mm * enlarge if width_mm is None else width_mm, language=language, **told
    )
