"""A walk through all screens in both languages: nothing is asked of the outside, no text is missing or cut, every control has a name."""

import re

import pytest

from gazo.runs.sets_sample import add_sample

pytestmark = pytest.mark.slow

# What a page says of itself: texts that are cut off, controls without a name, and whether it runs over its edge.
LOOK = """() => {
  const seen = (node) => { const box = node.getBoundingClientRect(); return box.width > 1 && box.height > 1 && getComputedStyle(node).visibility !== 'hidden' };
  const cut = [], nameless = [];
  for (const node of document.querySelectorAll('.screen *, .rail *, .top *')) {
    if (!seen(node)) continue;
    const style = getComputedStyle(node);
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const hidden = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if (own && hidden && style.textOverflow !== 'ellipsis' && node.scrollWidth > node.clientWidth + 1) cut.push(node.className + ': ' + node.textContent.trim().slice(0, 60));
    if (node.matches('button, a[href], input:not([type=hidden]), select, textarea')) {
      const label = node.getAttribute('aria-label') || node.getAttribute('title') || node.textContent.trim() || (node.labels && node.labels.length && node.labels[0].textContent.trim()) || node.getAttribute('aria-labelledby') || node.getAttribute('placeholder');
      if (!label) nameless.push(node.outerHTML.slice(0, 120));
    }
  }
  const screen = document.querySelector('.screen');
  return { cut, nameless, wide: screen.scrollWidth - screen.clientWidth, text: document.body.innerText };
}"""


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_screen(served, open_page, place, language):
    sample = add_sample("directions", place)
    page = open_page(language)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/home")
    page.locator(".rail-link").first.wait_for()
    screens = [link.get_attribute("href") for link in page.locator(".rail-link").all()]
    assert len(screens) >= 14
    faults = []
    for path in [*screens, f"/data/{sample.id}", f"/viewer?address=set:{sample.id}:0", f"/annotate/{sample.id}"]:
        page.goto(served.address + path)
        page.wait_for_load_state("networkidle")
        page.locator(".busy").first.wait_for(state="detached", timeout=30_000)
        said = page.evaluate(LOOK)
        areas = "|".join([*(name.strip("/") for name in screens), "shell", "form", "pick", "table"])
        missing = re.findall(rf"\b(?:{areas})\.[a-z][a-z0-9_]+\b", said["text"])
        faults += [f"{path}: text {key}" for key in missing]
        faults += [f"{path}: cut {words}" for words in said["cut"]]
        faults += [f"{path}: no name {words}" for words in said["nameless"]]
        faults += [f"{path}: {said['wide']} px too wide"] * (said["wide"] > 1)
        faults += [f"{path}: {fault.inner_text()[:120]}" for fault in page.locator(".fault").all()]
        if language == "en":
            own = said["text"].replace("日本語", "").replace("画像", "")
            japanese = [
                line for line in own.splitlines() if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", line) and "サンプル" not in line
            ]
            faults += [f"{path}: Japanese {line[:60]}" for line in japanese]
    assert faults == []
    assert [url for url in asked if not url.startswith((served.address, "blob:", "data:"))] == []


def test_the_language_is_that_of_the_browser_and_can_be_changed(served, open_page):
    page = open_page("en")
    page.goto(served.address)
    page.get_by_role("heading", name="Home").wait_for()
    page.get_by_role("button", name="日本語").click()
    page.get_by_role("heading", name="ホーム").wait_for()
    page.reload()
    page.get_by_role("heading", name="ホーム").wait_for()


def test_the_light_theme_is_kept(served, page):
    page.goto(served.address)
    page.get_by_role("button", name="明るさの切り替え").click()
    page.reload()
    page.locator(".rail").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_markup_in_a_name_is_text(served, page, client, place):
    """What comes out of files and forms is shown as it is and never run."""
    from gazo.runs.sets import rename_set

    evil = "<img src=x onerror=\"document.title='broken in'\">"
    sample = add_sample("directions", place)
    rename_set(sample.id, place, name=evil)
    for path in ("/home", "/data", f"/data/{sample.id}", f"/annotate/{sample.id}"):
        page.goto(served.address + path)
        page.get_by_text("<img src=x").first.wait_for(state="attached")
        assert page.title() != "broken in"
        assert page.locator("img[src='x']").count() == 0
