"""``gazo list``: every operation, method and feature with its options."""

from __future__ import annotations

import argparse
import json

from gazo.cli.options import add_json
from gazo.cli.table import print_table
from gazo.core.language import Text, language
from gazo.core.results import Table
from gazo.runs.catalog import catalog, describe


def add(parser: argparse.ArgumentParser) -> None:
    """A room, if only that one is wanted."""
    parser.add_argument("room", nargs="?", help=str(Text("部屋 (io、stats、learn ...)", "room (io, stats, learn ...)")))
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """The catalog as a table or JSON."""
    found = [e for e in catalog() if arguments.room in (None, e.room) and e.kind != "proof"]
    if arguments.json:
        print(json.dumps([describe(e, language()) for e in found], ensure_ascii=False, default=str))
        return 0
    headings = (Text("部屋", "Room"), Text("種類", "Kind"), Text("名前", "Name"), Text("内容", "What"), Text("項目", "Booklet"))
    rows = tuple((e.room, e.kind, e.name, e.label, " ".join(e.booklet)) for e in found)
    print_table(Table(Text("gazo にできること", "What gazo can do"), headings, rows))
    return 0
