"""Laws about the page of the workbench: both languages complete, no text outside the tables, few packages, a small bundle."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
MESSAGES = FRONTEND / "src" / "messages"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
WORDS = re.compile(JAPANESE.pattern + "{2,}")  # one sign alone may be a pattern for what users type
# Words between tags or in the attributes that people read or hear.
WRITTEN = re.compile(r">\s*([A-Za-z][A-Za-z]+(?:\s+[A-Za-z]+)+)\s*</|\b(?:title|aria-label|placeholder|alt)=\"([A-Za-z][^\"]*)\"")
NAMES = ("日本語", "画像", '"gazo"')  # the same in every language

pytestmark = pytest.mark.skipif(not FRONTEND.is_dir(), reason="needs the sources of the page, in a checkout")


def areas():
    return sorted({file.name for file in MESSAGES.glob("*/*.json")})


def texts(language, area):
    file = MESSAGES / language / area
    assert file.is_file(), f"{area} has no {language}"
    return json.loads(file.read_text("utf-8"))


def placeholders(text):
    return sorted(re.findall(r"\{(\w+)\}", text))


def without_comments(code):
    return re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", code, flags=re.DOTALL)


def sources():
    return [file for file in (FRONTEND / "src").rglob("*.ts*")]


@pytest.mark.parametrize("area", areas())
def test_both_languages_have_the_same_texts(area):
    ja, en = texts("ja", area), texts("en", area)
    assert sorted(ja) == sorted(en)
    assert [key for key in ja if not ja[key].strip() or not en[key].strip()] == []
    assert [key for key in ja if placeholders(ja[key]) != placeholders(en[key])] == []


@pytest.mark.parametrize("area", areas())
def test_english_is_english(area):
    assert [key for key, text in texts("en", area).items() if JAPANESE.search(text)] == []


def test_every_text_that_is_asked_for_by_name_exists():
    missing = []
    for file in sources():
        code = without_comments(file.read_text("utf-8"))
        used = dict(re.findall(r"const (\w+) = useText\(\"(\w+)\"\)", code))
        for name, area in used.items():
            known = texts("ja", f"{area}.json")
            missing += [f"{file.name}: {area}.{key}" for key in re.findall(rf"\b{name}\(\"(\w+)\"", code) if key not in known]
    assert missing == []


def test_no_text_stands_outside_the_tables():
    found = []
    for file in sources():
        if file.name in ("api.ts", "language.tsx"):  # what must be said when the server is gone; words of time
            continue
        code = without_comments(file.read_text("utf-8"))
        code = re.sub(r"/[^/\n]+/[a-z]*\.test\(", "", code)  # patterns for what users type
        for word in NAMES:
            code = code.replace(word, "")
        found += [f"{file.name}: {line.strip()[:80]}" for line in code.splitlines() if WORDS.search(line)]
        if file.suffix == ".tsx":
            found += [f"{file.name}: {match.group(0)[:80]}" for match in WRITTEN.finditer(code)]
    assert found == []


def test_the_search_for_texts_sees_them():
    assert WRITTEN.search("<p>Save the image</p>")
    assert WRITTEN.search('<button title="Save">')
    assert not WRITTEN.search('<button title={t("save")}>')


def test_few_packages_run_in_the_browser():
    package = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    assert len(package["dependencies"]) <= 6
    locked = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    assert not any("resolved" in entry for entry in locked["packages"].values())


def test_no_address_outside_this_machine_is_asked():
    outside = re.compile(r"""(?:fetch|import|src=|href=|url\()\s*\(?["'`](?:https?:)?//""")
    files = [*sources(), *(FRONTEND / "src").rglob("*.css"), FRONTEND / "index.html"]
    assert [file.name for file in files if outside.search(file.read_text("utf-8"))] == []
    assert not any(word in file.read_text("utf-8") for file in sources() for word in ("webgl", "WebGL2"))


def test_the_bundle_is_small():
    from gazo.web.app import bundle

    if not (bundle() / "index.html").is_file():
        pytest.skip("the page was not built in this checkout")
    assert sum(file.stat().st_size for file in bundle().rglob("*") if file.is_file()) <= 1_000_000
