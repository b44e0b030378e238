"""How figures look: the Okabe-Ito colours with line styles and markers, sizes in mm, the bundled Japanese font.

Colours: Okabe & Ito 2008, "Color Universal Design"; each goes with a line style and a marker, so figures read in black and white.
Nothing here changes the settings of the user's matplotlib: `styled` restores them, and pyplot is never touched.
"""

from __future__ import annotations

import textwrap
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from gazo.core.language import Text, language

FONT = Path(__file__).parents[1] / "fonts" / "ipaexg.ttf"
MM_PER_INCH = 25.4
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oooo")
GREY = "#767676"
MAP = "cividis"

_one_at_a_time = threading.RLock()  # matplotlib's settings are global; two threads must not change them together


@contextmanager
def styled() -> Iterator[None]:
    """The settings of gazo's figures for the language spoken now, inside the block only."""
    import matplotlib

    with _one_at_a_time, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_settings())
        yield


def _settings() -> dict[str, Any]:
    japanese = _japanese_family()
    return {
        "font.family": [japanese, "DejaVu Sans"] if language() == "ja" else ["DejaVu Sans", japanese],
        "font.size": 8,
        "axes.titlesize": 8,
        "axes.labelsize": 8,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "legend.handlelength": 2.6,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "lines.linewidth": 1.2,
        "lines.markersize": 3.5,
        "hatch.linewidth": 0.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "svg.fonttype": "path",
        "svg.hashsalt": "gazo",
        "pdf.fonttype": 42,
    }


@cache
def _japanese_family() -> str:
    """Make the bundled font known; the list of fonts is no setting, so nothing has to be undone."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(FONT)
    return font_manager.FontProperties(fname=FONT).get_name()


def line_of(number: int) -> dict[str, Any]:
    """Colour and line style of the curve with this number."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)]}


def with_unit(label: Text, unit: str) -> str:
    """An axis label with its unit in brackets."""
    return f"{label} [{unit}]" if unit else str(label)


def interval_words(level: float) -> Text:
    """What a band or a bar means."""
    return Text(f"{100 * level:g} % 信頼区間", f"{100 * level:g} % confidence interval")


def wrapped(text: str, width: int) -> str:
    """Text cut into lines of at most `width` Latin letters; a Japanese character is as wide as two and may be cut anywhere."""
    wide = any(unicodedata.east_asian_width(c) in "WF" for c in text)
    if not wide:
        return "\n".join(textwrap.wrap(text, width)) or text
    lines, used = [""], 0
    for character in text:
        size = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + size > width and character not in "、。）)」":
            lines, used = [*lines, ""], 0
        lines[-1] += character
        used += size
    return "\n".join(lines)


def resize(fig: Any, ratio: float) -> None:
    """Set the height to `ratio` times the width."""
    fig.set_figheight(fig.get_figwidth() * ratio)


def place_legend(fig: Any, axes: Any, *, inside: str | None = None) -> None:
    """The legend inside the axes where there is room, else below them, so that it never covers a curve."""
    handles, labels = axes.get_legend_handles_labels()
    if inside is not None:
        axes.legend(handles, labels, loc=inside)
    elif handles:
        fig.legend(handles, labels, loc="outside lower center", ncols=1)
