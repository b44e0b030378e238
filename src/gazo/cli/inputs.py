"""Inputs of an operation on the command line: images as paths, results as run:ID/field or a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gazo.cli.options import DATA, add_options, chosen, plain
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.datasets.source import open_images
from gazo.runs.given import Given, NamedSet
from gazo.runs.image_files import Files, Opening, files_at, raw_rule
from gazo.runs.inputs import Input, is_volume
from gazo.runs.result_inputs import result_input
from gazo.stats.reader_study import ReaderStudy

_RESULT = Text("run:実行/項目、または表のファイル (.csv、.xlsx)", "run:ID/field, or a file with a table (.csv, .xlsx)")
_STUDY = Text(
    "読影実験のファイル (縦長の CSV・Excel、JLABROC、JSRT-MRMC、ReaderN、iMRMC、Iowa .lrc、RJafroc)",
    "file of a reader study (long CSV or Excel, JLABROC, JSRT-MRMC, ReaderN, iMRMC, Iowa .lrc, RJafroc), or run:ID/field",
)
_IMAGE = Text("画像ファイル、フォルダ、または画像の表", "image file, folder, or table of images")


def add_input(parser: argparse.ArgumentParser, given: Input, *, positional: bool) -> None:
    """An argument for an input: a positional one, or an option of its name."""
    if given.is_set:
        parser.add_argument("door_data", metavar="DATA", type=Path, help=str(DATA))
        add_options(parser, Text("データ", "data"), open_images)
        return
    about: dict[str, Any] = {"help": _help(given)}
    about |= {"nargs": "+"} if given.many else {"nargs": "?"} if positional and not given.required else {}
    if positional:
        kind = Path if given.is_image else str
        parser.add_argument(_dest(given.name), metavar=given.name.upper().replace("_", "-"), type=kind, **about)
    else:
        flag = f"--{given.name.replace('_', '-')}"
        kind = Path if given.is_image else str
        metavar = "PATH" if given.is_image else given.kind.__name__.upper()
        parser.add_argument(
            flag,
            dest=_dest(given.name),
            metavar=metavar,
            type=kind,
            required=given.required and given.kind is not Table,
            default=None,
            **about,
        )


def _help(given: Input) -> str:
    if given.is_image:
        return f"{given.name}: {_IMAGE}"
    return str(_STUDY) if given.kind is ReaderStudy else f"{given.kind.__name__}; {_RESULT}"


def add_opening(parser: argparse.ArgumentParser) -> None:
    """How image files are opened."""
    group = parser.add_argument_group(str(Text("画像の読み込み", "reading images")))
    group.add_argument(
        "--spacing-mm", dest="door_spacing", metavar="MM[,MM]", type=_spacing, default=None,
        help=str(Text("画素間隔 (ファイルの値より優先)", "pixel spacing, instead of what the files say")),
    )  # fmt: skip
    group.add_argument(
        "--raw", dest="door_raw", metavar="RULE", default=None,
        help=str(
            Text(
                "ヘッダーのない RAW: 2048x2048:uint16[:big][:bits=12][:header=128][:invert][:spacing=0.175]、jsrt、または .json",
                "files without a header: 2048x2048:uint16[:big][:bits=12][:header=128][:invert][:spacing=0.175], jsrt, or a .json",
            )
        ),
    )  # fmt: skip
    group.add_argument(
        "--pattern", dest="door_pattern", metavar="NAME", default="",
        help=str(Text("フォルダの中で使うファイル名の型 (例: *.dcm)", "only files of a folder with such a name, such as *.dcm")),
    )  # fmt: skip


def opening_from(arguments: argparse.Namespace, *, presentation: bool) -> Opening:
    """How image files are opened, as the arguments say."""
    raw = None if arguments.door_raw is None else tuple(sorted(raw_rule(arguments.door_raw).items()))
    return Opening(arguments.door_spacing, raw, presentation)


def files_from(arguments: argparse.Namespace, name: str, *, volumes: bool = False) -> Files:
    """The image files that were named for an input; with `volumes` a folder is one volume of DICOM slices."""
    named = getattr(arguments, _dest(name))
    places = named if isinstance(named, list) else [named]
    raw = arguments.door_raw is not None
    files = files_at(places, pattern=arguments.door_pattern, raw=raw, volumes=volumes)
    for note in files.notes:
        print(note, file=sys.stderr)
    return files


def given_from(arguments: argparse.Namespace, inputs: Sequence[Input], place: Path, *, measuring: bool = False) -> Given:
    """Everything that was named for these inputs. Measured is one image (or volume) where processing takes a folder of them."""
    named = [one for one in inputs if getattr(arguments, _dest(one.name), None) is not None]
    words: Mapping[str, Any] = {one.name: getattr(arguments, _dest(one.name)) for one in named}
    files = {one.name: files_from(arguments, one.name, volumes=measuring and is_volume(one)) for one in named if one.is_image}
    results = {one.name: _result(words[one.name], one, place) for one in named if not one.is_image}
    origins = {one.name: words[one.name] for one in named if not one.is_image and str(words[one.name]).startswith("run:")}
    whole = NamedSet(arguments.door_data, plain(chosen(arguments, open_images))) if any(one.is_set for one in inputs) else None
    return Given(files, _tables(inputs, files) | results, origins, whole)


def _tables(inputs: Sequence[Input], files: Mapping[str, Files]) -> dict[str, Any]:
    """A table that is needed and was not named is the one that named the images, such as the session of a detector."""
    beside = next((found.table for found in files.values() if found.table is not None), None)
    return {one.name: beside for one in inputs if one.kind is Table and one.required and beside is not None}


def _result(words: Any, given: Input, place: Path) -> Any:
    if given.many:
        return tuple(result_input(word, given.kind, place) for word in words)
    return result_input(words, given.kind, place)


def _dest(name: str) -> str:
    return f"input_{name}"


def _spacing(word: str) -> tuple[float, ...]:
    try:
        lengths = tuple(float(part) for part in word.split(","))
    except ValueError:
        lengths = ()
    if not lengths or min(lengths) <= 0:
        raise argparse.ArgumentTypeError(str(Text("0 より大きい mm の値にしてください", "must be lengths in mm above 0")))
    return lengths
