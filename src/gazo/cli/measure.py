"""``gazo measure | stats | radiomics NAME INPUTS``: any analysis whose result is a run."""

from __future__ import annotations

import argparse

from gazo.cli.finish import begin, settings
from gazo.cli.inputs import add_input, add_opening, given_from, opening_from
from gazo.cli.options import about, add_options, chosen
from gazo.core.language import Text
from gazo.runs.catalog import discover
from gazo.runs.inputs import inputs_of, measurements
from gazo.runs.make_measurement import make_measurement
from gazo.runs.workspace import workspace

_ROOMS = {"measure": ("process", "quality"), "stats": ("stats",), "radiomics": ("radiomics",)}


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each analysis of the rooms behind the command."""
    discover()
    names = parser.add_subparsers(dest="measurement", metavar="NAME", required=True)
    for entry in measurements(*_ROOMS[parser.prog.split()[-1]]):
        one = names.add_parser(entry.name, help=str(entry.label), description=about(entry))
        several = False
        for place, given in enumerate(inputs_of(entry)):
            of_study = entry.room in ("stats", "radiomics")
            positional = not several and ((given.required and (given.is_image or of_study)) or (of_study and place == 0))
            add_input(one, given, positional=positional)
            several |= given.many
        add_options(one, entry.label, entry.target)
        if any(given.is_image for given in inputs_of(entry)):
            _add_images(one)
        else:
            one.set_defaults(door_spacing=None, door_raw=None, door_pattern="", door_presentation=False)
        settings(one, trains=False)


def _add_images(parser: argparse.ArgumentParser) -> None:
    add_opening(parser)
    parser.add_argument(
        "--accept-presentation", dest="door_presentation", action="store_true",
        help=str(Text("表示用 (FOR PRESENTATION) の画像も測定する", "measure images FOR PRESENTATION too")),
    )  # fmt: skip


def act(arguments: argparse.Namespace) -> int:
    """Check everything, lay down the run, work on it, say what came out and where the report is."""
    entry = next(e for e in measurements(*_ROOMS[arguments.command]) if e.name == arguments.measurement)
    place = workspace(arguments.workspace)
    return begin(
        arguments,
        lambda on_event: make_measurement(
            (entry.room, entry.name), given_from(arguments, inputs_of(entry), place, measuring=True), place=place,
            options=chosen(arguments, entry.target), opening=opening_from(arguments, presentation=arguments.door_presentation),
            seed=arguments.seed, threads=arguments.threads, name=arguments.name or entry.name, on_event=on_event,
        ),
    )  # fmt: skip
