"""The report: escaped, self-contained, in both languages; its numbers are those of the result."""

import re

import numpy as np
import pytest

from gazo.core import Curve, Estimate, Table, Text
from gazo.learn.classify.results import ClassificationStudy
from gazo.runs.recipe import Recipe
from gazo.runs.report import cell, write_outputs
from gazo.runs.sections import sections
from gazo.stats.auc import compare_aucs, roc_curve
from gazo.stats.classification import classification_metrics
from gazo.stats.confusion import confusion

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    p = np.clip(0.5 + 0.3 * (truth - 0.5) + rng.normal(0, 0.2, 60), 0.01, 0.99)
    probabilities = np.stack([1 - p, p], 1)
    classes = (EVIL, "陽性")
    metrics = classification_metrics(truth, probabilities, classes)
    epochs = np.arange(1.0, 4.0)
    return ClassificationStudy(
        name=Text("網", "net"),
        classes=classes,
        plan=Text("計画", "plan"),
        metrics=metrics,
        roc=(roc_curve(truth, p, title=Text("網", "net")),),
        confusion=confusion(truth, (p > 0.5).astype(int), classes),
        reliability=None,
        losses=(Curve(epochs, 1 / epochs, Text("エポック", "Epoch"), Text("損失", "Loss"), Text("学習", "training")),),
        predictions=Table(
            Text("予測", "Predictions"), (Text("行", "row"), Text("正解", "truth")), tuple((i, EVIL) for i in range(60))
        ),
        folds=Table(Text("分割", "Folds"), (Text("分割", "Fold"),), ((1,),)),
        against_baseline=compare_aucs(truth, p, rng.random(60)),
        warnings=(Text("注意文", "a warning"),),
    )


@pytest.fixture
def recipe():
    return Recipe(
        task=("learn", "classify"),
        version=1,
        data="abc",
        data_sha256="abc",
        rows=60,
        source={"label": EVIL},
        options={},
        protocol={},
        seed=0,
        threads=1,
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", ["研究報告", "要約", "注意文", "研究用"]), ("en", ["Study report", "Summary", "a warning", "research only"])],
)
def test_the_page_speaks_one_language_and_runs_nothing(study, recipe, tmp_path, language, words):
    from gazo.core import speaking

    with speaking(language):
        page = write_outputs(tmp_path, study, recipe).read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert all(word in page for word in words)
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)
    assert f"{study.metrics[0].value:.3f}" in page
    assert page.count("data:image/") == sum(len(part.pictures) for part in sections(study))


def test_tables_and_figures_are_written(study, recipe, tmp_path):
    write_outputs(tmp_path, study, recipe)
    names = {f.name for f in (tmp_path / "figures").iterdir()}
    assert {"roc.svg", "roc.png", "confusion.svg", "losses.png"} <= names
    rows = (tmp_path / "tables" / "predictions.csv").read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(rows) == 61


def test_long_tables_are_cut_on_the_page_only(study, recipe, tmp_path):
    page = write_outputs(tmp_path, study, recipe).read_text(encoding="utf-8")
    assert page.count("&lt;script&gt;") < 40


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.12345, "0.123"),
        (0.0, "0.000"),
        (3.2e-7, "3.2e-07"),
        (256.0, "256"),
        (1.0, "1.000"),
        (12345.6, "12,346"),
        (7, "7"),
        ("x", "x"),
    ],
)
def test_cells(value, shown):
    assert cell(value) == shown


def test_an_estimate_without_interval_is_shown_without():
    from gazo.runs.sections import interval

    assert interval(Estimate(Text("a", "a"), 0.5)) == "0.500"
    assert interval(Estimate(Text("a", "a"), 0.5, 0.4, 0.6)) == "0.500 (95 % CI 0.400–0.600)"


def test_an_undefined_figure_is_a_dash_with_its_reason():
    from gazo.core import speaking
    from gazo.runs.sections import interval

    undefined = Estimate(Text("MCC", "MCC"), float("nan"), method="undefined: one class only in truth or prediction")
    with speaking("ja"):
        assert interval(undefined) == "– (定義されない: 正解または予測が 1 クラスのみ)"
    with speaking("en"):
        assert interval(undefined) == "– (undefined: one class only in truth or prediction)"
    assert interval(Estimate(Text("幅", "width"), 256.0, 250.0, 262.5, unit="px")) == "256 px (95 % CI 250–262.500)"


def test_how_intervals_were_made_is_told_in_japanese(study):
    """Every way that the figures of merit of two and of three classes name, and those of paired tests."""
    from gazo.runs.words import method_in_words
    from gazo.stats.bootstrap import paired_bootstrap

    rng = np.random.default_rng(0)
    truth, patients = np.arange(60) % 3, np.arange(60) // 2
    probabilities = rng.dirichlet(np.ones(3), 60)
    found = [*study.metrics, *classification_metrics(truth, probabilities, ("a", "b", "c"), patients=patients)]
    found += classification_metrics(np.array([0, 0, 1]), np.eye(2)[[0, 0, 0]], ("a", "b"))
    pair = paired_bootstrap(lambda t, v: float((t == v).mean()), truth, truth, 1 - truth, groups=patients, repeats=50)
    methods = {e.method for e in found} | {pair.method, study.against_baseline.method}
    assert len(methods) > 6
    for method in methods:
        words = method_in_words(method)
        assert words.en == method
        assert not re.search(r"\b(bootstrap|patient|resamples|percentile|paired|undefined|logit|score|placements)\b", words.ja)


def test_the_record_names_its_entries_with_labels(study, recipe, tmp_path):
    from dataclasses import replace

    from gazo.core import speaking

    recipe = replace(recipe, options={"epochs": 3, "learning_rate": 0.00123, "mirror": True}, protocol={"folds": 5})
    with speaking("ja"):
        page = write_outputs(tmp_path, study, recipe).read_text(encoding="utf-8")
    for name, value in (("エポック数 (epochs)", "3"), ("学習率 (learning_rate)", "0.00123"), ("乱数の種", "0")):
        assert f"<th>{name}</th><td>{value}</td>" in page
    assert "<th>交差検証の分割数 (folds)</th><td>5</td>" in page
    assert "<td>はい</td>" in page
    assert "<th>task</th>" not in page
    with speaking("en"):
        assert "<th>protocol.folds</th><td>5</td>" in write_outputs(tmp_path, study, recipe).read_text(encoding="utf-8")


def test_a_caption_does_not_repeat_the_title_of_its_panels(study, recipe, tmp_path):
    from dataclasses import replace

    from gazo.core import Panels, speaking

    panels = Panels(Text("正しい判断", "Right decisions"), (np.zeros((8, 8), np.uint8),), (Text("行 0", "row 0"),))
    with speaking("ja"):
        page = write_outputs(tmp_path, replace(study, examples=(panels,)), recipe).read_text(encoding="utf-8")
    assert "<figcaption>正しい判断" not in page
    assert 'alt="正しい判断"' in page
    assert "<figcaption>混同行列" in page
