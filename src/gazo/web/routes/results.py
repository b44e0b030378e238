"""Results of finished runs: their sections, tables and figures, as JSON and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.compare import compare
from gazo.runs.export_runs import about, candidates, kinds_of_results, listed, outcome_of, run_named
from gazo.runs.export_sections import matching, ordered, plain_result, plain_table, table_named
from gazo.web.place import Place
from gazo.web.texts import both

router = APIRouter(prefix="/api/results")
Match = Annotated[list[str], Query(max_length=8)]
MOST = 500  # rows in one answer


@router.get("")
def finished(place: Place) -> list[dict[str, Any]]:
    """The finished runs, the newest first."""
    return [_said(run) for run in listed(place)]


@router.get("/kinds")
def kinds() -> list[str]:
    """The kinds of results that can be asked for as inputs."""
    from gazo.runs.catalog import discover

    discover()
    return [*kinds_of_results(), "Model"]


@router.get("/candidates")
def fitting(place: Place, kind: str) -> list[dict[str, Any]]:
    """Everything of a kind that finished runs hold, each with its word "run:ID/field"."""
    return [_said(one) for one in candidates(kind, place)]


@router.get("/compared")
def compared(place: Place, run: Annotated[list[str], Query(max_length=12)]) -> dict[str, Any]:
    """Several runs side by side, with the sections of the comparison."""
    return plain_result(compare([run_named(name, place) for name in run]))


@router.get("/{run}")
def result(run: str, place: Place) -> dict[str, Any]:
    """A finished run with everything its report says."""
    folder = run_named(run, place)
    return {**plain_result(outcome_of(folder)), **_said(about(folder))}


@router.get("/{run}/tables/{section}/{number}")
def table(
    run: str, section: str, number: int, place: Place, start: int = 0, most: int = 50,
    by: int | None = None, falling: bool = False, worst: bool = False, match: Match = [],  # noqa: B006
) -> dict[str, Any]:  # fmt: skip
    """Rows of a table, sorted and filtered; `match` holds "column:text" pairs."""
    found = shown_table(run_named(run, place), section, number, by, falling, worst, match)
    return plain_table(found, start=max(0, start), most=min(max(1, most), MOST))


def shown_table(folder: Path, section: str, number: int, by: int | None, falling: bool, worst: bool, match: list[str]) -> Table:
    """The table as the page shows it."""
    whole = table_named(outcome_of(folder), section, number)
    return ordered(matching(whole, dict(map(_pair, match))), by=by, falling=falling, worst=worst)


def _pair(word: str) -> tuple[int, str]:
    column, _, text = word.partition(":")
    if not column.isdecimal():
        raise OptionError(
            "G-EXP-005",
            en=f"a filter is written column:text with the number of the column; '{word}' came. Correct the address.",
            ja=f"絞り込みは「列番号:文字列」で指定します。受け取ったもの: 「{word}」。アドレスを直してください。",
        )
    return int(column), text


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Texts in both languages, all else as it is."""
    return {name: both(value) if isinstance(value, Text) else value for name, value in values.items()}
