"""What the reports of survival and of longitudinal comparisons show: figures in both languages, titles, long tables cut."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gazo.core.language import speaking
from gazo.phantoms import atrophy_table, survival_table
from gazo.radiomics import longitudinal
from gazo.runs.figures import figure
from gazo.runs.sections import sections
from gazo.stats import cox, kaplan_meier


@pytest.fixture(scope="module")
def follow_up():
    return survival_table(rng=np.random.default_rng(0), patients=90, log_hazard_ratios=(0.8, -0.5)).table


def words(fig):
    return " ".join(t.get_text() for axes in fig.axes for t in axes.findobj(plt.Text))


@pytest.mark.parametrize(
    ("language", "expected"), [("ja", ("リスク集合", "生存率", "log-rank")), ("en", ("At risk", "Survival", "log-rank"))]
)
def test_curves_stand_over_the_numbers_at_risk(follow_up, language, expected):
    found = kaplan_meier(follow_up, time="time", event="event", group="x1", group_as="median", unit="m")
    drawn = figure(found.curves, language=language)
    told = words(drawn)
    assert all(word in told for word in expected)
    above, below = drawn.axes
    first = [t.get_text() for t in below.texts if t.get_position()[0] == 0]
    assert first == ["45", "45"]  # everybody is at risk at the start
    assert above.get_ylim()[0] == 0
    plt.close(drawn)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_forest_has_a_line_and_numbers_for_each_ratio(follow_up, language):
    found = cox(follow_up, time="time", event="event", covariates=("x1", "x2"))
    drawn = figure(found.forest, language=language)
    (axes,) = drawn.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == ["x1", "x2"]
    low, high = axes.get_xlim()
    assert all(low < one.low < one.high < high for one in found.hazard_ratios)
    assert f"{found.hazard_ratios[0].value:.2f}" in words(drawn)
    plt.close(drawn)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_spaghetti_plot_has_a_line_for_each_subject_and_group(language):
    made = atrophy_table(rng=np.random.default_rng(0), subjects=16, carriers_of_one=True)
    found = longitudinal(made, subject="subject", time="years", values=("hippocampus",), group="carrier", permutations=100)
    drawn = figure(found.spaghetti[0], language=language)
    (axes,) = drawn.axes
    assert len(axes.lines) == 16 + 2
    assert "e4 (n = 8)" in [line.get_label() for line in axes.lines]
    with speaking(language):
        parts = sections(found)
    assert any(picture.caption.en == "Course of hippocampus" for part in parts for picture in part.pictures)
    plt.close(drawn)


def test_a_report_shows_the_beginning_of_a_long_table(follow_up):
    found = kaplan_meier(follow_up, time="time", event="event", unit="m")
    parts = {part.title.en: part for part in sections(found)}
    assert not parts["Every step of the curves"].whole_table
    assert parts["Groups"].whole_table
    assert [p.caption.en for p in parts["Figures"].pictures] == ["Kaplan-Meier curves"]
