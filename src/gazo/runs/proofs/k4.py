"""K4: images with labels become a network that is judged on other patients, with intervals and a baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.datasets.source import open_images
from gazo.learn.classify.classifier import Classifier
from gazo.learn.classify.results import ClassificationStudy
from gazo.learn.protocol import Protocol
from gazo.phantoms.study import chest_images
from gazo.runs.proof import Proof, proof

# label column, positive class, mirror images alike, epochs, least AUC on real chest radiographs
REAL = (("view", "AP", True, 30, 0.97), ("sex", "F", True, 40, 0.84))


@proof("K4", ja="患者を分けた胸部 X 線画像の分類 (撮影方向・性別)", en="View and sex of chest radiographs, patients apart")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """With `data`, a table of chest radiographs with view, sex and patient_id: five folds each. Without: the simulated study."""
    protocol = Protocol(evaluation="folds", folds=5 if data else 3)
    rows: list[tuple[Any, ...]] = []
    measured: dict[str, Any] = {}
    passed = True
    for label, positive, mirror, epochs, bar in REAL if data else (("sex", "F", True, 12, 0.8),):
        images = _images(data, label, seed)
        spec = Classifier(
            network="small_resnet", size_px=96 if data else 64, epochs=epochs, learning_rate=2e-3, positive=positive,
            rotation_deg=10, translation_percent=8, scale_percent=12, flip="horizontal" if mirror else "none", mirror=mirror,
        )  # fmt: skip
        study = spec.study(images, protocol, seed=seed, on_event=on_event)
        rows.append(_row(label, study, bar))
        measured[label] = {"auc": study.metrics[0].value, "low": study.metrics[0].low, "high": study.metrics[0].high, "bar": bar}
        passed &= study.metrics[0].value >= bar
    headings = (
        Text("ラベル", "Label"), Text("AUC", "AUC"), Text("下限", "Low"), Text("上限", "High"),
        Text("基準手法の AUC", "AUC of baseline"), Text("差の p 値", "p of difference"), Text("基準値", "Bar"),
    )  # fmt: skip
    bars = ", ".join(f"{row[0]} >= {row[-1]}" for row in rows)
    return Proof(
        id="K4",
        passed=passed,
        measured=measured,
        bar=Text(f"患者単位の交差検証での AUC: {bars}", f"AUC in cross-validation by patient: {bars}"),
        table=Table(Text("分類の成績", "Classification"), headings, tuple(rows)),
    )


def _images(data: Path | None, label: str, seed: int) -> ImageSet:
    if data is None:
        return chest_images(seed=seed, patients=120, size_px=64).with_role("label", label)
    return open_images(data / "labels.csv" if data.is_dir() else data, label=label, patient="patient_id")


def _row(label: str, study: ClassificationStudy, bar: float) -> tuple[Any, ...]:
    head, other = study.metrics[0], study.against_baseline
    return (label, head.value, head.low, head.high, other.second.value if other else None, other.p if other else None, bar)
