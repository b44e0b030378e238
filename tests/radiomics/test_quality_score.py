"""The three forms: sums, conditions, answers, what a classification fills in by itself."""

import pytest

from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.phantoms.feature_table import feature_table
from gazo.radiomics import classify_features, quality_score
from gazo.radiomics.quality_forms import CLEAR, METRICS, RQS


def answers(rows):
    return Table(Text("a", "a"), (Text("item", "item"), Text("answer", "answer")), tuple(rows))


def test_sums_of_the_forms():
    assert (sum(i.points[0] for i in RQS), sum(i.points[-1] for i in RQS)) == (-8, 36)  # Lambin 2017
    assert sum(i.points[1] for i in METRICS) == pytest.approx(1, abs=1e-9)  # Kocak 2024: weights sum to one
    for form, length in ((RQS, 16), (METRICS, 30), (CLEAR, 58)):
        assert [item.number for item in form] == list(range(1, length + 1))
    assert [METRICS[n - 1].points[1] for n in (1, 2, 3, 18)] == [0.0368, 0.0735, 0.0919, 0.0599]
    assert [item.number for item in CLEAR if not item.essential] == [53, 58]


def test_rqs_by_hand():
    best = quality_score(answers((i.number, i.points[-1]) for i in RQS), form="rqs")
    assert (best.points.value, best.percent.value) == (36, 100)
    worst = quality_score(answers((i.number, i.points[0]) for i in RQS), form="rqs")
    assert (worst.points.value, worst.percent.value) == (-8, 0)
    part = quality_score(answers([(1, 2), (5, 3), (12, -5), (14, "yes")]), form="rqs")
    assert part.points.value == 2
    assert part.percent.value == pytest.approx(100 * 2 / 36)


def test_metrics_weights_only_what_applies():
    everything = answers((n, "はい") for n in range(1, 31))
    whole = ("segmentation", "automatic-segmentation", "hand-crafted", "tabular", "deep-learning")
    assert quality_score(everything, form="metrics", conditions=whole).percent.value == pytest.approx(100)
    first = quality_score(answers([(1, "yes"), (2, "no"), (9, "yes")]), form="metrics")
    applies = 1 - 0.0225 - 0.0200  # automatic segmentation and deep learning are not in the study
    assert first.percent.value == pytest.approx(100 * 0.0368 / applies)
    assert any("7 items" in text.en for text in first.warnings)


def test_clear_counts_items_and_leaves_out_what_does_not_apply():
    shown = quality_score(answers([(1, "yes"), (2, "no"), (3, "n/a")]), form="clear")
    assert shown.percent.value == pytest.approx(100 / 57)
    assert shown.answered.value == pytest.approx(100 * 2 / 57)


def test_the_form_comes_back_empty_and_can_be_given_back():
    empty = quality_score(form="clear")
    assert len(empty.form.rows) == 58
    assert empty.answered.value == 0
    assert quality_score(empty.form, form="clear").form.rows == empty.form.rows


@pytest.mark.parametrize(
    ("code", "rows", "form"),
    [
        ("G-RAD-460", [(1, "maybe")], "clear"),
        ("G-RAD-460", [(1, 5)], "rqs"),
        ("G-RAD-460", [(1, "n/a")], "metrics"),
        ("G-RAD-461", [(99, "yes")], "clear"),
        ("G-RAD-461", [("x", "yes")], "clear"),
        ("G-RAD-461", [(1, "yes"), (1, "no")], "clear"),
    ],
)
def test_what_it_refuses(code, rows, form):
    with pytest.raises(GazoError, match=code):
        quality_score(answers(rows), form=form)


def test_a_classification_answers_what_it_knows_and_the_user_overrules_it():
    made = feature_table(rng=generator(1), patients=40, features=5, informative=2, effect=1.5)
    options = {
        "label": "label",
        "patient": "patient",
        "features": ("f*",),
        "repeats": 1,
        "permutations": 0,
        "counts": (2,),
        "inner": 2,
    }
    study = classify_features(made.table, **options)
    known = {row[0]: row[3] for row in quality_score(None, study, form="metrics").form.rows if row[3] == "yes"}
    assert set(known) == {15, 16, 18, 20, 21, 22, 26}  # no clinical model (24), no external test (27)
    shown = quality_score(answers([(18, "no")]), study, form="metrics")
    assert {row[0]: row[3] for row in shown.form.rows}[18] == "no"
    rqs = {row[0]: row[3] for row in quality_score(None, study, form="rqs").form.rows if row[3]}
    assert rqs == {5: "3", 9: "1", 10: "2"}
