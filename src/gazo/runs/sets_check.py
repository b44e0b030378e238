"""The check of a data set and its cures, and its division by patient, as the page of a set shows them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.files import write_json
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, quiet
from gazo.core.results import Table
from gazo.datasets.checks import check
from gazo.datasets.splits import Fold, holdout, official_split, patient_folds
from gazo.datasets.strata import is_missing, kept_together
from gazo.runs.check_data import CURES
from gazo.runs.sets import find_set, folder_of, images_of, table_of

_PARTS = {"train": Text("学習", "Training"), "validation": Text("検証", "Validation"), "test": Text("テスト", "Test")}


def check_set(id: str, place: Path, *, on_event: OnEvent = quiet) -> dict[str, Any]:
    """Findings with their cures and rows, groups of copies, and the summary; kept beside the set until its table changes."""
    found, images = find_set(id, place), images_of(id, place)
    report = check(images, on_event=on_event)
    told = {
        "findings": [
            {
                "severity": f.severity,
                "code": f.code,
                "text": f.text._asdict(),
                "cure": _cure(f.code, len(f.rows)),
                "rows": list(f.rows),
            }
            for f in report.findings
        ],
        "copies": [[int(row) for row in group] for group in report.copies.sets],
        "summary": shown(report.summary),
    }
    write_json(folder_of(id, place) / f"check-{_state(id, place)}.json", told)
    return told | {"rows": found.rows}


def known_check(id: str, place: Path) -> dict[str, Any] | None:
    """What the last check of the set as it is now has found; None where it was not checked since."""
    try:
        told: dict[str, Any] = json.loads((folder_of(id, place) / f"check-{_state(id, place)}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told


def shown(table: Table) -> dict[str, Any]:
    """A table for a page: texts in both languages."""
    return {
        "title": table.title._asdict(),
        "headings": [heading._asdict() for heading in table.headings],
        "rows": [[cell._asdict() if isinstance(cell, Text) else cell for cell in row] for row in table.rows],
    }


def _cure(code: str, rows: int) -> dict[str, str]:
    return Text(*(text.format(n=max(1, rows)) for text in CURES[code]))._asdict()


def _state(id: str, place: Path) -> str:
    """What tells one state of a set from another: its table and which columns play which part."""
    found = find_set(id, place)
    return hashlib.sha256(f"{table_of(found, place).name}{sorted(found.roles.items())}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Division:
    """How a set is divided: by folds, once, or as its own column says."""

    kind: str = "holdout"
    folds: int = 5
    test_share: float = 0.2
    validation_share: float = 0.15
    seed: int = 0


def divided(images: ImageSet, how: Division) -> tuple[Fold, ...]:
    """The parts of a set, every patient in one of them only; images without label are in none. Rows keep the numbers of the set."""
    rows = np.arange(len(images))
    if images.has("label"):
        rows = rows[[not is_missing(label) for label in images.role("label")]]
    shares: dict[str, Any] = {"validation_share": how.validation_share, "seed": how.seed}
    some = images.take(rows)
    if how.kind == "official":
        folds: tuple[Fold, ...] = (official_split(some, **shares),)
    elif how.kind == "folds":
        folds = patient_folds(some, folds=how.folds, **shares)
    else:
        folds = (holdout(some, test_share=how.test_share, **shares),)
    return tuple(replace(fold, train=rows[fold.train], validation=rows[fold.validation], test=rows[fold.test]) for fold in folds)


def division_table(images: ImageSet, folds: tuple[Fold, ...]) -> Table:
    """Part by part and class by class: images and patients."""
    patients = kept_together(images)
    labels = (
        [None if is_missing(label) else str(label) for label in images.role("label")]
        if images.has("label")
        else [None] * len(images)
    )
    names = sorted({label for label in labels if label is not None})
    rows = []
    for number, fold in enumerate(folds, 1):
        for part, own in fold.parts.items():
            counts = [sum(labels[row] == name for row in own) for name in names]
            rows.append((number, _PARTS[part], len(own), len(np.unique(patients[own])), *counts))
    headings = (
        Text("分割", "Fold"),
        Text("部分", "Part"),
        Text("画像", "Images"),
        Text("患者", "Patients"),
        *(Text(n, n) for n in names),
    )
    return Table(Text("患者単位の分割", "Division by patient"), headings, tuple(rows))


def division_rows(images: ImageSet, folds: tuple[Fold, ...]) -> Table:
    """One line an image: its row, patient, label, and the part it is in, fold by fold."""
    parts: list[Mapping[int, str]] = [{int(row): part for part, own in fold.parts.items() for row in own} for fold in folds]
    columns = [name for name in ("patient", "label") if images.has(name)]  # type: ignore[arg-type]
    headings = [Text("番号", "row"), *(Text(images.roles[name], images.roles[name]) for name in columns)]  # type: ignore[index]
    headings += [
        Text(f"分割{n}" if len(folds) > 1 else "split", f"fold_{n}" if len(folds) > 1 else "split")
        for n in range(1, len(folds) + 1)
    ]
    cells = [images.role(name) for name in columns]  # type: ignore[arg-type]
    rows = tuple((row, *(own[row] for own in cells), *(part.get(row, "") for part in parts)) for row in range(len(images)))
    return Table(Text("患者単位の分割", "Division by patient"), tuple(headings), rows)
