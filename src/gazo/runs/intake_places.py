"""Folders of this machine that may be looked into for images: the user's own, drives that were plugged in, and what GAZO_ROOTS names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from gazo.core.errors import FileError, OptionError
from gazo.io.finding import is_clutter
from gazo.io.opening import unreadable

_DRIVES = ("/media", "/mnt", "/run/media", "/Volumes")
_MOST = 2000


@dataclass(frozen=True)
class Folder:
    """A folder, the one above it (empty at a root), the folders in it, and how many files it holds itself."""

    path: str
    above: str
    folders: tuple[str, ...]
    files: int


def roots() -> list[Path]:
    """Where looking begins."""
    named = [Path(one) for one in os.environ.get("GAZO_ROOTS", "").split(os.pathsep) if one]
    letters = [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"] if os.name == "nt" else []
    return [path for path in (*named, Path.home(), *map(Path, _DRIVES), *letters) if path.is_dir()]


def allowed(path: str) -> Path:
    """A folder below one of the roots, links followed."""
    folder = Path(path)
    real = folder.resolve()
    if not folder.is_absolute() or not any(real.is_relative_to(root.resolve()) for root in roots()):
        raise OptionError(
            "G-SET-056",
            en="folders outside your own folder and plugged-in drives are not opened from the workbench. Start it with GAZO_ROOTS=FOLDER to allow another one.",
            ja="ご自分のフォルダと接続されたドライブ以外は開けません。ほかの場所を使うには GAZO_ROOTS=フォルダ を付けて起動してください。",
        )
    if not real.is_dir():
        raise FileError(
            "G-SET-057",
            en="there is no such folder any more. Choose another one.",
            ja="このフォルダは見つかりません。別のフォルダを選んでください。",
        )
    return real


def look_into(path: str) -> Folder:
    """What a folder holds; without a path the roots."""
    if not path:
        return Folder("", "", tuple(str(root) for root in roots()), 0)
    folder = allowed(path)
    try:
        entries = [entry for entry in os.scandir(folder) if not is_clutter(entry.name)][:_MOST]
    except OSError as error:
        raise unreadable(folder, error) from None
    inside = sorted(entry.path for entry in entries if entry.is_dir())
    above = "" if any(folder == root.resolve() for root in roots()) else str(folder.parent)
    return Folder(str(folder), above, tuple(inside), sum(entry.is_file() for entry in entries))
