"""Lessons over HTTP and in the browser: the panel beside the screens, unsafe lessons harmless, the teacher's table, the demonstration."""

import json
import shutil
import time

import pytest

from gazo.runs.lessons.codes import decoded
from gazo.runs.ownership import read_status
from gazo.runs.study import read_study

expect = pytest.importorskip("playwright.sync_api").expect

WORDS = {"ja": "日本語の題", "en": "English title"}
UNSAFE = """# 題 <script>window.hacked = 1</script>

<img src=x onerror="window.hacked = 2"> と <b>太字ではない</b>

- [内](/data) と [外](https://example.org/x) と [悪](javascript:window.hacked=3) と [上](//example.org)
- ![絵](picture.png) と ![外の絵](https://example.org/a.png)

> **引用** と `code <i>`
"""


@pytest.fixture
def written(place):
    """Drops a lesson of two questions into the workspace."""
    folder = place / "lessons" / "心臓"
    folder.mkdir(parents=True)
    question = {
        "question": WORDS,
        "choices": [WORDS, {"ja": "いいえ", "en": "No"}],
        "right": 0,
        "because": {"ja": "正解の説明", "en": "why"},
    }
    steps = [
        {
            "id": id,
            "title": {"ja": f"手順 {id}", "en": f"Step {id}"},
            "text": {"ja": "a.md", "en": "a.md"},
            "screen": "/home",
            "check": check,
        }
        for id, check in (("one", {"answer": question}), ("two", {"seen": "/settings"}))
    ]
    (folder / "lesson.json").write_text(
        json.dumps({"format": 1, "title": {"ja": "心臓の教材", "en": "Heart"}, "summary": WORDS, "steps": steps}), "utf-8"
    )
    (folder / "a.md").write_text(UNSAFE, "utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def test_the_list_names_lessons_and_spoiled_folders(client, written):
    bad = written.parent / "bad"
    shutil.copytree(written, bad)
    (bad / "lesson.json").write_text("{", "utf-8")
    found = client.get("/api/lessons").json()
    assert [one["name"] for one in found["lessons"]][-1] == "心臓"
    assert found["lessons"][-1]["own"]
    assert [(one["name"], one["error"]["code"]) for one in found["spoiled"]] == [("bad", "G-LSN-003")]


def test_the_right_answer_is_not_told_before_it_is_given(client, written):
    whole = client.get("/api/lessons/心臓").json()
    assert whole["progress"] is None
    assert "right" not in json.dumps(whole["texts"])
    assert "正解の説明" not in json.dumps(whole, ensure_ascii=False)
    wrong = client.post("/api/lessons/心臓/answer", json={"step": "one", "choice": 1}).json()
    assert (wrong["steps"][0]["right"], wrong["steps"][0]["because"]) == (False, None)
    right = client.post("/api/lessons/心臓/answer", json={"step": "one", "choice": 0}).json()
    assert right["steps"][0]["because"]["ja"] == "正解の説明"
    assert right["current"] == "two"


def test_a_lesson_is_walked_over_http(client, written):
    client.post("/api/lessons/心臓/answer", json={"step": "one", "choice": 0})
    assert client.post("/api/lessons/心臓/check", json={"at": "/home"}).json()["current"] == "two"
    done = client.post("/api/lessons/心臓/check", json={"at": "/settings"}).json()
    assert done["current"] == ""
    named = client.put("/api/lessons/心臓/nickname", json={"nickname": "タロウ"}).json()
    assert decoded(named["code"]).steps == ("done", "done")
    rows = client.post("/api/lessons/decode", json={"text": f"タロウです {named['code']}"}).json()["rows"]
    assert [(row["nickname"], row["done"], row["other"], row["title"]["ja"]) for row in rows] == [
        ("タロウ", 2, False, "心臓の教材")
    ]
    again = client.post("/api/lessons/心臓/begin", json={"anew": True}).json()
    assert again["current"] == "one"


def test_a_code_of_another_version_of_the_lesson_is_marked(client, written):
    code = client.post("/api/lessons/心臓/begin", json={}).json()["code"]
    stored = json.loads((written / "lesson.json").read_text("utf-8"))
    (written / "lesson.json").write_text(json.dumps(stored | {"minutes": 5}), "utf-8")
    assert client.post("/api/lessons/decode", json={"text": code}).json()["rows"][0]["other"]


@pytest.mark.parametrize("path", ["pictures/lesson.json", "pictures/..%2F..%2Fx.png", "pictures/none.png"])
def test_only_pictures_leave_the_folder(client, written, path):
    assert client.get("/api/lessons/心臓/pictures/picture.png").status_code == 200
    assert client.get(f"/api/lessons/心臓/{path}").status_code == 404


def test_unknown_lessons_steps_and_fields_are_refused(client, written):
    assert client.get("/api/lessons/nowhere").json()["code"] == "G-LSN-001"
    assert client.post("/api/lessons/心臓/answer", json={"step": "nine", "choice": 0}).json()["code"] == "G-LSN-002"
    assert client.post("/api/lessons/心臓/check", json={"at": "/", "more": 1}).status_code == 422


@pytest.mark.slow
def test_an_unsafe_text_is_text(served, page, written):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/lessons/心臓")
    page.get_by_role("button", name="始める").click()
    panel = page.get_by_role("complementary", name="教材")
    panel.get_by_text("<script>window.hacked = 1</script>").wait_for()
    assert panel.get_by_text("<b>太字ではない</b>").is_visible()
    assert page.evaluate("window.hacked") is None
    links = panel.locator(".lesson-text a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert links == ["/data"]
    expect(panel.locator(".lesson-text script, .lesson-text b, .lesson-text i")).to_have_count(0)
    assert panel.locator(".lesson-text img").evaluate_all("all => all.map((one) => one.getAttribute('src'))") == [
        "/api/lessons/%E5%BF%83%E8%87%93/pictures/picture.png"
    ]
    assert [url for url in asked if not url.startswith(served.address)] == []


@pytest.mark.slow
def test_the_panel_stays_beside_the_screens_and_checks_by_itself(served, page, written):
    page.goto(f"{served.address}/lessons/心臓")
    page.get_by_role("button", name="始める").click()
    panel = page.get_by_role("complementary", name="教材")
    panel.get_by_role("radio", name="いいえ").check()
    panel.get_by_text("正しくありません。").wait_for()
    panel.get_by_role("radio", name="日本語の題").check()
    panel.get_by_text("正解の説明").wait_for()
    page.get_by_role("navigation").get_by_role("link", name="設定").click()
    panel.get_by_text("すべての手順が完了しました").wait_for()
    page.reload()
    panel.get_by_text("2 / 2 完了").wait_for()
    panel.get_by_role("button", name="状況コード").click()
    page.get_by_label("ニックネーム").fill("花子")
    page.get_by_label("ニックネーム").press("Enter")
    page.wait_for_timeout(500)
    code = page.locator(".lesson-code").inner_text()
    assert decoded(code).nickname == "花子"
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="教材を閉じる").click()
    expect(panel).to_have_count(0)
    page.goto(f"{served.address}/lessons/teacher")
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    page.get_by_role("textbox").fill(f"花子さん {code}\n次郎 {wrong}")
    page.get_by_role("cell", name="花子").wait_for()
    assert page.get_by_role("cell", name="2 / 2").is_visible()
    assert page.get_by_role("alert").get_by_text("G-LSN-012").is_visible()


@pytest.mark.slow
@pytest.mark.long
def test_the_demonstration_has_something_to_show(place):
    from gazo.web.demo import NAME, prepare

    runs = prepare(place)
    deadline = time.monotonic() + 400
    while len(read_study(NAME, place).runs) < len(runs) and time.monotonic() < deadline:
        assert not any(read_status(folder)["state"] == "failed" for folder in runs)
        time.sleep(1)
    assert sorted(read_study(NAME, place).runs) == sorted(folder.name for folder in runs)
    assert prepare(place) == []


def test_a_minijsrt_folder_carries_the_direction_lesson(client, place, tmp_path):
    """Pictures sorted like the directions set of miniJSRT (train and test, four folders) fulfil the first step as they are."""
    import io

    import numpy as np
    from PIL import Image

    files = []
    for number in range(48):
        part, direction = ("train", "test")[number % 4 == 3], ("up", "down", "left", "right")[number // 12]
        buffer = io.BytesIO()
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (32, 32), np.uint8)).save(buffer, "PNG")
        files.append(("files", (f"Directions01/{part}/{direction}/{number:04d}.png", buffer.getvalue())))
    token = client.post("/api/uploads/incoming").json()["token"]
    assert client.post(f"/api/uploads/incoming/{token}/files", files=files).json()["faults"] == []
    looked = worked(client, f"/api/uploads/incoming/{token}/look", {})
    uses = {column["name"]: column["use"] for column in looked["columns"]}  # as the page proposes them
    worked(client, f"/api/uploads/incoming/{token}/take", {"name": "miniJSRT", "columns": uses})
    progress = client.post("/api/lessons/direction/check", json={"at": "/data"}).json()
    assert progress["steps"][0]["state"] == "done", progress["steps"][0]["missing"]


def worked(client, path, body):
    """What came of a piece of work."""
    job = client.post(path, json=body).json()["job"]
    while (told := client.get(f"/api/sets/jobs/{job}").json())["state"] == "running":
        time.sleep(0.05)
    assert told["state"] == "done", told
    return told["result"]
