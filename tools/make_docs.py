"""Write the pages of `docs/` that come from the source: reference, errors and systems, each in English and Japanese.

python tools/make_docs.py           writes them
python tools/make_docs.py --check   names the pages that are stale and exits with 1
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from gazo.core import errors
from gazo.core.files import write_text
from gazo.core.language import Language, Text, speaking
from gazo.runs.catalog import catalog, describe
from gazo.runs.error_sites import CLASSES, error_sites
from gazo.runs.systems import systems
from gazo.web import proofs as _screens  # noqa: F401  (registers the proofs of screens)

DOCS = Path(__file__).parents[1] / "docs"
MADE = Text(
    "このページはソースから作られます (`python tools/make_docs.py`)。",
    "This page is made from the source (`python tools/make_docs.py`).",
)
ROOMS = {
    "core": Text("基本", "Core"),
    "stats": Text("統計", "Statistics"),
    "radiomics": Text("ラジオミクス", "Radiomics"),
    "nets": Text("ネットワーク", "Networks"),
    "io": Text("入出力", "Reading and writing"),
    "phantoms": Text("ファントム", "Phantoms"),
    "datasets": Text("データセット", "Data sets"),
    "training": Text("学習の実行", "Training"),
    "learn": Text("学習", "Learning"),
    "runs": Text("実行と報告", "Runs and reports"),
}


def pages() -> dict[Path, str]:
    """Every made page with its text."""
    makers = {"reference": reference, "errors": error_page, "systems": system_page}
    made = {}
    for language, ending in (("en", ".md"), ("ja", ".ja.md")):
        with speaking(language):
            made |= {DOCS / (name + ending): maker(language) for name, maker in makers.items()}
    return made


def reference(language: Language) -> str:
    """Everything in the catalog under its room, with its options."""
    parts = [f"# {Text('できることの一覧', 'Reference')}", str(MADE)]
    found = [entry for entry in catalog() if entry.kind != "proof"]
    for room, members in groupby(found, key=lambda entry: entry.room):
        parts.append(f"## {ROOMS.get(room, Text(room, room))} (`gazo.{room}`)")
        parts += [_entry(describe(entry, language)) for entry in members]
    return "\n\n".join(parts) + "\n"


def error_page(language: Language) -> str:
    """Every error with its code as heading, so that a link to the code finds it."""
    parts = [f"# {Text('エラーの一覧', 'Errors')}", str(MADE)]
    intro = Text(
        "エラーには短い符号が付きます。{ } の中は、その場で分かった値に置き換わります。",
        "Every error carries a short code. What stands in { } is filled in with what was found.",
    )
    kinds = [f"- `{name}`: {_first_line(kind)}" for name, kind in CLASSES.items() if kind is not errors.GazoError]
    parts += [str(intro), "\n".join(kinds)]
    for site in error_sites():
        parts.append(f"## {site.code}\n\n`{site.kind}` (`gazo/{site.file}`)\n\n> {_plain(str(site.text))}")
    return "\n\n".join(parts) + "\n"


def system_page(language: Language) -> str:
    """The checklist of the booklet with what exists."""
    parts = [f"# {Text('画像通信の項目', 'Systems of the booklet')}", str(MADE)]
    headings = (Text("項目", "Id"), Text("名称", "Name"), Text("提供するもの", "Provided by"), Text("検証", "Proof"))
    rows = [
        (s.id, str(s.name), "<br>".join(f"`{dotted}`" for dotted in s.provides), f"`gazo reproduce {s.id}`" if s.proof else "")
        for s in systems()
    ]
    return "\n\n".join([*parts, _table(headings, rows)]) + "\n"


def _entry(facts: dict[str, Any]) -> str:
    name = facts["dotted"].rsplit(".", 1)[-1]
    tags = f" ({', '.join(facts['booklet'])})" if facts["booklet"] else ""
    parts = [f"### {name}: {facts['label']}{tags}", f"`{facts['dotted']}`", _plain(facts["summary"])]
    if facts["options"]:
        headings = (Text("オプション", "Option"), Text("意味", "Meaning"), Text("値", "Value"), Text("既定値", "Default"))
        rows = [(f"`{o['name']}`", _labelled(o), _plain(o["must"]), _default(o)) for o in facts["options"]]
        parts.append(_table(headings, rows))
    return "\n\n".join(parts)


def _labelled(option: dict[str, Any]) -> str:
    return f"{option['label']} [{option['unit']}]" if option["unit"] else option["label"]


def _default(option: dict[str, Any]) -> str:
    return str(Text("必須", "required")) if option["required"] else f"`{option['default']}`"


def _table(headings: tuple[Text, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(map(str, headings)), " | ".join("---" for _ in headings)]
    lines += [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no tags, no emphasis, no links by accident."""
    for mark in ("<", ">", "*", "_", "["):
        text = text.replace(mark, "\\" + mark)
    return _unescaped_in_code(text)


def _unescaped_in_code(text: str) -> str:
    """Between backticks Markdown shows a backslash, so none stands there."""
    parts = text.split("`")
    return "`".join(part.replace("\\", "") if number % 2 else part for number, part in enumerate(parts))


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").splitlines()[0]


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are stale."""
    made = pages()
    stale = [page for page, text in made.items() if not page.exists() or page.read_text("utf-8") != text]
    if "--check" in arguments:
        print("\n".join(f"stale: {page.relative_to(DOCS.parent)}" for page in stale))
        return 1 if stale else 0
    DOCS.mkdir(exist_ok=True)
    for page in stale:
        write_text(page, made[page])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
