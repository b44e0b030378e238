"""Results over HTTP: the numbers of results.json and no others, tables and figures as files, reports that run nothing, short jobs."""

import csv
import io
import json
import re
from functools import cache
from importlib import import_module
from urllib.parse import quote

import numpy as np
import openpyxl
import pytest
from PIL import Image as Picture

import gazo
from gazo.core import Curve, Image, Table, Text
from gazo.core.files import write_json
from gazo.core.results import to_json
from gazo.learn.classify.results import ClassificationStudy
from gazo.runs.export_sections import ordered
from gazo.runs.given import Given
from gazo.runs.image_files import Opening, files_at
from gazo.runs.make_measurement import make_measurement
from gazo.runs.measurement_sections import named_estimates
from gazo.runs.ownership import write_status
from gazo.runs.processed import with_images
from gazo.runs.recipe import Recipe, environment, read_recipe, write_recipe
from gazo.runs.result_inputs import result_input
from gazo.runs.start import read_result
from gazo.runs.worker import work
from gazo.runs.workspace import new_run_folder
from gazo.stats.auc import roc_curve
from gazo.stats.classification import classification_metrics
from gazo.stats.confusion import confusion

EVIL = "<script>alert(1)</script>"
FORMULA = "=1+1"
CLASSES = (EVIL, FORMULA)


@cache
def study(cases=40):
    rng = np.random.default_rng(0)
    truth = np.arange(cases) % 2
    p = np.clip(0.5 + 0.3 * (truth - 0.5) + rng.normal(0, 0.2, cases), 0.01, 0.99)
    said = (p > 0.5).astype(int)
    rows = tuple(
        (i, f"P{i:04d}", CLASSES[t], CLASSES[s], 1 - float(q), float(q))
        for i, (t, s, q) in enumerate(zip(truth, said, p, strict=True))
    )
    headings = (Text("行", "row"), Text("患者", "patient"), Text("正解", "truth"), Text("予測", "predicted"))
    return ClassificationStudy(
        name=Text("網", "net"),
        classes=CLASSES,
        plan=Text("計画", "plan"),
        metrics=classification_metrics(truth, np.stack([1 - p, p], 1), CLASSES),
        roc=(roc_curve(truth, p, title=Text("網", "net")),),
        confusion=confusion(truth, said, CLASSES),
        reliability=None,
        losses=(
            Curve(
                np.arange(1.0, 4.0),
                1 / np.arange(1.0, 4.0),
                Text("エポック", "Epoch"),
                Text("損失", "Loss"),
                Text("学習", "training"),
            ),
        ),
        predictions=Table(
            Text("予測", "Predictions"), (*headings, *(Text(f"確率 {c}", f"probability {c}") for c in CLASSES)), rows
        ),
        folds=Table(Text("分割", "Folds"), (Text("分割", "Fold"), Text("AUC", "AUC")), ((1, 0.25), (2, None), (3, float("nan")))),
        warnings=(Text("注意文", "a warning"),),
    )


def finished(place, outcome, task=("learn", "classify"), name="学習"):
    folder = new_run_folder(place, name)
    recipe = Recipe(task=task, version=1, data="abc", data_sha256="abc", rows=40, source={"label": "sex"}, options={}, protocol={}, seed=0, threads=1, **environment())  # fmt: skip
    write_recipe(recipe, folder)
    write_json(folder / "results.json", to_json(outcome))
    write_status(folder, state="finished", seconds=1.0)
    return folder


@pytest.fixture
def run(place):
    return finished(place, study())


@pytest.fixture
def measured(place, tmp_path, monkeypatch):
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    rng = np.random.default_rng(0)
    gazo.write(
        Image(rng.normal(1000, 20, (64, 64)).astype("float32"), spacing_mm=(0.15, 0.15), meaning="linear exposure"),
        tmp_path / "YAMADA.tif",
    )
    given = Given({"image": files_at([tmp_path / "YAMADA.tif"])})
    folder = make_measurement(("quality", "snr"), given, place=place, options={}, opening=Opening())
    work(folder)
    return folder


@pytest.fixture
def chain(place, tmp_path, monkeypatch):
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    gazo.write(Image(np.arange(4096, dtype=np.uint8).reshape(64, 64)), tmp_path / "SUZUKI.png")
    file = tmp_path / "steps.json"
    write_json(file, {"steps": [{"operation": "gaussian", "options": {"sigma_px": 1.5}}]})
    folder = new_run_folder(place, "chain")
    write_recipe(with_images(read_recipe(file), tmp_path / "SUZUKI.png", place), folder)
    work(folder)
    return folder


def at(folder, rest=""):
    return f"/api/results/{quote(folder.name)}{rest}"


def file_at(folder, rest):
    return f"/api/exports/{quote(folder.name)}{rest}"


def test_the_numbers_are_those_of_the_results_file(client, run):
    told = client.get(at(run)).json()
    stored = json.loads((run / "results.json").read_text("utf-8"))
    for number, metric in enumerate(stored["metrics"], 1):
        shown = told["estimates"][f"metrics-{number}"]
        assert [shown[k] for k in ("value", "low", "high", "level")] == [metric[k] for k in ("value", "low", "high", "level")]
        assert shown["name"] == dict(zip(("ja", "en"), metric["name"]["$text"], strict=True))
    parts = {part["key"]: part for part in told["sections"]}
    figures = {picture["name"]: picture["numbers"] for part in told["sections"] for picture in part["pictures"]}
    assert figures["confusion"]["counts"] == stored["confusion"]["counts"]["$array"]
    assert figures["roc"]["curves"][0]["tpr"] == stored["roc"][0]["tpr"]["$array"]
    rows = stored["predictions"]["rows"]
    assert [
        [cell[0] if isinstance(cell, list) else cell for cell in row] for row in parts["predictions"]["tables"][0]["rows"]
    ] == rows[:20]
    assert parts["predictions"]["tables"][0]["total"] == 40
    assert parts["summary"]["warnings"] == [{"ja": "注意文", "en": "a warning"}]


@pytest.mark.slow
def test_numbers_are_printed_as_in_the_report(client, run):
    page = client.get(f"/api/report/page?run={quote(run.name)}&language=en").text
    told = client.get(at(run)).json()
    for part in told["sections"]:
        for table in part["tables"]:
            for row in table["rows"]:
                for cell in row:
                    if isinstance(cell, list):
                        assert f">{cell[1]}<" in page
    assert told["sections"][1]["tables"][1]["rows"] == [[1, [0.25, "0.250"]], [2, None], [3, [None, "–"]]]


@pytest.mark.parametrize("kind", ["measured", "chain"])
def test_every_kind_of_run_has_its_sections(client, kind, request):
    folder = request.getfixturevalue(kind)
    told = client.get(at(folder)).json()
    assert told["sections"][0]["sentences"]
    assert told["label"]["ja"]
    outcome = read_result(folder)
    if kind == "measured":
        assert {name: one["value"] for name, one in told["estimates"].items()} == {
            n: e.value for n, e in named_estimates(outcome).items()
        }
        assert told["estimates"]
    for part in told["sections"]:
        for picture in part["pictures"]:
            drawn = client.get(file_at(folder, f"/figure?name={picture['name']}&kind=svg&shown=true"))
            assert drawn.status_code == 200
            assert b"<svg" in drawn.content[:2000]


def test_two_measurements_are_compared(client, measured, place, tmp_path):
    again = make_measurement(
        ("quality", "snr"),
        Given({"image": files_at([tmp_path / "YAMADA.tif"])}),
        place=place,
        options={},
        opening=Opening(),
        name="other",
    )
    work(again)
    told = client.get(f"/api/results/compared?run={measured.name}&run={again.name}").json()
    row = told["sections"][0]["tables"][0]["rows"][0]
    assert row[2] == row[5]
    assert row[-3][0] == 0.0


def test_nothing_of_the_files_is_told(client, measured, chain):
    for folder in (measured, chain):
        told = client.get(at(folder)).text + client.get(f"/api/report/page?run={folder.name}").text
        assert "YAMADA" not in told
        assert "SUZUKI" not in told


def test_the_worst_come_first_and_a_cell_lists_its_rows(client, run):
    rows = client.get(at(run, "/tables/predictions/0?worst=true&most=500")).json()["rows"]
    wrong = [row[2] != row[3] for row in rows]
    assert wrong == sorted(wrong, reverse=True)
    of_truth = [row[4 + CLASSES.index(row[2])][0] for row in rows]
    assert of_truth[: sum(wrong)] == sorted(of_truth[: sum(wrong)])
    counts = read_result(run).confusion.counts
    for i, truth in enumerate(CLASSES):
        for j, said in enumerate(CLASSES):
            found = client.get(at(run, f"/tables/predictions/0?match={quote(f'2:{truth}')}&match={quote(f'3:{said}')}")).json()
            assert found["total"] == counts[i, j]
            assert {(row[2], row[3]) for row in found["rows"]} <= {(truth, said)}


def test_sorting_puts_empty_cells_last():
    table = Table(Text("表", "t"), (Text("a", "a"),), ((3.0,), (None,), (float("nan"),), (1.0,), ("x",)))
    assert [row[0] for row in ordered(table, by=0).rows[:3]] == [1.0, 3.0, "x"]
    assert [row[0] for row in ordered(table, by=0, falling=True).rows[:3]] == ["x", 3.0, 1.0]
    assert ordered(table, by=9).rows == table.rows


def test_csv_and_excel_give_back_every_digit(client, run):
    stored = json.loads((run / "results.json").read_text("utf-8"))["predictions"]["rows"]
    text = client.get(file_at(run, "/table?section=predictions&kind=csv&language=ja")).content
    assert text.startswith(b"\xef\xbb\xbf")
    heading, *rows = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert heading[:4] == ["行", "患者", "正解", "予測"]
    assert [[float(row[4]), float(row[5])] for row in rows] == [row[4:] for row in stored]
    assert {row[3] for row in rows} == {EVIL, f"'{FORMULA}"}  # no formula runs
    book = openpyxl.load_workbook(io.BytesIO(client.get(file_at(run, "/table?section=predictions&kind=xlsx")).content))
    cells = list(book.active.iter_rows(min_row=2))
    assert [[cell.value for cell in row[:4]] for row in cells] == [row[:4] for row in stored]
    assert [[cell.value for cell in row[4:]] for row in cells] == pytest.approx(
        np.array([row[4:] for row in stored]), rel=1e-15
    )  # Excel keeps 15 digits
    assert {row[3].data_type for row in cells} == {"s"}


def test_what_is_copied_has_tabs_and_no_formulas(client, run):
    text = client.get(file_at(run, "/table?section=predictions&kind=tsv&language=en")).text
    heading, *rows = text.strip("\r\n").split("\r\n")
    assert heading.split("\t")[:4] == ["row", "patient", "truth", "predicted"]
    assert {len(row.split("\t")) for row in rows} == {6}
    assert {row.split("\t")[3] for row in rows} == {EVIL, f"'{FORMULA}"}


def test_a_table_of_the_page_becomes_a_file(client):
    table = {
        "title": {"ja": "計測", "en": "Measured"},
        "headings": ["a", {"ja": "値", "en": "value"}],
        "rows": [["x", [0.1234567890123, "0.123"]], ["=2", None], [True, 3]],
    }
    sent = client.post("/api/exports/table", json={**table, "kind": "csv", "language": "ja"})
    assert list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig")))) == [
        ["a", "値"],
        ["x", "0.1234567890123"],
        ["'=2", ""],
        ["True", "3"],
    ]
    assert quote("計測.csv") in sent.headers["content-disposition"]
    assert client.post("/api/exports/table", json={**table, "kind": "exe"}).status_code == 422
    assert client.post("/api/exports/table", json={**table, "path": "/elsewhere/x"}).status_code == 422


def test_a_figure_is_sent_in_its_size(client, run):
    sent = client.get(file_at(run, "/figure?name=roc&kind=png&width_mm=85&dpi=150"))
    assert Picture.open(io.BytesIO(sent.content)).width == round(85 / 25.4 * 150)
    assert sent.headers["content-disposition"].startswith("attachment")
    shown = client.get(file_at(run, "/figure?name=roc&kind=svg&shown=true"))
    assert "sandbox" in shown.headers["content-security-policy"]  # an SVG opened by itself runs nothing


NOT_THERE = (
    ("/api/results/nothing", 400, "G-EXP-003"),
    ("/api/results/..%2F..%2Fetc", 404, ""),
    ("/api/results/%2Ftmp", 404, ""),
    ("/api/results/last", 400, "G-EXP-003"),
    ("{run}/tables/nothing/0", 400, "G-EXP-001"),
    ("{run}/tables/predictions/7", 400, "G-EXP-001"),
    ("{run}/tables/predictions/0?match=x:1", 400, "G-EXP-005"),
    ("{file}/figure?name=nothing", 400, "G-EXP-002"),
    ("{file}/figure?name=roc&width_mm=5", 400, "G-OPT-002"),
    ("{file}/figure?name=roc&width_mm=100&style=poster", 400, "G-EXP-023"),
    ("{file}/figure?name=roc&width_mm=1200&dpi=1200", 400, "G-EXP-006"),
    ("{file}/figure?name=roc&kind=gif", 422, "G-WEB-001"),
    ("{file}/parts/nothing", 400, "G-EXP-020"),
    ("{file}/parts/onnx", 400, "G-EXP-022"),
    ("/api/results/candidates?kind=Nothing", 400, "G-EXP-004"),
    ("/api/predict/0123456789abcdef", 404, "G-EXP-010"),
    ("/api/images/facts?address=row:nothing:0", 400, "G-EXP-003"),
    ("/api/images/raw?address=row:{name}:99", 400, "G-EXP-008"),
    ("/api/images/facts?address=heat:../../x:0", 404, "G-EXP-009"),
)


def test_what_is_not_there_is_said_in_both_languages(client, run):
    for path, status, code in NOT_THERE:
        sent = client.get(path.format(run=at(run), file=file_at(run, ""), name=quote(run.name)))
        assert sent.status_code == status, (path, sent.text[:300])
        if code:
            assert sent.json()["code"] == code
            assert sent.json()["ja"] != sent.json()["en"]


def test_every_candidate_can_be_taken_as_an_input(client, run, measured, place):
    kinds = client.get("/api/results/kinds").json()
    assert {"Curve", "Table", "Surface", "Model"} <= set(kinds)
    curves = client.get("/api/results/candidates?kind=Curve").json()
    tables = client.get("/api/results/candidates?kind=Table").json()
    assert {one["id"] for one in curves} == {run.name}
    for kind, found in ((Curve, curves), (Table, tables)):
        assert found
        for one in found:
            taken = result_input(one["value"], kind, place)
            assert isinstance(taken, kind)
            assert one["title"]["en"] in (taken.title.en, one["field"], one["name"]) or one["title"]["en"]
    assert client.get("/api/results/candidates?kind=Model").json() == []


@pytest.mark.slow
def test_the_report_runs_nothing_and_gathers_several_runs(client, run, measured):
    two = f"/api/report/page?run={quote(run.name)}&run={measured.name}"
    page = client.get(f"{two}&language=ja&title=%3Cb%3E合同")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert EVIL not in page.text
    assert "<b>合同" not in page.text
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page.text)
    targets = set(re.findall(r'href="#([^"]+)"', page.text))
    assert targets
    assert targets <= set(re.findall(r'id="([^"]+)"', page.text))
    assert "目次" in page.text
    assert 'lang="en"' in client.get(f"{two}&language=en").text
    assert 'id="1-predictions"' in page.text
    assert 'id="1-predictions"' not in client.get(f"{two}&drop=0:predictions").text
    chapters = client.get(f"/api/report/parts?run={quote(run.name)}&run={measured.name}").json()
    assert [part["key"] for part in chapters[0]["parts"]][:2] == ["summary", "results"]
    kept = client.get(f"{two}&save=true")
    assert kept.headers["content-disposition"].startswith("attachment")


def test_the_help_report_is_asked_for_from_a_page(client, run, place, monkeypatch):
    report = import_module("gazo.runs.help_report")  # the room exports a function of this name
    monkeypatch.setattr(report, "check_machine", lambda **_: None)  # has tests of its own and takes seconds
    monkeypatch.setattr(report, "status_text", lambda _: "checked")
    asked = {
        "screen": "results",
        "error": f"G-EXP-003: {run.name}",
        "note": "学習 で止まる",
        "settings": {"network": "lenet", "label": "YAMADA"},
    }
    text = client.post("/api/help-report", json=asked).json()["text"]
    assert "G-EXP-003" in text
    assert "network = lenet" in text
    assert "YAMADA" not in text
    assert run.name not in text
    assert str(place) not in text
    assert client.post("/api/help-report", json={**asked, "kind": "zip"}).content[:2] == b"PK"
    assert client.post("/api/help-report", json={"pixels": 1}).status_code == 422
