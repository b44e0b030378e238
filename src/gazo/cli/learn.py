"""``gazo learn NAME DATA``: make a run of any method in the room `learn`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gazo.cli.finish import begin, settings
from gazo.cli.options import DATA, about, add_options, chosen, plain
from gazo.core.language import Text
from gazo.core.registry import Entry, entries
from gazo.datasets.source import open_images
from gazo.learn.protocol import Protocol
from gazo.runs.catalog import discover
from gazo.runs.given import Given
from gazo.runs.image_files import Opening
from gazo.runs.make_measurement import make_measurement
from gazo.runs.start import make_run
from gazo.runs.workspace import workspace


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each method, and one for each experiment that brings its own data."""
    discover()
    methods = parser.add_subparsers(dest="method", metavar="METHOD", required=True)
    for entry in entries("method", "learn"):
        one = methods.add_parser(entry.name, help=str(entry.label), description=about(entry))
        one.add_argument("data", type=Path, help=str(DATA))
        add_options(one, Text("データ", "data"), open_images)
        add_options(one, entry.label, entry.target)
        add_options(one, Text("評価", "evaluation"), Protocol)
        settings(one)
    for entry in entries("operation", "learn"):
        one = methods.add_parser(entry.name, help=str(entry.label), description=about(entry))
        add_options(one, entry.label, entry.target)
        settings(one)


def act(arguments: argparse.Namespace) -> int:
    """Check the options, lay down the run, work on it, say where the report is."""
    entry = next(e for kind in ("method", "operation") for e in entries(kind, "learn") if e.name == arguments.method)
    if entry.kind == "operation":
        return _experiment(arguments, entry)
    parts: dict[str, dict[str, Any]] = {
        "source": chosen(arguments, open_images),
        "options": chosen(arguments, entry.target),
        "protocol": chosen(arguments, Protocol),
    }
    place = workspace(arguments.workspace)
    return begin(
        arguments,
        lambda on_event: make_run(
            ("learn", entry.name), arguments.data, place=place, seed=arguments.seed, threads=arguments.threads,
            processes=arguments.processes, name=arguments.name or entry.name, on_event=on_event,
            **{part: plain(values) for part, values in parts.items()},
        ),
    )  # fmt: skip


def _experiment(arguments: argparse.Namespace, entry: Entry) -> int:
    """A run of an operation that takes no images."""
    return begin(
        arguments,
        lambda on_event: make_measurement(
            ("learn", entry.name), Given({}, {}), place=workspace(arguments.workspace), options=chosen(arguments, entry.target),
            opening=Opening(), seed=arguments.seed, threads=arguments.threads, name=arguments.name or entry.name, on_event=on_event,
        ),
    )  # fmt: skip
