"""Results as files: tables, figures, workbooks, scripts, models."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from gazo.core.language import Language, Text, speaking
from gazo.core.results import Table
from gazo.runs.export_figures import figure_of_result
from gazo.runs.export_parts import make_part, part_named, parts_of_run
from gazo.runs.export_runs import outcome_of, run_named
from gazo.runs.export_tables import MEDIA, TableKind, table_file, workbook_file
from gazo.runs.figures.saving import FigureKind
from gazo.runs.kept import called
from gazo.web.place import Place
from gazo.web.routes.results import shown_table
from gazo.web.short_work import begin, file_of_job, job_status
from gazo.web.texts import both

router = APIRouter(prefix="/api/exports")
_FIGURES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
_NO_SCRIPTS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"}


class GivenTable(BaseModel):
    """A table as the page holds it; cells are text, numbers, yes or no, nothing, or a text in both languages."""

    model_config = ConfigDict(extra="forbid")
    title: str | dict[str, str] = ""
    headings: list[str | dict[str, str]] = Field(min_length=1)
    rows: list[list[Any]]
    kind: TableKind = "csv"
    language: Literal["ja", "en"] = "en"


@router.post("/table")
def given_table(given: GivenTable) -> Response:
    """A table of the page as a file."""
    width = len(given.headings)
    rows = tuple(tuple(map(_cell, (*row, *[None] * width)[:width])) for row in given.rows)
    table = Table(_text(given.title), tuple(map(_text, given.headings)), rows)
    with speaking(given.language):
        name = str(table.title) or "table"
    return download(table_file(table, given.kind, language=given.language), MEDIA[given.kind], f"{name}.{given.kind}")


@router.get("/jobs/{job}")
def job(job: str, place: Place) -> dict[str, Any]:
    """Where the making of a file is."""
    return job_status(job, place)


@router.get("/jobs/{job}/file")
def made(job: str, place: Place) -> FileResponse:
    """The file that a job made."""
    status = job_status(job, place)
    told = status.get("outcome") or {}
    path = file_of_job(job, str(told.get("file", "")), place)
    return FileResponse(path, filename=str(told.get("name", path.name)))


@router.get("/{run}/parts")
def parts(run: str, place: Place) -> list[dict[str, Any]]:
    """What can be taken away from a run."""
    found = parts_of_run(run_named(run, place))
    return [{"name": p.name, "title": both(p.title), "about": both(p.about), "slow": p.make is None} for p in found]


@router.get("/{run}/parts/{name}")
def part(run: str, name: str, place: Place, language: Language = "en") -> FileResponse:
    """One of these things as a file."""
    folder = run_named(run, place)
    scratch = Path(mkdtemp(prefix="export-", dir=place / "cache"))
    try:
        path = make_part(folder, name, scratch, language=language)
    except BaseException:
        rmtree(scratch, ignore_errors=True)
        raise
    return FileResponse(
        path, filename=f"{called(folder)} {path.name}", background=BackgroundTask(rmtree, scratch, ignore_errors=True)
    )


@router.post("/{run}/jobs/{name}")
def make_slowly(run: str, name: str, place: Place) -> dict[str, Any]:
    """Make a thing that needs torch, in a process of its own; ask for the job until it has ended."""
    folder = run_named(run, place)
    return job_status(begin("export", {"run": folder.name, "part": part_named(name).name}, place), place)


@router.get("/{run}/table")
def run_table(
    run: str, place: Place, section: str, number: int = 0, kind: TableKind = "csv", language: Language = "en",
    by: int | None = None, falling: bool = False, worst: bool = False,
    match: Annotated[list[str], Query(max_length=8)] = [],  # noqa: B006
) -> Response:  # fmt: skip
    """A table of a result, all of its rows, in the order of the page."""
    folder = run_named(run, place)
    table = shown_table(folder, section, number, by, falling, worst, match)
    with speaking(language):
        name = f"{called(folder)} {table.title}".strip()
    return download(table_file(table, kind, language=language), MEDIA[kind], f"{name}.{kind}")


@router.get("/{run}/workbook")
def workbook(run: str, place: Place, language: Language = "en") -> Response:
    """Every table of a result in one Excel workbook."""
    folder = run_named(run, place)
    return download(workbook_file(outcome_of(folder), language=language), MEDIA["xlsx"], f"{called(folder)}.xlsx")


@router.get("/{run}/figure")
def run_figure(
    run: str, place: Place, name: str, kind: FigureKind = "png", width_mm: float | None = None, dpi: int = 300,
    style: Literal["paper", "poster"] = "paper", language: Language = "en", shown: bool = False,
) -> Response:  # fmt: skip
    """A figure of a result; `shown` puts it on the page instead of saving it."""
    folder = run_named(run, place)
    content = figure_of_result(outcome_of(folder), name, kind=kind, width_mm=width_mm, dpi=dpi, style=style, language=language)
    if shown:
        return Response(content, media_type=_FIGURES[kind], headers={**_NO_SCRIPTS, "cache-control": "private, max-age=60"})
    return download(content, _FIGURES[kind], f"{called(folder)} {name}.{kind}")


def download(content: bytes, media: str, name: str) -> Response:
    """Bytes that the browser saves under a name."""
    plain = "".join(" " if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in name).strip()
    ascii_name = plain.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(plain)}"
    return Response(content, media_type=media, headers={"content-disposition": disposition})


def _text(value: str | dict[str, str]) -> Text:
    return Text(value, value) if isinstance(value, str) else Text(value.get("ja", ""), value.get("en", ""))


def _cell(value: Any) -> Any:
    """A cell as the page holds it: [number, how it is printed] is the number."""
    if isinstance(value, dict):
        return _text(value)
    if isinstance(value, list):
        return value[0] if value else None
    return value if value is None or isinstance(value, bool | int | float) else str(value)
