"""Addresses of images that belong to runs: the images a run was made from, and maps of where a network looked."""

from __future__ import annotations

import re
from pathlib import Path

from gazo.core.errors import FileError
from gazo.core.language import Text
from gazo.io.files import read
from gazo.runs.export_images import image_of_run
from gazo.runs.export_runs import run_named
from gazo.runs.recipe import read_recipe
from gazo.web.addresses import Found, address, parts_of, stamp_of


@address("row")
def _row(rest: str, place: Path) -> Found:
    """``row:RUN:ROW``: an image that a run was made from, counted from 0."""
    name, word = parts_of(rest, 2)
    folder = run_named(name, place)
    recipe = read_recipe(folder)
    row = int(word) if re.fullmatch(r"\d{1,9}", word) else -1
    around = tuple(f"row:{name}:{n}" if 0 <= n < recipe.rows else None for n in (row - 1, row + 1))
    return Found(
        lambda: image_of_run(folder, row, place),
        stamp=recipe.data_sha256[:16],
        title=Text(f"行 {row}", f"row {row}"),
        place=(row, recipe.rows),
        neighbours=(around[0], around[1]),
    )


@address("heat")
def _heat(rest: str, place: Path) -> Found:
    """``heat:JOB:NUMBER``: where a network looked, as a short job left it."""
    job, number = parts_of(rest, 2)
    path = place / "cache" / "jobs" / job / f"heat-{number}.png"
    if not re.fullmatch(r"[0-9a-f]{16}", job) or not re.fullmatch(r"\d{1,6}", number) or not path.is_file():
        raise FileError(
            "G-EXP-009",
            en="this heat map is not there any more. Open the image again to make it anew.",
            ja="このヒートマップはもうありません。画像を開き直すと作り直せます。",
        )
    return Found(lambda: read(path), path, stamp=stamp_of(path), title=Text("判断の根拠", "where the network looked"))
