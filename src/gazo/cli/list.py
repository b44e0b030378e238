"""``gazo list``: every operation, method and feature with its options; with the room of networks, their names."""

from __future__ import annotations

import argparse
import json

from gazo.cli.options import add_json
from gazo.cli.table import print_table
from gazo.core.errors import OptionError, nearest
from gazo.core.language import Text, language
from gazo.core.results import Table
from gazo.nets.table import NETWORKS
from gazo.runs.catalog import catalog, describe

KINDS = {"operation": Text("操作", "operation"), "method": Text("学習手法", "method"), "feature": Text("機能", "feature")}


def add(parser: argparse.ArgumentParser) -> None:
    """A room, if only that one is wanted."""
    parser.add_argument("room", nargs="?", help=str(Text("部屋 (io、stats、learn ...)", "room (io, stats, learn ...)")))
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """The catalog as a table or JSON."""
    entries = [e for e in catalog() if e.kind != "proof"]
    rooms = sorted({e.room for e in entries})
    if arguments.room not in (None, *rooms):
        hint = nearest(arguments.room, rooms)
        raise OptionError(
            "G-CLI-002",
            en=f"there is no room '{arguments.room}'. {hint.en}",
            ja=f"「{arguments.room}」という部屋はありません。{hint.ja}",
        )
    found = [e for e in entries if arguments.room in (None, e.room)]
    if arguments.json:
        print(json.dumps([describe(e, language()) for e in found], ensure_ascii=False, default=str))
        return 0
    headings = (Text("部屋", "Room"), Text("種類", "Kind"), Text("名前", "Name"), Text("内容", "What"), Text("項目", "Booklet"))
    rows = tuple((e.room, KINDS[e.kind], e.name, e.label, " ".join(e.booklet)) for e in found)
    print_table(Table(Text("gazo にできること", "What gazo can do"), headings, rows))
    if arguments.room == "nets":
        print_table(_networks())
    return 0


def _networks() -> Table:
    """The names that `--network` takes."""
    headings = (
        Text("名前", "Name"), Text("ネットワーク", "Network"), Text("パラメータ数", "Parameters"), Text("最小の一辺 [px]", "Least side [px]"), Text("論文", "Paper"),
    )  # fmt: skip
    rows = tuple((n.name, n.label, f"{n.parameters_1000:,}", n.min_size_px, f"{n.paper} ({n.year})") for n in NETWORKS)
    return Table(Text("ネットワーク", "Networks"), headings, rows)
