"""``gazo run RECIPE`` and ``gazo run --resume RUN``."""

from __future__ import annotations

import argparse
from pathlib import Path

from gazo.cli.finish import begin
from gazo.cli.options import add_json, add_workspace
from gazo.core.errors import RunError
from gazo.core.language import Text
from gazo.runs.ownership import alive, read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.start import make_again, relink
from gazo.runs.workspace import find_run, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """A recipe, or a run to go on with."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "recipe", type=Path, nargs="?", help=str(Text("recipe.json か実行フォルダ", "recipe.json or a run folder"))
    )
    which.add_argument(
        "--resume",
        metavar="RUN",
        help=str(Text("再開する実行 (名前、フォルダ、last)", "run to go on with (name, folder or last)")),
    )
    parser.add_argument(
        "--data",
        type=Path,
        help=str(
            Text(
                "データの場所 (移動した場合、別の計算機のレシピの場合)",
                "where the data lies, if moved or for a recipe from elsewhere",
            )
        ),
    )
    add_workspace(parser)
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """Make the run, or go on from its last checkpoint; a run that a process works on already is looked on to its end."""
    place = workspace(arguments.workspace)
    if not arguments.resume:
        return begin(arguments, lambda on_event: make_again(arguments.recipe, place=place, data=arguments.data))
    folder = find_run(arguments.resume, place)
    if read_status(folder)["state"] == "finished":
        raise RunError(
            "G-CLI-001",
            en=f"'{folder.name}' is finished; nothing is left to resume. Use `gazo rerun {folder.name}` to repeat it.",
            ja=f"「{folder.name}」は完了しており、再開するものはありません。もう一度行うには `gazo rerun {folder.name}` を使ってください。",
        )
    if arguments.data is not None and not alive(folder):
        relink(read_recipe(folder), arguments.data, place=place)
    return begin(arguments, lambda on_event: folder)
