"""``gazo systems``: the checklist of the booklet with what exists."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from importlib import import_module

from gazo.cli.options import add_json
from gazo.cli.table import print_table
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs.systems import systems


def add(parser: argparse.ArgumentParser) -> None:
    """Nothing but the form of the output."""
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """One row a system."""
    import_module("gazo.web.proofs")  # those of screens
    found = systems()
    if arguments.json:
        print(json.dumps([asdict(s) for s in found], ensure_ascii=False))
        return 0
    headings = (Text("記号", "Id"), Text("項目", "System"), Text("提供するもの", "Provided by"), Text("検証", "Proof"))
    rows = tuple((s.id, s.name, "\n".join(p.removeprefix("gazo.") for p in s.provides), bool(s.proof)) for s in found)
    print_table(Table(Text("画像通信の項目", "Systems of the booklet"), headings, rows))
    return 0
