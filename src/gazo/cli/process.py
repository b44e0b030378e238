"""``gazo process NAME IN OUT``: any operation on images, or a chain of them, on a file or a whole folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from gazo.cli.inputs import add_input, add_opening, files_from, given_from, opening_from
from gazo.cli.options import about, add_json, add_options, add_workspace, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.registry import Entry
from gazo.runs.batch import Batch, process_files
from gazo.runs.catalog import discover
from gazo.runs.image_files import Files, once
from gazo.runs.inputs import Input, image_operations, inputs_of
from gazo.runs.processed import chain_recipe, job_of, named_cases, passed_over, storing
from gazo.runs.report import cell
from gazo.runs.steps import ChainStep, chain_step, other_inputs, read_steps
from gazo.runs.workspace import workspace

_IN = Text("画像ファイル、フォルダ、または画像の表", "image file, folder, or table of images")
_CHAIN = Text("複数の処理を順に行う", "several operations one after the other")


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each operation, and `chain`."""
    discover()
    names = parser.add_subparsers(dest="operation", metavar="OPERATION", required=True)
    for entry in image_operations():
        _add_operation(names.add_parser(entry.name, help=str(entry.label), description=about(entry)), entry)
    chain = names.add_parser("chain", help=str(_CHAIN), description=str(_CHAIN))
    chain.add_argument("door_steps", type=Path, metavar="STEPS", help=str(Text("処理の順序を書いた JSON、またはレシピ", "JSON file of the steps, or a recipe")))  # fmt: skip
    chain.add_argument("input_image", type=Path, metavar="IMAGE", help=str(_IN))
    _add_out(chain)
    chain.add_argument(
        "--input", dest="door_inputs", metavar="NAME=PLACE", action="append", default=[],
        help=str(Text("処理に必要なほかの入力 (例: mask=フォルダ)", "a further input that a step needs, such as mask=FOLDER")),
    )  # fmt: skip
    _add_doors(chain)


def act(arguments: argparse.Namespace) -> int:
    """Process everything; 0 when every image was made, 1 when some were passed over (they are listed)."""
    first, steps = _chain(arguments)
    others = other_inputs(steps)
    place = workspace(arguments.workspace) if any(not other.is_image for other in others.values()) else Path()
    images = once(files_from(arguments, first))
    given = given_from(arguments, tuple(others.values()), place)
    stored = storing(**chosen(arguments, storing))
    recipe = chain_recipe(steps, given, opening_from(arguments, presentation=True), stored, arguments.door_seed)
    job = job_of(recipe, given)
    cases, manifest = named_cases(job, images, given, arguments.door_out.expanduser().absolute())
    with bar() as on_event:
        batch = process_files(
            job, cases, manifest, recipe, workers=arguments.door_workers, address=arguments.door_dask,
            overwrite=arguments.door_overwrite, on_event=on_event,
        )  # fmt: skip
    _tell(arguments, images, batch, manifest)
    return 1 if batch.failed else 0


def _add_operation(parser: argparse.ArgumentParser, entry: Entry) -> None:
    """The images that every case needs stand before OUT; what is optional, or the same for all, is an option."""
    first, *others = inputs_of(entry)
    pairs = [other for other in others if other.is_image and other.required and not other.many]
    for given in (first, *pairs):
        add_input(parser, given, positional=True)
    _add_out(parser)
    for given in others:
        if given not in pairs:
            add_input(parser, given, positional=False)
    add_options(parser, entry.label, entry.target)
    _add_doors(parser)


def _add_out(parser: argparse.ArgumentParser) -> None:
    told = Text("書き込むファイルまたはフォルダ", "file or folder to write")
    parser.add_argument("door_out", type=Path, metavar="OUT", help=str(told))


def _add_doors(parser: argparse.ArgumentParser) -> None:
    """What every processing command takes."""
    add_options(parser, Text("結果の保存", "storing results"), storing)
    add_opening(parser)
    group = parser.add_argument_group(str(Text("実行", "run")))
    group.add_argument("--overwrite", dest="door_overwrite", action="store_true", help=str(Text("ほかで作られたファイルも上書きする", "also replace files that were not made here")))  # fmt: skip
    group.add_argument("--workers", dest="door_workers", metavar="N", type=int, default=None, help=str(Text("並列数 (既定: 使えるコア数)", "processes (default: usable cores)")))  # fmt: skip
    group.add_argument("--dask", dest="door_dask", metavar="ADDRESS", default="", help=str(Text("Dask スケジューラのアドレス (tcp://...)", "address of a Dask scheduler (tcp://...)")))  # fmt: skip
    group.add_argument(
        "--seed", dest="door_seed", metavar="N", type=int, default=0, help=str(Text("乱数の種", "seed of all randomness"))
    )
    add_workspace(group)  # type: ignore[arg-type]
    add_json(group)  # type: ignore[arg-type]


def _chain(arguments: argparse.Namespace) -> tuple[str, tuple[ChainStep, ...]]:
    """The name of the images' input, and the steps."""
    if arguments.operation != "chain":
        entry = next(e for e in image_operations() if e.name == arguments.operation)
        return inputs_of(entry)[0].name, (chain_step(entry.name, chosen(arguments, entry.target)),)
    steps = read_steps(arguments.door_steps)
    _take_further(arguments, other_inputs(steps))
    return "image", steps


def _take_further(arguments: argparse.Namespace, others: Mapping[str, Input]) -> None:
    """Put the inputs named by --input where those of a single operation stand; a required one that is missing is refused."""
    given = dict(word.partition("=")[::2] for word in arguments.door_inputs)
    wrong = [name for name in given if name not in others] + [
        o.name for o in others.values() if o.required and o.name not in given
    ]
    if wrong:
        needed = ", ".join(f"{o.name}{'' if o.required else ' (-)'}" for o in others.values()) or "-"
        raise OptionError(
            "G-CLI-020",
            en=f"the inputs of these steps are: {needed}; '{wrong[0]}' is missing or unknown. Give each as --input NAME=PLACE; those marked (-) may be left out.",
            ja=f"この処理に必要な入力: {needed}。「{wrong[0]}」がないか、名前が違います。--input 名前=場所 で指定してください ((-) は省略可)。",
        )
    for name, word in given.items():
        setattr(arguments, f"input_{name}", Path(word) if others[name].is_image else word)


def _tell(arguments: argparse.Namespace, images: Files, batch: Batch, manifest: Path) -> None:
    """What was made, what was there already, what failed (by name), and what was warned of."""
    for number, texts in sorted(batch.warnings.items()):
        for text in texts:
            print(f"{images.names[number]}: {Text('注意', 'Caution')}: {text}", file=sys.stderr)
    if arguments.json:
        failed = [{"file": images.names[n], "code": e.code, "message": str(e)} for n, e in sorted(batch.failed.items())]
        numbers = {images.names[n]: row.numbers for n, row in sorted(batch.rows.items()) if row.numbers}
        found = {"made": batch.made, "kept": batch.kept, "failed": failed, "manifest": str(manifest), "numbers": numbers}
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in batch.rows[0].numbers.items() if len(images.names) == len(batch.rows) == 1 else ():
        print(f"  {name}: {cell(value)}")
    table = passed_over(batch, dict(enumerate(images.names)))
    if table is not None:
        print_table(table)
    print(
        Text(
            f"作成 {batch.made} 枚、作成済み {batch.kept} 枚、処理できなかった画像 {len(batch.failed)} 枚。記録: {manifest}",
            f"{batch.made} made, {batch.kept} made before, {len(batch.failed)} passed over. Record: {manifest}",
        )
    )
