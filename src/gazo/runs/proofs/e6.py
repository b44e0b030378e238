"""E6: the position of lesions as regression: Faster R-CNN with the features of AlexNet, VGG-16 and GoogLeNet (article, fig. 4)."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.datasets.source import open_images
from gazo.learn.detect.faster_rcnn import Backbone, FasterRCNN
from gazo.learn.detect.results import DetectionStudy
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.nodule_study import nodule_study
from gazo.stats.detections import iou

BACKBONES: tuple[Backbone, ...] = ("alexnet", "vgg16", "googlenet", "small")
PATIENTS, EPOCHS, SIZE = 48, 4, 128


@proof(
    "E6",
    ja="AlexNet・VGG16・GoogLeNet の特徴を用いた病変位置の推定",
    en="Position of lesions from the features of AlexNet, VGG-16 and GoogLeNet",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Simulated nodules of 50 mm, or the boxes of a folder with labels.csv and boxes.csv (file, x, y, w, h); patients apart.

    The networks start from random weights and learn for minutes, so the figures tell what such training gives, not what published
    weights would. Beside them stands the mean box of the training part: the best answer without looking at the image.
    """
    images = nodule_study(seed=seed, patients=PATIENTS, diameter_mm=50, on_event=on_event) if data is None else boxed(data)
    protocol = Protocol(evaluation="held-out", test_share=0.35)
    rows: list[tuple[Any, ...]] = []
    measured: dict[str, Any] = {}
    for name in BACKBONES:
        spec = FasterRCNN(backbone=name, size_px=SIZE, epochs=EPOCHS, learning_rate=1e-3, device="cpu", most_found=10)
        study = spec.study(images, protocol, seed=seed, on_event=on_event)
        error, overlap = surest(study)
        rows.append((study.name, error, overlap, study.metrics[0].value, 1000 * study.seconds))
        measured[name] = {"box_error_px": error, "iou": overlap, "sensitivity_1fp": study.metrics[0].value}
    error, overlap = mean_box(images, study)
    rows.append((Text("学習データの平均ボックス", "Mean box of the training part"), error, overlap, None, None))
    measured["mean_box"] = {"box_error_px": error, "iou": overlap}
    best = max(row[2] for row in rows[:-1])
    headings = (
        Text("特徴抽出", "Features"), Text("ボックスの平均絶対誤差 [px]", "Mean absolute error of the box [px]"), Text("IoU", "IoU"),
        Text("感度 (1 FP/画像)", "Sensitivity at 1 FP per image"), Text("1 枚の時間 [ms]", "Time an image [ms]"),
    )  # fmt: skip
    bar = Text(
        "最良の特徴抽出で、平均 IoU が平均ボックスを上回ること",
        "with the best features the mean IoU is above that of the mean box",
    )
    title = Text("病変のある画像で最も確からしいボックスの誤差", "Error of the surest box in images with a lesion")
    return Proof("E6", bool(best > overlap), measured, bar, Table(title, headings, tuple(rows)))


def surest(study: DetectionStudy) -> tuple[float, float]:
    """Mean absolute error of x, y, w, h and mean IoU of the surest box against the lesion nearest to it; nothing found counts IoU 0."""
    errors, overlaps = [], []
    for found, truth in zip(study.found, study.truth, strict=True):
        if not len(truth):
            continue
        if not len(found.scores):
            overlaps.append(0.0)
            continue
        box = found.boxes[found.scores.argmax()]
        errors.append(np.abs(truth - box).mean(1).min())
        overlaps.append(float(iou(box[None], truth).max()))
    return float(np.mean(errors)) if errors else float("nan"), float(np.mean(overlaps))


def mean_box(images: ImageSet, study: DetectionStudy) -> tuple[float, float]:
    """The same of the mean box of all images that were not tested."""
    others = np.setdiff1d(np.arange(len(images)), study.rows)
    known = [
        np.asarray(images.role("boxes")[row], float).reshape(-1, 4) for row in others if images.role("boxes")[row] is not None
    ]
    box: NDArray[np.float64] = np.concatenate(known).mean(0)
    pairs = [(np.abs(truth - box).mean(1).min(), iou(box[None], truth).max()) for truth in study.truth if len(truth)]
    error, overlap = np.mean(pairs, axis=0)
    return float(error), float(overlap)


def boxed(folder: Path) -> ImageSet:
    """The images of a folder that have boxes in boxes.csv."""
    places: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    table = folder / "boxes.csv"
    if not table.exists():
        raise FileError(
            "G-RUN-060",
            en=f"the folder of this proof needs labels.csv and boxes.csv (file, x, y, w, h); '{folder.name}' has no boxes.csv. Name another folder with --data.",
            ja=f"この検証のフォルダーには labels.csv と boxes.csv (file, x, y, w, h) が必要です。「{folder.name}」に boxes.csv がありません。--data で別のフォルダーを指定してください。",
        )
    with open(table, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            places[row["file"]].append(tuple(float(row[key]) for key in "xywh"))
    images = open_images(folder / "labels.csv", patient="patient_id")
    names = [Path(str(name)).name for name in images.role("image").tolist()]
    by_name = {Path(name).name: np.array(boxes) for name, boxes in places.items()}
    column: Any = np.empty(len(names), object)  # lists of unequal length stay lists
    for row, name in enumerate(names):
        column[row] = by_name.get(name)
    return images.with_column("boxes", column, "boxes").take([row for row, name in enumerate(names) if name in by_name])
