"""``gazo data``: look at images before learning, join a table with images, take DICOM in without names."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from gazo.cli.options import DATA, add_json, add_options, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.results import Table, to_json
from gazo.datasets.checks import check
from gazo.datasets.join import join
from gazo.datasets.source import open_images
from gazo.io.dicom_folder import read_dicom_folder
from gazo.io.import_dicom import import_dicom
from gazo.io.rows import read_rows
from gazo.io.write_table import write_table


def add(parser: argparse.ArgumentParser) -> None:
    """Check, join, import."""
    acts = parser.add_subparsers(dest="act", metavar="ACTION", required=True)
    looking = acts.add_parser(
        "check", help=str(Text("枚数、偏り、似すぎた画像、漏れ、手がかりを調べる", "counts, balance, copies, leaks, shortcuts"))
    )
    looking.add_argument("data", type=Path, help=str(DATA))
    add_options(looking, Text("データ", "data"), open_images)
    add_json(looking)
    joining = acts.add_parser("join", help=str(Text("表 (Excel、CSV) と画像を結合する", "join a table (Excel, CSV) with images")))
    joining.add_argument("table", type=Path, help=str(Text("表 (Excel、CSV)", "table (Excel, CSV)")))
    joining.add_argument("folder", type=Path, help=str(Text("画像のフォルダ", "folder of the images")))
    joining.add_argument(
        "--out", type=Path, help=str(Text("結合した表の保存先 (.csv か .xlsx)", "where the joined table goes (.csv or .xlsx)"))
    )
    add_options(joining, Text("結合", "join"), join)
    add_json(joining)
    taking = acts.add_parser("import", help=str(Text("DICOM を匿名化して取り込む", "copy DICOM without identity")))
    taking.add_argument("folder", type=Path, help=str(Text("DICOM のフォルダ", "folder of DICOM files")))
    taking.add_argument("to", type=Path, help=str(Text("取り込み先の新しいフォルダ", "new folder for the copies")))
    taking.add_argument(
        "--key-file",
        type=Path,
        required=True,
        help=str(Text("対応表 (CSV) の保存先。取り込み先の外", "where the key (CSV) goes, outside the copies")),
    )
    add_options(taking, Text("取り込み", "import"), import_dicom)


def act(arguments: argparse.Namespace) -> int:
    """Do what was named."""
    return {"check": _check, "join": _join, "import": _import}[arguments.act](arguments)


def _check(arguments: argparse.Namespace) -> int:
    """1 when something serious was found."""
    images = open_images(arguments.data, **chosen(arguments, open_images))
    with bar() as on_event:
        report = check(images, on_event=on_event)
    if arguments.json:
        print(json.dumps(to_json(report), ensure_ascii=False))
    else:
        for note in images.notes:
            print(note)
        for table in (report.summary, report.images, report.associations, report.table()):
            if table.rows:
                print_table(table)
        if not report.findings:
            print(Text("問題は見つかりませんでした。", "Nothing was found."))
    return 1 if any(f.severity == "serious" for f in report.findings) else 0


def _join(arguments: argparse.Namespace) -> int:
    """Print every list; write the images with the columns of the table."""
    found = join(read_rows(arguments.table), _identified(arguments.folder), **chosen(arguments, join))
    if arguments.out:
        columns = found.images.columns
        headings = tuple(Text(name, name) for name in columns)
        rows = tuple(zip(*(column.tolist() for column in columns.values()), strict=True))
        write_table(Table(Text("結合した表", "Joined table"), headings, rows), arguments.out)
    if arguments.json:
        print(json.dumps({name: to_json(table) for name, table in found.tables().items()}, ensure_ascii=False))
    else:
        for table in found.tables().values():
            if table.rows:
                print_table(table)
    return 0


def _identified(folder: Path) -> ImageSet:
    """The images of a folder; those of DICOM with their real patient IDs, which the table holds too."""
    images = open_images(folder)
    if folder.is_dir() and "modality" in images.columns and images.has("patient"):
        return read_dicom_folder(folder, identify=True).with_role("patient", "patient_id")
    return images


def _import(arguments: argparse.Namespace) -> int:
    """Copies in `to`, the key apart."""
    with bar() as on_event:
        images = import_dicom(
            arguments.folder, arguments.to, key_file=arguments.key_file, on_event=on_event, **chosen(arguments, import_dicom)
        )
    for note in images.notes:
        print(note)
    print(Text(f"{len(images)} 枚を取り込みました: {arguments.to}", f"{len(images)} images taken in: {arguments.to}"))
    return 0
