"""Results, report and trying a model in the browser, with a run that really learned."""

import json
import re
import shutil
import subprocess
from urllib.parse import quote

import numpy as np
import openpyxl
import pytest

import gazo
from gazo.core import Image
from gazo.runs.start import make_run, read_result
from gazo.runs.worker import work
from gazo.runs.workspace import workspace

pytestmark = pytest.mark.slow
SLOW = 120_000  # milliseconds, for what is computed on the way
expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A workspace with one finished training on 30 small images."""
    home = tmp_path_factory.mktemp("結果")
    folder, place = home / "画像", workspace(home / "作業")
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = ["file,patient,sex"]
    for n in range(30):
        pixels = rng.normal(100, 20, (40, 32))
        pixels[8:24, 4:16] += 60 * (n % 2)
        gazo.write(Image(pixels.clip(0, 255).astype(np.uint8)), folder / "images" / f"{n:02}.png")
        rows.append(f"images/{n:02}.png,{n:05},{'MF'[n % 2]}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n", "utf-8")
    run = make_run(
        ("learn", "classify"), folder / "table.csv", place=place, source={"label": "sex", "patient": "patient"},
        options={"network": "lenet", "size_px": 32, "epochs": 2, "positive": "F"}, protocol={"evaluation": "folds", "folds": 2}, threads=1, name="性別",
    )  # fmt: skip
    work(run)
    return run


@pytest.fixture
def run(learned, place):
    """The finished training in the workspace of this test."""
    for part in ("runs", "data"):
        shutil.copytree(learned.parents[1] / part, place / part, dirs_exist_ok=True)
    return place / "runs" / learned.name


def test_a_result_is_explored_without_typing(served, page, run):
    page.goto(f"{served.address}/results/{quote(run.name)}")
    study = read_result(run)
    page.get_by_text(f"{study.metrics[0].value:.3f}").first.wait_for()
    counts = study.confusion.counts
    cell = next((i, j) for i in range(2) for j in range(2) if counts[i, j])
    page.locator(".results-cell").nth(2 * cell[0] + cell[1]).click()
    assert f"cell={cell[0]}%2C{cell[1]}" in page.url or f"cell={cell[0]},{cell[1]}" in page.url
    rows = page.locator("#predictions tbody tr")
    expect(rows).to_have_count(int(counts[cell]), timeout=SLOW)
    with page.expect_response(lambda sent: "address=heat%3A" in sent.url and sent.ok, timeout=SLOW):
        rows.first.click()
    row = re.search(r"image=(\d+)", page.url)[1]
    page.locator(".results-image canvas").first.wait_for()
    page.reload()
    page.locator(f"text=行 {row} の画像").first.wait_for()


def test_a_table_is_copied_and_saved(served, page, run, tmp_path):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served.address)
    page.goto(f"{served.address}/results/{quote(run.name)}")
    table = page.locator("#predictions .result-table")
    table.get_by_role("button", name="コピー").click()
    table.get_by_text("コピーしました").wait_for()
    lines = page.evaluate("navigator.clipboard.readText()").strip().splitlines()
    stored = json.loads((run / "results.json").read_text("utf-8"))["predictions"]["rows"]
    assert len(lines) == len(stored) + 1
    assert {tuple(map(float, line.split("\t")[4:])) for line in lines[1:]} == {tuple(row[4:]) for row in stored}
    with page.expect_download() as saved:
        table.get_by_role("button", name="Excel").click()
    saved.value.save_as(tmp_path / "t.xlsx")
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active.max_row == len(stored) + 1
    assert saved.value.suggested_filename.endswith(".xlsx")


def test_a_figure_is_saved_for_a_poster(served, page, run, tmp_path):
    from PIL import Image as Picture

    page.goto(f"{served.address}/results/{quote(run.name)}")
    page.locator(".results-roc").get_by_role("button", name="図を保存").click()
    page.get_by_role("button", name="ポスター").click()
    with page.expect_download(timeout=SLOW) as saved:
        page.get_by_role("button", name="保存", exact=True).click()
    saved.value.save_as(tmp_path / "roc.png")
    with Picture.open(tmp_path / "roc.png") as picture:
        assert picture.width == round(3 * 85 / 25.4 * 300)


def test_the_printed_report_cuts_nothing(served, page, run, tmp_path):
    """On A4 with 15 mm margins every table ends within the paper, and every cell of it reaches the PDF."""
    page.goto(f"{served.address}/report/{quote(run.name)}")
    frame = page.frame_locator("iframe")
    frame.get_by_text("要約").first.wait_for(timeout=SLOW)
    assert page.locator("iframe").get_attribute("sandbox") == "allow-same-origin allow-modals"
    address = page.locator("iframe").get_attribute("src")
    width = round((210 - 30) / 25.4 * 96)
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(served.address + address)
    page.emulate_media(media="print")
    ends = page.evaluate("[...document.querySelectorAll('table, figure, p')].map((one) => one.getBoundingClientRect().right)")
    assert ends
    assert max(ends) <= width + 1
    assert page.evaluate("[...document.querySelectorAll('details table')].every((one) => one.getBoundingClientRect().height > 0)")
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    if shutil.which("pdftotext") is None:
        return
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    for metric in read_result(run).metrics:
        assert f"{metric.value:.3f}" in text or metric.value != metric.value
    assert "lenet" in text


def test_two_runs_in_one_report_in_the_other_language(served, page, run, place):
    again = run.with_name(run.name[:-4] + "beef")
    shutil.copytree(run, again)
    page.goto(f"{served.address}/report/{quote(run.name)}")
    page.locator(".report-others button").first.click()
    page.get_by_role("button", name="英語").click()
    frame = page.frame_locator("iframe")
    frame.get_by_text("Contents").wait_for(timeout=SLOW)
    frame.locator("#chapter-2").wait_for()
    assert "language=en" in page.url
    page.reload()
    page.frame_locator("iframe").locator("#chapter-2").wait_for(timeout=SLOW)


def test_a_model_is_tried_on_other_images(served, page, run):
    images = "&".join(f"image={quote(f'row:{run.name}:{n}')}" for n in (0, 3))
    page.goto(f"{served.address}/try/{quote(run.name)}?{images}")
    page.get_by_role("button", name="判定する").click()
    page.locator(".try-answer tbody tr").nth(1).wait_for(timeout=SLOW)
    table = {row[0]: row for row in read_result(run).predictions.rows}
    shown = page.locator(".try-answer tbody tr").nth(1).locator("td").all_inner_texts()
    assert float(shown[2]) == pytest.approx(table[3][4], abs=6e-4)
    expect(page.locator(".try-bar meter")).to_have_count(2)


def test_a_finished_result_is_an_input_by_a_click(served, page, run):
    """The picker lists what the server finds; its word is what recipes take."""
    page.goto(f"{served.address}/results")
    page.get_by_role("link", name="性別").wait_for()
    found = page.evaluate("fetch('/api/results/candidates?kind=Model').then((one) => one.json())")
    assert [one["value"] for one in found] == [f"run:{run.name}"]
