"""Conditions one after the other: who stays is counted by hand, and the numbers of the diagram add up whatever the conditions are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazo.core.errors import GazoError
from gazo.core.imageset import ImageSet
from gazo.core.results import from_json, to_json
from gazo.datasets.cohort import Condition, Flow, cohort

# patient, date, view, age
ROWS = (
    ("A", "2024-01-10", "PA", "60"),  # 0
    ("A", "2023/12/01", "PA", "59"),  # 1 the first of A, written in another way
    ("A", "2023-12-01", "LAT", "59"),  # 2 same day
    ("B", "2024-02-01", "AP", "17"),  # 3
    ("B", "2024-03-01", "PA", "17"),  # 4
    ("C", None, "PA", "80"),  # 5 no date at all
    ("D", "令和6年1月5日", "PA", None),  # 6
)


@pytest.fixture
def images():
    made = ImageSet.from_arrays(np.zeros((len(ROWS), 4, 4)), patients=[row[0] for row in ROWS], name="x")
    made = made.with_column("date", [row[1] for row in ROWS], "date")
    return made.with_column("view", [row[2] for row in ROWS]).with_column("age", [row[3] for row in ROWS])


def kept(images, *conditions):
    return cohort(images, conditions).rows.tolist()


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (Condition("=", "view", ("PA",)), [0, 1, 4, 5, 6]),
        (Condition("=", "view", ("ＰＡ",)), [0, 1, 4, 5, 6]),
        (Condition("!=", "view", ("PA",)), [2, 3]),
        (Condition("in", "view", ("AP", "LAT")), [2, 3]),
        (Condition(">=", "age", ("59",)), [0, 1, 2, 5]),
        (Condition(">", "age", ("59",)), [0, 5]),
        (Condition("<", "age", ("60",)), [1, 2, 3, 4]),
        (Condition("<=", "date", ("2024-01-05",)), [1, 2, 6]),
        (Condition(">", "date", ("2024-01-05",)), [0, 3, 4]),
        (Condition("filled", "age"), [0, 1, 2, 3, 4, 5]),
        (Condition("first"), [1, 2, 3, 5, 6]),
        (Condition("last"), [0, 4, 5, 6]),
        (Condition("one"), [0, 3, 5, 6]),
    ],
)
def test_one_condition(images, condition, rows):
    assert kept(images, condition) == rows


def test_the_order_matters(images):
    pa, first = Condition("=", "view", ("PA",)), Condition("first")
    assert kept(images, pa, first) == [1, 4, 5, 6]  # the first PA image of B is of March
    assert kept(images, first, pa) == [1, 5, 6]


def test_the_diagram_counts_images_and_patients(images):
    flow = cohort(images, [Condition("=", "view", ("PA",)), Condition(">=", "age", ("18",)), Condition("one")]).flow
    assert (flow.images, flow.patients) == (7, 4)
    counted = [(s.images_out, s.patients_out, s.images, s.patients) for s in flow.steps]
    assert counted == [(2, 0, 5, 4), (2, 2, 3, 2), (1, 0, 2, 2)]
    assert flow.steps[1].reason.ja == "age が 18 未満、または不明"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([Condition("=", "view", ("PA",)), Condition(">", "age", ("17",)), Condition("filled", "age"),
       Condition("first"), Condition("last"), Condition("one"), Condition("!=", "view", ("LAT",))]), max_size=5))  # fmt: skip
def test_numbers_add_up(conditions):
    made = ImageSet.from_arrays(np.zeros((len(ROWS), 2, 2)), patients=[row[0] for row in ROWS], name="x")
    made = made.with_column("date", [row[1] for row in ROWS], "date").with_column("view", [row[2] for row in ROWS])
    made = made.with_column("age", [row[3] for row in ROWS])
    found = cohort(made, conditions)
    flow = found.flow
    assert flow.images == len(found.rows) + sum(step.images_out for step in flow.steps)
    assert flow.patients == len({ROWS[row][0] for row in found.rows}) + sum(step.patients_out for step in flow.steps)
    again = cohort(made.take(found.rows), conditions)
    assert len(again.rows) == len(found.rows)  # who fulfils all conditions is not left out the second time


def test_it_survives_being_stored(images):
    flow = cohort(images, [Condition("one")]).flow
    assert from_json(to_json(flow)) == flow


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Condition("=", "view", ("XX",)), "G-SET-080"),
        (Condition("~", "view", ("XX",)), "G-SET-081"),
        (Condition("=", "view"), "G-SET-082"),
        (Condition(">", "age", ("old",)), "G-SET-083"),
        (Condition("first", "view"), "G-SET-084"),
        (Condition("=", "wiev", ("PA",)), "G-DATA-002"),
    ],
)
def test_what_cannot_be_asked_is_told(images, condition, code):
    with pytest.raises(GazoError) as error:
        cohort(images, [condition])
    assert error.value.code == code


def test_patients_have_to_be_known(images):
    without = ImageSet(images.columns, {"image": "image", "date": "date"}, images.loader)
    with pytest.raises(GazoError, match="G-SET-085"):
        cohort(without, [Condition("one")])
    assert cohort(without, [Condition("=", "view", ("PA",))]).flow.patients_known is False


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_diagram_can_be_drawn(images, language):
    import gazo

    steps = [Condition("=", "view", ("PA",)), Condition(">=", "age", ("18",))]
    fig = gazo.figure(cohort(images, steps).flow, language=language, width_mm=130)
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert any("7" in text and "4" in text for text in texts)
    height = -fig.axes[0].get_ylim()[0]
    inside = [text.get_window_extent() for text in fig.axes[0].texts if text.get_text()]
    whole = fig.bbox
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1 for box in inside)
    assert height > 0
    assert gazo.figure(Flow(steps[0] and cohort(images, []).flow.title, 3, 2, ()), language=language)
