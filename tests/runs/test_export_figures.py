"""Figures as files: the size in mm and pixels that was asked for, larger type on a poster, the same bytes each time."""

import io
import re

import numpy as np
import pytest
from PIL import Image as Picture

from gazo.core import Curve, Text
from gazo.core.errors import OptionError
from gazo.runs.export_figures import POSTER, figure_file


@pytest.fixture(scope="module")
def curve():
    x = np.linspace(0, 3, 40)
    return Curve(x, np.exp(-x), Text("周波数", "Frequency"), Text("MTF", "MTF"), Text("鋭さ", "Sharpness"), "cycles/mm")


def png(curve, **told):
    return Picture.open(io.BytesIO(figure_file(curve, kind="png", **told)))


@pytest.mark.parametrize(
    ("mm", "dpi", "style"), [(85, 300, "paper"), (85, 600, "paper"), (63.3, 150, "paper"), (200, 100, "poster")]
)
def test_a_png_is_as_wide_as_mm_and_dpi_say(curve, mm, dpi, style):
    picture = png(curve, width_mm=mm, dpi=dpi, style=style)
    assert picture.width == round(mm / 25.4 * dpi)
    assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)  # PNG counts dots a metre


@pytest.mark.parametrize(("style", "mm"), [("paper", 85), ("poster", 85 * POSTER)])
def test_lines_have_their_size_in_points(curve, style, mm):
    points = mm / 25.4 * 72
    svg = figure_file(curve, kind="svg", width_mm=mm, style=style).decode()
    width, box = re.search(r'width="([\d.]+)pt"', svg), re.search(r'viewBox="0 0 ([\d.]+)', svg)
    assert float(width[1]) == pytest.approx(points, abs=0.15)
    assert float(width[1]) / float(box[1]) == pytest.approx(mm / 85, rel=1e-3)
    pdf = figure_file(curve, kind="pdf", width_mm=mm, style=style)
    assert float(re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", pdf)[1]) == pytest.approx(points, abs=0.15)


def test_a_poster_has_more_ink_than_paper_of_the_same_size(curve):
    ink = {
        style: (np.asarray(png(curve, width_mm=170, dpi=100, style=style).convert("L")) < 128).mean()
        for style in ("paper", "poster")
    }
    assert ink["poster"] > 1.5 * ink["paper"]


def test_language_and_bytes(curve):
    for kind in ("png", "svg", "pdf"):
        first, second = (figure_file(curve, kind=kind, style="poster", width_mm=160, dpi=100, language="ja") for _ in range(2))
        assert first == second
        assert first != figure_file(curve, kind=kind, style="poster", width_mm=160, dpi=100, language="en")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"width_mm": 20}, "G-OPT-002"),
        ({"width_mm": 149, "style": "poster"}, "G-EXP-023"),
        ({"width_mm": 1200, "dpi": 1200}, "G-EXP-006"),
        ({"kind": "gif"}, "G-OPT-001"),
    ],
)
def test_what_cannot_be_drawn_is_refused(curve, told, code):
    with pytest.raises(OptionError, match=code):
        figure_file(curve, **told)
