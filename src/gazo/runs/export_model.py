"""A trained model to hand on: its weights (safetensors), a card that says what it was taught and how well it does, and the division."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gazo.core.errors import RunError
from gazo.core.files import replacing
from gazo.core.language import Language, Text, speaking
from gazo.core.results import Table, from_json
from gazo.learn.saved import FILES
from gazo.runs.export_runs import is_learned, task_label
from gazo.runs.measurement_sections import named_estimates
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.sections import interval, sections
from gazo.runs.start import read_result
from gazo.runs.words import entries_in_words

_PARTS = (*FILES, "network.py", "network.json", "network-*.safetensors")
_NOT_OURS = ("baseline", "expected", "against")


def export_weights(run: Path, target: Path) -> Path:
    """Write the networks of a run as a ZIP that unpacks into a folder for `gazo.load`: only tensors and plain values, and the model card."""
    need_learned(run)
    with replacing(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path in _files(run):
            archive.write(path, path.relative_to(run).as_posix())
        for chosen in ("ja", "en"):
            archive.writestr(f"MODEL_CARD{'.ja' if chosen == 'ja' else ''}.md", model_card(run, language=chosen))  # type: ignore[arg-type]
    return target


def need_learned(run: Path) -> None:
    """Refuse a run that left no network."""
    if not is_learned(run):
        raise RunError(
            "G-EXP-017",
            en=f"the run '{run.name}' left no network. Choose a finished run of `learn`.",
            ja=f"実行「{run.name}」には学習済みのネットワークがありません。学習 (`learn`) が終わった実行を選んでください。",
        )


def _files(run: Path) -> Iterator[Path]:
    folders = {path.parent for name in FILES for path in run.glob(f"folds/*/{name}")}
    for folder in (run, *sorted(folders)):
        for pattern in _PARTS:
            yield from sorted(folder.glob(pattern))


def model_card(run: Path, *, language: Language | None = None) -> str:
    """What somebody who gets the model must know: task, data, division, figures of merit with intervals, limits, settings."""
    with speaking(language):
        recipe, outcome = read_recipe(run), read_result(run)
        lines = [f"# {Text('モデルカード', 'Model card')}: {task_label(recipe)}", "", *_intended(), ""]
        for part in sections(outcome):
            if part.key in ("summary", "data"):
                lines += [f"## {part.title}", "", *(f"{sentence}\n" for sentence in part.sentences)]
                lines += [f"> {Text('注意', 'Caution')}: {warning}\n" for warning in part.warnings]
                lines += [line for table in part.tables for line in _markdown(table)]
        lines += [f"## {Text('成績', 'Performance')}", ""]
        lines += [
            f"- {one.name}: {interval(one)}" for name, one in named_estimates(outcome).items() if not name.startswith(_NOT_OURS)
        ]
        lines += ["", f"## {Text('設定', 'Settings')}", "", *_settings(recipe)]
    return "\n".join(lines) + "\n"


def _intended() -> list[str]:
    return [
        str(Text("研究用です。診断には使用できません。", "For research only; not for diagnosis.")),
        "",
        str(
            Text(
                "成績は、学習に使わなかった患者の画像での値です。撮影装置、施設、対象の異なる画像での成績は確かめられていません。",
                "The figures are those on images of patients that had no part in the training. On images of other devices, hospitals or patients they are not known.",
            )
        ),
    ]


def _markdown(table: Table) -> list[str]:
    from gazo.runs.report import cell

    def row(cells: Any) -> str:
        return "| " + " | ".join(cell(one).replace("|", "\\|").replace("\n", " ") for one in cells) + " |"

    return [
        f"**{table.title}**",
        "",
        row(map(str, table.headings)),
        "|" + " --- |" * len(table.headings),
        *map(row, table.rows),
        "",
    ]


def _settings(recipe: Recipe) -> list[str]:
    words = entries_in_words(recipe)
    listed = {**recipe.options, **{f"protocol.{k}": v for k, v in recipe.protocol.items()}, "seed": recipe.seed}
    packages = [f"- {name} {version}" for name, version in recipe.packages.items() if version != "absent"]
    return [*(f"- {words.get(name, name)}: {_value(value)}" for name, value in listed.items()), *packages]


def _value(value: Any) -> str:
    """A value of an option; of a file only that it was one, for its name may tell who made it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "–"
    text = str(value)
    return os.path.splitext(text)[1] if "files/" in text else text


def split_table(run: Path) -> Table:
    """Which row of the data was tested by which fold; where the data names its rows, in the order of the set."""
    rows: list[tuple[Any, ...]] = []
    for file in sorted(run.glob("folds/*/outcome.json")):
        outcome = json.loads(file.read_text(encoding="utf-8"))  # of any family: each names its test rows
        rows += [(int(row), outcome["repeat"] + 1, outcome["number"] + 1, "test") for row in from_json(outcome["test"])]
    if not rows:
        raise RunError(
            "G-EXP-018",
            en=f"the run '{run.name}' divided no images. Choose a run of `learn`.",
            ja=f"実行「{run.name}」には画像の分割がありません。`learn` の実行を選んでください。",
        )
    headings = (Text("行", "row"), Text("回", "repeat"), Text("テストに使った分割", "fold that tested it"), Text("役割", "part"))
    return Table(Text("分割", "Division"), headings, tuple(sorted(rows)))
