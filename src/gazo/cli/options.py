"""Command-line options made from signatures, and back: nothing is described a second time here."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gazo.cli.words import shown_default
from gazo.core.language import Text
from gazo.core.parameters import Choices, Parameter, parameters_of
from gazo.core.registry import Entry

DATA = Text("表 (CSV、Excel)、フォルダ、NPZ、ZIP、画像", "table (CSV, Excel), folder, NPZ, ZIP or image")
_FEW = 8  # choices a help text can name


def add_options(parser: argparse.ArgumentParser, title: Text, target: Any) -> None:
    """An option for each parameter of a function or method, under a heading."""
    group = parser.add_argument_group(str(title))
    for parameter in parameters_of(target):
        flag = f"--{parameter.name.replace('_', '-')}"
        told: dict[str, Any] = {"dest": parameter.name, "default": argparse.SUPPRESS, "help": _help(parameter)}
        if parameter.bare is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, **told)
        else:
            group.add_argument(flag, metavar=_metavar(parameter), nargs="+" if parameter.many else None, **told)


def about(entry: Entry) -> str:
    """One line on an operation or method for its help page; what it is called, where only English is written in the source."""
    return str(Text(entry.label.ja, (entry.target.__doc__ or "").split("\n")[0])).replace("%", "%%")


def chosen(arguments: argparse.Namespace, target: Any) -> dict[str, Any]:
    """The options that were given on the command line, checked and converted."""
    known = {p.name: p for p in parameters_of(target)}
    return {name: _parsed(known[name], value) for name, value in vars(arguments).items() if name in known}


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """The folder in which runs are kept."""
    parser.add_argument(
        "--workspace",
        type=Path,
        default=None,
        help=str(Text("作業フォルダ (既定: GAZO_HOME か ~/gazo)", "workspace folder (default: GAZO_HOME or ~/gazo)")),
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Output for machines."""
    parser.add_argument("--json", action="store_true", help=str(Text("JSON で出力", "print JSON")))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON can hold them."""
    return {name: str(v) if isinstance(v, Path) else list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _parsed(parameter: Parameter, value: Any) -> Any:
    if parameter.many and isinstance(value, list):
        value = tuple(part for word in value for part in str(word).split(",") if part)
    return parameter.parse(value)


def _metavar(parameter: Parameter) -> str:
    names = {int: "N", float: "X", str: "TEXT", Path: "PATH"}
    return names.get(parameter.bare, "NAME" if parameter.choices else "VALUE")


def _help(parameter: Parameter) -> str:
    """Label, choices (or the command that lists them) or limits, default; percent signs doubled for argparse."""
    words = [str(parameter.label.text)]
    listed = next((mark for mark in parameter.marks if isinstance(mark, Choices)), None)
    if listed is not None and len(parameter.choices) > _FEW:
        room = listed.names.__module__.split(".")[1]
        words.append(str(Text(f"名前の一覧: gazo list {room}", f"names: gazo list {room}")))
    elif parameter.choices:
        words.append("{" + ", ".join(map(str, parameter.choices)) + "}")
    elif parameter.limits:
        words.append(str(parameter.must()))
    if not parameter.required and parameter.default not in (None, ""):
        words.append(str(Text("既定", "default")) + f": {shown_default(parameter.default)}")
    return "; ".join(words).replace("%", "%%")
