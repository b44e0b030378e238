"""``gazo rerun RUN``: the same recipe again, every number compared."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gazo.cli.options import add_json, add_workspace
from gazo.cli.progress import bar
from gazo.core.language import Text
from gazo.runs.rerun import rerun
from gazo.runs.workspace import find_run, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """The run to repeat."""
    parser.add_argument("run", help=str(Text("実行 (名前、フォルダ、last)", "run (name, folder or last)")))
    parser.add_argument("--data", type=Path, help=str(Text("データの場所", "where the data lies")))
    add_workspace(parser)
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """0 when every number is the same, 1 when something differs."""
    place = workspace(arguments.workspace)
    with bar() as on_event:
        again = rerun(find_run(arguments.run, place), place=place, data=arguments.data, on_event=on_event)
    if arguments.json:
        print(json.dumps({"identical": again.identical, "run": str(again.folder), "differences": again.differences, "environment": again.environment}))  # fmt: skip
        return 0 if again.identical else 1
    if again.identical:
        print(Text("すべての数値が最後の桁まで一致しました。", "Every number is the same to the last digit."))
    else:
        print(Text(f"{len(again.differences)} か所が異なります:", f"{len(again.differences)} places differ:"))
        print("\n".join(f"  {line}" for line in again.differences[:20]))
    for line in again.environment:
        print(Text(f"環境の違い: {line}", f"Environment differs: {line}"))
    return 0 if again.identical else 1
