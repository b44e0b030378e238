"""An Excel or CSV table on its way into a data set that is there already."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from gazo.core.errors import FileError
from gazo.io.rows import Rows, read_rows
from gazo.runs.intake import Incoming, drop, find_incoming, new_incoming
from gazo.runs.intake_columns import Use
from gazo.runs.intake_source import sort_files
from gazo.runs.sets import find_set
from gazo.runs.sets_join import add_columns, fit_to_set, proposals_for
from gazo.web.place import Place
from gazo.web.routes.sets import one
from gazo.web.texts import both
from gazo.web.uploads import receive

router = APIRouter(prefix="/api/uploads/tables")


class JoinGiven(BaseModel):
    """Which table that was sent, and what its columns are for."""

    model_config = ConfigDict(extra="forbid")
    token: str
    columns: dict[str, Use]


@router.post("/{id}")
async def send_table(id: str, request: Request, place: Place) -> dict[str, Any]:
    """A table to be joined: what its columns may be for, and what is wrong with it, row by row."""
    find_set(id, place)
    incoming = new_incoming(place)
    try:
        await receive(request, incoming)
        return {"token": incoming.token, **await asyncio.to_thread(_fitted, id, incoming, place)}
    except BaseException:
        drop(incoming)
        raise


@router.post("/{id}/join")
def join(id: str, given: JoinGiven, place: Place) -> dict[str, Any]:
    """Take the chosen columns of a table that was sent."""
    incoming = find_incoming(given.token, place)
    add_columns(id, fit_to_set(_table_of(incoming), id, place), given.columns, place)
    drop(incoming)
    return one(id, place)


def _fitted(id: str, incoming: Incoming, place: Path) -> dict[str, Any]:
    fitted = fit_to_set(_table_of(incoming), id, place)
    columns = [asdict(one) | {"why": None if one.why is None else both(one.why)} for one in proposals_for(fitted)]
    faults = [{"line": one.line, "serious": one.serious, **both(one.text)} for one in fitted.faults]
    return {
        "on": fitted.on,
        "column": fitted.column,
        "matched": fitted.matched,
        "unlisted": len(fitted.rows) - fitted.matched,
        "columns": columns,
        "faults": faults[:1000],
        "fault_count": len(faults),
    }


def _table_of(incoming: Incoming) -> Rows:
    """The only table that waits; it is called "table" from here on, because its own name may tell something."""
    tables = sort_files(incoming.tree).tables
    if len(tables) != 1:
        raise FileError(
            "G-SET-091",
            en="one table (.xlsx, .csv) is joined at a time. Choose one.",
            ja="結合できる表 (.xlsx、.csv) は一度に 1 つです。1 つだけ選んでください。",
        )
    path = incoming.tree / tables[0]
    neutral = path.with_name(f"table{path.suffix.lower()}")
    if path != neutral:
        path.replace(neutral)
    return read_rows(neutral)
