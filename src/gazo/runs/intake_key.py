"""The key table: who became P0001. One for the workspace, in ``data/keys``, so that a patient has one number in all its sets."""

from __future__ import annotations

import datetime
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path

from gazo.core.files import storage_error
from gazo.datasets.repairs import iso_date
from gazo.io.deidentify import days_for
from gazo.io.import_dicom import KEY_COLUMNS, known_key
from gazo.io.rows import Rows
from gazo.io.write_table import write_table
from gazo.runs.sets import key_file

LOCK = threading.RLock()  # who numbers patients reads the table, adds to it and writes it: one at a time


def patients_key(place: Path) -> Path:
    """The table of patients, in the form `import_dicom` keeps its own."""
    folder = place / "data" / "keys"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise storage_error(error, folder) from None
    return folder / "patients.csv"


def pseudonyms(ids: Sequence[str | None], place: Path) -> list[str | None]:
    """P0001 ... for real patient IDs; known ones keep their number, an empty cell stays empty."""
    wanted = [None if cell is None or not str(cell).strip() else str(cell).strip() for cell in ids]
    with LOCK:
        key = patients_key(place)
        known = known_key(key)
        secret = known[0][-1] if known else secrets.token_hex(32)
        number = {row[1]: row[0] for row in known}
        added = []
        for cell in dict.fromkeys(cell for cell in wanted if cell is not None and cell not in number):
            number[cell] = f"P{len(number) + 1:04d}"
            added.append((number[cell], cell, "", str(days_for(bytes.fromhex(secret), cell)), "", "", secret))
        if added:
            cells = (*known, *added)
            write_table(Rows(key.name, KEY_COLUMNS, cells, tuple(range(len(cells)))), key)
    return [None if cell is None else number[cell] for cell in wanted]


def moved_dates(dates: Sequence[str | None], patients: Sequence[str | None], place: Path) -> list[str | None]:
    """Dates moved by as many days as those of the patient's DICOM files are; what is no date goes. Without patient the year alone stays."""
    with LOCK:
        days = {row[0]: int(row[3] or 0) for row in known_key(patients_key(place))}
    moved = []
    for cell, patient in zip(dates, patients, strict=True):
        day = iso_date(cell) if cell else None
        if day is None:
            moved.append(None)
        elif patient in days:
            moved.append((datetime.date.fromisoformat(day) + datetime.timedelta(days[patient])).isoformat())
        else:
            moved.append(day[:4])
    return moved


def write_names(id: str, files: Sequence[str], originals: Sequence[str], patients: Sequence[str | None], place: Path) -> None:
    """Keep what the files of a set were called, and whose they are."""
    patients_key(place)
    cells = tuple((f, o, p or "") for f, o, p in zip(files, originals, patients, strict=True))
    target = key_file(id, place)
    write_table(Rows(target.name, ("file", "original_file", "patient_id"), cells, tuple(range(len(cells)))), target)
