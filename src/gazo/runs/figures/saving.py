"""Figures as files: PNG, SVG and PDF that are the same byte for byte each time they are made, on paper or enlarged for a poster."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gazo.core.errors import OptionError
from gazo.core.files import replacing
from gazo.runs.figures.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FigureKind = Literal["png", "svg", "pdf"]

# What matplotlib would write besides: dates, and its version in PNG.
METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}
_SIZE = re.compile(r'(?<= )(width|height)="([\d.]+)pt"')


def save(fig: Figure, path: Path | str) -> None:
    """Write a figure; the ending of the name (.png, .svg, .pdf) says as what. Texts of SVG are outlines, so no font is needed to read it."""
    kind = kind_of_figure(path)
    with replacing(path) as file, styled():
        fig.savefig(file, format=kind, metadata=METADATA[kind])


def kind_of_figure(path: Path | str) -> FigureKind:
    """What the ending of a name says; another ending is refused."""
    kind = Path(path).suffix.lower().lstrip(".")
    if kind not in METADATA:
        raise OptionError(
            "G-FIG-002",
            en=f"a figure is written as .png, .svg or .pdf; '{Path(path).name}' came. Give the file one of these endings.",
            ja=f"図は .png、.svg、.pdf のいずれかで保存します。受け取った名前: 「{Path(path).name}」。拡張子を直してください。",
        )
    return kind  # type: ignore[return-value]


def figure_bytes(fig: Figure, kind: FigureKind, *, enlarge: float = 1.0) -> bytes:
    """The content of a figure's file.

    Parameters
    ----------
    fig : made by `gazo.figure`.
    kind : of file.
    enlarge : everything, type and lines too, this many times as large, as on a poster. The dots per inch stay those of the figure.
    """
    buffer = io.BytesIO()
    with styled():
        if kind == "pdf" and enlarge != 1:
            _enlarged_pdf(fig, buffer, enlarge)
        elif kind == "png":
            dots = float(fig.dpi)
            fig.savefig(buffer, format=kind, dpi=dots * enlarge, metadata=METADATA[kind], pil_kwargs={"dpi": (dots, dots)})
        else:
            fig.savefig(buffer, format=kind, metadata=METADATA[kind])
    if kind == "svg" and enlarge != 1:
        text = buffer.getvalue().decode()
        return _SIZE.sub(lambda m: f'{m[1]}="{float(m[2]) * enlarge:.6f}pt"', text, count=2).encode()
    return buffer.getvalue()


def svg_text(fig: Figure) -> str:
    """The figure as an ``<svg>`` element to stand inside an HTML page (no XML head, no date, the same ids each time)."""
    text = io.StringIO()
    with styled():
        fig.savefig(text, format="svg", metadata=METADATA["svg"])
    return text.getvalue()[text.getvalue().index("<svg") :]


def _enlarged_pdf(fig: Figure, buffer: io.BytesIO, enlarge: float) -> None:
    """One page of a PDF, all of it magnified: matplotlib itself can only make a figure larger by making its type smaller beside it."""
    from matplotlib.backends.backend_mixed import MixedModeRenderer
    from matplotlib.backends.backend_pdf import Op, PdfFile, RendererPdf

    width, height = map(float, fig.get_size_inches())
    dots, fig.dpi = fig.dpi, 72
    file = PdfFile(buffer, metadata=METADATA["pdf"])
    try:
        file.newPage(width * enlarge, height * enlarge)
        file.output(enlarge, 0, 0, enlarge, 0, 0, Op.concat_matrix)
        renderer = MixedModeRenderer(fig, width, height, dots, RendererPdf(file, dots, height, width))
        fig.draw(renderer)
        renderer.finalize()
        file.finalize()
    finally:
        fig.dpi = dots
        file.close()
