"""The report of a run: one HTML page that needs nothing else, its tables as CSV, its figures as SVG and PNG."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.files import write_text
from gazo.core.language import Language, Text, language, speaking
from gazo.core.results import Curve, Measurement, Panels, Surface, Table, number_text
from gazo.io.workbook import write_workbook
from gazo.io.write_table import write_table
from gazo.runs.figures import figure, save, svg_text
from gazo.runs.measurement_sections import sheets
from gazo.runs.recipe import Recipe
from gazo.runs.section import Picture, Section
from gazo.runs.sections import sections
from gazo.runs.study_checklist import run_checklist
from gazo.runs.words import entries_in_words

ROWS_SHOWN = 20
COLUMNS_SHOWN = 12  # of a long table; more would be cut off at the edge of the paper


def write_outputs(folder: Path, outcome: Any, recipe: Recipe) -> Path:
    """Write ``report.html``, ``tables/`` and ``figures/`` of a result into its run folder."""
    parts = (*sections(outcome), *run_checklist(recipe, outcome))
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "figures").mkdir(exist_ok=True)
    for part in parts:
        for number, table in enumerate(part.tables):
            write_table(table, folder / "tables" / f"{part.key}{f'-{number}' if number else ''}.csv")
        for picture in part.pictures:
            drawn = figure(picture.drawn, width_mm=picture.width_mm)
            save(drawn, folder / "figures" / f"{picture.name}.svg")
            save(drawn, folder / "figures" / f"{picture.name}.png")
    if isinstance(outcome, Measurement | Curve | Surface):
        write_workbook(sheets(outcome), folder / "tables" / "all.xlsx")
    page = folder / "report.html"
    _write(page, parts, folder.name, language(), recipe)
    return page


def write_page(path: Path, outcome: Any, *, name: str, language: Language) -> None:
    """Write a page about a result that belongs to no single run."""
    _write(path, sections(outcome), name, language, None)


def _write(path: Path, parts: tuple[Section, ...], name: str, chosen: Language, recipe: Recipe | None) -> None:
    write_text(path, _page([_Chapter(name, parts, recipe)], name, chosen))


@dataclass(frozen=True)
class Told:
    """A run that a report tells of.

    Parameters
    ----------
    name : its folder's name, by which it can be repeated.
    outcome, recipe : its result and where that came from.
    title : heading of its chapter, where several runs stand in one report.
    left_out : keys of the sections that the reader does not want ("recipe" too).
    """

    name: str
    outcome: Any
    recipe: Recipe | None = None
    title: str = ""
    left_out: frozenset[str] = frozenset()


def page_of(told: Sequence[Told], *, language: Language, title: str = "") -> str:
    """One page about a run, or about several with a table of contents."""
    chapters = []
    for one in told:
        told_of = (*sections(one.outcome), *run_checklist(one.recipe, one.outcome))
        parts = tuple(part for part in told_of if part.key not in one.left_out)
        chapters.append(_Chapter(one.name, parts, None if "recipe" in one.left_out else one.recipe, one.title))
    return _page(chapters, " / ".join(one.title or one.name for one in told), language, title)


@dataclass(frozen=True)
class _Chapter:
    name: str
    parts: tuple[Section, ...]
    recipe: Recipe | None
    title: str = ""


def _page(chapters: Sequence[_Chapter], name: str, chosen: Language, title: str = "") -> str:
    several = len(chapters) > 1
    with speaking(chosen):
        page: str = _template().render(
            lang=chosen,
            title=title or Text("研究報告", "Study report"),
            run=name,
            several=several,
            chapters=[
                {
                    "id": f"{number}-" if several else "",
                    "name": chapter.name,
                    "title": chapter.title or chapter.name,
                    "parts": [_shown(part) for part in chapter.parts],
                    "recipe": _recipe_rows(chapter.recipe) if chapter.recipe else [],
                }
                for number, chapter in enumerate(chapters, 1)
            ],
            words=_WORDS,
        )
    return page


_WORDS = {
    "contents": Text("目次", "Contents"),
    "recipe": Text("再現のための記録", "How to repeat this"),
    "repeat": Text("同じ結果を得るには:", "To get the same numbers:"),
    "more": Text("表の全体は tables フォルダの CSV にあります。", "The whole table is in the CSV file in the tables folder."),
    "research": Text("研究用。診断には使用できません。", "For research only; not for diagnosis."),
    "caution": Text("注意", "Caution"),
}


def _template() -> Any:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("gazo.runs", "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["cell"] = cell
    return environment.get_template("report.html.j2")


def _shown(part: Section) -> dict[str, Any]:
    """A section as the template wants it; several long tables share the rows that are shown."""
    most = max(ROWS_SHOWN // max(1, len(part.tables)), 3)
    return {
        "key": part.key,
        "title": part.title,
        "sentences": part.sentences,
        "warnings": part.warnings,
        "tables": [_cut(table, None if part.whole_table else most) for table in part.tables],
        "pictures": [(_inline(picture), picture.caption, picture.width_mm, not _titled(picture)) for picture in part.pictures],
    }


def _cut(table: Table, most: int | None) -> dict[str, Any]:
    rows = table.rows[:most]
    columns = len(table.headings) if most is None else COLUMNS_SHOWN
    return {
        "title": table.title,
        "headings": table.headings[:columns],
        "rows": [row[:columns] for row in rows],
        "notes": table.notes,
        "wide": min(columns, len(table.headings)) > 7,
        "cut": len(rows) < len(table.rows) or columns < len(table.headings),
    }


def _titled(picture: Picture) -> bool:
    """Whether the picture bears its caption as its title, so that it need not stand below it again."""
    return isinstance(picture.drawn, Panels) and picture.drawn.title == picture.caption


def _inline(picture: Picture) -> str:
    """The picture as an address that holds it: SVG for lines, PNG where it contains images."""
    drawn = figure(picture.drawn, width_mm=picture.width_mm)
    if isinstance(picture.drawn, Panels):
        buffer = io.BytesIO()
        drawn.savefig(buffer, format="png", dpi=150)
        return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return "data:image/svg+xml;base64," + base64.b64encode(svg_text(drawn).encode()).decode()


def cell(value: Any) -> str:
    """A cell of a table as text; a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(Text("はい", "yes") if value else Text("いいえ", "no"))
    return number_text(value) if isinstance(value, float) else str(value)


def _recipe_rows(recipe: Recipe) -> list[tuple[str, str]]:
    """The recipe as rows, short values first."""
    listed: dict[str, Any] = {
        "task": " ".join(recipe.task), "data": f"{recipe.data} (SHA-256 {recipe.data_sha256[:16]}…, {recipe.rows})",
        "seed": recipe.seed, "threads": recipe.threads, "processes": recipe.processes, "machine": recipe.machine,
        **{f"source.{k}": v for k, v in recipe.source.items() if v}, **{f"protocol.{k}": v for k, v in recipe.protocol.items()},
        **recipe.options,
    }  # fmt: skip
    words = entries_in_words(recipe)
    packages = [(f"{Text('パッケージ', 'package')} {name}", version) for name, version in recipe.packages.items()]
    return [(str(words.get(name, name)), _plain(value)) for name, value in listed.items()] + packages


def _plain(value: Any) -> str:
    """An entry of a recipe with every digit."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return cell(value) if value is None or isinstance(value, bool) else str(value)
