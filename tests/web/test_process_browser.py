"""The screens of image processing and image quality, in a browser."""

import json

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.io.files import write

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow
READY = '.process-state[data-level="0"][data-busy="false"]'


@pytest.fixture
def image(place):
    """A radiograph-like image in the workspace."""
    rows, columns = np.mgrid[:600, :600]
    values = 1800 + 900 * np.sin(rows / 41) * np.cos(columns / 29) + np.random.default_rng(2).normal(0, 30, (600, 600))
    folder = place / "data" / "files" / "0a1b2c3d"
    folder.mkdir(parents=True)
    write(Image(np.clip(values, 0, 4095).astype(np.uint16), spacing_mm=(0.2, 0.2)), folder / "a.tif")
    return "file:0a1b2c3d"


def shown(page, number):
    """What a pane shows: its first canvas as a picture."""
    return page.evaluate("n => document.querySelectorAll('.process-view canvas')[n].toDataURL()", number)


def canvas_of(page, pane):
    """Which canvas belongs to a pane: each has as many as the others."""
    return pane * page.locator(".process-view canvas").count() // 3


def token(page):
    return page.locator(".process-state").get_attribute("data-token")


def add(page, operation):
    page.get_by_role("button", name="処理を追加").click()
    page.locator(f'[data-operation="{operation}"]').click()


def test_slider_chain_and_folder(served, page, image):
    page.goto(f"{served.address}/process?image={image}")
    add(page, "unsharp-mask")
    page.locator(READY).wait_for()
    page.locator(".process-view canvas").nth(2).wait_for()
    page.wait_for_timeout(500)
    original, processed, before = shown(page, 0), shown(page, canvas_of(page, 1)), token(page)
    slider = page.locator('[data-option="amount"] input[type=range]')
    slider.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.locator(f'.process-state:not([data-token="{before}"])').wait_for()
    page.locator(READY).wait_for()
    page.wait_for_timeout(500)
    assert shown(page, canvas_of(page, 1)) != processed  # the slider moved the pixels
    assert shown(page, 0) == original
    assert float(page.locator('[data-option="amount"] .form-box').input_value()) == pytest.approx(1.6)

    page.keyboard.press("Control+z")
    assert float(page.locator('[data-option="amount"] .form-box').input_value()) < 1.6
    page.keyboard.press("Control+y")
    add(page, "median")
    page.locator(READY).wait_for()

    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_label("名前", exact=True).fill("胸部 強調")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    page.get_by_text("処理の手順を保存しました。").wait_for()

    page.goto(f"{served.address}/process?image={image}")
    page.get_by_role("button", name="開く", exact=True).click()
    page.get_by_role("button", name="胸部 強調 処理 2 個").click()
    page.locator(READY).wait_for()
    assert [s.get_attribute("data-step") for s in page.locator("[data-step]").all()] == ["unsharp-mask", "median"]
    assert float(page.locator('[data-option="amount"] .form-box').input_value()) == pytest.approx(1.6)
    saved = next((served.place / "recipes").glob("*.json"))
    assert json.loads(saved.read_text("utf-8"))["steps"][0]["options"]["amount"] == pytest.approx(1.6)

    page.reload()  # the address holds the chain
    page.locator(READY).wait_for()
    expect(page.locator("[data-step]")).to_have_count(2)

    page.get_by_role("button", name="まとめて処理").click()
    page.get_by_role("dialog").get_by_role("button", name="処理を開始").click()
    page.locator('.form-run[data-state="finished"]').wait_for(timeout=120_000)
    made = list((served.place / "runs").glob("*/images/0001.tif"))
    assert len(made) == 1


def test_wrong_values_are_told_in_the_form_and_nothing_is_computed(served, page, image):
    chain = json.dumps([["unsharp-mask", {}, 0]])
    page.goto(f"{served.address}/process?image={image}&chain={chain}")
    page.locator(READY).wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/live/pixels" in request.url else None)
    box = page.locator('[data-option="amount"] .form-box')
    box.fill("99")
    page.get_by_text("0 以上、10 以下の数を入力してください。").wait_for()
    page.wait_for_timeout(500)
    assert asked == []
    box.fill("２．５")  # full-width digits, as a Japanese keyboard gives them
    page.locator(READY).wait_for()
    expect(page.get_by_text("入力してください")).to_have_count(0)


def test_dragging_asks_for_the_level_in_view(served, page, image):
    chain = json.dumps([["unsharp-mask", {}, 0]])
    page.goto(f"{served.address}/process?image={image}&chain={chain}")
    page.locator(READY).wait_for()
    levels = []
    page.on(
        "request",
        lambda request: levels.append(json.loads(request.post_data)["level"]) if "/api/live/pixels" in request.url else None,
    )
    knob = page.locator('[data-option="radius_mm"] input[type=range]').bounding_box()
    y = knob["y"] + knob["height"] / 2
    page.mouse.move(knob["x"] + knob["width"] * 0.5, y)
    page.mouse.down()
    for share in (0.55, 0.6, 0.65, 0.7):
        page.mouse.move(knob["x"] + knob["width"] * share, y)
        page.wait_for_timeout(30)
    while_held = list(levels)
    page.mouse.up()
    page.locator(READY).wait_for()
    page.wait_for_timeout(400)
    assert while_held[0] == 1  # 600 pixels in a pane of about 285: half the size is shown
    assert set(while_held) <= {0, 1}  # a busy machine may make the hand rest for 0.2 s
    assert while_held.count(1) >= while_held.count(0)
    assert levels[-1] == 0


def test_a_measurement_runs_from_its_generated_form(served, page, image):
    page.goto(f"{served.address}/measure/quality/snr?inputs={json.dumps({'image': [image]})}")
    page.get_by_role("button", name="測定を開始").click()
    page.wait_for_url("**/results/**", timeout=120_000)


def test_a_simulation_becomes_a_data_set(served, open_page, place):
    page = open_page(language="en", theme="light")
    page.goto(f"{served.address}/measure/phantoms/scatter-phantom")
    page.locator('[data-option="size_px"] .form-box').fill("64")
    page.get_by_role("button", name="Make the images").click()
    page.locator('.form-run[data-state="finished"]').wait_for(timeout=120_000)
    page.get_by_role("button", name="Keep as a data set").click()
    page.get_by_text("Kept as a data set.").wait_for()
    assert len(list((place / "data" / "sets").glob("*/set.json"))) == 1


@pytest.mark.parametrize(("language", "size"), [("ja", (1366, 768)), ("en", (1366, 768)), ("ja", (1920, 1080))])
def test_nothing_is_cut(served, open_page, image, language, size):
    page = open_page(language=language, size=size)
    chain = json.dumps([["unsharp-mask", {"amount": 2}, 0], ["multi-frequency-processing", {}, 0]])
    for path in (f"/process?image={image}&chain={chain}", "/measure/quality/mtf-edge", "/measure/phantoms/chest-radiograph"):
        page.goto(served.address + path)
        page.locator(".form-option").first.wait_for()
        page.wait_for_timeout(500)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        cut = page.evaluate(
            """() => [...document.querySelectorAll('button, label, .tag, h1, h2, h3, .measure-entry')]
            .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible').map(e => e.textContent)"""
        )
        assert cut == []
