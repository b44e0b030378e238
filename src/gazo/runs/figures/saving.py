"""Figures as files: PNG, SVG and PDF that are the same byte for byte each time they are made."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from gazo.core.errors import OptionError
from gazo.core.files import replacing
from gazo.runs.figures.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What matplotlib would write besides: dates, and its version in PNG.
METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def save(fig: Figure, path: Path | str) -> None:
    """Write a figure; the ending of the name (.png, .svg, .pdf) says as what. Texts of SVG are outlines, so no font is needed to read it."""
    kind = Path(path).suffix.lower().lstrip(".")
    if kind not in METADATA:
        raise OptionError(
            "G-FIG-002",
            en=f"a figure is written as .png, .svg or .pdf; '{Path(path).name}' came. Give the file one of these endings.",
            ja=f"図は .png、.svg、.pdf のいずれかで保存します。受け取った名前: 「{Path(path).name}」。拡張子を直してください。",
        )
    with replacing(path) as file, styled():
        fig.savefig(file, format=kind, metadata=METADATA[kind])


def svg_text(fig: Figure) -> str:
    """The figure as an ``<svg>`` element to stand inside an HTML page (no XML head, no date, the same ids each time)."""
    text = io.StringIO()
    with styled():
        fig.savefig(text, format="svg", metadata=METADATA["svg"])
    return text.getvalue()[text.getvalue().index("<svg") :]
