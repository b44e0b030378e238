"""``gazo study``: runs that belong together with what a paper must report, and the one file that goes to a colleague."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from gazo.cli.options import add_json, add_options, add_workspace, chosen
from gazo.cli.progress import bar
from gazo.cli.table import print_table
from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.core.results import Table
from gazo.runs.recipe import read_recipe
from gazo.runs.study import Study, add_runs, is_linked, list_studies, new_study, read_study, remove_runs, set_facts
from gazo.runs.study_archive import export_study, import_study
from gazo.runs.workspace import workspace

_NAME = Text("研究の名前", "name of the study")
_RUNS = Text("実行 (名前、フォルダ、last)", "runs (names, folders or last)")


def add(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each thing that can be done with a study."""
    acts = parser.add_subparsers(dest="act", metavar="ACTION", required=True)
    for name, purpose in (
        ("new", Text("研究を作る", "begin a study")),
        ("set", Text("報告事項を書く", "write down facts to report")),
    ):
        one = _named(acts, name, purpose)
        add_options(one, Text("報告事項", "facts to report"), set_facts)
    for name, purpose in (
        ("add", Text("終わった実行を加える", "add finished runs")),
        ("remove", Text("実行を外す (フォルダは残る)", "take runs out; their folders stay")),
    ):
        _named(acts, name, purpose).add_argument("runs", nargs="+", help=str(_RUNS))
    _named(acts, "show", Text("研究の内容", "what a study holds"))
    listing = acts.add_parser("list", help=str(Text("研究の一覧", "the studies of the workspace")))
    out = _named(acts, "export", Text("1 つの ZIP に書き出す", "write one ZIP for a colleague"))
    out.add_argument("zip", type=Path, help=str(Text("新しい ZIP ファイル", "the new ZIP file")))
    out.add_argument("--images", action="store_true", help=str(Text("画像と表も入れる", "put images and table in, too")))
    back = acts.add_parser("import", help=str(Text("ZIP から取り込む", "take a study in from a ZIP")))
    back.add_argument("zip", type=Path, help=str(Text("研究の ZIP ファイル", "ZIP file of a study")))
    back.add_argument("--data", type=Path, help=str(Text("データの場所", "where the data lies")))
    for one in (listing, back):
        add_workspace(one)
        add_json(one)


def _named(acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: Text) -> argparse.ArgumentParser:
    one = acts.add_parser(name, help=str(purpose))
    one.add_argument("name", help=str(_NAME))
    add_workspace(one)
    add_json(one)
    return one


def act(arguments: argparse.Namespace) -> int:
    """Do what was named."""
    return _ACTS[arguments.act](arguments, workspace(arguments.workspace))


def _new(arguments: argparse.Namespace, place: Path) -> int:
    facts = chosen(arguments, set_facts)
    return _told(set_facts(new_study(arguments.name, place), place, **facts), place, arguments.json)


def _set(arguments: argparse.Namespace, place: Path) -> int:
    facts = chosen(arguments, set_facts)
    return _told(set_facts(read_study(arguments.name, place), place, **facts), place, arguments.json)


def _add(arguments: argparse.Namespace, place: Path) -> int:
    return _told(add_runs(read_study(arguments.name, place), arguments.runs, place), place, arguments.json)


def _remove(arguments: argparse.Namespace, place: Path) -> int:
    return _told(remove_runs(read_study(arguments.name, place), arguments.runs, place), place, arguments.json)


def _show(arguments: argparse.Namespace, place: Path) -> int:
    return _told(read_study(arguments.name, place), place, arguments.json)


def _list(arguments: argparse.Namespace, place: Path) -> int:
    studies = [read_study(name, place) for name in list_studies(place)]
    if arguments.json:
        print(json.dumps([asdict(study) for study in studies], ensure_ascii=False))
        return 0
    headings = (Text("名前", "Name"), Text("題名", "Title"), Text("作成日", "Created"), Text("実行", "Runs"))
    rows = tuple((s.name, s.title, s.created, len(s.runs)) for s in studies)
    print_table(Table(Text("研究", "Studies"), headings, rows))
    return 0


def _export(arguments: argparse.Namespace, place: Path) -> int:
    study = read_study(arguments.name, place)
    with bar() as on_event:
        notes = export_study(study, arguments.zip, place=place, images=arguments.images, on_event=on_event)
    if arguments.json:
        print(json.dumps({"zip": str(arguments.zip), "bytes": arguments.zip.stat().st_size, "notes": [str(n) for n in notes]}, ensure_ascii=False))  # fmt: skip
        return 0
    print(Text(f"書き出しました: {arguments.zip}", f"Written: {arguments.zip}"))
    for note in notes:
        print(f"{Text('注意', 'Caution')}: {note}")
    return 0


def _import(arguments: argparse.Namespace, place: Path) -> int:
    """0 also when some data could not be linked: runs and reports can be read without it."""
    with bar() as on_event:
        done = import_study(arguments.zip, place, data=arguments.data, on_event=on_event)
    missing = {key: str(why) for key, why in done.missing.items()}
    if arguments.json:
        facts = {"study": asdict(done.study), "runs": done.runs, "kept": done.kept, "linked": done.linked, "missing": missing, "notes": [str(n) for n in done.notes]}  # fmt: skip
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    _told(done.study, place, False)
    for name, here in done.runs.items():
        if here in done.kept:
            print(
                Text(
                    f"実行「{here}」はすでにあるため、そのまま残しました。",
                    f"The run '{here}' was here already and was left as it is.",
                )
            )
        elif here != name:
            print(Text(f"別の実行が「{name}」の名前を使っているため「{here}」としました。", f"Another run is called '{name}', so this one became '{here}'."))  # fmt: skip
    for key, reason in missing.items():
        print(f"{Text('注意', 'Caution')}: {Text('データ', 'data')} {key}: {reason}")
    for note in done.notes:
        print(f"{Text('注意', 'Caution')}: {note}")
    return 0


_ACTS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "new": _new, "set": _set, "add": _add, "remove": _remove, "show": _show, "list": _list, "export": _export, "import": _import,
}  # fmt: skip


def _told(study: Study, place: Path, as_json: bool) -> int:
    """A study on the terminal: its facts, its runs, its data and whether this workspace can find it."""
    if as_json:
        print(json.dumps(asdict(study), ensure_ascii=False))
        return 0
    facts = tuple((str(p.label.text), getattr(study, p.name)) for p in parameters_of(set_facts))
    created = ((str(Text("作成日", "Created")), study.created),)
    print_table(Table(Text(f"研究 {study.name}", f"Study {study.name}"), (Text("項目", "Fact"), Text("内容", "Content")), (*facts, *created)))  # fmt: skip
    if study.runs:
        rows = tuple((name, _method(name, place)) for name in study.runs)
        print_table(Table(Text("実行結果", "Runs"), (Text("実行", "Run"), Text("手法", "Method")), rows))
    if study.data:
        headings = (Text("データ", "Data"), Text("画像", "Images"), Text("場所がわかるか", "Found here"))
        print_table(Table(Text("データ", "Data"), headings, tuple((d.key, d.rows, is_linked(d.key, place)) for d in study.data)))
    return 0


def _method(name: str, place: Path) -> str:
    folder = place / "runs" / name
    return " ".join(read_recipe(folder).task) if (folder / "recipe.json").exists() else str(Text("(なし)", "(gone)"))
