"""C3: organs found by a U-Net, beside a classical method, patients apart: lungs, vessels of the retina, abdominal organs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Estimate, Table
from gazo.datasets.source import open_images
from gazo.learn.protocol import Protocol
from gazo.learn.segment.results import SegmentationStudy
from gazo.learn.segment.segmenter import Segmenter
from gazo.phantoms.abdomen import ORGANS, abdominal_images
from gazo.phantoms.study import chest_images
from gazo.runs.proof import Proof, proof

# Small networks, so that two processor cores need minutes; with a graphics processor raise size_px, width and epochs.
LUNGS: dict[str, Any] = {
    "structures": ("lungs",), "size_px": 128, "width": 8, "epochs": 60, "batch_size": 8, "learning_rate": 3e-3, "average": 0.98,
    "rotation_deg": 12, "translation_percent": 8, "scale_percent": 20, "gamma_percent": 40, "contrast_percent": 25,
    "flip": "horizontal", "mirror": "horizontal", "keep_parts": 2, "fill_holes": True, "baseline": "classical-lungs",
}  # fmt: skip
VESSELS: dict[str, Any] = {
    "structures": ("vessels",), "learn_from": "patches", "patch_px": 64, "patches": 40, "shrink": 2, "channel": "green",
    "equalise": True, "width": 8, "depth": 4, "epochs": 16, "batch_size": 16, "learning_rate": 5e-3, "average": 0.99,
    "rotation_deg": 15, "flip": "both", "inside": "fov", "second": "mask2", "baseline": "ridges",
}  # fmt: skip
PHANTOM_LUNGS = {**LUNGS, "size_px": 64, "depth": 4, "epochs": 30, "batch_size": 4, "learning_rate": 1e-2, "average": 0.0}
ORGANS_2D: dict[str, Any] = {
    "structures": ORGANS, "size_px": 64, "width": 8, "depth": 4, "epochs": 24, "batch_size": 4, "learning_rate": 1e-2,
    "rotation_deg": 8, "scale_percent": 10,
}  # fmt: skip
HEADINGS = (
    Text("対象", "What"), Text("指標", "Figure"), Text("値", "Value"), Text("下限", "Low"), Text("上限", "High"),
    Text("HD95", "HD95"), Text("単位", "Unit"), Text("基準手法の Dice", "Dice of baseline"), Text("差", "Difference"),
    Text("差の下限", "Difference, low"), Text("第 2 読影者の Dice", "Dice of second observer"), Text("基準値", "Bar"),
)  # fmt: skip


@proof("C3", ja="U-Net による臓器・血管の領域分割 (患者を分けて評価)", en="Organs and vessels found by a U-Net, patients apart")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Mean Dice of lungs (five folds by patient) at least 0.95, AUC of vessel pixels inside the field of view (three folds) at least 0.97.

    `data` is a table or folder of chest radiographs with a column mask, or of fundus images with columns mask, mask2 and fov, or a
    folder that holds such folders. Without it: simulated lungs and abdominal organs.
    """
    rows, measured, passed, bars = [], {}, True, []
    for name, images, options, folds, figure, bar in _experiments(data, seed):
        study = Segmenter(**options).study(
            images, Protocol(evaluation="folds", folds=folds, repeats=1), seed=seed, on_event=on_event
        )
        head = _figure(study, figure)
        rows.append(_row(name, study, head, bar))
        measured[name.en] = {"figure": figure, "value": head.value, "low": head.low, "high": head.high, "bar": bar}
        gain = study.against_baseline.difference.low if study.against_baseline else None
        passed &= head.value >= bar and gain is not None and gain > 0
        bars.append(f"{name.en}: {figure} >= {bar}")
    told = "; ".join(bars)
    return Proof(
        id="C3",
        passed=bool(passed),
        measured=measured,
        bar=Text(f"{told}。いずれも基準手法との差の信頼区間が 0 より上", f"{told}; the interval of the gain over the simple method above 0"),
        table=Table(Text("領域分割の成績", "Segmentation"), HEADINGS, tuple(rows)),
    )  # fmt: skip


def _experiments(data: Path | None, seed: int) -> list[tuple[Text, ImageSet, dict[str, Any], int, str, float]]:
    """Name, images, options, folds, the figure that is judged and its bar."""
    lungs, vessels, organs = Text("肺野", "lungs"), Text("血管", "vessels"), Text("腹部臓器", "abdominal organs")
    if data is None:
        chest = chest_images(seed=seed, patients=40, images_per_patient=1, size_px=96)
        abdomen = abdominal_images(seed=seed, patients=24, images_per_patient=3, size_px=64)
        return [(lungs, chest, PHANTOM_LUNGS, 2, "Dice", 0.95), (organs, abdomen, ORGANS_2D, 2, "Dice: liver", 0.93)]
    tables = [data] if data.is_file() else [p for p in (data / "labels.csv", *sorted(data.glob("*/labels.csv"))) if p.is_file()]
    found = []
    for table in tables:
        with open(table, encoding="utf-8-sig") as file:
            columns = {name.strip() for name in file.readline().split(",")}
        if {"mask", "mask2", "fov", "patient_id"} <= columns:
            found.append((vessels, open_images(table, mask="mask", patient="patient_id"), VESSELS, 3, "AUC of pixels", 0.97))
        elif {"mask", "lung_fraction", "patient_id"} <= columns:
            found.append((lungs, open_images(table, mask="mask", patient="patient_id"), LUNGS, 5, "Dice", 0.95))
    if not found:
        raise DataError(
            "G-RUN-071",
            en="this proof needs a table with the columns mask, lung_fraction and patient_id (lungs), or mask, mask2, fov and patient_id "
            "(vessels); none was found. Name such a table or its folder.",
            ja="この検証には、列 mask・lung_fraction・patient_id (肺野) または mask・mask2・fov・patient_id (血管) を持つ表が必要ですが、見つかりません。"
            "表またはそのフォルダを指定してください。",
        )
    return found


def _figure(study: SegmentationStudy, name: str) -> Estimate:
    return next(e for e in study.metrics if e.name.en == name)


def _row(name: Text, study: SegmentationStudy, head: Estimate, bar: float) -> tuple[Any, ...]:
    far, pair = _figure(study, "HD95"), study.against_baseline
    second = study.second_metrics[0].value if study.second_metrics else None
    beside = (pair.second.value, pair.difference.value, pair.difference.low) if pair else (None, None, None)
    return (name, head.name, head.value, head.low, head.high, far.value, far.unit, *beside, second, bar)
