"""N7: names are planted wherever a person or a file can leave one; the help report holds none of them and still tells what happened."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gazo.core.files import write_json, write_text
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.events import EventLog
from gazo.runs.help_report import help_archive, help_report
from gazo.runs.ownership import write_status
from gazo.runs.proof import Proof, proof
from gazo.runs.recipe import Recipe, environment, write_recipe

FAMILY, GIVEN, HOSPITAL = (
    ("山田", "佐藤", "Yamada", "Müller"),
    ("太郎", "花子", "Hanako", "Jörg"),
    ("中央病院", "St. Mary", "第一クリニック"),
)
# What must still be there, for without it the report would help nobody.
NEEDED = (
    "train",
    "small_resnet",
    "epochs = 7",
    "G-DATA-002",
    "failed",
    "torch",
    "gazo/learn/x.py:12 fit",
    "ValueError",
    "Training: 3/7",
)


@proof("N7", ja="仕込んだ名前が文書に現れないか", en="Planted names never appear")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Plant names in sets, columns, files, notes, settings, errors, logs and traces; ask for the report in both languages and as a ZIP."""
    rng = generator(seed, "N7")
    names = {
        kind: f"{rng.choice(FAMILY)}{rng.choice(GIVEN)}{rng.integers(100, 999)}"
        for kind in ("set", "column", "file", "run", "option", "log", "cell")
    }
    names |= {"hospital": str(rng.choice(HOSPITAL)), "number": str(rng.integers(10_000_000, 99_999_999))}
    with TemporaryDirectory() as folder:
        place = Path(folder) / f"{names['hospital']} 作業"
        plant(place, names)
        asked: dict[str, Any] = {
            "screen": "train",
            "settings": {
                "network": "small_resnet",
                "epochs": 7,
                "label": names["column"],
                names["option"]: names["cell"],
                "where": f"ID == {names['number']}",
            },
            "error": f"G-DATA-002: there is no column '{names['column']}' in /home/{names['file']}/x.csv",
            "note": f"{names['set']} の {names['file']}.dcm で止まります。番号 {names['number']}、列 {names['column']}、{place}",
        }
        texts = {chosen: help_report(place, **asked, language=chosen) for chosen in ("ja", "en")}
        texts["zip"] = zipfile.ZipFile(BytesIO(help_archive(texts["ja"]))).read("gazo-help.txt").decode("utf-8-sig")
    rows = tuple(
        (kind, name, ", ".join(way for way, text in texts.items() if name in text) or "–") for kind, name in names.items()
    )
    found = sum(row[2] != "–" for row in rows)
    lost = [words for words in NEEDED if words not in texts["en"]]
    headings = (Text("仕込んだ所", "Planted in"), Text("名前", "Name"), Text("現れた所", "Found in"))
    table = Table(Text("支援レポート", "Help report"), headings, rows)
    bar = Text("仕込んだ名前が 1 つも現れず、必要な情報は残る", "no planted name appears, and what is needed is there")
    return Proof("N7", not found and not lost, {"planted": len(names), "found": found, "needed_but_lost": len(lost)}, bar, table)


def plant(place: Path, names: Mapping[str, str]) -> None:
    """A workspace with one failed run, full of names."""
    sets = place / "data" / "sets" / "0a1b2c3d"
    run = place / "runs" / f"20260401-101112-{names['run']}-ab12"
    for folder in (sets / "tables", run, place / "cache", place / "studies"):
        folder.mkdir(parents=True)
    write_json(
        sets / "set.json", {"name": names["set"], "folder": f"/data/{names['hospital']}", "roles": {"label": names["column"]}}
    )
    write_text(sets / "table.csv", f"file,{names['column']}\n{names['file']}.dcm,{names['cell']}\n")
    write_json(place / "data" / "reference-0123456789ab.json", {"path": f"/home/{names['file']}/{names['hospital']}.csv"})
    recipe = Recipe(
        task=("learn", "classify"), version=1, data="0123456789ab", data_sha256="0" * 64, rows=12,
        source={"label": names["column"], "where": f"name == {names['cell']}"}, options={"network": "small_resnet", "epochs": 7, "positive": names["cell"]},
        protocol={"folds": 3}, seed=0, threads=1, **environment(),
    )  # fmt: skip
    write_recipe(recipe, run)
    write_status(run, state="failed", code="G-DATA-002", error=[f"列 {names['column']} がない", f"no column {names['column']}"])
    write_text(run / "worker.log", f"reading /home/{names['file']}/{names['log']}.dcm\n")
    write_text(
        run / "trace.log",
        f'Traceback\n  File "GAZO/gazo/learn/x.py", line 12, in fit\n    open("{names["file"]}")\nValueError: {names["log"]}\n',
    )
    with EventLog(run) as log:
        log(Event(Text("学習", "Training"), 3, 7, note=Text(f"{names['log']} を除きました", f"left out {names['log']}")))
        log(Event(Text(f"file:{names['log']}.py: 学習", f"file:{names['log']}.py: Training"), 1, 7))
