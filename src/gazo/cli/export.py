"""``gazo export WHAT RUN``: what can be taken away from a finished run, and the help report."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from gazo.cli.options import add_options, add_workspace, chosen
from gazo.core.errors import OptionError
from gazo.core.files import replacing, write_text
from gazo.core.language import Text, language
from gazo.runs.export_figures import figure_file, figure_of_result
from gazo.runs.export_parts import PARTS, make_part, part_named
from gazo.runs.export_runs import outcome_of
from gazo.runs.export_sections import table_named
from gazo.runs.export_tables import table_file
from gazo.runs.figures.saving import kind_of_figure
from gazo.runs.workspace import find_run, workspace

_RUN = Text("実行 (名前、フォルダ、last)", "run (name, folder or last)")
_OUT = Text("保存先のファイル", "file to write")
_FIGURE = Text("図 (大きさ、解像度、形式、言語、ポスター用)", "a figure: size, resolution, kind of file, language, poster")
_TABLE = Text("表 (.csv、.xlsx、.tsv)", "a table (.csv, .xlsx, .tsv)")
_HELP = Text("相談用の文書 (画像・氏名・ファイル名を含まない)", "help report: no images, names or file names")


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each thing to take away."""
    names = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for part in PARTS.values():
        one = _with_run(names.add_parser(part.name, help=str(part.title), description=str(part.about)))
        one.add_argument("--out", type=Path, default=None, help=f"{_OUT} ({Text('既定', 'default')}: {part.file})")
    drawn = _with_run(names.add_parser("figure", help=str(_FIGURE), description=str(_FIGURE)))
    drawn.add_argument("name", help=str(Text("図の名前 (roc、confusion など)", "name of the figure, such as roc or confusion")))
    drawn.add_argument("out", type=Path, help=f"{_OUT} (.png .svg .pdf)")
    add_options(drawn, _FIGURE, figure_file)
    listed = _with_run(names.add_parser("table", help=str(_TABLE), description=str(_TABLE)))
    listed.add_argument(
        "name", help=str(Text("表の名前 (results、results/1 など)", "name of the table, such as results or results/1"))
    )
    listed.add_argument("out", type=Path, help=f"{_OUT} (.csv .xlsx .tsv)")
    told = names.add_parser("help-report", help=str(_HELP), description=str(_HELP))
    told.add_argument("--note", default="", help=str(Text("伝えたいこと", "what you want to tell")))
    told.add_argument("--error", default="", help=str(Text("表示されたエラー", "the error that was shown")))
    told.add_argument("--out", type=Path, default=Path("gazo-help.txt"), help=str(_OUT))
    add_workspace(told)


def act(arguments: argparse.Namespace) -> int:
    """Write it and say where it is."""
    place = workspace(arguments.workspace)
    if arguments.what == "help-report":
        from gazo.runs.help_report import help_report

        write_text(arguments.out, help_report(place, error=arguments.error, note=arguments.note))
        print(arguments.out)
        return 0
    run = find_run(arguments.run, place)
    if arguments.what == "figure":
        target = _figure(run, arguments)
    elif arguments.what == "table":
        target = _table(run, arguments)
    else:
        target = _part(run, arguments)
    print(target)
    return 0


def _with_run(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("run", help=str(_RUN))
    add_workspace(parser)
    return parser


def _part(run: Path, arguments: argparse.Namespace) -> Path:
    part = part_named(arguments.what)
    target: Path = (arguments.out or Path(part.file)).expanduser().absolute()
    with TemporaryDirectory() as scratch:
        made = make_part(run, part.name, Path(scratch), language=language(), place=workspace(arguments.workspace))
        if arguments.out is None:
            target = target.with_name(made.name)
        with open(made, "rb") as source, replacing(target) as file:
            shutil.copyfileobj(source, file)
    return target


def _figure(run: Path, arguments: argparse.Namespace) -> Path:
    options = {**chosen(arguments, figure_file), "kind": kind_of_figure(arguments.out)}
    content = figure_of_result(outcome_of(run), arguments.name, **{"language": language(), **options})
    with replacing(arguments.out) as file:
        file.write(content)
    return Path(arguments.out)


def _table(run: Path, arguments: argparse.Namespace) -> Path:
    section, _, number = arguments.name.partition("/")
    kind = arguments.out.suffix.lower().lstrip(".")
    if kind not in ("csv", "xlsx", "tsv"):
        raise OptionError(
            "G-EXP-021",
            en=f"a table is written as .csv, .xlsx or .tsv; '{arguments.out.name}' came. Give the file one of these endings.",
            ja=f"表は .csv、.xlsx、.tsv のいずれかで保存します。受け取った名前: 「{arguments.out.name}」。拡張子を直してください。",
        )
    table = table_named(outcome_of(run), section, int(number) if number.isdecimal() else 0)
    with replacing(arguments.out) as file:
        file.write(table_file(table, kind, language=language()))
    return Path(arguments.out)
