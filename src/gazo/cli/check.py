"""``gazo check``: is this machine ready, and can this data folder be used?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gazo.cli.options import add_json, add_workspace
from gazo.core.language import Text
from gazo.core.results import to_json
from gazo.runs.check import check_machine, status_text


def add(parser: argparse.ArgumentParser) -> None:
    """A data folder, if it is to be looked at too."""
    parser.add_argument("data", type=Path, nargs="?", help=str(Text("調べるデータ", "data to look at")))
    parser.add_argument("--out", type=Path, help=str(Text("送付用のテキストの保存先", "write the text to send to this file")))
    add_workspace(parser)
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """0 when nothing is at fault, 1 otherwise."""
    from gazo.core.files import write_text

    report = check_machine(data=arguments.data, workspace=arguments.workspace)
    if arguments.out:
        write_text(arguments.out, status_text(report))
    print(json.dumps(to_json(report), ensure_ascii=False) if arguments.json else status_text(report))
    return 0 if report.passed else 1
