"""``gazo compare RUN RUN ...``: figures of merit, losses and paired tests side by side."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gazo.cli.options import add_json, add_workspace
from gazo.cli.table import print_table
from gazo.core.language import Text, language
from gazo.core.results import to_json
from gazo.runs.compare import compare
from gazo.runs.compare_measurements import MeasurementComparison
from gazo.runs.report import write_page
from gazo.runs.workspace import find_run, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """The runs, and where a page with the curves may be written."""
    parser.add_argument("runs", nargs="+", help=str(Text("実行 (名前、フォルダ)", "runs (names or folders)")))
    parser.add_argument(
        "--out", type=Path, help=str(Text("図のある HTML の保存先", "write a page with figures to this HTML file"))
    )
    add_workspace(parser)
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """Print the tables; write the page when asked."""
    place = workspace(arguments.workspace)
    found = compare([find_run(name, place) for name in arguments.runs])
    if arguments.out:
        write_page(arguments.out, found, name=" / ".join(arguments.runs), language=language())
    if arguments.json:
        print(json.dumps(to_json(found), ensure_ascii=False))
        return 0
    if isinstance(found, MeasurementComparison):
        print_table(found.values)
        print(found.sentence)
        return 0
    print_table(found.table)
    print_table(found.tests)
    print(found.order)
    return 0
