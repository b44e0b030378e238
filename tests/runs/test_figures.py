import doctest
import functools
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.results import Curve, Panels, Table
from gazo.runs.figures import draws, figure, save, svg_text
from gazo.runs.figures.style import BANDS, COLOURS, FONT, HATCHES, LINES, MARKERS, letters, wrapped
from gazo.stats import confusion, precision_recall_curve, reliability, roc_curve
from gazo.stats.summaries import bars, histogram

NAMES = ("正常 ①", "気胸", "A$1$_x")
TITLE = Text("胸部髙橋法", "chest $x_1$")


def learning(title="学習", epochs=12):
    x = np.arange(1.0, epochs + 1)
    return Curve(
        x, 1 / x, Text("エポック", "Epoch"), Text("損失", "Loss"), Text(title, title), "", "bit", low=0.9 / x, high=1.1 / x
    )


@pytest.fixture(scope="module")
def results():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 30)
    p = 1 / (1 + np.exp(-(rng.normal(size=60) + 2 * truth - 1)))
    rocs = tuple(roc_curve(truth, p + 0.3 * k * rng.normal(size=60), repeats=50, title=TITLE) for k in range(5))
    grey = rng.integers(0, 256, (20, 16), dtype=np.uint8)
    captions = tuple(Text(f"行 {n}: 正解 気胸、予測 正常 (0.9{n})", f"row {n}") for n in range(5))
    overlays = (grey, None, grey[::2, ::2], None, grey)
    return {
        "roc": rocs[0],
        "rocs": rocs[:2],
        "many rocs": rocs,
        "precision recall": precision_recall_curve(truth, p, repeats=50, title=TITLE),
        "confusion": confusion([0, 0, 1, 1], [0, 1, 1, 0], NAMES, title=TITLE),
        "large confusion": confusion(rng.integers(0, 12, 50), rng.integers(0, 12, 50), [f"class {n}" for n in range(12)]),
        "curve": learning(),
        "curves": (learning(), learning("検証")),
        "many curves": tuple(learning(f"網 {n}") for n in range(7)),
        "reliability": reliability(truth, p),
        "scores": histogram(p, Text("確率", "Probability"), by=truth, title=TITLE),
        "ages": histogram([30, 50, np.nan], Text("年齢", "Age"), x_unit="y", bins=3),
        "bars": bars(["AP", "PA", "PA"], by=["学習", "学習", "検証"]),
        "lying bars": bars([f"所見 {n % 11}" for n in range(40)]),
        "panels": Panels(TITLE, (grey, np.dstack([grey] * 3), grey, grey, grey), captions, overlays),
        "one panel": Panels(TITLE, (grey,), captions[:1]),
    }


KINDS = [
    "roc", "rocs", "many rocs", "precision recall", "confusion", "large confusion", "curve", "curves", "many curves", "reliability",
    "scores", "ages", "bars", "lying bars", "panels", "one panel",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn(results):
    """Every figure in both languages, each drawn once; ``drawn(kind, language)``."""
    return functools.cache(lambda kind, language: figure(results[kind], language=language, width_mm=85, dpi=100))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_drawn_inside_the_paper_in_both_languages(drawn, kind, language):
    """A missing letter or a layout that does not fit is a warning, and warnings are errors here."""
    fig = drawn(kind, language)
    assert fig.get_figwidth() * 25.4 == pytest.approx(85)
    box = fig.get_tightbbox()
    assert box.x0 >= -0.02
    assert box.x1 <= fig.get_figwidth() + 0.02
    assert box.y0 >= -0.02
    assert box.y1 <= fig.get_figheight() + 0.02
    assert box.height > 0.85 * fig.get_figheight()


def words(fig):
    from matplotlib.text import Text as Drawn

    return [found.get_text() for found in fig.findobj(Drawn) if found.get_text()]


@pytest.mark.parametrize("kind", KINDS)
def test_english_figures_speak_english_and_japanese_ones_japanese(drawn, kind):
    here, there = (words(drawn(kind, lang)) for lang in ("ja", "en"))
    assert here != there
    ours = {
        "正解",
        "予測",
        "偶然",
        "損失",
        "エポック",
        "確率",
        "年齢",
        "画像数",
        "件数",
        "真陽性率 (感度)",
        "弱い",
        "胸部髙橋法",
        "再現率 (感度)",
    }
    assert ours & set(here)
    assert not ours & set(there)


def test_a_dollar_in_a_name_is_a_dollar(drawn):
    from matplotlib.text import Text as Drawn

    assert not any(found.get_parse_math() for found in drawn("confusion", "ja").findobj(Drawn) if found.get_text() in NAMES)


def test_axes_carry_their_units(results):
    assert "損失 [bit]" in words(figure(results["curve"], language="ja"))
    assert "Age [y]" in words(figure(results["ages"], language="en"))


def test_the_areas_stand_in_the_legend(results):
    area = results["roc"].auc
    text = f"chest $x_1$: AUC {area.value:.3f} ({area.low:.3f}–{area.high:.3f})"
    assert text in words(figure(results["roc"], language="en"))


def test_the_curve_drawn_is_the_curve_given(results):
    curve = results["roc"]
    axes = figure(curve).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), curve.fpr)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), curve.tpr)
    corners = axes.collections[0].get_paths()[0].vertices
    for limit in (curve.low, curve.high):
        assert np.isin(np.column_stack([curve.grid, limit]).round(9), corners.round(9)).all()


def test_bands_are_drawn_for_few_curves_only(results):
    assert len(figure(results["rocs"]).axes[0].collections) == 2
    assert len(results["many rocs"]) > BANDS
    assert not figure(results["many rocs"]).axes[0].collections


def test_curves_differ_without_colour(results):
    lines = figure(results["many curves"]).axes[0].lines
    assert len({(str(line.get_linestyle()), line.get_marker()) for line in lines}) == len(lines) == 7
    assert len(set(COLOURS)) == len(set(map(str, LINES))) == len(set(MARKERS)) == len(set(HATCHES)) == 7


def test_letters_of_the_confusion_matrix_can_be_read_on_their_shade():
    """Contrast of at least 4.5 to 1 (WCAG 2, level AA), whatever the percentage."""
    shades = matplotlib.colormaps["Blues"]

    def luminance(rgb):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb[:3]]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    for right in (0, 30, 60, 70, 72, 74, 76, 80, 100):
        counts = confusion([0] * 100 + [1], [0] * right + [1] * (100 - right) + [1], ("a", "b"))
        texts = figure(counts, dpi=50).axes[0].texts
        cell, letter = luminance(shades(right / 100)), luminance(matplotlib.colors.to_rgb(texts[0].get_color()))
        assert (max(cell, letter) + 0.05) / (min(cell, letter) + 0.05) >= 4.4
        assert texts[0].get_text() == f"{right}\n{right} %"


def test_heat_covers_only_where_it_is_warm():
    heat = np.zeros((8, 8), np.uint8)
    heat[2, 5] = 255
    fig = figure(Panels(Text("図", "figure"), (np.full((16, 16), 99, np.uint8),), (Text("行", "row"),), (heat,)))
    below, above = fig.axes[0].images
    assert below.get_extent() == above.get_extent()
    assert above.get_alpha()[2, 5] == pytest.approx(0.65)
    assert above.get_alpha().sum() == pytest.approx(0.65)


def test_long_captions_do_not_shrink_the_images():
    grey, words = np.zeros((40, 40), np.uint8), " ".join(["word"] * 24)
    fig = figure(Panels(Text("図", "figure"), (grey,) * 3, (Text(words, words),) * 3), language="en", width_mm=85)
    widths = [axes.get_window_extent().width / fig.dpi * 25.4 for axes in fig.axes]
    assert min(widths) > 0.88 * 85 / 3


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_files_are_the_same_each_time(results, tmp_path, ending):
    for name in ("first", "second"):
        save(figure(results["roc"], language="ja"), tmp_path / f"図 {name}.{ending}")
    first, second = sorted(tmp_path.iterdir())
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) > 3000


def test_png_has_the_size_asked_for(results, tmp_path):
    save(figure(results["curve"], width_mm=100, dpi=600), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.width == pytest.approx(100 / 25.4 * 600, abs=1)
        assert image.info["dpi"][0] == pytest.approx(600, abs=0.1)
        assert "Software" not in image.info


def test_svg_stands_alone_without_fonts_dates_or_addresses(results):
    text = svg_text(figure(results["roc"], language="ja"))
    assert text.startswith("<svg")
    assert text.rstrip().endswith("</svg>")
    assert "<text" not in text
    assert "dc:date" not in text
    assert text == svg_text(figure(results["roc"], language="ja"))


def test_a_wrong_ending_leaves_nothing(results, tmp_path):
    with pytest.raises(OptionError, match="G-FIG-002"):
        save(figure(results["curve"]), tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [3, (), Table(Text("", ""), (), ()), "mixed", "two matrices"])
def test_what_cannot_be_drawn_is_refused(results, wrong):
    given = (
        {"mixed": (results["roc"], results["curve"]), "two matrices": (results["confusion"],) * 2}.get(wrong, wrong)
        if isinstance(wrong, str)
        else wrong
    )
    with pytest.raises(OptionError, match="G-FIG-001"):
        figure(given)


def test_a_kind_has_one_drawer():
    with pytest.raises(ValueError, match="already"):
        draws(Curve)(lambda fig, found: None)


def test_the_settings_of_the_user_are_left_alone(results):
    with matplotlib.rc_context({"font.size": 31, "svg.hashsalt": "mine"}):
        before = dict(matplotlib.rcParams)
        svg_text(figure(results["curve"], language="ja"))
        assert dict(matplotlib.rcParams) == before


def test_the_settings_of_the_user_do_not_change_the_figure(results):
    plain = svg_text(figure(results["curve"]))
    with matplotlib.rc_context({"font.size": 31, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert svg_text(figure(results["curve"])) == plain


def test_the_room_is_light_and_never_touches_pyplot():
    program = (
        "import sys, gazo.runs.figures as f; assert 'matplotlib' not in sys.modules; from gazo.core import Curve, Text;"
        "import numpy as np; t = Text('a', 'a'); f.svg_text(f.figure(Curve(np.arange(3.), np.arange(3.), t, t)));"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_font_comes_with_its_licence():
    assert FONT.stat().st_size > 5_000_000
    assert "IPA Font License Agreement v1.0" in (FONT.parent / "LICENSE-IPA.txt").read_text(encoding="utf-8")


def test_japanese_is_cut_between_letters_and_latin_between_words():
    assert wrapped("予測した確率、陽性", 8) == "予測した\n確率、陽\n性"
    assert wrapped("行 0: 予測 PA (0.90)", 14) == "行 0: 予測 PA\n(0.90)"
    assert wrapped("three short words", 11) == "three short\nwords"
    assert wrapped("indivisible x", 4) == "indivisible\nx"
    assert wrapped("", 5) == ""
    assert letters("髙a") == 3


@pytest.mark.parametrize("name", ["figures.md", "figures.ja.md"])
def test_the_example_of_the_page_runs(name):
    page = Path(__file__).parents[2] / "docs" / "runs" / name
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8") == (0, 8)
