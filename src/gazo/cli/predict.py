"""``gazo predict RUN DATA``: what the networks of a finished run say of other images, and the images they make."""

from __future__ import annotations

import argparse
from pathlib import Path

from gazo.cli.options import DATA, add_options, add_workspace, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.language import Text
from gazo.datasets.source import open_images
from gazo.io.write_table import write_table
from gazo.learn.saved import load
from gazo.runs.export_predict_images import KINDS, write_made
from gazo.runs.workspace import find_run, workspace

_IMAGES = Text("作成した画像 (マスク、復元画像など) の保存先", "folder for the images that are made (masks, restored images)")
_KIND = Text(
    "画像の形式 (seg・rtstruct は DICOM のマスク。既定: auto)",
    "kind of image files (seg, rtstruct: masks as DICOM; default: auto)",
)


def add(parser: argparse.ArgumentParser) -> None:
    """The run, the images, and where the table and the images go."""
    parser.add_argument("run", help=str(Text("学習済みの実行 (名前、フォルダ、last)", "finished run (name, folder or last)")))
    parser.add_argument("data", type=Path, help=str(DATA))
    parser.add_argument("--out", type=Path, help=str(Text("予測の表 (.csv か .xlsx)", "table of predictions (.csv or .xlsx)")))
    parser.add_argument("--images", type=Path, metavar="FOLDER", help=str(_IMAGES))
    parser.add_argument("--kind", choices=KINDS, default="auto", help=str(_KIND))
    parser.add_argument(
        "--trust-file",
        action="store_true",
        help=str(Text("利用者のネットワークファイルの実行を許可", "allow running the run's own network file")),
    )
    add_options(parser, Text("データ", "data"), open_images)
    add_workspace(parser)


def act(arguments: argparse.Namespace) -> int:
    """Write the images, and the table or print it; with images the table comes only where it is asked for."""
    place = workspace(arguments.workspace)
    fitted = load(find_run(arguments.run, place), trust_file=arguments.trust_file)
    images = open_images(arguments.data, **chosen(arguments, open_images), cache=place / "cache")
    if arguments.images:
        with bar() as on_event:
            files = list(write_made(fitted, images, arguments.images, kind=arguments.kind, on_event=on_event))
        print(Text(f"{len(images)} 枚中 {len(files)} 枚を作成しました: {arguments.images}", f"{len(files)} of {len(images)} images made: {arguments.images}"))  # fmt: skip
        if not arguments.out:
            return 0
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
