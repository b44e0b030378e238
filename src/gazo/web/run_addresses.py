"""Addresses of images that belong to runs: the images a run was made from, and maps of where a network looked."""

from __future__ import annotations

import re
from pathlib import Path

from gazo.core.errors import FileError
from gazo.core.language import Text
from gazo.io.files import read
from gazo.runs.export_images import image_of_run, mask_of_run
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


@address("truth")
def _truth(rest: str, place: Path) -> Found:
    """``truth:RUN:ROW``: the mask that a run was taught with, in the geometry of its image."""
    name, word = parts_of(rest, 2)
    folder = run_named(name, place)
    row = int(word) if re.fullmatch(r"\d{1,9}", word) else -1
    stamp = read_recipe(folder).data_sha256[:16]
    return Found(lambda: mask_of_run(folder, row, place), stamp=stamp, title=Text("正解のマスク", "true mask"))


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


@address("made")
def _made(rest: str, place: Path) -> Found:
    """``made:JOB:FILE``: what a network made of an image (a mask, a restored image), as a short job left it."""
    job, name = parts_of(rest, 2)
    path = place / "cache" / "jobs" / job / name
    known = re.fullmatch(r"[0-9a-f]{16}", job) and re.fullmatch(r"(made|before)-\d{1,6}\.(png|tif|nii\.gz)", name)
    if not known or not path.is_file():
        raise FileError(
            "G-EXP-033",
            en="this image is not there any more. Let the network make it again.",
            ja="この画像はもうありません。もう一度実行すると作り直せます。",
        )
    title = (
        Text("ネットワークの出力", "made by the network")
        if name.startswith("made")
        else Text("補間で拡大した画像", "enlarged by interpolation")
    )
    return Found(lambda: read(path), path, stamp=stamp_of(path), title=title)
