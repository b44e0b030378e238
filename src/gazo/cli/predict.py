"""``gazo predict RUN DATA``: what the network of a finished run says of other images."""

from __future__ import annotations

import argparse
from pathlib import Path

from gazo.cli.options import DATA, add_options, add_workspace, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.language import Text
from gazo.datasets.source import open_images
from gazo.io.write_table import write_table
from gazo.learn.classify.fitted import load
from gazo.runs.workspace import find_run, workspace


def add(parser: argparse.ArgumentParser) -> None:
    """The run, the images, and where the table goes."""
    parser.add_argument("run", help=str(Text("学習済みの実行 (名前、フォルダ、last)", "finished run (name, folder or last)")))
    parser.add_argument("data", type=Path, help=str(DATA))
    parser.add_argument("--out", type=Path, help=str(Text("予測の表 (.csv か .xlsx)", "table of predictions (.csv or .xlsx)")))
    parser.add_argument(
        "--trust-file",
        action="store_true",
        help=str(Text("利用者のネットワークファイルの実行を許可", "allow running the run's own network file")),
    )
    add_options(parser, Text("データ", "data"), open_images)
    add_workspace(parser)


def act(arguments: argparse.Namespace) -> int:
    """Print the table, or write it."""
    place = workspace(arguments.workspace)
    fitted = load(find_run(arguments.run, place), trust_file=arguments.trust_file)
    images = open_images(arguments.data, **chosen(arguments, open_images), cache=place / "cache")
    with bar() as on_event:
        table = fitted.predict(images, on_event=on_event)
    if arguments.out:
        write_table(table, arguments.out)
        for note in table.notes:
            print(note)
        print(arguments.out)
    else:
        print_table(table)
    return 0
