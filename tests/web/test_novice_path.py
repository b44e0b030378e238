"""The novice path: from the home page to a report of a trained direction classifier, in few clicks, without typing, in Japanese."""

import re

import pytest

MOST_CLICKS = 12
TRAINING_MS = 420_000  # the machine may be busy; alone it takes less than a minute


@pytest.mark.slow
def test_sample_data_to_report_without_typing(served, page):
    clicks, typed = [], []
    page.expose_function("noteClick", lambda: clicks.append(page.url))
    page.expose_function("noteKey", lambda: typed.append(page.url))
    page.add_init_script(
        "addEventListener('pointerdown', () => window.noteClick(), true); addEventListener('keydown', () => window.noteKey(), true);"
    )
    page.goto(f"{served.address}/home")
    main, panel = page.get_by_role("main"), page.get_by_role("complementary", name="教材")

    main.get_by_role("link", name="教材で学ぶ").click()
    main.get_by_role("link", name="胸部 X 線画像の向きを見分ける").click()
    main.get_by_role("button", name="始める").click()
    main.get_by_role("button", name="胸部画像の向き").click()
    panel.get_by_role("button", name="同じ患者を分けない理由", expanded=True).wait_for(timeout=120_000)
    panel.get_by_label("4 枚とも同じ側").click()
    panel.get_by_role("button", name="次の手順へ").click()
    panel.get_by_role("link", name="この手順の画面を開く").click()
    main.get_by_role("button", name="学習を開始").click()
    page.wait_for_url(re.compile(r"/runs/"), timeout=60_000)
    panel.get_by_text("混同行列の対角線").wait_for(timeout=TRAINING_MS)
    panel.get_by_role("link", name="この手順の画面を開く").click()
    page.wait_for_url(re.compile(r"/results/"))
    main.get_by_text("混同行列").first.wait_for()
    main.get_by_role("link", name="レポート").click()
    report = page.frame_locator("iframe")
    report.get_by_text("混同行列").first.wait_for(timeout=60_000)

    assert "正解率" in report.locator("body").inner_text()
    assert len(clicks) <= MOST_CLICKS, clicks
    assert typed == []
    assert page.evaluate("document.documentElement.lang") == "ja"
