"""Columns of an Excel or CSV table brought into a data set that is there already, by file name or by real patient ID over the key table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet, as_column
from gazo.io.rows import Rows, read_rows
from gazo.runs.intake_columns import Proposal, Use, one_of_each, propose
from gazo.runs.intake_key import moved_dates
from gazo.runs.intake_table import Fitted, fit
from gazo.runs.sets import DataSet, images_of, key_file, new_columns, set_roles
from gazo.runs.sets_table import BOXES, FILE


def fit_to_set(table: Rows, id: str, place: Path) -> Fitted:
    """Bring a table to the images of a set. Real names and IDs come from the key table and stay in memory."""
    images = images_of(id, place)
    known = _known(id, place)
    files = [known.get(str(file), (str(file), ""))[0] for file in images.role("image")]
    people = [known.get(str(file), ("", ""))[1] or None for file in images.role("image")]
    real = ImageSet({"file": as_column(files), "real": as_column(people)}, {"image": "file"}, images.loader)
    fitted = fit(table, real, "real" if any(people) else "")
    if fitted is None or not fitted.matched:
        raise DataError(
            "G-SET-090",
            en="no row of the table fits an image of this data set, neither by file name nor by patient ID. Check that the table has one of these columns.",
            ja="この表には、ファイル名でも患者 ID でもデータセットの画像と一致する行がありません。どちらかの列があるか確かめてください。",
        )
    return fitted


def proposals_for(fitted: Fitted) -> tuple[Proposal, ...]:
    """What the columns of the table may be for."""
    return one_of_each([propose(name, fitted.cells(name)) for name in fitted.headings()])


def add_columns(id: str, fitted: Fitted, uses: Mapping[str, Use], place: Path) -> DataSet:
    """Put the chosen columns of the table into the set, as corrections that can be taken back; patients stay as they are."""
    images = images_of(id, place)
    patients = (
        [None if cell is None else str(cell) for cell in images.role("patient")]
        if images.has("patient")
        else [None] * len(images)
    )
    roles: dict[str, str | None] = {}
    columns: dict[str, list[str | None]] = {}
    for name in fitted.headings():
        use = uses.get(name, "leave")
        if use in ("leave", "patient", "mask"):
            continue
        cells = fitted.cells(name)
        moved = use == "date" or propose(name, cells).use == "date"
        column = _free(name, [*images.columns, *columns])
        columns[column] = moved_dates(cells, patients, place) if moved else cells
        if use != "keep":
            roles[use] = column
    new_columns(id, columns, place)
    return set_roles(id, roles, place)


def _free(name: str, taken: list[str]) -> str:
    free, number = name, 1
    while free in {*taken, *BOXES, FILE, "boxes"}:
        number += 1
        free = f"{name} ({number})"
    return free


def _known(id: str, place: Path) -> dict[str, tuple[str, str]]:
    """File of the set -> (original file, real patient ID)."""
    path = key_file(id, place)
    if not path.exists():
        return {}
    rows = read_rows(path)
    return {file: (original, patient) for file, original, patient in rows.cells}
