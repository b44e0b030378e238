"""How figures look: the Okabe-Ito colours with line styles and markers, sizes in mm, the bundled Japanese font.

Colours: Okabe & Ito 2008, "Color Universal Design"; each goes with a line style and a marker, so figures read in black and white.
Nothing here changes the settings of the user's matplotlib: `styled` restores them, and pyplot is never touched.
"""

from __future__ import annotations

import re
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
LEGEND_LINE_MM = 3.7
BANDS = 3  # of more curves than this, bands would cover one another

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
        "text.parse_math": False,  # a class may be called A$1
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


def letters(text: str) -> int:
    """How many Latin letters a text is as wide as; a Japanese character counts two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrapped(text: str, width: int) -> str:
    """Text cut into lines of at most `width` letters: at spaces, and between Japanese characters, but not before 、。 or a bracket."""
    lines = [""]
    for piece in re.findall(r"[^\x00-\x7f][、。）」』)]*|[!-~]+|\s+", text):
        if letters(lines[-1] + piece.rstrip()) > width and lines[-1].strip():
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return "\n".join(line.rstrip() for line in lines)


def whole_numbers(most: int = 9) -> Any:
    """Ticks at whole numbers in steps of 1, 2, 5, 10 ..., about `most` at most."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, integer=True, steps=[1, 2, 5, 10])


def resize(fig: Any, ratio: float, *, more_mm: float = 0.0) -> None:
    """Set the height to `ratio` times the width, and `more_mm` besides."""
    fig.set_figheight(fig.get_figwidth() * ratio + more_mm / MM_PER_INCH)


def place_legend(fig: Any, axes: Any, *, inside: str | None = None) -> None:
    """The legend inside the axes where there is room; else below them, in as many columns as fit, with the figure made taller for it."""
    handles, labels = axes.get_legend_handles_labels()
    if inside is not None:
        axes.legend(handles, labels, loc=inside)
        return
    width_mm = fig.get_figwidth() * MM_PER_INCH
    fitting = max(1, min(len(labels), int(width_mm / (13 + 1.45 * max(map(letters, labels))))))
    lines = -(-len(labels) // fitting)
    columns = -(-len(labels) // lines)
    fig.legend(handles, labels, loc="outside lower center", ncols=columns)
    resize(fig, fig.get_figheight() / fig.get_figwidth(), more_mm=2 + LEGEND_LINE_MM * lines)
