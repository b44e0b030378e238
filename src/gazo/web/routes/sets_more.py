"""What is done with a data set: check, correct, choose a cohort, divide, save as a table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from gazo.core.errors import FileError
from gazo.core.language import Language, Text, speaking
from gazo.core.results import Table
from gazo.datasets.cohort import Condition, Sign, cohort
from gazo.runs.export_figures import figure_file
from gazo.runs.export_tables import MEDIA, TableKind, table_file
from gazo.runs.figures.saving import FigureKind
from gazo.runs.sets import find_set, fix_cells, images_of, undo_fix
from gazo.runs.sets_check import Division, check_set, divided, division_rows, division_table, known_check, shown
from gazo.runs.sets_cohort import add_cohort, flow_of
from gazo.runs.sets_facts import cells_of, shown_columns
from gazo.runs.sets_fixes import Fix
from gazo.web.place import Place
from gazo.web.routes.sets import one
from gazo.web.texts import both
from gazo.web.uploads_jobs import begin

router = APIRouter(prefix="/api/sets")
_FIGURES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FixGiven(_Body):
    """See `gazo.runs.sets_fixes.Fix`."""

    column: str
    to: str
    rows: list[int] = []
    old: str = ""


class FixesGiven(_Body):
    """Corrections that are made together."""

    fixes: list[FixGiven] = Field(min_length=1, max_length=1000)


class ConditionGiven(_Body):
    """See `gazo.datasets.cohort.Condition`."""

    sign: Sign
    column: str = ""
    values: list[str] = Field(default=[], max_length=200)


class CohortGiven(_Body):
    """Conditions in their order, and what the new set shall be called."""

    conditions: list[ConditionGiven] = Field(max_length=50)
    name: str = ""


class DivisionGiven(_Body):
    """See `gazo.runs.sets_check.Division`."""

    kind: Literal["holdout", "folds", "official"] = "holdout"
    folds: int = Field(5, ge=2, le=20)
    test_share: float = Field(0.2, ge=0.05, le=0.9)
    validation_share: float = Field(0.15, ge=0, le=0.9)
    seed: int = 0


@router.get("/{id}/check")
def last_check(id: str, place: Place) -> dict[str, Any]:
    """What the check of the set as it is now has found; `known` is false where it was not checked since it changed."""
    find_set(id, place)
    told = known_check(id, place)
    return {"known": told is not None, **(told or {"findings": [], "copies": [], "summary": None})}


@router.post("/{id}/check")
def begin_check(id: str, place: Place, language: Language = "ja") -> dict[str, str]:
    """Look for what would spoil a study; a job."""
    find_set(id, place)
    return {"job": begin(lambda on_event: check_set(id, place, on_event=on_event)["rows"], language)}


@router.post("/{id}/fixes")
def fix(id: str, given: FixesGiven, place: Place) -> dict[str, Any]:
    """Correct cells or rename a class; the set as it is then."""
    fix_cells(id, [Fix(f.column, f.to, tuple(f.rows), f.old) for f in given.fixes], place)
    return one(id, place)


@router.delete("/{id}/fixes/last")
def undo(id: str, place: Place) -> dict[str, Any]:
    """Take back what was corrected last."""
    undo_fix(id, place)
    return one(id, place)


@router.post("/{id}/cohort/preview")
def preview(id: str, given: CohortGiven, place: Place) -> dict[str, Any]:
    """How many stay, and who is left out at which condition."""
    found = cohort(images_of(id, place), _conditions(given))
    steps = [asdict(step) | {"reason": both(step.reason)} for step in found.flow.steps]
    return {
        "images": found.flow.images,
        "patients": found.flow.patients,
        "patients_known": found.flow.patients_known,
        "steps": steps,
    }


@router.post("/{id}/cohort")
def choose(id: str, given: CohortGiven, place: Place) -> dict[str, str]:
    """A new set of the images that stay."""
    return {"id": add_cohort(id, _conditions(given), given.name, place).id}


@router.get("/{id}/flow.{kind}")
def flow(
    id: str, kind: FigureKind, place: Place, language: Language = "ja",
    width_mm: Annotated[float, Query(ge=20, le=1200)] = 130, dpi: Annotated[int, Query(ge=72, le=1200)] = 300,
    style: Literal["paper", "poster"] = "paper",
) -> Response:  # fmt: skip
    """The exclusion diagram of a cohort as a figure."""
    found = flow_of(find_set(id, place))
    if found is None:
        raise FileError(
            "G-SET-086",
            en="this data set was not chosen from another, so there is no exclusion diagram. Choose a cohort first.",
            ja="このデータセットは条件で選んだものではないため、除外フロー図はありません。先に対象を選択してください。",
        )
    content = figure_file(found, kind=kind, width_mm=width_mm, dpi=dpi, style=style, language=language)
    return _download(content, _FIGURES[kind], f"flow.{kind}", shown_in_page=kind == "svg")


@router.post("/{id}/split")
def split(id: str, given: DivisionGiven, place: Place) -> dict[str, Any]:
    """How a set would be divided by patient."""
    images = images_of(id, place)
    folds = divided(images, Division(**given.model_dump()))
    notes = [both(note) for fold in folds for note in fold.notes]
    return {"table": shown(division_table(images, folds)), "notes": notes, "patients_known": images.has("patient")}


@router.post("/{id}/split.{kind}")
def split_file(id: str, kind: TableKind, given: DivisionGiven, place: Place, language: Language = "ja") -> Response:
    """The division as a table, one line an image."""
    images = images_of(id, place)
    table = division_rows(images, divided(images, Division(**given.model_dump())))
    return _download(table_file(table, kind, language=language), MEDIA[kind], f"split.{kind}")


@router.get("/{id}/table.{kind}")
def table(id: str, kind: TableKind, place: Place, language: Language = "ja") -> Response:
    """The table of a set without file names."""
    images = images_of(id, place)
    names = shown_columns(images)
    headings = (Text("番号", "row"), *(Text(name, name) for name in names))
    rows = tuple((row, *cells_of(images, row, names).values()) for row in range(len(images)))
    with speaking(language):
        content = table_file(Table(Text("データセット", "Data set"), headings, rows), kind, language=language)
    return _download(content, MEDIA[kind], f"dataset-{id}.{kind}")


def _conditions(given: CohortGiven) -> list[Condition]:
    return [Condition(one.sign, one.column, tuple(one.values)) for one in given.conditions]


def _download(content: bytes, media: str, name: str, *, shown_in_page: bool = False) -> Response:
    way = "inline" if shown_in_page else "attachment"
    return Response(
        content,
        media_type=media,
        headers={"content-disposition": f"{way}; filename*=UTF-8''{quote(name)}", "cache-control": "no-store"},
    )
