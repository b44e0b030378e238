"""The designer in a browser: blocks added, linked, mended, undone, kept, exported; nothing is lost by a reload."""

import json
import re

import pytest

from gazo.nets.design import design_to_python, from_json, preset, to_json
from gazo.nets.design.graph import write_design

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow
NODE = ".react-flow__node"


def open_preset(page, served, name, count):
    page.goto(f"{served.address}/design")
    page.wait_for_selector(NODE)
    page.get_by_role("button", name=re.compile("^(開く|Open)$")).click()
    page.locator(f"[data-preset={name}]").click()
    expect(page.locator(NODE)).to_have_count(count)


def shown(page, value):
    """Wait until the number of parameters is this one."""
    expect(page.locator("[data-total=parameters]")).to_have_text(f"{value:,}")


def test_a_block_is_added_mended_undone_and_kept(page, served):
    open_preset(page, served, "lenet", 14)
    shown(page, 61_706)
    # a wrong number of classes turns the block red; the button of the problem cures it
    page.locator(f'{NODE}[data-id="output-1"]').click()
    page.locator(".design-panel").get_by_label(re.compile("クラス数")).last.fill("3")
    problem = page.locator(".design-problem-error")
    problem.wait_for()
    assert "出力 1" in problem.inner_text()
    expect(page.locator(f'{NODE}[data-id="output-1"] .design-error')).to_have_count(1)
    problem.get_by_role("button").nth(1).click()
    shown(page, 61_706 - 7 * 85)
    expect(page.locator(".design-problem-error")).to_have_count(0)
    # a click in the palette puts a block behind the chosen one, on its link
    page.locator(f'{NODE}[data-id="dense-2"]').click()
    page.locator("[data-kind=batch-norm]").click()
    shown(page, 61_706 - 7 * 85 + 168)
    page.keyboard.press("Control+z")
    shown(page, 61_706 - 7 * 85)
    page.keyboard.press("Control+y")
    shown(page, 61_706 - 7 * 85 + 168)
    # not kept yet: a reload shows the same
    page.reload()
    page.wait_for_selector(NODE)
    shown(page, 61_706 - 7 * 85 + 168)
    page.get_by_label("設計の名前").fill("胸部の向き ①")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile("/design/%E8"))
    page.reload()
    page.wait_for_selector(NODE)
    shown(page, 61_706 - 7 * 85 + 168)
    stored = json.loads((served.place / "designs" / "胸部の向き ①.json").read_text("utf-8"))
    assert len(stored["blocks"]) == 15
    page.get_by_role("button", name="学習へ進む").click()
    page.wait_for_url(re.compile("/train"))


def test_drag_copy_link_and_delete(page, served):
    open_preset(page, served, "srcnn", 7)
    shown(page, 8_129)
    # dragged from the palette to an empty place: not linked, so it is told as unused
    canvas = page.locator(".design-canvas").bounding_box()
    place = {"x": canvas["width"] - 480, "y": canvas["height"] - 120}
    page.locator("[data-kind=elu]").drag_to(page.locator(".design-canvas"), target_position=place)
    page.wait_for_selector(f'{NODE}[data-id="elu-1"]')
    page.locator(".design-problem-warning").wait_for()
    # linked by its handle: the relu between is not needed any more
    start = page.locator(f'{NODE}[data-id="convolution-1"] .react-flow__handle-right.source').bounding_box()
    end = page.locator(f'{NODE}[data-id="elu-1"] .react-flow__handle-left.target').bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] - 30, end["y"] + 4, steps=6)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_selector('.react-flow__edge[data-id="convolution-1>elu-1:0"]', state="attached")
    # copied and pasted, then deleted
    page.locator(f'{NODE}[data-id="elu-1"]').click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    page.wait_for_selector(f'{NODE}[data-id="elu-2"]')
    page.keyboard.press("Delete")
    page.wait_for_selector(f'{NODE}[data-id="elu-2"]', state="detached")
    expect(page.locator(NODE)).to_have_count(8)


def test_without_a_mouse(open_page, served):
    """English: a block is found, added, linked in the panel and taken out again with keys alone."""
    page = open_page(language="en")
    open_preset(page, served, "lenet", 14)
    page.wait_for_load_state("networkidle")  # its shapes are there
    page.get_by_role("searchbox", name="Search blocks").fill("squeeze")
    page.get_by_text("Squeeze").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_selector(f'{NODE}[data-id="squeeze-excitation-1"]')
    page.get_by_label("Link a block to it").select_option("convolution-1")
    page.wait_for_selector('.react-flow__edge[data-id="convolution-1>squeeze-excitation-1:0"]', state="attached")
    page.locator(f'{NODE}[data-id="squeeze-excitation-1"]').focus()
    page.keyboard.press("Delete")
    page.wait_for_selector(f'{NODE}[data-id="squeeze-excitation-1"]', state="detached")


def test_python_and_json(page, served, tmp_path):
    write_design(preset("unet-small"), tmp_path / "私の U.json")
    page.goto(f"{served.address}/design")
    page.wait_for_selector(NODE)
    page.locator("input[type=file]").set_input_files(tmp_path / "私の U.json")
    expect(page.locator(NODE)).to_have_count(19)
    page.get_by_role("button", name="Python", exact=True).click()
    code = page.locator(".design-code").inner_text()
    assert (
        code.replace("\xa0", " ").splitlines()[3:]
        == design_to_python(preset("unet-small"))
        .replace("class UNetSmall", "class 私のU")
        .replace("UNetSmall()", "私のU()")
        .splitlines()[3:]
    )
    with page.expect_download() as got:
        page.locator("dialog footer button.primary").click()
    compile(got.value.path().read_text("utf-8"), "export", "exec")
    page.keyboard.press("Escape")
    with page.expect_download() as got:
        page.get_by_role("button", name=re.compile("書き出す")).click()
    assert from_json(json.loads(got.value.path().read_text("utf-8"))).blocks == preset("unet-small").blocks
    assert to_json(preset("unet-small"))["links"] == json.loads(got.value.path().read_text("utf-8"))["links"]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ["resnet18", "unet"])
def test_a_preset_fits_the_screen_and_can_be_read(open_page, served, language, name):
    """At 1366 x 768 the whole network is seen, no block covers another one, nothing in the bar is cut, the text is 8 px at least."""
    page = open_page(language=language)
    open_preset(page, served, name, 16 if name == "resnet18" else 24)
    page.wait_for_timeout(600)
    canvas = page.locator(".design-canvas").bounding_box()
    boxes = [one.bounding_box() for one in page.locator(NODE).all()]
    for box in boxes:
        assert canvas["x"] <= box["x"]
        assert box["x"] + box["width"] <= canvas["x"] + canvas["width"] + 1
        assert canvas["y"] <= box["y"]
        assert box["y"] + box["height"] <= canvas["y"] + canvas["height"] + 1
        assert 13 * box["width"] / 184 >= 8
    for number, a in enumerate(boxes):
        for b in boxes[:number]:
            assert (
                a["x"] + a["width"] <= b["x"]
                or b["x"] + b["width"] <= a["x"]
                or a["y"] + a["height"] <= b["y"]
                or b["y"] + b["height"] <= a["y"]
            )
    assert page.locator(".design-bar").bounding_box()["height"] < 50
    cut = page.evaluate(
        "[...document.querySelectorAll('.design-bar button, .design-totals dd, .design-totals dt')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.innerText)"
    )
    assert cut == []
