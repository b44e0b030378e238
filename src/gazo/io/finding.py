"""Find the file that a cell of a table means, inside one folder."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from functools import cached_property

from gazo.io.files import IMAGE_ENDINGS

_FILES_LIMIT = 500_000
_CLUTTER = ("thumbs.db", "desktop.ini", "__macosx")


def is_clutter(name: str) -> bool:
    """Files and folders that systems leave behind: hidden ones, Thumbs.db, .DS_Store, __MACOSX."""
    return name.startswith(".") or name.lower() in _CLUTTER


def walk(folder: str) -> list[str]:
    """All files below a folder as sorted relative paths with /, clutter passed over."""
    found = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_clutter(name))
        inside = os.path.relpath(here, folder).replace(os.sep, "/")
        found += [name if inside == "." else f"{inside}/{name}" for name in sorted(files) if not is_clutter(name)]
        if len(found) > _FILES_LIMIT:
            break
    return found


def without_ending(name: str) -> str:
    """A file name without the ending of an image: a.nii.gz -> a; other dots stay."""
    lower = name.lower()
    ending = next((e for e in sorted(IMAGE_ENDINGS, key=len, reverse=True) if lower.endswith(e)), "")
    return name[: len(name) - len(ending)]


class Finder:
    """Files of one folder by path, by name, or by name without its ending; letters match in any case and Unicode form.

    Nothing outside the folder is ever found. `ambiguous` collects the cells that fit several files.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)
        self.ambiguous: set[str] = set()

    def find(self, cell: str) -> str | None:
        """The path, relative to the folder with /, that a cell means; None when there is none or no single one."""
        text = cell.strip().strip("\"'").replace("\\", "/")
        if not text:
            return None
        relative = self._inside(text)
        if relative is not None and os.path.isfile(os.path.join(self.folder, relative)):
            return relative
        parts = re.sub(r"^[A-Za-z]:", "", text).strip("/").split("/")
        for start in range(len(parts)):
            matches = self._known.get(_key("/".join(parts[start:])), [])
            if len(matches) == 1:
                return matches[0]
            if matches:
                self.ambiguous.add(cell)
                return None
        return None

    def _inside(self, text: str) -> str | None:
        if os.path.isabs(text):
            text = os.path.relpath(text, self.folder).replace(os.sep, "/")
        relative = posixpath.normpath(text)
        return None if relative.startswith("../") or relative in ("..", ".") or re.match("[A-Za-z]:", relative) else relative

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        """Every way to name a file -> the files it may mean."""
        known: dict[str, list[str]] = {}
        for path in walk(self.folder):
            parts = path.split("/")
            tails = {"/".join(parts[start:]) for start in range(len(parts))}
            if path.lower().endswith(IMAGE_ENDINGS):
                tails |= {without_ending(tail) for tail in tails}
            for tail in tails:
                known.setdefault(_key(tail), []).append(path)
        return known


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
