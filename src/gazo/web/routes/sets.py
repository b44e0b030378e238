"""Data sets: the list, one set with its columns and rows, names, parts of columns, samples."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from gazo.core.imageset import ImageSet
from gazo.core.language import Language
from gazo.datasets.strata import class_names, is_missing
from gazo.runs.sets import DataSet, delete_set, find_set, folder_of, images_of, list_sets, rename_set, set_roles
from gazo.runs.sets_facts import balance, cells_of, column_facts, people, shown_columns
from gazo.runs.sets_fixes import read_fixes, steps_of
from gazo.runs.sets_sample import SAMPLES, add_sample
from gazo.web.place import Place
from gazo.web.texts import both
from gazo.web.uploads_jobs import begin, job

router = APIRouter(prefix="/api/sets")
_MOST_ROWS = 500


class Named(BaseModel):
    """What a user may write about a set."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    remark: str | None = None


class Roles(BaseModel):
    """Columns by the part they shall play; null takes the part away."""

    model_config = ConfigDict(extra="forbid")
    roles: dict[str, str | None]


class Wanted(BaseModel):
    """A sample to simulate."""

    model_config = ConfigDict(extra="forbid")
    kind: str
    language: Language = "ja"


@router.get("")
def listed(place: Place) -> dict[str, Any]:
    """All sets, the newest first."""
    return {"sets": [_short(found) for found in list_sets(place)]}


@router.get("/samples")
def samples() -> list[dict[str, Any]]:
    """The sets that can be simulated."""
    return [{"kind": one.key, "name": both(one.name), "about": both(one.about), "patients": one.patients} for one in SAMPLES]


@router.post("/samples")
def simulate(wanted: Wanted, place: Place) -> dict[str, str]:
    """Simulate a sample set; the job's result is its id."""
    return {"job": begin(lambda on_event: add_sample(wanted.kind, place, on_event=on_event).id, wanted.language)}


@router.get("/jobs/{key}")
def progress(key: str) -> dict[str, Any]:
    """How far a piece of work is."""
    return job(key).json()


@router.get("/{id}")
def one(id: str, place: Place) -> dict[str, Any]:
    """Everything about a set but its rows."""
    found, images = find_set(id, place), images_of(id, place)
    return _short(found) | {
        "remark": found.remark,
        "said": [both(text) for text in found.said],
        "roles": dict(found.roles),
        "columns": [asdict(column) for column in column_facts(images)],
        "patients": people(images),
        "balance": [asdict(one) for one in balance(images)],
        "parent": _parent(found, place),
        "exclusions": dict(found.exclusions),
        "fixes": steps_of(read_fixes(folder_of(id, place))),
    }


@router.get("/{id}/rows")
def rows(
    id: str,
    place: Place,
    start: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=_MOST_ROWS)] = 60,
    column: str = "",
    value: str = "",
    only: Annotated[list[int], Query(max_length=_MOST_ROWS)] = [],  # noqa: B006
) -> dict[str, Any]:
    """Rows with their addresses: all, those where a column has a value (an empty one too), or those of some numbers."""
    images = images_of(id, place)
    chosen = [row for row in only if row < len(images)] if only else _where(images, column, value)
    names = shown_columns(images)
    shown = chosen[start : start + count]
    return {"total": len(chosen), "columns": names, "rows": [_row(id, images, row, names) for row in shown]}


@router.put("/{id}")
def name(id: str, given: Named, place: Place) -> dict[str, Any]:
    """Rename a set, or write a remark."""
    return _short(rename_set(id, place, name=given.name, remark=given.remark))


@router.put("/{id}/roles")
def roles(id: str, given: Roles, place: Place) -> dict[str, Any]:
    """Say which column plays which part."""
    set_roles(id, given.roles, place)
    return one(id, place)


@router.delete("/{id}", status_code=204)
def delete(id: str, place: Place) -> None:
    """Delete a set with its copies and its key table."""
    delete_set(id, place)


def _short(found: DataSet) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "created": found.created,
        "origin": found.origin,
        "simulated": found.simulated,
        "rows": found.rows,
        "roles": dict(found.roles),
        "cover": f"set:{found.id}:0",
    }


def _parent(found: DataSet, place: Path) -> dict[str, str] | None:
    """The set a cohort came from, where it is still there."""
    by_id = {one.id: one.name for one in list_sets(place)}
    return {"id": found.parent, "name": by_id[found.parent]} if found.parent in by_id else None


def _where(images: ImageSet, column: str, value: str) -> list[int]:
    if not column:
        return list(range(len(images)))
    cells = images.with_role("date", column).role("date")  # an unknown column is refused by its name
    split = images.roles.get("label") == column

    def fits(cell: Any) -> bool:
        if is_missing(cell):
            return value == ""
        return value in class_names(cell) if split else str(cell).strip() == value

    return [row for row, cell in enumerate(cells) if fits(cell)]


def _row(id: str, images: ImageSet, row: int, names: list[str]) -> dict[str, Any]:
    return {"row": row, "address": f"set:{id}:{row}", "cells": cells_of(images, row, names)}
