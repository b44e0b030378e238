"""``gazo reproduce ID``: run a system's proof; table and verdict."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

from gazo.cli.options import add_json
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.files import storage_error
from gazo.core.language import Text
from gazo.core.results import to_json
from gazo.runs.proof import Proof, reproduce


def add(parser: argparse.ArgumentParser) -> None:
    """The system, and real data where its proof can use them."""
    parser.add_argument("id", help=str(Text("項目の記号 (K4 など)", "id of the system, such as K4")))
    parser.add_argument("--data", type=Path, help=str(Text("実データのフォルダ", "folder of real images")))
    parser.add_argument("--seed", type=int, default=0, help=str(Text("乱数の種", "seed of all randomness")))
    parser.add_argument("--figures", type=Path, help=str(Text("図を書き込むフォルダ", "folder to write the figures into")))
    add_json(parser)


def act(arguments: argparse.Namespace) -> int:
    """0 when the bar is reached, 1 when not."""
    import_module("gazo.web.proofs")  # those of screens, which rooms below the server cannot know
    with bar() as on_event:
        shown = reproduce(arguments.id, data=arguments.data, seed=arguments.seed, on_event=on_event)
    if arguments.figures is not None:
        _write_figures(shown, arguments.figures)
    if arguments.json:
        facts = {"id": shown.id, "passed": shown.passed, "measured": to_json(shown.measured), "bar": str(shown.bar)}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print_table(shown.table)
        verdict = Text("合格", "passed") if shown.passed else Text("不合格", "not passed")
        print(f"{shown.id}: {verdict} ({shown.bar})")
    return 0 if shown.passed else 1


def _write_figures(shown: Proof, folder: Path) -> None:
    """Each picture of the proof as PNG: W5-1.png ..."""
    from gazo.runs.figures import figure, save

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from None
    for number, picture in enumerate(shown.pictures, 1):
        save(figure(picture), folder / f"{shown.id}-{number}.png")
