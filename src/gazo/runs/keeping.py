"""What people keep with a run besides its recipe: another name, a note, "archived"; and how a run is thrown away."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

from gazo.core.errors import OptionError
from gazo.core.files import storage_error, write_json
from gazo.runs.kept import FILE, Kept, called, kept
from gazo.runs.launch import cancel
from gazo.runs.ownership import UNDER_WAY, read_status
from gazo.runs.study import list_studies, read_study

__all__ = ["Kept", "archive", "called", "delete", "kept", "rename", "set_note", "studies_with"]

LONGEST_NAME, LONGEST_NOTE = 100, 10_000


def rename(folder: Path, name: str) -> Kept:
    """Call a run otherwise; its folder, and every reference to it, stay. An empty name brings back the first one."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise OptionError(
            "G-JOB-010",
            en=f"the name of a run has up to {LONGEST_NAME} letters; {len(name)} came. Choose a shorter one, and put the rest into the note.",
            ja=f"実行の名前は {LONGEST_NAME} 文字までです ({len(name)} 文字ありました)。短くして、残りはメモに書いてください。",
        )
    return _keep(folder, replace(kept(folder), name=name))


def set_note(folder: Path, note: str) -> Kept:
    """Keep a note with a run."""
    if len(note) > LONGEST_NOTE:
        raise OptionError(
            "G-JOB-011",
            en=f"a note has up to {LONGEST_NOTE:,} letters; {len(note):,} came. Shorten it.",
            ja=f"メモは {LONGEST_NOTE:,} 文字までです ({len(note):,} 文字ありました)。短くしてください。",
        )
    return _keep(folder, replace(kept(folder), note=note.strip()))


def archive(folder: Path, *, archived: bool = True) -> Kept:
    """Take a run out of the list, or put it back; nothing of it changes."""
    return _keep(folder, replace(kept(folder), archived=archived))


def delete(folder: Path) -> None:
    """Remove a run for good. One that is under way is cancelled first, so that this is always possible."""
    if read_status(folder)["state"] in UNDER_WAY:
        cancel(folder)
    gone = folder.parents[1] / "cache" / f"deleted-{folder.name}"  # first out of sight in one step, then file by file
    try:
        gone.parent.mkdir(exist_ok=True)
        os.replace(folder, gone)
    except OSError as error:
        raise storage_error(error, folder) from None
    shutil.rmtree(gone, ignore_errors=True)


def studies_with(folder: Path) -> list[str]:
    """The studies that a run belongs to; who deletes it should know."""
    place = folder.parents[1]
    return [name for name in list_studies(place) if folder.name in read_study(name, place).runs]


def _keep(folder: Path, what: Kept) -> Kept:
    write_json(folder / FILE, asdict(what))
    return what
