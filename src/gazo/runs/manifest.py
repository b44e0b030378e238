"""The manifest beside processed images: the recipe they were made by, and which input gave which output, all by content.

It is a recipe that `gazo run` takes. No path, no file name and no identity stands in it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gazo.core.files import replacing
from gazo.runs.recipe import Recipe

NAME = "manifest.json"
_SECONDS = 2.0  # between two writings; longer where writing itself takes long


@dataclass(frozen=True)
class Row:
    """What was made from one case: SHA-256 of each input, of the image ("") and of each map, and numbers that came with it."""

    inputs: tuple[str, ...]
    files: Mapping[str, str]
    numbers: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return "+".join(self.inputs)


@dataclass
class Manifest:
    """The rows of a batch as they come, written now and then and at the end."""

    file: Path
    recipe: Recipe
    names: Sequence[str]
    rows: dict[int, Row] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    _due: float = 0.0

    def add(self, number: int, row: Row) -> None:
        """Take in a row, and write when it is time."""
        self.rows[number] = row
        now = time.monotonic()
        if now >= self._due:
            self.write()
            self._due = time.monotonic() + max(_SECONDS, 20 * (time.monotonic() - now))

    def write(self) -> None:
        """Replace the file in one step; rows are written one by one, a line each."""
        recipe = json.dumps(asdict(self.whole_recipe()), ensure_ascii=False, indent=1)
        failed = json.dumps([{"row": number + 1, "code": self.failed[number]} for number in sorted(self.failed)])
        with replacing(self.file, "w") as file:
            file.write(f'{recipe[:-2]},\n "passed_over": {failed},\n "outputs": [')
            for place, number in enumerate(sorted(self.rows)):
                row = {"row": number + 1, **vars(self.rows[number])}
                file.write(f"{',' if place else ''}\n  {json.dumps(row, allow_nan=False)}")
            file.write("\n ]\n}\n")

    def whole_recipe(self) -> Recipe:
        """The recipe with the images that were made, by content."""
        made = [self.rows[number] for number in sorted(self.rows)]
        inputs = dict(self.recipe.inputs)
        for place, name in enumerate(self.names):
            inputs[name] = input_entry([row.inputs[place] for row in made])
        first = inputs[self.names[0]]
        return replace(self.recipe, inputs=inputs, data=first["data"], data_sha256=first["sha256"], rows=len(made))


def input_entry(digests: Sequence[str]) -> dict[str, Any]:
    """An image input as it stands in a recipe: its key, the fingerprint of all files in order, each file's SHA-256."""
    sha256 = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return {"data": sha256[:12], "sha256": sha256, "rows": len(digests), "files": list(digests)}


def known_rows(file: Path, recipe: Recipe) -> dict[str, Row]:
    """The rows that an earlier batch left, by their inputs; none where it was another recipe or there is no manifest."""
    stored = read_manifest(file)
    same = stored is not None and all(
        stored.get(part) == json.loads(json.dumps(asdict(recipe)[part])) for part in ("options", "source", "seed")
    )
    if stored is None or not same or _shared(stored, recipe) != _shared(asdict(recipe), recipe):
        return {}
    rows = [Row(tuple(row["inputs"]), row["files"], row.get("numbers", {})) for row in stored["outputs"]]
    return {row.key: row for row in rows}


def read_manifest(file: Path) -> dict[str, Any] | None:
    """A manifest as plain values; None where there is none of gazo."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) and "outputs" in stored and "options" in stored else None


def _shared(stored: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """Of the inputs those that are the same for all cases."""
    return {name: stored.get("inputs", {}).get(name, {}).get("sha256") for name in recipe.inputs}
