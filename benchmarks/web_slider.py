"""A slider of the image processing screen: key press to new pixels, 2048 x 2048, in Chromium without GPU and WebGL.

    python benchmarks/web_slider.py [steps]

Unsharp mask and dynamic-range compression on a simulated radiograph, `gazo app` in a process of its own, original, processed and difference in
view. Preview: the image fits its pane, so the level in view is computed. Full resolution: at 1:1, where the level in view is the
image itself. The time runs from the key event in the page until the canvas of the processed image was drawn anew. A step is made when the
one before has come to rest, as a hand does that looks at each.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from heading import print_heading
from workbench import served

PREVIEW_MS, FULL_MS = 80, 150
SIZE = 2048
TIMER = """
() => {
  const canvas = [...document.querySelectorAll('.process-view canvas[data-drawn]')][1];
  window.gazoTimes = [];
  let pressed = null;
  window.addEventListener('keydown', () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (pressed === null) return;
    window.gazoTimes.push(performance.now() - pressed);
    pressed = null;
  }).observe(canvas, { attributes: true, attributeFilter: ['data-drawn'] });
}
"""


def main() -> int:
    from playwright.sync_api import sync_playwright

    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    print_heading("numpy", "opencv-python-headless", "numba", "fastapi", "uvicorn", "playwright")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _image(place)
        server, address = served(place)
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(
                    executable_path=_program(), args=["--disable-gpu", "--disable-webgl", "--no-sandbox"]
                )
                print(f"Chromium {browser.version}")
                found = {
                    name: _measure(browser, address, steps, whole=name == "full resolution")
                    for name in ("preview", "full resolution")
                }
                browser.close()
        finally:
            server.terminate()
            server.wait(10)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"load afterwards {load:.2f}")
    bars = {"preview": PREVIEW_MS, "full resolution": FULL_MS}
    for name, times in found.items():
        low, high = np.percentile(times, [10, 90])
        print(
            f"{name}: median {statistics.median(times):.0f} ms (10 % {low:.0f}, 90 % {high:.0f}, {len(times)} steps); bar {bars[name]} ms"
        )
    return int(any(statistics.median(times) > bars[name] for name, times in found.items()))


def _image(place: Path) -> None:
    from gazo.io.files import write
    from gazo.phantoms.chest import chest_radiograph

    made = chest_radiograph(rng=np.random.default_rng(1), size_px=SIZE)
    folder = place / "data" / "files" / "0a1b2c3d"
    folder.mkdir(parents=True)
    write(made.image, folder / "a.tif")


def _program() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("needs Chromium on the path")
    return found


def _measure(browser, address: str, steps: int, *, whole: bool) -> list[float]:
    page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="en-GB")
    chain = json.dumps([["unsharp-mask", {"radius_mm": 2.5}, 0], ["dynamic-range-compression", {}, 0]])
    page.goto(f"{address}/process?image=file:0a1b2c3d&chain={chain}")
    rest = page.locator('.process-state[data-level="0"][data-busy="false"]')
    rest.wait_for(timeout=120_000)
    page.locator(".process-view canvas[data-drawn]").nth(2).wait_for(timeout=60_000)
    if whole:
        page.get_by_role("button", name="1:1").click()
    page.evaluate(TIMER)
    slider = page.locator('[data-option="radius_mm"] input[type=range]')
    slider.focus()
    times: list[float] = []
    for number in range(steps + 3):
        before = page.locator(".process-state").get_attribute("data-token")
        key = "ArrowLeft" if number % 20 >= 10 else "ArrowRight"
        page.keyboard.down(key)
        for _ in range(500):
            times = page.evaluate("window.gazoTimes")
            if len(times) > number:
                break
            page.wait_for_timeout(10)
        page.keyboard.up(key)
        page.locator(f'.process-state:not([data-token="{before}"])').wait_for()
        rest.wait_for()
        page.wait_for_timeout(150)
    page.close()
    return times[3:]  # the first ones compile and fill caches


if __name__ == "__main__":
    sys.exit(main())
