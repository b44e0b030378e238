"""What a person said about a run: its name, a note, "archived". It stands beside the recipe, which never changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "kept.json"


@dataclass(frozen=True)
class Kept:
    """What a person said about a run. An empty name means the one it was made with."""

    name: str = ""
    note: str = ""
    archived: bool = False


def kept(folder: Path) -> Kept:
    """What is kept with a run; nothing where nobody said anything, or the file cannot be read."""
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Kept(str(stored.get("name", "")), str(stored.get("note", "")), bool(stored.get("archived", False)))
    except (OSError, ValueError, AttributeError):
        return Kept()


def called(folder: Path) -> str:
    """What people call a run: the name it was given, else the one in its folder's name, without time and number."""
    return kept(folder).name or "-".join(folder.name.split("-")[2:-1]) or folder.name
