"""Measuring and annotating in the browser, drawn with the mouse; what is stored is what was drawn."""

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.io import write
from gazo.runs.annotations import list_annotations, marks_of, read_mask
from gazo.runs.protocols import list_protocols
from gazo.runs.readings import readings_of
from gazo.runs.sets import DataSet, keep, new_set_folder, now
from gazo.runs.sets_table import write_base

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow


@pytest.fixture
def chests(place):
    """Three images of 60 x 80 pixels of 0.5 mm."""
    id, making = new_set_folder(place)
    (making / "files").mkdir()
    ramp = np.tile(np.arange(80, dtype=np.uint16), (60, 1))
    for number in range(3):
        write(Image(ramp + number, spacing_mm=(0.5, 0.5)), making / "files" / f"{number + 1:06d}.png")
    write_base({"file": [f"{n + 1:06d}.png" for n in range(3)], "finding": ["正常", "結節", "正常"]}, making)
    roles = {"label": "finding"}
    return keep(DataSet(id=id, name="胸部", created=now(), origin="upload", folder="files", rows=3, roles=roles), making, place)


def drag(page, start, end):
    """Draw over the image from one share of its pane to another."""
    canvas = page.locator(".viewer canvas").last
    box = canvas.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()


def shown(page):
    """Wait until the image stands on the screen."""
    page.locator(".viewer canvas").first.wait_for()
    page.get_by_text("WW").first.wait_for()


def test_a_ratio_is_measured_image_after_image_without_the_mouse_between(served, chests, page, place):
    page.goto(f"{served.address}/protocol?set={chests.id}")
    page.get_by_role("button", name="信号比 (二つの ROI)").click()
    page.get_by_text("盲検にする").click()
    page.get_by_role("button", name="計測を始める").click()
    for _ in range(2):
        shown(page)
        page.get_by_text("「対象」を描いてください").wait_for()
        drag(page, (0.3, 0.4), (0.4, 0.5))
        page.get_by_text("「背景」を描いてください").wait_for()
        drag(page, (0.6, 0.4), (0.7, 0.5))
        page.get_by_text("すべて描けました").wait_for()
        page.keyboard.press("Enter")
        page.get_by_text("「対象」を描いてください").wait_for()
    protocol = list_protocols(place)[0]
    readings = readings_of(protocol, 1, 1, place)
    assert len(readings) == 2
    for one in readings.values():
        assert one.values["r"]["ratio"] == pytest.approx(one.values["a"]["mean"] / one.values["b"]["mean"])
        assert one.values["a"]["mean"] < one.values["b"]["mean"]  # the pixels rise to the right
    page.goto(f"{served.address}/protocol/{protocol.id}/table")
    page.get_by_role("columnheader", name="対象 / 背景").wait_for()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert "結節" not in page.content()


def test_digits_give_classes_and_boxes_and_masks_are_kept(served, chests, page, place):
    page.goto(f"{served.address}/annotate/{chests.id}")
    for kind, classes in (("クラス (", "上、下"), ("矩形 (", "結節"), ("マスク (", "肺")):
        page.goto(f"{served.address}/annotate/{chests.id}")
        page.get_by_role("button", name="新しい注釈").click()
        page.get_by_label("名前", exact=True).fill(f"{kind}試し")
        page.get_by_role("radio", name=kind).check()
        page.get_by_label("クラス名").fill(classes)
        page.get_by_role("button", name="始める").click()
        shown(page)
        if kind.startswith("クラス"):
            page.keyboard.press("2")
        else:
            drag(page, (0.4, 0.4), (0.5, 0.6))
            page.keyboard.press("Enter")
        page.get_by_text("2 枚目 / 3 枚").wait_for()
    made = {one.kind: one for one in list_annotations(chests.id, place)}
    assert marks_of(made["class"], place)[0].name == "下"
    ((name, (_, _, width, height)),) = marks_of(made["boxes"], place)[0].boxes
    assert name == "結節"
    assert 5 < width < 30
    assert 5 < height < 30
    assert set(np.unique(read_mask(made["mask"], 0, place))) == {0, 1}
    page.goto(f"{served.address}/annotate/{chests.id}")
    page.locator("article").filter(has_text="クラス (試し").get_by_role("button", name="学習に使う").click()
    page.wait_for_url(f"**/data/{chests.id}")
