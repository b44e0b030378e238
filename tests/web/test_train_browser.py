"""Training in the browser: started, left, found again after a reload and after the server was killed; compared and deleted."""

import json
import re
import shutil
import urllib.request

import pytest

from gazo.runs.ownership import read_status
from gazo.runs.sets_sample import add_sample
from gazo.runs.workspace import run_folders, workspace

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow
LONG = 240_000


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A workspace with one simulated set, made once."""
    place = workspace(tmp_path_factory.mktemp("ready"))
    return place, add_sample("directions", place).id


@pytest.fixture
def sample(ready, place):
    """The set in the workspace of the test."""
    shutil.copytree(ready[0] / "data", place / "data", dirs_exist_ok=True)
    return ready[1]


def asked(served, path):
    with urllib.request.urlopen(f"{served.address}{path}", timeout=30) as answer:
        return json.loads(answer.read())


def set_number(page, option, value):
    box = page.locator(f'[data-option="{option}"] input[type="number"], [data-option="{option}"] input[inputmode]').first
    box.fill(str(value))
    box.press("Tab")


def start(page, served, sample, *, epochs, name):
    """Fill the form as a user does and press start; the id of the run."""
    page.goto(f"{served.address}/train?set={sample}&network=small_cnn")
    page.get_by_role("radio", name="画像分類").wait_for()
    set_number(page, "epochs", epochs)
    set_number(page, "size_px", 32)
    page.locator('[data-option="evaluation"] select').select_option("held-out")
    page.get_by_label("実行の名前").fill(name)
    page.get_by_role("button", name="学習を開始").click()
    page.wait_for_url(re.compile("/runs/2"), timeout=LONG)
    return page.url.rsplit("/", 1)[1]


def test_a_training_lives_apart_from_page_and_server(page, served, place, sample):
    id = start(page, served, sample, epochs=400, name="胸部の向き ①")
    page.get_by_text(re.compile(r"エポック [2-9]\d* / 400")).wait_for(timeout=LONG)
    expect(page.locator(".chart canvas")).to_have_count(2)
    assert page.get_by_text("残り約").count() >= 1
    points = page.locator(".chart-legend b").first
    assert float(points.inner_text()) > 0
    page.goto(f"{served.address}/home")  # left, and found again from the list
    page.goto(f"{served.address}/runs")
    page.get_by_role("link", name="胸部の向き ①").first.click()
    page.get_by_text(re.compile(r"エポック \d+ / 400")).wait_for(timeout=LONG)
    served.kill()
    page.get_by_text("サーバーから応答がありません").wait_for(timeout=LONG)
    folder = place / "runs" / id
    assert read_status(folder)["state"] == "running"
    served.start()
    page.get_by_text(re.compile(r"エポック \d+ / 400")).wait_for(timeout=LONG)  # the page goes on by itself
    page.reload()
    page.get_by_role("button", name="取り消す").click()
    page.get_by_role("button", name="続きから再開").wait_for(timeout=40_000)
    assert read_status(folder)["state"] == "cancelled"
    page.get_by_role("button", name="続きから再開").click()
    page.get_by_text(re.compile(r"エポック \d+ / 400")).wait_for(timeout=LONG)
    page.get_by_role("button", name="削除").click()
    page.get_by_role("dialog").get_by_role("button", name="削除").click()
    page.wait_for_url(re.compile("/runs$"), timeout=LONG)
    assert run_folders(place) == []


@pytest.mark.long
def test_two_finished_runs_are_compared(page, served, place, sample):
    for name in ("一回目", "二回目"):
        id = start(page, served, sample, epochs=2, name=name)
        page.get_by_role("link", name="結果を見る").wait_for(timeout=LONG)
        assert asked(served, f"/api/runs/{id}")["headline"]
    page.goto(f"{served.address}/runs")
    for name in ("一回目", "二回目"):
        page.get_by_label(f"{name} を選ぶ").check()
    page.get_by_role("button", name="比較", exact=True).click()
    page.get_by_role("heading", name="2 件の比較").wait_for()
    page.locator(".chart").nth(2).wait_for(timeout=60_000)
    page.get_by_role("heading", name="対応のある検定").wait_for()
    page.get_by_text("DeLong").or_(page.get_by_text("p 値")).or_(page.get_by_text("McNemar")).first.wait_for(timeout=60_000)


def test_the_check_stops_what_would_fail_and_offers_the_cure(page, served, sample):
    page.goto(f"{served.address}/train?set={sample}")
    button = page.get_by_role("button", name="学習を開始")
    page.get_by_label("ラベル (正解) の列").select_option("")
    page.locator(".train-remark.fault").first.wait_for()
    assert button.is_disabled()
    page.get_by_label("ラベル (正解) の列").select_option("label")
    page.locator(".train-remark.fault").first.wait_for(state="detached")
    set_number(page, "batch_size", 1000)
    cure = page.get_by_role("button", name=re.compile("バッチサイズを .* にする"))
    cure.click()
    cure.wait_for(state="detached")
    assert button.is_enabled()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_is_cut(open_page, served, sample, language, size):
    page = open_page(language=language, size=size)
    for path in (f"/train?set={sample}", "/runs"):
        page.goto(f"{served.address}{path}")
        page.locator("main .page, main .empty").first.wait_for()
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        cut = "[...document.querySelectorAll('main button, main h3, main label')].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible').length"
        assert page.evaluate(cut) == 0
        assert "runs." not in page.locator("main").inner_text()
        assert "train." not in page.locator("main").inner_text()
