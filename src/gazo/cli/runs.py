"""``gazo runs``: what the workspace holds."""

from __future__ import annotations

import argparse
import json

from gazo.cli.options import add_json, add_workspace
from gazo.cli.table import print_table
from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.ownership import STATES, read_status
from gazo.runs.recipe import read_recipe
from gazo.runs.workspace import run_folders, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """Nothing but the workspace."""
    add_workspace(parser)
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """One line a run: name, method, state."""
    rows = []
    for folder in run_folders(workspace(arguments.workspace)):
        try:
            recipe = read_recipe(folder)
            rows.append((folder.name, " ".join(recipe.task), recipe.data, read_status(folder)["state"]))
        except GazoError as error:
            rows.append((folder.name, "", "", str(error)))
    if arguments.json:
        print(json.dumps([dict(zip(("run", "task", "data", "state"), row, strict=True)) for row in rows]))
    else:
        headings = (Text("実行", "Run"), Text("手法", "Method"), Text("データ", "Data"), Text("状態", "State"))
        told = tuple((*row[:3], STATES.get(row[3], row[3])) for row in rows)
        print_table(Table(Text("実行結果", "Runs"), headings, told))
    return 0
