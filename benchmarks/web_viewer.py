"""Window and level by drag over three linked panes of 512 x 512 in Chromium without WebGL: milliseconds of a redraw of all three."""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

import numpy as np
from heading import print_heading
from workbench import served

from gazo.core import Image
from gazo.io import write

# In each frame in which canvases were drawn, the sum of what their drawings took, as the viewer wrote it on them; and the length of the frame.
WATCH = """() => {
  window.frames_ = []; let sum = 0, last = performance.now();
  const canvases = [...document.querySelectorAll('.viewer-image')];
  new MutationObserver((changes) => { for (const c of changes) sum += Number(c.target.dataset.ms); })
    .observe(document.querySelector('.viewer-panes'), { subtree: true, attributeFilter: ['data-drawn'] });
  const frame = (now) => { if (sum) { window.frames_.push([sum, now - last]); sum = 0; } last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  return canvases.map((c) => [c.width, c.height]);
}"""


def radiographs(place: Path, side: int, count: int) -> list[str]:
    """16-bit images, and their addresses."""
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:side, :side] / side - 0.5
    body = 20_000 * np.exp(-(row**2 + 1.5 * column**2) * 8)
    found = []
    for number in range(count):
        folder = place / "data" / "files" / f"{number:08x}"
        folder.mkdir(parents=True)
        pixels = body + rng.normal(0, 300, body.shape) + 500 * number
        write(Image(np.clip(pixels, 0, 65535).astype(np.uint16), spacing_mm=(0.2, 0.2)), folder / "image.tif")
        found.append(f"file:{number:08x}")
    return found


def dragged(page, moves: int) -> list[tuple[float, float]]:
    """Drag over the first pane; what each frame took and how long it was."""
    box = page.locator(".viewer-marks").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(moves):
        page.mouse.move(x + 90 * np.sin(number / 9), y + 70 * np.cos(number / 7))
    page.mouse.up()
    page.wait_for_timeout(200)
    return page.evaluate("() => window.frames_.splice(0)")


def measured(browser, address: str, images: list[str], viewport: tuple[int, int], moves: int) -> None:
    page = browser.new_page(viewport={"width": viewport[0], "height": viewport[1]}, device_scale_factor=1)
    page.goto(f"{address}/viewer?" + "&".join(f"address={image}" for image in images))
    page.locator(".viewer-image[data-drawn]").nth(len(images) - 1).wait_for(state="attached")
    page.wait_for_timeout(500)
    sizes = page.evaluate(WATCH)
    dragged(page, 20)
    frames = dragged(page, moves)
    own, whole = ([frame[i] for frame in frames] for i in (0, 1))
    panes = ", ".join(f"{w} x {h}" for w, h in sizes)
    print(
        f"  panes {panes}: redraw median {statistics.median(own):.1f} ms, 90th percentile {np.percentile(own, 90):.1f} ms, "
        f"frame median {statistics.median(whole):.1f} ms ({len(frames)} frames)"
    )
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=150)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    given = parser.parse_args()
    print_heading("numpy", "fastapi", "playwright")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        place = Path(scratch)
        small = radiographs(place, 512, 3)
        server, address = served(place)
        browser = driver.chromium.launch(
            executable_path=given.chromium, args=["--disable-gpu", "--disable-webgl", "--no-sandbox"]
        )
        try:
            print(f"Chromium {browser.version}, no GPU, no WebGL; bar: median <= 16 ms over three panes of 512 x 512")
            measured(browser, address, small, (1712, 638), given.moves)
            print("one pane of a full screen:")
            measured(browser, address, small[:1], (1920, 1080), given.moves)
        finally:
            browser.close()
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
