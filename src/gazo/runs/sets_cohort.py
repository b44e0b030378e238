"""A new data set of those images of another that fulfil some conditions; the way there stands in its record."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.files import storage_error
from gazo.core.imageset import ImageSet
from gazo.core.results import from_json, to_json
from gazo.datasets.cohort import Condition, Flow, cohort
from gazo.datasets.strata import is_missing
from gazo.io.rows import Rows, read_rows
from gazo.io.write_table import write_table
from gazo.runs.sets import DataSet, checked_name, files_of, find_set, images_of, keep, key_file, new_set_folder, now, table_of
from gazo.runs.sets_table import FILE, TABLE


def add_cohort(id: str, conditions: Sequence[Condition], name: str, place: Path) -> DataSet:
    """Make a set of the images that stay. Its files are hard links of the other set's where the disk allows them, so each may be deleted alone."""
    parent, images = find_set(id, place), images_of(id, place)
    found = cohort(images, conditions)
    new, making = new_set_folder(place)
    try:
        files = {str(file) for file in images.role("image")[found.rows]}
        _write_rows(table_of(parent, place), making / TABLE, FILE, files)
        if parent.origin != "local":
            _link(files_of(parent, place), [*files, *_masks(images, found.rows)], making)
        made = DataSet(
            id=new, name=checked_name(name), created=now(), origin="local" if parent.origin == "local" else "cohort",
            folder=parent.folder if parent.origin == "local" else ".", rows=len(found.rows), roles=parent.roles, said=parent.said, parent=id,
            exclusions={"conditions": [asdict(one) for one in conditions], "flow": to_json(found.flow)}, simulated=parent.simulated,
        )  # fmt: skip
        if key_file(id, place).exists():
            _write_rows(key_file(id, place), key_file(new, place), "file", files)
        return keep(made, making, place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def flow_of(found: DataSet) -> Flow | None:
    """The way from its parent to a cohort; None for other sets."""
    return from_json(found.exclusions["flow"]) if found.exclusions else None


def _masks(images: ImageSet, rows: Any) -> list[str]:
    cells = images.role("mask")[np.asarray(rows)] if images.has("mask") else []
    return [str(cell) for cell in cells if not is_missing(cell)]


def _write_rows(source: Path, target: Path, column: str, wanted: set[str]) -> None:
    """The lines of a table whose cell in a column is wanted."""
    rows = read_rows(source)
    cells = tuple(line for line, cell in zip(rows.cells, rows.column(column), strict=True) if cell in wanted)
    write_table(Rows(target.name, rows.headings, cells, tuple(range(len(cells)))), target)


def _link(source: Path, files: Sequence[str], target: Path) -> None:
    for file in files:
        to = target / file
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source / file, to)
            except OSError:
                shutil.copyfile(source / file, to)
        except OSError as error:
            raise storage_error(error, to) from None
