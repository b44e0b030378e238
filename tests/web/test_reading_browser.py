"""A reading experiment in the browser: made, read, broken off by a reload, finished, exported; and a pack read without the server."""

import json
import zipfile

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.core.results import from_json
from gazo.io import write
from gazo.runs.reading import list_readings, new_reading, trials_of
from gazo.runs.reading_answers import answers_of, lines_of, standing
from gazo.runs.reading_pack import pack_reading
from gazo.runs.reading_returns import merge_return
from gazo.runs.reading_tables import answer_table, reader_study
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import BOXES, write_base

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow


@pytest.fixture
def chests(place):
    """Six images of 60 x 80 pixels; a bright square in every other one."""
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        pixels = rng.normal(1000, 40, (60, 80))
        pixels[25:32, 40:47] += 250 * (number % 2)
        write(Image(pixels.astype(np.uint16), spacing_mm=(0.5, 0.5)), making / "files" / f"{number + 1:06d}.png")
    boxes = [[40, 25, 7, 7] if n % 2 else ["", "", "", ""] for n in range(6)]
    columns = {"file": [f"{n + 1:06d}.png" for n in range(6)], "finding": ["なし", "結節あり"] * 3}
    write_base({**columns, **dict(zip(BOXES, map(list, zip(*boxes, strict=True)), strict=True))}, making)
    roles = {"label": "finding", "boxes": ",".join(BOXES)}
    return keep(DataSet(id=id, name="胸部", created=now(), origin="upload", folder="files", rows=6, roles=roles), making, place)


def shown(page, number):
    """Wait until the image of this number stands on the screen."""
    page.get_by_text(f"{number} / 6", exact=True).wait_for()
    page.locator(".viewer canvas").first.wait_for()
    page.get_by_text("WW").first.wait_for()


def test_six_cases_are_read_with_a_reload_between_and_exported(served, chests, page, place):
    page.goto(f"{served.address}/reading")
    page.get_by_role("button", name="新しい読影実験").click()
    page.get_by_label("実験の名前").fill("結節の検出")
    page.get_by_label("読影者 (").fill("A、B")
    page.get_by_label("正解の列").select_option("finding")
    page.get_by_label("病変ありを表す値").select_option("結節あり")
    page.get_by_role("button", name="作成").click()
    expect(page.locator(".reading-readers tbody tr")).to_have_count(2)
    page.get_by_role("link", name="読影を始める").first.click()
    page.get_by_label("モニタ").fill("5M モノクロ")
    page.get_by_role("button", name="読影を始める").click()
    for number, key in ((1, "5"), (2, "1"), (3, "4")):
        shown(page, number)
        assert "結節あり" not in page.content()
        page.keyboard.press("Enter")
        page.get_by_text("すべての項目に答えてから").wait_for()  # nothing is chosen yet
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    shown(page, 4)
    page.reload()
    shown(page, 4)
    page.keyboard.press("Backspace")
    shown(page, 3)
    expect(page.get_by_role("button", name="おそらくある")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="確実にない").click()
    page.keyboard.press("Enter")
    shown(page, 4)
    served.kill()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.get_by_text("G-WEB-000").wait_for()  # the server is gone, the answer stays on the page
    served.start()
    for number in (4, 5, 6):
        shown(page, number)
        page.keyboard.press("2")
        page.keyboard.press("Enter")
    page.get_by_text("すべての画像を読影しました").wait_for()
    (experiment,) = list_readings(place)
    assert [line["value"]["rating"] for line in answers_of(experiment, 1, place).values()] == [5, 1, 1, 2, 2, 2]
    session = lines_of(experiment, 1, place)[0]
    assert (session["monitor"], session["width"], session["height"]) == ("5M モノクロ", 1366, 768)
    page.get_by_role("link", name="中断して").click()
    page.get_by_role("tab", name="結果").click()
    expect(page.locator(".result-table tbody tr")).to_have_count(6)
    with page.expect_download() as given:
        page.get_by_role("link", name="ROC・FROC 解析用").click()
    study = from_json(json.loads(given.value.path().read_text("utf-8")))
    assert study.truth.tolist() == [False, True] * 3
    ratings = {trial.images[0][0]: answer["value"]["rating"] for trial, answer in zip(trials_of(experiment, 1, place), answers_of(experiment, 1, place).values(), strict=True)}  # fmt: skip
    assert study.ratings[0, 0].tolist() == [ratings[case] for case in range(6)]


def test_marks_are_clicked_and_rated(served, chests, page, place):
    experiment = new_reading("マーク", [chests.id], place, task="marks", scale="five")
    page.goto(f"{served.address}/reading/{experiment.id}/1")
    page.get_by_role("button", name="読影を始める").click()
    for number, trial in enumerate(trials_of(experiment, 1, place), 1):
        shown(page, number)
        if trial.images[0][0] % 2:
            _click_at(page, 43, 28)
            page.get_by_text("確信度なし").wait_for()
            page.keyboard.press("4")
            expect(page.locator(".reading-marks li")).to_have_count(1)
        page.keyboard.press("Enter")
    page.get_by_text("すべての画像を読影しました").wait_for()
    study = reader_study(experiment, place)
    assert study.marks.lesion.tolist() == [0, 0, 0]
    assert study.ratings[0, 0].tolist() == [-np.inf, 4, -np.inf, 4, -np.inf, 4]


def test_two_images_are_compared_at_the_size_of_the_screen(served, chests, page, place):
    experiment = new_reading("対", [chests.id], place, task="pair", actual_size=True)
    first = trials_of(experiment, 1, place)[0].images
    page.goto(f"{served.address}/reading/{experiment.id}/1")
    page.get_by_role("button", name="読影を始める").click()
    page.get_by_text("1 / 15", exact=True).wait_for()
    scale = page.locator(".viewer-corners .bottom-right").first
    expect(scale).to_have_text("100%")
    page.keyboard.press("f")
    expect(scale).not_to_have_text("100%")
    page.keyboard.press("o")
    expect(scale).to_have_text("100%")
    page.keyboard.press("1")  # the left one is much better
    page.keyboard.press("Enter")
    page.get_by_text("2 / 15", exact=True).wait_for()
    ((_, _, left, right, score),) = answer_table(experiment, place).rows
    number = {f"C{case + 1:03d}": case for case, _ in first}
    assert score == (2 if number[left] == first[0][0] else -2)
    assert {left, right} == set(number)


def test_a_reader_is_told_no_truth_no_test_and_no_name(client, chests, place):
    experiment = new_reading("盲検", [chests.id], place, test_column="finding", readers=("A", "B"))
    told = [client.get(f"/api/readings/{experiment.id}/readers/1")]
    for trial in told[0].json()["trials"]:
        for address in trial["images"]:
            assert address.startswith(f"reading:{experiment.id}:1:")
            told += [client.get(f"/api/images/{what}", params={"address": address}) for what in ("facts", "raw", "thumbnail")]
    told.append(client.post(f"/api/readings/{experiment.id}/readers/1/begin", json={"monitor": "5M"}))
    told.append(client.post(f"/api/readings/{experiment.id}/readers/1/answers", json={"trial": 0, "value": {"rating": 3}}))
    assert {answer.status_code for answer in told} <= {200, 404}
    assert sum(answer.status_code == 200 for answer in told) > 15
    whole = b"\n".join(answer.content + str(answer.headers).encode() for answer in told)
    words = ("結節あり", "なし", "胸部", chests.id, "000001", "finding", "truth", "positive")
    forms = {word: (word.encode(), json.dumps(word)[1:-1].encode()) for word in words}
    assert [word for word, written in forms.items() if any(one in whole for one in written)] == []


def test_the_experiment_is_guarded_and_its_faults_have_codes(client, chests, place):
    experiment = new_reading("番", [chests.id], place, readers=("A", "B"))
    path = f"/api/readings/{experiment.id}"
    for method, where in (("POST", "/readers/1/answers"), ("POST", "/packs/1"), ("POST", "/returns"), ("DELETE", "")):
        assert client.request(method, path + where, json={}, headers={"origin": "https://example.org"}).status_code == 403
        assert client.request(method, path + where, json={}, headers={"host": "example.org"}).status_code >= 400
    pack = client.post(f"{path}/packs/2")
    assert pack.headers["content-disposition"] == f"attachment; filename*=UTF-8''reading-{experiment.id}-2.zip"
    faults = {
        "G-READ-001": client.get("/api/readings/00000000"),
        "G-READ-002": client.get(f"{path}/readers/3"),
        "G-READ-021": client.post(f"{path}/readers/1/answers", json={"trial": 4, "value": {"rating": 3}}),
        "G-READ-032": client.get(f"{path}/tables/answers"),
        "G-READ-050": client.post(f"{path}/returns", json={"content": "x"}),
        "G-READ-060": client.get(f"{path}/tables/truth"),
        "G-READ-061": client.post("/api/readings", json={"name": "x", "sets": [chests.id], "options": {"tset": 1}}),
        "G-READ-062": client.get("/api/images/facts", params={"address": f"reading:{experiment.id}:1:99:0"}),
    }
    assert {code: answer.json().get("code") for code, answer in faults.items()} == {code: code for code in faults}
    assert client.get("/api/readings/..%2F..%2Fx").status_code == 404
    assert lines_of(experiment, 1, place) == []


def _click_at(page, x, y):
    """Click on a pixel of an image of 80 x 60 that fits its pane."""
    box = page.locator(".viewer canvas").last.bounding_box()
    scale = min(box["width"] / 80, box["height"] / 60)
    page.mouse.click(box["x"] + box["width"] / 2 + (x + 0.5 - 40) * scale, box["y"] + box["height"] / 2 + (y + 0.5 - 30) * scale)


def test_a_pack_is_read_from_its_folder_and_its_return_merges(chests, open_page, place, tmp_path):
    experiment = new_reading("持ち出し", [chests.id], place, truth="finding", positive="結節あり")
    pack_reading(experiment, 1, tmp_path / "pack.zip", place)
    with zipfile.ZipFile(tmp_path / "pack.zip") as opened:
        opened.extractall(tmp_path / "読影 セット")
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "読影 セット" / "reading" / "index.html").as_uri())
    page.get_by_label("モニタ").fill("ノート PC")
    page.get_by_role("button", name="読影を始める").click()
    for number in (1, 2, 3):
        page.get_by_role("heading", name=f"{number} / 6").wait_for()
        page.keyboard.press(str(number))
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="4 / 6").wait_for()
    page.reload()
    page.get_by_role("heading", name="4 / 6").wait_for()
    page.get_by_role("button", name="前へ").click()
    page.get_by_role("heading", name="3 / 6").wait_for()
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="4 / 6").wait_for()
    with page.expect_download() as part:
        page.get_by_role("button", name="回答ファイルを保存").click()
    assert merge_return(experiment, part.value.path().read_bytes(), place).done == 3
    for number in (4, 5, 6):
        page.get_by_role("heading", name=f"{number} / 6").wait_for()
        page.keyboard.press("2")
        page.keyboard.press("Enter")
    page.get_by_text("すべての画像を読影しました").wait_for()
    with page.expect_download() as whole:
        page.get_by_role("button", name="回答ファイルを保存").click()
    merged = merge_return(experiment, whole.value.path().read_bytes(), place)
    assert (merged.new, merged.done, merged.total) == (3, 6, 6)
    assert standing(experiment, 1, place).next is None
    assert sorted(row[4] for row in answer_table(experiment, place).rows) == [1, 2, 2, 2, 2, 5]
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
