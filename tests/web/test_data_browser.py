"""The screen Data sets as a person uses it: drop, look, decide, correct, choose, divide; what comes out of files is shown, never run."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow
EVIL = "<img src=x onerror=window.hurt=1>"


def png(seed):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (64, 48)).astype(np.uint8)
    pixels[:10] = 255  # as a burned-in line
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def study(tmp_path):
    """Twelve images and a table in which a label and a heading hold markup."""
    folder = tmp_path / "画像 テスト"
    (folder / "胸部 ①").mkdir(parents=True)
    lines = [f"file,label,患者ID,氏名,view,{EVIL}"]
    for n in range(12):
        (folder / "胸部 ①" / f"{n}.png").write_bytes(png(n))
        lines.append(f"胸部 ①/{n}.png,{EVIL if n % 2 else '正常'},{n // 2},山田 太郎,{'PA' if n % 3 else 'AP'},{n % 2}")
    lines.append("胸部 ①/none.png,正常,99,山田 太郎,PA,0")
    (folder / "一覧.csv").write_text("\r\n".join(lines), encoding="cp932")
    (folder / "胸部 ①" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nxx")
    return folder


def take_in(page, served, study):
    page.goto(f"{served.address}/data")
    page.set_input_files("input[aria-label='フォルダを選ぶ']", study)
    page.get_by_role("button", name="データセットとして取り込む").wait_for()


def test_from_a_folder_to_a_cohort(served, page, study):
    take_in(page, served, study)
    page.get_by_text("画像 テスト/胸部 ①/broken.png").wait_for()  # the page knows the name, the server never says it
    page.get_by_text("行ごとの指摘").click()
    assert page.locator(".data-row-faults tbody tr").inner_text().split("\t")[0] == "14"
    assert page.get_by_label("氏名: 用途").input_value() == "leave"
    assert page.get_by_label("患者ID: 用途").input_value() == "patient"
    page.get_by_role("button", name="データセットとして取り込む").click()
    page.get_by_role("heading", name="クラス").wait_for()
    expect(page.locator(".thumbnail")).to_have_count(12)
    assert "患者 6 人" in page.locator(".data-head").inner_text()
    assert EVIL in page.locator(".data-bars").inner_text()
    expect(page.locator(".data-bars img")).to_have_count(0)

    page.get_by_role("button", name="ラベルを直す").click()
    page.locator(".thumbnail").nth(1).click()
    page.get_by_label("別の名前").fill("異常")
    page.get_by_role("button", name="変更", exact=True).click()
    page.locator(".data-bar", has_text="異常").wait_for()
    page.get_by_role("button", name=re.compile("直前の修正を取り消す")).click()
    page.locator(".data-bar", has_text="異常").wait_for(state="detached")

    page.get_by_role("tab", name="対象の選択").click()
    page.get_by_role("button", name="PA のみ").click()
    page.get_by_role("button", name="患者ごとに 1 枚のみ").click()
    page.locator(".data-flow-box").nth(2).wait_for()
    assert "患者 6 人、画像 6 枚" in page.locator(".data-flow-box").nth(2).inner_text()
    page.get_by_role("button", name="新しいデータセットを作成").click()
    page.locator(".data-flow-figure").wait_for()
    page.reload()
    page.get_by_role("heading", name="このデータセットの選択の経過").wait_for()  # a reload shows the same

    page.get_by_role("link", name=re.compile("から選択")).click()
    page.get_by_role("tab", name="分割").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    assert len(Path(download.value.path()).read_text("utf-8-sig").splitlines()) == 13
    page.get_by_role("tab", name="列とラベル").click()
    page.get_by_role("cell", name=EVIL).first.wait_for()
    assert page.evaluate("window.hurt") is None


def test_a_dropped_file_and_black_rectangles(served, page, place):
    page.goto(f"{served.address}/data")
    page.locator(".data-drop").wait_for()
    content = base64.b64encode(png(1)).decode()
    page.evaluate(
        """async (content) => {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            for (const name of ['a.png', 'b.png']) data.items.add(new File([bytes], name, { type: 'image/png' }));
            window.dispatchEvent(new DragEvent('dragenter', { dataTransfer: data }));
            window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
        }""",
        content,
    )
    page.get_by_text("そのほかの画像").click()
    page.get_by_role("button", name="確認・黒塗り").click()
    page.get_by_role("button", name="矩形を追加").click()
    for label, value in (("左", "0"), ("上", "0"), ("幅", "48"), ("高さ", "10")):
        page.locator(".data-numbers").get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="これで決定").click()
    page.get_by_text("黒塗り 1 か所").wait_for()
    page.get_by_role("button", name="データセットとして取り込む").click()
    page.locator(".thumbnail").first.wait_for()
    from gazo.runs.sets import images_of, list_sets

    images = images_of(list_sets(place)[0].id, place)
    assert len(images) == 2
    assert all(image.pixels[:10].max() == image.pixels.min() for _, image in images.stream())


def test_a_beginner_starts_with_a_sample(served, page):
    page.goto(f"{served.address}/data")
    page.get_by_role("button", name=re.compile("胸部画像の向き")).click()
    page.locator(".data-bar", has_text="up").wait_for(timeout=120_000)
    assert "シミュレーション画像" in page.locator(".data-head").inner_text()
    page.get_by_role("tab", name="検査").click()
    page.get_by_role("button", name="検査する").click()
    page.locator(".table").wait_for(timeout=120_000)


def test_english_says_the_same(served, open_page, study):
    page = open_page(language="en", size=(1920, 1080), theme="light")
    page.goto(f"{served.address}/data")
    page.get_by_text("Drop a folder, a ZIP, images or an Excel table here").wait_for()
    page.set_input_files("input[aria-label='Choose a folder']", study)
    page.get_by_role("button", name="Take in as a data set").click()
    page.get_by_role("heading", name="Classes").wait_for()
    for tab in ("Columns and labels", "Check", "Cohort", "Split", "About"):
        page.get_by_role("tab", name=tab).click()
        assert "data." not in page.locator("main").inner_text()
