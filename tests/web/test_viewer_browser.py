"""The viewer in a browser: what it shows and reads out is what stands in the file, and hands or keys alone move it."""

import re
import shutil
from urllib.parse import quote

import numpy as np
import pytest

from gazo.core.image import Image
from gazo.io import read, write
from gazo.runs.sets import DataSet, new_set_folder
from gazo.runs.sets import keep as keep_set

expect = pytest.importorskip("playwright.sync_api").expect

pytestmark = pytest.mark.slow

GREY = """([pane, x, y]) => {
  const canvas = document.querySelectorAll('.viewer-image')[pane];
  const ratio = canvas.width / canvas.clientWidth;
  return canvas.getContext('2d').getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data[0];
}"""

OVER = """([x, y]) => {
  const canvas = document.querySelector('.viewer-marks');
  const ratio = canvas.width / canvas.clientWidth;
  return [...canvas.getContext('2d').getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data];
}"""


def local_set(place, folder, names):
    """A data set over images that stay where they are; its id."""
    id, making = new_set_folder(place)
    (making / "table.csv").write_text("file\n" + "".join(f"{name}\n" for name in names), encoding="utf-8")
    made = DataSet(id=id, name="検証", created="2026-04-01T00:00:00", origin="local", folder=str(folder), rows=len(names))
    keep_set(made, making, place)
    return id


class Seen:
    """The viewer on a page."""

    def __init__(self, page, served, *addresses, **query):
        self.page = page
        asked = [f"address={quote(a, safe='')}" for a in addresses] + [f"{name}={value}" for name, value in query.items()]
        page.goto(f"{served.address}/viewer?{'&'.join(asked)}")
        self.marks(0).wait_for()
        page.locator(".viewer-image[data-drawn]").nth(len(addresses) - 1).wait_for(state="attached")
        page.wait_for_timeout(300)

    def marks(self, pane):
        return self.page.locator(".viewer-marks").nth(pane)

    def corner(self, name, pane=0):
        return self.page.locator(f".viewer-corners .{name}").nth(pane).inner_text()

    def window(self, pane=0):
        """Centre and width as the corner tells them."""
        centre, width = re.findall(r"W[LW] (-?[\d.]+)", self.corner("bottom-left", pane))
        return float(centre), float(width)

    def place(self, row, column, shape, pane=0):
        """Where the centre of a pixel lies in a pane that shows the whole image of square pixels."""
        box = self.marks(pane).bounding_box()
        scale = 0.98 * min(box["width"] / shape[1], box["height"] / shape[0])
        x = box["width"] / 2 + (column - (shape[1] - 1) / 2) * scale
        y = box["height"] / 2 + (row - (shape[0] - 1) / 2) * scale
        return x, y

    def point_at(self, row, column, shape, pane=0):
        box, (x, y) = self.marks(pane).bounding_box(), self.place(row, column, shape, pane)
        self.page.mouse.move(box["x"] + x, box["y"] + y)
        self.page.wait_for_timeout(60)

    def read_out(self):
        """Row, column and the values of all panes."""
        out = self.page.locator(".viewer-readout")
        values = out.locator("[data-value]").evaluate_all("all => all.map((one) => Number(one.dataset.value))")
        return int(out.get_attribute("data-row")), int(out.get_attribute("data-column")), values

    def grey(self, row, column, shape, pane=0):
        return self.page.evaluate(GREY, [pane, *self.place(row, column, shape, pane)])

    def drag(self, start, end, pane=0, **how):
        box = self.marks(pane).bounding_box()
        self.page.mouse.move(box["x"] + start[0], box["y"] + start[1])
        self.page.mouse.down(**how)
        self.page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=4)
        self.page.mouse.up(**how)
        self.page.wait_for_timeout(150)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        self.page.wait_for_timeout(120)


@pytest.fixture
def images(tmp_path, data):
    """A folder of a Japanese name with images of 12 and 16 bits, signed numbers, and a radiograph."""
    folder = tmp_path / "画像 テスト"
    folder.mkdir()
    rng = np.random.default_rng(8)
    write(Image(rng.integers(0, 4096, (24, 30)).astype(np.uint16)), folder / "twelve.png")
    write(Image(rng.integers(0, 65536, (24, 30)).astype(np.uint16)), folder / "sixteen.png")
    write(Image(rng.normal(-5, 900, (24, 30)).astype(np.float32), spacing_mm=(0.5, 0.5)), folder / "map.tif")
    shutil.copy(data / "dicom_samples/files/DX_canon_jpeg2000_lossless.dcm", folder / "胸部 ①.dcm")
    shutil.copy(data / "dicom_samples/files/CT1_explicit_le.dcm", folder / "ct.dcm")
    return folder


NAMES = ("twelve.png", "sixteen.png", "map.tif", "胸部 ①.dcm", "ct.dcm")


def test_the_value_under_the_pointer_is_that_of_the_file(served, place, page, images):
    id = local_set(place, images, NAMES)
    for row_of_set, name in enumerate(NAMES):
        pixels = read(images / name).pixels
        seen = Seen(page, served, f"set:{id}:{row_of_set}")
        for share in ((0.1, 0.2), (0.5, 0.5), (0.93, 0.71)):
            row, column = (int(s * n) for s, n in zip(share, pixels.shape, strict=True))
            seen.point_at(row, column, pixels.shape)
            page.wait_for_timeout(0 if pixels.dtype.kind in "iu" else 600)
            assert seen.read_out() == (row, column, [pytest.approx(float(pixels[row, column]), rel=1e-6)]), name
    assert page.locator(".viewer-value").get_attribute("data-exact") == "true"


def test_grey_follows_the_window_that_is_dragged(served, place, page, images):
    id = local_set(place, images, NAMES)
    pixels = read(images / "twelve.png").pixels.astype(float)
    seen = Seen(page, served, f"set:{id}:0")
    page.get_by_role("button", name="補間して拡大 (S)").click()
    places = [(3, 4), (11, 20), (20, 9), (15, 15)]

    def greys():
        return [seen.grey(row, column, pixels.shape) for row, column in places]

    def expected():
        centre, width = seen.window()
        return [np.clip((pixels[p] - centre) / width + 0.5, 0, 1) * 255 for p in places]

    before, first = greys(), seen.window()
    assert before == pytest.approx(expected(), abs=1.01)
    seen.drag((200, 200), (90, 260))
    assert seen.window() != first
    assert seen.window()[1] < first[1]  # to the left is narrower
    assert seen.window()[0] > first[0]  # down is a higher centre
    assert greys() != before
    assert greys() == pytest.approx(expected(), abs=1.01)
    page.keyboard.press("i")
    page.wait_for_timeout(150)
    assert greys() == pytest.approx([255 - e for e in expected()], abs=1.01)


def test_monochrome1_is_shown_white_where_values_are_low(served, place, page, images):
    id = local_set(place, images, NAMES)
    image = read(images / "胸部 ①.dcm")
    assert image.inverted
    seen = Seen(page, served, f"set:{id}:3")
    shape = image.shape
    small = image.pixels[: shape[0] // 64 * 64, : shape[1] // 64 * 64].astype(float)
    means = small.reshape(shape[0] // 64, 64, -1, 64).mean((1, 3))
    blocks = [(r, c) for r in range(4, 30, 5) for c in range(4, 30, 5)]
    shown = [seen.grey(64 * r + 32, 64 * c + 32, shape) for r, c in blocks]
    assert np.corrcoef(shown, [means[b] for b in blocks])[0, 1] < -0.9


def test_linked_panes_move_together_until_they_are_unlinked(served, place, page, images):
    id = local_set(place, images, NAMES)
    first, second = (read(images / name).pixels for name in NAMES[:2])
    seen = Seen(page, served, f"set:{id}:0", f"set:{id}:1")
    seen.point_at(6, 8, first.shape)
    assert seen.read_out() == (6, 8, [float(first[6, 8]), float(second[6, 8])])
    for _ in range(4):
        page.mouse.wheel(0, -100)
    page.wait_for_timeout(200)
    assert seen.read_out()[:2] == (6, 8)  # what lay under the pointer stays there
    assert seen.corner("bottom-right", 0) == seen.corner("bottom-right", 1) != "100%"
    here, there = seen.marks(0).bounding_box(), seen.marks(1).bounding_box()
    x, y = seen.place(6, 8, first.shape)
    page.mouse.move(there["x"] + x, there["y"] + y)
    page.wait_for_timeout(60)
    assert seen.read_out()[:2] == (6, 8)  # the other pane moved too
    seen.drag((100, 100), (180, 130), button="middle")
    page.mouse.move(here["x"] + x + 80, here["y"] + y + 30)
    page.wait_for_timeout(60)
    assert seen.read_out()[:2] == (6, 8)
    seen.drag((50, 50), (120, 90))
    assert seen.window(0) == seen.window(1)
    page.get_by_role("button", name="画像を連動させる (L)").click()
    apart = seen.window(1)
    seen.drag((50, 50), (200, 150))
    assert seen.window(1) == apart != seen.window(0)


def test_everything_works_by_keyboard(served, place, page, images):
    id = local_set(place, images, NAMES)
    pixels = read(images / "twelve.png").pixels.astype(float)
    seen = Seen(page, served, f"set:{id}:0")
    seen.marks(0).focus()
    centre, width = seen.window()
    seen.press("]", "}")
    assert seen.window() == pytest.approx((centre + 0.05 * 1.1 * width, 1.1 * width), rel=1e-3)
    seen.press("ArrowLeft", "ArrowUp")
    row, column, values = seen.read_out()
    assert values == [float(pixels[row, column])]
    seen.press("Shift+ArrowLeft", "ArrowDown")
    assert seen.read_out()[:2] == (row + 1, column - 10)
    page.get_by_role("button", name="矩形 ROI", exact=True).click()
    page.get_by_role("button", name="ROI 統計", exact=True).click()
    seen.marks(0).focus()
    seen.press("Enter", "Shift+ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    region = pixels[row + 1 : row + 5, column - 10 : column + 1]
    told = page.locator('[data-stat="mean"]')
    told.wait_for()
    page.locator('[data-stat="n"][data-value="44"]').wait_for()
    assert float(told.get_attribute("data-value")) == pytest.approx(region.mean())
    assert float(page.locator('[data-stat="sd"]').get_attribute("data-value")) == pytest.approx(region.std(ddof=1))
    seen.press("Control+z")
    expect(page.locator('[data-stat="mean"]')).to_have_count(0)
    seen.press("Control+y")
    expect(page.locator('[data-stat="mean"]')).to_have_count(1)
    seen.press("Delete")
    expect(page.locator('[data-stat="mean"]')).to_have_count(0)
    seen.press("n")
    page.wait_for_url(f"**address=set%3A{id}%3A1")
    seen.marks(0).focus()
    seen.press("?")
    assert page.get_by_role("dialog").is_visible()
    seen.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_turned_and_mirrored_images_are_read_out_where_they_lie(served, place, page, images):
    id = local_set(place, images, NAMES)
    pixels = read(images / "twelve.png").pixels
    seen = Seen(page, served, f"set:{id}:0")
    seen.marks(0).focus()
    seen.press("r")  # a quarter clockwise: the first row is now the last column
    turned = np.rot90(pixels, -1)
    for row, column in ((3, 5), (20, 17)):
        seen.point_at(row, column, turned.shape)
        assert seen.read_out()[2] == [float(turned[row, column])]
        assert seen.read_out()[:2] == (pixels.shape[0] - 1 - column, row)
    seen.press("h")
    seen.point_at(4, 2, turned.shape)
    assert seen.read_out()[2] == [float(turned[:, ::-1][4, 2])]


def test_a_reduced_image_says_so_and_one_to_one_does_not(served, place, page, images):
    id = local_set(place, images, NAMES)
    seen = Seen(page, served, f"set:{id}:3")
    assert "1/4 平均" in seen.corner("bottom-right")
    page.get_by_role("button", name="等倍 1:1 (1)").click()
    page.wait_for_timeout(200)
    assert seen.corner("bottom-right") == "100%"


def test_three_sections_of_a_volume_share_their_cursor(served, place, open_page, tmp_path):
    folder = tmp_path / "volumes"
    folder.mkdir()
    rng = np.random.default_rng(2)
    volume = rng.integers(-1000, 1000, (10, 24, 30)).astype(np.int16)
    write(Image(volume, spacing_mm=(2.0, 1.0, 1.0)), folder / "volume.nii.gz")
    stored = read(folder / "volume.nii.gz").pixels
    id = local_set(place, folder, ["volume.nii.gz"])
    page = open_page(language="en")
    seen = Seen(page, served, f"set:{id}:0", sections=1)
    seen.marks(0).focus()
    seen.press("Home", "PageDown", "PageDown")
    assert seen.corner("top-right") == "3 / 10"
    box = seen.marks(0).bounding_box()
    page.keyboard.down("Shift")
    seen.drag((box["width"] / 2, box["height"] / 2), (box["width"] / 2 + 20, box["height"] / 2 - 14))
    page.keyboard.up("Shift")
    row, column, values = seen.read_out()
    assert values == [float(stored[2, row, column])]
    assert seen.corner("top-right", 1).endswith(f"{row + 1} / 24")
    assert seen.corner("top-right", 2).endswith(f"{column + 1} / 30")
    page.get_by_label("Plane").fill("7")
    page.wait_for_timeout(150)
    assert seen.corner("top-right") == "8 / 10"


def test_drawn_shapes_measure_in_mm_and_a_line_gives_a_profile(served, place, page, images):
    id = local_set(place, images, NAMES)
    image = read(images / "胸部 ①.dcm")
    seen = Seen(page, served, f"set:{id}:3")
    page.get_by_role("button", name="線分・プロファイル").click()
    seen.drag((300, 200), (500, 200))
    page.get_by_role("button", name="プロファイル", exact=True).click()
    plot = page.locator(".viewer-plot canvas")
    plot.wait_for()
    samples = int(page.locator(".viewer-plot").get_attribute("data-points"))
    box = seen.marks(0).bounding_box()
    scale = 0.98 * min(box["width"] / image.shape[1], (box["height"]) / image.shape[0])
    assert samples == pytest.approx(200 / scale, rel=0.2)  # the panel made the pane narrower after the line was drawn
    page.get_by_role("button", name="多角形 ROI").click()
    for x, y in ((300, 300), (400, 310), (380, 400)):
        page.mouse.click(box["x"] + x, box["y"] + y)
    page.mouse.dblclick(box["x"] + 310, box["y"] + 390)
    page.get_by_role("button", name="ROI 統計", exact=True).click()
    page.locator('[data-stat="area_mm2"]').wait_for()
    quadrangle = np.array([[300, 300], [400, 310], [380, 400], [310, 390]]) / scale * image.spacing_mm[0]
    x, y = quadrangle.T
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    page.wait_for_timeout(500)
    assert float(page.locator('[data-stat="area_mm2"]').get_attribute("data-value")) == pytest.approx(area, rel=0.05)


def test_a_mask_and_a_heat_map_lie_over_the_image(served, place, page, images):
    labels, heat = np.zeros((24, 30), np.uint8), np.zeros((4, 5), np.float32)
    labels[4:12, 5:15] = 1
    heat[3, 4] = 1.0  # six times coarser than the image
    write(Image(labels, meaning="mask"), images / "mask.png")
    write(Image(heat), images / "heat.tif")
    id = local_set(place, images, ["twelve.png", "mask.png", "heat.tif"])
    seen = Seen(page, served, f"set:{id}:0", mask=f"set:{id}:1", heat=f"set:{id}:2")
    page.wait_for_timeout(800)

    def over(row, column):
        x, y = seen.place(row, column, labels.shape)
        return page.evaluate(OVER, [x, y])

    assert over(8, 10) == [pytest.approx(c, abs=3) for c in (0xE6, 0x9F, 0x00, 0.35 * 255)]
    assert over(20, 10)[3] == 0
    red, green, blue, alpha = over(20.5, 26.5)  # the middle of the hot cell is the brightest yellow
    assert alpha == pytest.approx(127, abs=3)
    assert red > 200
    assert green > 200
    assert blue < 120
    page.get_by_role("button", name="重ね表示").click()
    page.get_by_label("マスク").uncheck()
    page.wait_for_timeout(300)
    assert over(8, 10)[3] == 0
    page.get_by_label("マスク").check()
    page.get_by_label("輪郭だけ").check()
    page.wait_for_timeout(300)
    assert over(8, 10)[3] == 0
    x, y = seen.place(8, 4.5, labels.shape)  # the left border
    assert max(page.evaluate(OVER, [x + dx, y])[3] for dx in (-1, 0, 1, 2)) == 255


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_text_is_missing_and_nothing_is_cut(served, place, open_page, images, language):
    id = local_set(place, images, NAMES)
    page = open_page(language=language)
    Seen(page, served, f"set:{id}:0", f"set:{id}:1", difference=1)
    for button in page.locator(".viewer-toolbar button[aria-pressed]").all()[-3:]:
        button.click()
    page.locator(".viewer-bar button").last.click()
    text = page.locator("body").inner_text() + " ".join(page.locator("[aria-label]").evaluate_all("a => a.map(e => e.ariaLabel)"))
    assert not re.search(r"\b(viewer|shell|pick)\.\w+", text)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    bar = page.locator(".viewer-bar").bounding_box()
    assert bar["height"] < 50  # one row of tools
