"""Laws about the documentation: made pages are fresh, every page has its twin in the other language, everything is explained."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from gazo.core import registry
from gazo.runs import machine
from gazo.runs.catalog import catalog

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = {"reference", "errors", "systems"}
OWN_DATA = ("labels.csv", "my_images")
JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")


@pytest.fixture(scope="module")
def written():
    """The pages written by hand, by path below docs/."""
    return {p.relative_to(DOCS).as_posix(): p.read_text("utf-8") for p in DOCS.rglob("*.md") if p.name.split(".")[0] not in MADE}


def test_made_pages_are_fresh():
    maker = _module("make_docs")
    stale = [
        str(page.relative_to(ROOT))
        for page, text in maker.pages().items()
        if not page.exists() or page.read_text("utf-8") != text
    ]
    assert stale == [], "run: python tools/make_docs.py"


def test_every_page_has_its_twin(written):
    english = {name.removesuffix(".md") for name in written if not name.endswith(".ja.md")}
    japanese = {name.removesuffix(".ja.md") for name in written if name.endswith(".ja.md")}
    assert english == japanese


def test_pages_are_in_the_language_they_say(written):
    share = {name: len(JAPANESE.findall(text)) / len(text) for name, text in written.items()}
    assert [name for name, part in share.items() if name.endswith(".ja.md") and part < 0.03] == []
    assert [name for name, part in share.items() if not name.endswith(".ja.md") and part > 0.05] == []


@pytest.mark.parametrize("ending", [".md", ".ja.md"])
def test_everything_is_explained_on_a_page(written, ending):
    """Each operation, method and feature is named, as code, on a page somebody wrote in the folder of its room."""
    pages = {name: text for name, text in written.items() if name.endswith(".ja.md") == (ending == ".ja.md")}
    wrong = []
    for entry in catalog():
        there = "\n".join(text for name, text in pages.items() if name.startswith(f"{entry.room}/"))
        named = rf"`[^`\n]*\b{entry.target.__name__}\b[^`\n]*`|^```[^`]*\b{entry.target.__name__}\b"
        if entry.kind != "proof" and not re.search(named, there, re.MULTILINE):
            wrong.append(entry.dotted)
    assert wrong == []


def test_links_between_pages_lead_somewhere(written):
    wrong = []
    for name, text in written.items():
        for target in re.findall(r"\]\(([^)#:]+?\.md)(?:#[^)]*)?\)", text):
            if not (DOCS / name).parent.joinpath(target).resolve().is_file():
                wrong.append(f"{name}: {target}")
    assert wrong == []


@pytest.mark.parametrize("page", sorted(p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")))
def test_the_examples_run(page, tmp_path, monkeypatch, capsys):
    """Blocks of Python on one page, one after the other; a block after the name of a file (`mynet.py`:) is that file.

    Blocks written as a dialogue (>>>) are run by the tests of their room; those that read the reader's own data are compiled only.
    """
    text = (DOCS / page).read_text("utf-8")
    blocks = re.findall(r"(?:^`(\w+\.py)`[:：]?\n+)?^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine, "try_torch", lambda: {})  # takes seconds and has its own tests
    known: dict[str, object] = {"__name__": "page"}
    before = dict(registry._entries)
    assert len(blocks) == text.count("\n```python\n")  # none is overlooked
    try:
        for file, block in blocks:
            if file:
                Path(file).write_text(block, "utf-8")
                continue
            code = None if ">>>" in block else compile(block, page, "exec", dont_inherit=True)
            if code is not None and not any(name in block for name in OWN_DATA):
                exec(code, known)
    finally:
        registry._entries.clear()
        registry._entries.update(before)


def test_the_site_is_built_strictly(tmp_path):
    pytest.importorskip("mkdocs", reason="the documentation is built with mkdocs, which only gazo[docs] brings")
    import subprocess

    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "English" in page
    assert "日本語" in page
    assert not re.search(
        r'(?:src|href)="https?://(?!www\.mkdocs\.org)[^"]+\.(?:js|css)"', page
    )  # nothing is loaded from elsewhere


def _module(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
