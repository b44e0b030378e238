"""``gazo runs``: what the workspace holds; cancel, rename, note, archive and delete runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from gazo.cli.options import add_json, add_workspace
from gazo.cli.table import print_table
from gazo.core.errors import GazoError
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.runs import keeping
from gazo.runs.kept import called, kept
from gazo.runs.launch import cancel
from gazo.runs.overview import standing
from gazo.runs.ownership import STATES
from gazo.runs.recipe import read_recipe
from gazo.runs.remaining import time_text
from gazo.runs.workspace import find_run, run_folders, workspace

_ACTIONS = {
    "cancel": Text("取り消す (30 秒以内に終わり、あとで再開できます)", "cancel; it ends within 30 s and can be resumed"),
    "rename": Text("名前を変える", "give another name"),
    "note": Text("メモを付ける", "keep a note"),
    "archive": Text("一覧から外す", "take out of the list"),
    "unarchive": Text("一覧に戻す", "put back into the list"),
    "delete": Text("結果ごと削除する", "delete with all results"),
}


def add(parser: argparse.ArgumentParser) -> None:
    """The list without an action, else what shall be done with which runs."""
    parser.add_argument("--all", action="store_true", help=str(Text("保管したものも表示", "show archived runs too")))
    add_workspace(parser)
    add_json(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, told in _ACTIONS.items():
        one = actions.add_parser(name, help=str(told), description=str(told))
        many = name not in ("rename", "note")
        runs = Text("実行 (名前、フォルダ、last)", "runs (name, folder or last)")
        one.add_argument("runs", nargs="+" if many else 1, metavar="RUN", help=str(runs))
        if not many:
            one.add_argument("text", help=str(Text("新しい名前またはメモ", "the new name or the note")))
        if name == "delete":
            one.add_argument("--yes", action="store_true", help=str(Text("確認せずに削除", "do not ask")))
        # SUPPRESS: what stood before the action is not set back to its default
        one.add_argument("--workspace", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def act(arguments: argparse.Namespace) -> int:
    """List the runs, or do something with some of them."""
    place = workspace(arguments.workspace)
    if not arguments.action:
        _list(place, all_of_them=arguments.all, as_json=arguments.json)
        return 0
    folders = [find_run(name, place) for name in arguments.runs]
    if arguments.action == "delete" and not arguments.yes and not _agreed(folders):
        return 1
    for folder in folders:
        print(_done(arguments, folder))
    return 0


def _done(arguments: argparse.Namespace, folder: Path) -> Text:
    """Do it, and say what was done."""
    name = called(folder)
    match arguments.action:
        case "cancel":
            state = STATES[cancel(folder)["state"]]
            return Text(f"{folder.name}: {state.ja}", f"{folder.name}: {state.en}")
        case "rename":
            keeping.rename(folder, arguments.text)
        case "note":
            keeping.set_note(folder, arguments.text)
        case "archive" | "unarchive":
            keeping.archive(folder, archived=arguments.action == "archive")
        case "delete":
            keeping.delete(folder)
            return Text(f"{name} を削除しました。", f"{name} was deleted.")
    return Text(f"{folder.name}: {called(folder)}", f"{folder.name}: {called(folder)}")


def _agreed(folders: list[Path]) -> bool:
    """Whether the user wants it; without a terminal to ask on, no."""
    names = ", ".join(called(folder) for folder in folders)
    question = Text(f"{names} を結果ごと削除します。よろしいですか [y/N] ", f"Delete {names} with all results [y/N]? ")
    if not sys.stdin.isatty():
        print(Text("削除するには --yes を付けてください。", "Add --yes to delete."), file=sys.stderr)
        return False
    return input(str(question)).strip().lower() in ("y", "yes")


def _list(place: Path, *, all_of_them: bool, as_json: bool) -> None:
    """One line a run: name, what people call it, method, data, state, and the time that is left."""
    shown = [folder for folder in run_folders(place) if all_of_them or not kept(folder).archived]
    lines = [_line(folder) for folder in shown]
    if as_json:
        print(json.dumps(lines, ensure_ascii=False))
        return
    headings = (
        Text("実行", "Run"), Text("名前", "Name"), Text("手法", "Method"), Text("データ", "Data"), Text("状態", "State"),
        Text("残り", "Left"),
    )  # fmt: skip
    rows = tuple(
        (one["run"], one["name"], one["task"], one["data"], STATES.get(one["state"], one["state"]), _left(one["left_s"]))
        for one in lines
    )
    print_table(Table(Text("実行結果", "Runs"), headings, rows))


def _line(folder: Path) -> dict[str, Any]:
    try:
        recipe, now = read_recipe(folder), standing(folder)
    except GazoError as error:
        return {"run": folder.name, "name": called(folder), "task": "", "data": "", "state": str(error), "left_s": None}
    return {
        "run": folder.name, "name": called(folder), "task": " ".join(recipe.task), "data": recipe.data,
        "state": now["state"], "left_s": now["left_s"],
    }  # fmt: skip


def _left(seconds: float | None) -> Text | str:
    return "" if seconds is None else time_text(seconds)
