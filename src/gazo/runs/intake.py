"""Where files wait that were sent to the workbench, until they are taken in or thrown away.

``data/incoming/TOKEN/`` holds them as they came, with names that may tell who the patient is. Nothing of it is ever shown or copied on; the folder goes when
the images are taken in, when the user cancels, or after a day.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gazo.core.errors import FileError, GazoError
from gazo.core.files import storage_error, write_json
from gazo.io.archive import unpack
from gazo.io.finding import is_clutter, walk

_TOKEN = re.compile(r"[0-9a-f]{16}")
_DAY_S = 86_400
_LONGEST_PART, _DEEPEST = 240, 40


@dataclass(frozen=True)
class Incoming:
    """Files that wait.

    Parameters
    ----------
    folder : of everything about them.
    tree : where they lie with their own names; the user's own folder when `local`.
    local : the images stay where they are.
    """

    token: str
    folder: Path
    tree: Path
    local: bool = False

    def numbers(self) -> dict[str, int]:
        """Each path below the tree -> the number of what was sent (from 1), for messages; what came in a ZIP has that of the ZIP."""
        sent = _received(self.folder)
        first: dict[str, int] = {}
        for number, path in enumerate(sent, 1):
            first.setdefault(path, number)
        found: dict[str, int] = {}
        for path in walk(str(self.tree)):
            parts = path.split("/")
            known = (first.get("/".join(parts[:end])) for end in range(len(parts), 0, -1))
            found[path] = next((number for number in known if number), 0)
        return found


def waiting(place: Path) -> Path:
    """The folder for everything that still bears its own name; what lies there for more than a day goes."""
    home = place / "data" / "incoming"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, home) from None
    return home


def new_incoming(place: Path) -> Incoming:
    """An empty place for files; those that nobody asked about for a day go."""
    home, token = waiting(place), secrets.token_hex(8)
    try:
        for old in home.iterdir():
            if time.time() - old.stat().st_mtime > _DAY_S:
                shutil.rmtree(old, ignore_errors=True)
        (home / token / "tree").mkdir(parents=True)
    except OSError as error:
        raise storage_error(error, home) from None
    return Incoming(token, home / token, home / token / "tree")


def local_incoming(folder: Path, place: Path) -> Incoming:
    """A folder of this machine that is looked at in place."""
    made = new_incoming(place)
    write_json(made.folder / "local.json", {"path": str(folder)})
    return Incoming(made.token, made.folder, folder, local=True)


def find_incoming(token: str, place: Path) -> Incoming:
    """The files behind a token."""
    folder = place / "data" / "incoming" / token
    if not _TOKEN.fullmatch(token) or not folder.is_dir():
        raise FileError(
            "G-SET-050",
            en="these files are not waiting any more: they were taken in, thrown away, or a day has passed. Send them again.",
            ja="このファイルはもう待機していません (取り込み済み、取り消し、または 1 日経過)。もう一度送ってください。",
        )
    os.utime(folder)
    with suppress(OSError, ValueError):
        local = json.loads((folder / "local.json").read_text(encoding="utf-8"))["path"]
        return Incoming(token, folder, Path(local), local=True)
    return Incoming(token, folder, folder / "tree")


def drop(incoming: Incoming) -> None:
    """Throw the files away; a local folder stays."""
    shutil.rmtree(incoming.folder, ignore_errors=True)


def safe_path(name: str) -> str:
    """The relative path that a browser names a file with, when it leads nowhere else.

    Raises FileError for an absolute path, a drive, a way upwards or a name no system can hold.
    """
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    odd = path.startswith("/") or ":" in path or any(ord(letter) < 32 for letter in path) or ".." in parts
    if odd or not parts or len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        raise FileError(
            "G-SET-051",
            en="a file was sent under a path that leads out of its folder or cannot be stored. Rename it and send it again.",
            ja="フォルダの外を指すパス、または保存できない名前のファイルが送られました。名前を変えて送り直してください。",
        )
    return "/".join(parts)


def place_for(incoming: Incoming, name: str) -> tuple[Path, str] | None:
    """Where a file that is being sent goes, and its path below the tree; None for what systems leave behind (Thumbs.db ...)."""
    path = safe_path(name)
    if any(is_clutter(part) for part in PurePosixPath(path).parts):
        return None
    target = incoming.tree / path
    stem, number = target, 1
    while target.exists():
        number += 1
        target = stem.with_name(f"{stem.stem} ({number}){stem.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, "upload") from None
    return target, target.relative_to(incoming.tree).as_posix()


def arrived(incoming: Incoming, paths: Sequence[str], *, limit_gb: float = 20.0) -> list[GazoError]:
    """Note what came, in order, and unpack the archives among it; an archive that is refused goes, and its error comes back."""
    sent = [*_received(incoming.folder), *paths]
    write_json(incoming.folder / "received.json", sent)
    faults = []
    for number, path in enumerate(sent, 1):
        archive = incoming.tree / path
        if path in paths and path.lower().endswith(".zip") and archive.is_file():
            try:
                _unpack_beside(archive, incoming.folder / f"archive-{number}.zip", limit_gb)
            except GazoError as error:
                faults.append(error)
    return faults


def _unpack_beside(archive: Path, neutral: Path, limit_gb: float) -> None:
    """Put the content of an archive in its place, as a folder of the same name; errors know it by its number only."""
    os.replace(archive, neutral)
    try:
        unpack(neutral, archive, limit_gb=limit_gb)
    finally:
        neutral.unlink(missing_ok=True)


def _received(folder: Path) -> list[str]:
    try:
        found: list[str] = json.loads((folder / "received.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found
