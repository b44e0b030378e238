"""Everything that can be taken away from a finished run, by name: what it is called, what it is for, and how it is made."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gazo.core.errors import OptionError, nearest
from gazo.core.files import replacing, write_text
from gazo.core.language import Language, Text, speaking
from gazo.core.results import Table
from gazo.io.write_table import write_table
from gazo.runs.export_model import export_weights, model_card, split_table
from gazo.runs.export_r import export_r
from gazo.runs.export_runs import is_learned, outcome_of
from gazo.runs.export_script import export_script
from gazo.runs.export_sections import is_by_image
from gazo.runs.export_tables import workbook_file
from gazo.runs.sections import sections

Maker = Callable[[Path, Path, Language], Path]


@dataclass(frozen=True)
class Part:
    """One thing to take away.

    Parameters
    ----------
    name, title, about : how it is called and what it is for.
    file : the name of its file.
    there : whether a run has it.
    make : writes it: ``make(run, target, language)``; None where that needs torch and is made by a job.
    """

    name: str
    title: Text
    about: Text
    file: str
    there: Callable[[Path], bool]
    make: Maker | None


def _workbook(run: Path, target: Path, language: Language) -> Path:
    with replacing(target) as file:
        file.write(workbook_file(outcome_of(run), language=language))
    return target


def _script(run: Path, target: Path, language: Language) -> Path:
    """The script; with the files of the run that it needs in one ZIP."""
    script = target.with_name("repeat.py")
    export_script(run, script, language=language)
    files = sorted(path for path in (target.parent / "files").rglob("*") if path.is_file()) if (run / "files").is_dir() else []
    if not files:
        return script
    packed = target.with_name("repeat.zip")
    with replacing(packed) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (script, *files):
            archive.write(path, path.relative_to(target.parent).as_posix())
    return packed


def _for_r(run: Path, target: Path, language: Language) -> Path:
    return export_r(run, target, language=language)


def _card(run: Path, target: Path, language: Language) -> Path:
    write_text(target, model_card(run, language=language))
    return target


def _predictions(run: Path, target: Path, language: Language) -> Path:
    with speaking(language):
        write_table(predictions_of(run), target)
    return target


def _split(run: Path, target: Path, language: Language) -> Path:
    with speaking(language):
        write_table(split_table(run), target)
    return target


def _weights(run: Path, target: Path, language: Language) -> Path:
    return export_weights(run, target)


def predictions_of(run: Path) -> Table:
    """What was said of every test image."""
    found = next((table for part in sections(outcome_of(run)) for table in part.tables if is_by_image(table)), None)
    if found is None:
        raise OptionError(
            "G-EXP-019",
            en=f"the run '{run.name}' holds no predictions for single images. Choose a run of `learn`.",
            ja=f"実行「{run.name}」には画像ごとの予測がありません。`learn` の実行を選んでください。",
        )
    return found


def _judged(run: Path) -> bool:
    return any(is_by_image(table) for part in sections(outcome_of(run)) for table in part.tables)


def _always(run: Path) -> bool:
    return True


def _divided(run: Path) -> bool:
    return any(run.glob("folds/*/outcome.json"))


PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("workbook", Text("すべての表 (Excel)", "All tables (Excel)"), Text("結果の表を 1 つのブックにまとめます。", "Every table of the result in one workbook."), "tables.xlsx", _always, _workbook),
        Part("predictions", Text("画像ごとの予測 (CSV)", "Predictions (CSV)"), Text("テスト画像ごとの正解と予測 (または測定値) です。患者は仮名です。", "Truth and prediction, or what was measured, of each test image; patients under pseudonyms."), "predictions.csv", _judged, _predictions),
        Part("split", Text("データの分割 (CSV)", "Division of the data (CSV)"), Text("どの行をどの分割でテストしたかです。", "Which row was tested by which fold."), "split.csv", _divided, _split),
        Part("script", Text("再現スクリプト (Python)", "Python script"), Text("この実行を画面なしで繰り返し、同じ値になるか確かめます。", "Repeats the run without the workbench and checks that the numbers are the same."), "repeat.py", _always, _script),
        Part("r", Text("R 用の表とスクリプト (ZIP)", "Tables and script for R (ZIP)"), Text("すべての表の CSV と、それを R で読み、確かめ、描くスクリプトです。", "Every table as CSV, and a script that reads, checks and draws them in R."), "for_r.zip", _always, _for_r),
        Part("card", Text("モデルカード (Markdown)", "Model card (Markdown)"), Text("学習データ、成績、限界、設定をまとめた説明書です。", "What it was taught, how well it does, its limits and settings."), "MODEL_CARD.md", is_learned, _card),
        Part("weights", Text("学習済みの重み (safetensors)", "Weights (safetensors)"), Text("gazo.load で読める ZIP です。プログラムは含みません。", "A ZIP that gazo.load reads; it holds no program."), "model.zip", is_learned, _weights),
        Part("onnx", Text("ONNX モデル", "ONNX model"), Text("ほかのソフトウェアで使える形式です。PyTorch との差を確かめてから保存します。", "For other software; compared with PyTorch before it is saved."), "model.onnx", is_learned, None),
    )
}  # fmt: skip


def parts_of_run(run: Path) -> list[Part]:
    """What a run has to take away."""
    return [part for part in PARTS.values() if part.there(run)]


def make_part(run: Path, name: str, folder: Path, *, language: Language = "en", place: Path | None = None) -> Path:
    """Write one of the parts into a folder; where it is. The ONNX model is compared on images of the run where the workspace is given."""
    part = part_named(name)
    if not part.there(run):
        raise OptionError(
            "G-EXP-022",
            en=f"the run '{run.name}' has no '{name}' ({part.title.en}). It has: {', '.join(one.name for one in parts_of_run(run))}.",
            ja=f"実行「{run.name}」には「{name}」({part.title.ja}) がありません。あるもの: {', '.join(one.name for one in parts_of_run(run))}。",
        )
    if part.make is None:
        from gazo.runs.export_onnx import export_onnx, sample_of_run

        return export_onnx(run, folder / part.file, images=None if place is None else sample_of_run(run, place)).path
    return part.make(run, folder / part.file, language)


def part_named(name: str) -> Part:
    """A part by its name; the nearest is told when there is none."""
    if name not in PARTS:
        hint: Any = nearest(name, PARTS)
        raise OptionError(
            "G-EXP-020",
            en=f"there is nothing to export called '{name}'. {hint.en}",
            ja=f"「{name}」という書き出しはありません。{hint.ja}",
        )
    return PARTS[name]
