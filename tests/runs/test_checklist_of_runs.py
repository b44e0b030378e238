"""The reporting checklist as a page of a run: what the run knows, blanks for the rest, for any family of method."""

from dataclasses import dataclass

import pytest

from gazo.core import Estimate, Table, Text
from gazo.datasets.leak_report import CLEAN, FOUND, TITLE
from gazo.runs.recipe import Recipe
from gazo.runs.study_checklist import CITATION, ITEMS, known_of, run_checklist

PLAN = Text("患者単位の 5 分割", "five folds by patient")
DICE = Estimate(Text("Dice", "Dice"), 0.93, 0.9, 0.95, method="bootstrap by patient")


@dataclass(frozen=True)
class AnyStudy:
    """What every study of a learned method has."""

    plan: Text = PLAN
    metrics: tuple = (DICE,)
    data: tuple = ()
    examples: tuple = ()


def recipe(**options):
    return Recipe(
        task=("learn", "segment"), version=1, data="abc", data_sha256="abc", rows=60, source={}, options=options, protocol={}, seed=0, threads=1
    )  # fmt: skip


def leaks(verdict):
    headings = (Text("調べたこと", "What"), Text("判定", "Verdict"), Text("内容", "Finding"))
    return Table(TITLE, headings, ((Text("患者", "patients"), verdict, Text("", "")),))


def of(found):
    return {key: text.en for key, text in found}


def test_a_segmentation_fills_what_it_knows_and_leaves_the_rest_open():
    study = AnyStudy(data=(leaks(CLEAN),))
    (page,) = run_checklist(recipe(epochs=20, learning_rate=1e-3, weights="none"), study)
    rows = page.tables[0].rows
    assert len(rows) == len(ITEMS)
    filled = {item.key for item, row in zip(ITEMS, rows, strict=True) if row[2] is not None}
    assert filled == {"size", "software", "model", "start", "training", "partition", "metrics", "performance", "leaks"}
    assert "TRIPOD+AI" in CITATION.en
    assert f"{len(filled)} of {len(ITEMS)}" in page.sentences[1].en


@pytest.mark.parametrize(
    ("verdict", "words"), [(CLEAN, "No leak found: 1 checks clean, 0 not possible"), (FOUND, "To be looked at: patients")]
)
def test_the_leak_report_is_told(verdict, words):
    assert words in of(known_of(recipe(), AnyStudy(data=(leaks(verdict),))))["leaks"]


def test_remedies_and_blanking_are_told():
    told = of(known_of(recipe(balance="sampling", loss="focal", blank="mask", size_px=64, fit_to_square="pad"), AnyStudy()))
    assert told["imbalance"] == "balance sampling, loss focal."
    assert told["preprocessing"].startswith("Everything outside")
    assert of(known_of(recipe(balance="none"), AnyStudy()))["imbalance"] == "Nothing (cross entropy)."


def test_only_learning_runs_have_the_page():
    assert run_checklist(None, AnyStudy()) == ()
    assert run_checklist(recipe(), Text("kein", "study")) == ()
