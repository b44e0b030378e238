"""``gazo reading``: reading experiments: made here, read in the workbench or from a pack, merged and exported."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from gazo.cli.options import add_json, add_options, add_workspace, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.errors import GazoError, OptionError
from gazo.core.files import write_json
from gazo.core.language import Text
from gazo.core.results import Table, to_json
from gazo.io.opening import content_of
from gazo.io.write_table import write_table
from gazo.runs.reading import ReadingExperiment, find_reading, list_readings, new_reading
from gazo.runs.reading_answers import standing
from gazo.runs.reading_course import case_table, lesion_table, session_table, time_table
from gazo.runs.reading_pack import pack_reading
from gazo.runs.reading_returns import Merged, merge_return
from gazo.runs.reading_tables import answer_table, mean_table, reader_study
from gazo.runs.workspace import workspace

_TABLES = {
    "answers": answer_table,
    "times": time_table,
    "sessions": session_table,
    "cases": case_table,
    "lesions": lesion_table,
    "means": mean_table,
}
_ID = Text("実験の ID", "id of the experiment")


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each thing that can be done with an experiment."""
    acts = parser.add_subparsers(dest="act", metavar="ACTION", required=True)
    new = _one(acts, "new", Text("実験を作る", "make an experiment"))
    new.add_argument("name", help=str(Text("実験の名前", "name of the experiment")))
    new.add_argument(
        "sets",
        nargs="+",
        help=str(Text("データセットの ID (1 つ、または条件ごとに 1 つ)", "ids of data sets: one, or one for each test")),
    )
    add_options(new, Text("設定", "options"), new_reading)
    _one(acts, "list", Text("実験の一覧", "the experiments of the workspace"))
    _named(acts, "status", Text("読影者ごとの進み具合", "how far each reader is"))
    pack = _named(acts, "pack", Text("読影者に渡す ZIP を作る", "write the ZIP for a reader"))
    pack.add_argument("reader", help=str(Text("読影者の名前または番号", "name or number of the reader")))
    pack.add_argument("zip", type=Path, help=str(Text("新しい ZIP ファイル", "the new ZIP file")))
    merge = _named(acts, "merge", Text("戻った回答ファイルを統合する", "merge files that readers sent back"))
    merge.add_argument("returns", nargs="+", type=Path, help=str(Text("回答ファイル", "return files")))
    export = _named(acts, "export", Text("回答を書き出す (.csv、.xlsx、.json)", "export the answers (.csv, .xlsx, .json)"))
    told = Text("書き出すファイル。.json は ROC・FROC 解析用", "the file to write; .json is for ROC and FROC analysis")
    export.add_argument("file", type=Path, help=str(told))
    export.add_argument("--table", choices=list(_TABLES), default="answers", help=str(Text("表の種類", "which table")))


def _one(acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: Text) -> argparse.ArgumentParser:
    one = acts.add_parser(name, help=str(purpose), description=str(purpose))
    add_workspace(one)
    add_json(one)
    return one


def _named(acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: Text) -> argparse.ArgumentParser:
    one = _one(acts, name, purpose)
    one.add_argument("id", help=str(_ID))
    return one


def act(arguments: argparse.Namespace) -> int:
    """Do what was named."""
    return _ACTS[arguments.act](arguments, workspace(arguments.workspace))


def _new(arguments: argparse.Namespace, place: Path) -> int:
    made = new_reading(arguments.name, arguments.sets, place, **chosen(arguments, new_reading))
    if arguments.json:
        print(json.dumps(asdict(made), ensure_ascii=False))
    else:
        print(Text(f"作成しました: {made.id}", f"Made: {made.id}"))
    return 0


def _list(arguments: argparse.Namespace, place: Path) -> int:
    found = list_readings(place)
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return 0
    headings = (
        Text("ID", "ID"),
        Text("名前", "Name"),
        Text("課題", "Task"),
        Text("症例", "Cases"),
        Text("条件", "Tests"),
        Text("読影者", "Readers"),
    )
    rows = tuple((one.id, one.name, one.task, len(one.cases), len(one.tests), len(one.readers)) for one in found)
    print_table(Table(Text("読影実験", "Reading experiments"), headings, rows))
    return 0


def _status(arguments: argparse.Namespace, place: Path) -> int:
    one = find_reading(arguments.id, place)
    found = {name: standing(one, number, place) for number, name in enumerate(one.readers, 1)}
    if arguments.json:
        print(json.dumps({name: asdict(now) for name, now in found.items()}, ensure_ascii=False))
        return 0
    headings = (
        Text("読影者", "Reader"),
        Text("回答", "Answered"),
        Text("全体", "Of"),
        Text("セッション", "Session"),
        Text("時間 [min]", "Time [min]"),
    )
    rows = tuple((name, now.done, now.total, now.session + 1, round(now.seconds / 60, 1)) for name, now in found.items())
    print_table(Table(Text(one.name, one.name), headings, rows))
    return 0


def _pack(arguments: argparse.Namespace, place: Path) -> int:
    one = find_reading(arguments.id, place)
    with bar() as on_event:
        seal = pack_reading(one, _reader(arguments.reader, one), arguments.zip, place, on_event=on_event)
    if arguments.json:
        print(json.dumps({"zip": str(arguments.zip), "pack": seal}, ensure_ascii=False))
    else:
        print(Text(f"書き出しました: {arguments.zip}", f"Written: {arguments.zip}"))
    return 0


def _reader(word: str, one: ReadingExperiment) -> int:
    if word in one.readers:
        return one.readers.index(word) + 1
    return int(word) if word.isdecimal() else 0  # no reader has the number 0


def _merge(arguments: argparse.Namespace, place: Path) -> int:
    """All files that can be merged are; the first fault is told at the end, after its file."""
    one = find_reading(arguments.id, place)
    merged: list[Merged] = []
    faults: list[GazoError] = []
    for path in arguments.returns:
        try:
            merged.append(merge_return(one, content_of(path), place))
        except GazoError as fault:
            print(Text(f"取り込めませんでした: {path}", f"Not merged: {path}"), file=sys.stderr)
            faults.append(fault)
    if arguments.json:
        print(json.dumps([asdict(each) for each in merged]))
    elif merged:
        print_table(_merged_table(merged, one))
    if faults:
        raise faults[0]
    return 0


def _merged_table(merged: Sequence[Merged], one: ReadingExperiment) -> Table:
    headings = (
        Text("読影者", "Reader"),
        Text("新しい記録", "New lines"),
        Text("回答", "Answered"),
        Text("全体", "Of"),
        Text("状態", "State"),
    )
    rows = tuple((one.readers[each.reader - 1], each.new, each.done, each.total, _state(each)) for each in merged)
    return Table(Text("統合した回答", "Merged returns"), headings, rows)


def _state(merged: Merged) -> Text:
    if merged.done < merged.total:
        return Text("途中", "not finished")
    return Text("完了", "finished")


def _export(arguments: argparse.Namespace, place: Path) -> int:
    one = find_reading(arguments.id, place)
    ending = arguments.file.suffix.lower()
    if ending == ".json" and arguments.table != "answers":
        raise OptionError(
            "G-CLI-070",
            en=f"a .json holds the whole study, not the table '{arguments.table}'. Write .csv or .xlsx, or leave --table out.",
            ja=f".json には表「{arguments.table}」ではなく解析用データ全体を書き出します。.csv か .xlsx にするか、--table を除いてください。",
        )
    if ending == ".json":
        write_json(arguments.file, to_json(reader_study(one, place)))
    else:
        write_table(_TABLES[arguments.table](one, place), arguments.file)
    if arguments.json:
        print(json.dumps({"file": str(arguments.file)}, ensure_ascii=False))
    else:
        print(Text(f"書き出しました: {arguments.file}", f"Written: {arguments.file}"))
    return 0


_ACTS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "new": _new, "list": _list, "status": _status, "pack": _pack, "merge": _merge, "export": _export,
}  # fmt: skip
