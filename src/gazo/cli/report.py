"""``gazo report RUN``: write the report of a finished run again."""

from __future__ import annotations

import argparse

from gazo.cli.options import add_workspace
from gazo.core.language import Text
from gazo.runs.recipe import read_recipe
from gazo.runs.report import write_outputs
from gazo.runs.start import read_result
from gazo.runs.workspace import find_run, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """The run; `--language` chooses the language."""
    parser.add_argument("run", help=str(Text("実行 (名前、フォルダ、last)", "run (name, folder or last)")))
    add_workspace(parser)


def act(arguments: argparse.Namespace) -> int:
    """Tables, figures and page in the language spoken now."""
    folder = find_run(arguments.run, workspace(arguments.workspace))
    print(write_outputs(folder, read_result(folder), read_recipe(folder)))
    return 0
