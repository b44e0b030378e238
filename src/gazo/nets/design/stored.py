"""The designs a user keeps: one JSON file each, in the folder ``designs`` of the workspace."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gazo.core.errors import FileError, GazoError, OptionError, nearest
from gazo.core.files import storage_error
from gazo.nets.design.graph import Design, read_design, write_design
from gazo.nets.design.naming import PREFIX
from gazo.nets.design.presets import PRESETS

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{word}{n}" for word in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True)
class Stored:
    """A line in the list of designs. `fault` is why it cannot be opened."""

    name: str
    changed: float
    blocks: int = 0
    fault: GazoError | None = None


def folder_of(place: Path) -> Path:
    """Where the designs of a workspace are."""
    return place / "designs"


def stored_designs(place: Path) -> list[Stored]:
    """The designs of a workspace, the one changed last first."""
    found = []
    for file in folder_of(place).glob("*.json"):
        if not file.is_file() or file.name.startswith("."):
            continue
        try:
            found.append(Stored(file.stem, file.stat().st_mtime, len(read_design(file).blocks)))
        except GazoError as error:
            found.append(Stored(file.stem, file.stat().st_mtime, fault=error))
    return sorted(found, key=lambda s: -s.changed)


def find_stored(name: str, place: Path) -> Path:
    """The file of a stored design; only names that are in the list are found."""
    wanted = unicodedata.normalize("NFC", name)
    for file in folder_of(place).glob("*.json"):
        if unicodedata.normalize("NFC", file.stem) == wanted and not file.name.startswith("."):
            return file
    hint = nearest(name, [s.name for s in stored_designs(place)])
    raise FileError(
        "G-DSG-014",
        en=f"there is no saved design '{name}'. {hint.en}",
        ja=f"「{name}」という名前で保存された設計はありません。{hint.ja}",
    )


def store(design: Design, name: str, place: Path) -> Path:
    """Keep a design under a name; one of the same name is replaced."""
    name = checked_name(name)
    folder = folder_of(place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    path = folder / f"{name}.json"
    write_design(replace(design, name=name), path)
    return path


def rename(name: str, new: str, place: Path) -> Path:
    """Give a stored design another name; a name that is taken is refused."""
    old, new = find_stored(name, place), checked_name(new)
    if any(s.name.casefold() == new.casefold() for s in stored_designs(place)) and new.casefold() != name.casefold():
        raise OptionError(
            "G-DSG-015",
            en=f"there is a design '{new}' already. Choose another name, or delete that one first.",
            ja=f"「{new}」という設計がすでにあります。別の名前にするか、先にそちらを削除してください。",
        )
    path = store(read_design(old), new, place)
    if path.name != old.name:
        old.unlink()
    return path


def delete(name: str, place: Path) -> None:
    """Remove a stored design."""
    find_stored(name, place).unlink()


def checked_name(name: str) -> str:
    """A name that can be a file on every system; OptionError otherwise. Any writing is allowed."""
    name = unicodedata.normalize("NFC", name).strip()
    fits = name and len(name.encode()) <= 120 and not _FORBIDDEN.search(name) and name[0] != "." and name[-1] not in ". "
    if not fits or name.casefold() in _RESERVED or name in PRESETS:
        raise OptionError(
            "G-DSG-016",
            en=f"'{name[:40]}' cannot be the name of a design: up to 40 letters without / \\ : * ? \" < > |, not beginning with a full stop, and no name of a preset. Choose another.",
            ja=f'「{name[:40]}」は設計の名前にできません。/ \\ : * ? " < > | を含まない 40 文字以内で、ピリオドで始まらず、ひな形と異なる名前にしてください。',
        )
    return name


def with_stored_designs(options: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Options in which every ``design:NAME`` of a stored design names its file."""

    def found(value: Any) -> Any:
        name = str(value).removeprefix(PREFIX)
        if not str(value).startswith(PREFIX) or name in PRESETS or name.endswith(".json") or not folder_of(place).is_dir():
            return value
        return f"{PREFIX}{find_stored(name, place)}" if any(s.name == name for s in stored_designs(place)) else value

    named = ("network", "networks", "start")
    return {k: ([found(v) for v in value] if isinstance(value, list | tuple) else found(value)) if k in named else value for k, value in options.items()}  # fmt: skip
