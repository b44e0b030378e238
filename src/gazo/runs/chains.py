"""Chains of operations kept under a name in the workspace: ``recipes/ID.json``, in the form that ``gazo process chain`` reads."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gazo.core.errors import FileError, GazoError, OptionError
from gazo.core.files import storage_error, write_json
from gazo.runs.steps import ChainStep, steps_in

_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Chain:
    """Steps under a name given by the user."""

    id: str
    name: str
    steps: tuple[ChainStep, ...]


def list_chains(place: Path) -> list[Chain]:
    """All chains by name; a file that is none, or that needs an operation which is not here, is passed over."""
    folder = place / "recipes"
    names = [file.stem for file in folder.glob("*.json") if _ID.fullmatch(file.stem)] if folder.is_dir() else []
    found = []
    for name in names:
        try:
            found.append(find_chain(name, place))
        except GazoError:
            continue
    return sorted(found, key=lambda chain: (chain.name.casefold(), chain.id))


def find_chain(id: str, place: Path) -> Chain:
    """The chain of that id."""
    path = place / "recipes" / f"{id}.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8")) if _ID.fullmatch(id) else None
    except (OSError, ValueError):
        stored = None
    steps = steps_in(stored)
    if not steps:
        raise FileError(
            "G-LIV-010",
            en=f"there is no chain of operations '{id[:40]}' in this workspace. Choose one from the list.",
            ja=f"この作業フォルダに、保存された処理「{id[:40]}」はありません。一覧から選んでください。",
        )
    return Chain(id, str(stored.get("name") or id), steps)


def save_chain(name: str, steps: Sequence[ChainStep], place: Path, *, id: str = "") -> Chain:
    """Keep a chain under a name; with the id of a chain that is there, in its place."""
    tidy = re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip()
    if not tidy or len(tidy) > 100 or not steps:
        raise OptionError(
            "G-LIV-011",
            en=f"a chain needs a name of 1 to 100 letters and at least one step; {len(tidy)} letters and {len(steps)} steps came. Add what is missing.",
            ja=f"処理を保存するには 1～100 文字の名前と 1 つ以上の手順が必要です (名前 {len(tidy)} 文字、手順 {len(steps)})。入力し直してください。",
        )
    chain = Chain(find_chain(id, place).id if id else _new_id(place), tidy, tuple(steps))
    folder = place / "recipes"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    write_json(folder / f"{chain.id}.json", {"name": chain.name, "steps": [asdict(step) for step in chain.steps]})
    return chain


def delete_chain(id: str, place: Path) -> None:
    """Forget a chain; runs made with it keep their own copy."""
    (place / "recipes" / f"{find_chain(id, place).id}.json").unlink(missing_ok=True)


def _new_id(place: Path) -> str:
    while (place / "recipes" / f"{(id := secrets.token_hex(4))}.json").exists():
        pass
    return id
