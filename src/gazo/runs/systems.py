"""The checklist of the booklet's systems, live: what provides each and what proves it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gazo.core.language import Text
from gazo.runs.catalog import catalog


@dataclass(frozen=True)
class System:
    """One system of the booklet; `dataclasses.asdict` gives its row for JSON.

    Parameters
    ----------
    id : the row of the checklist, such as "K4".
    name_ja, name_en : its name.
    room : the rooms it belongs to.
    provides : dotted names of what is tagged with the id; empty while nothing is.
    proof : dotted name of what `gazo reproduce` runs for it; None while there is none.
    """

    id: str
    name_ja: str
    name_en: str
    room: str
    provides: tuple[str, ...]
    proof: str | None

    @property
    def name(self) -> Text:
        return Text(ja=self.name_ja, en=self.name_en)


@cache
def checklist() -> dict[str, dict[str, str]]:
    """The rows as they stand in `systems.toml`: id -> name_ja, name_en, room."""
    return tomllib.loads((files("gazo.runs") / "systems.toml").read_text(encoding="utf-8"))


def systems() -> list[System]:
    """Every system of the booklet in its order, with what exists for it now."""
    found = catalog()
    proofs = {entry.name: entry.dotted for entry in found if entry.kind == "proof"}
    return [
        System(
            id=id,
            **row,
            provides=tuple(e.dotted for e in found if id in e.booklet and e.kind != "proof"),
            proof=proofs.get(id),
        )
        for id, row in checklist().items()
    ]
