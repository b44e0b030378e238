"""D2: the losses of Faster R-CNN equal equations (4) to (7), the proposal network gives W x H x k boxes, and nodules are found."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.learn.detect.faster_rcnn import FasterRCNN
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.nodule_study import detectors, nodule_study

TOLERANCE = 1e-12
PATIENTS, EPOCHS = 130, 24
Row = tuple[str, float, float, float]


@proof(
    "D2",
    ja="Faster R-CNN の損失 (式(4)–(7)) と模擬結節の検出",
    en="The losses of Faster R-CNN (eqs 4 to 7), and nodules found by it",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Formulas in float64 against values computed by hand; then Faster R-CNN on simulated nodules, patients apart."""
    rows: list[Row] = [*equations(seed), _count_of_boxes()]
    worst = max(row[3] for row in rows)
    images = nodule_study(seed=seed, patients=PATIENTS, on_event=on_event)
    study = detectors(EPOCHS)[1].study(images, Protocol(evaluation="held-out", test_share=0.35), seed=seed, on_event=on_event)
    measured = {"largest_difference": worst} | {f"{e.name.en} {e.unit}".strip(): e.value for e in study.metrics}
    headings = (
        Text("量", "Quantity"),
        Text("式の値", "Formula"),
        Text("gazo の値", "gazo"),
        Text("差", "Difference"),
    )
    table = Table(Text("Faster R-CNN の検証", "Faster R-CNN"), headings, tuple(rows))
    bar = Text(
        f"式との差が {TOLERANCE:g} 以下で、W×H×k 個のボックスを出力すること (模擬結節の FROC は報告のみ)",
        f"formulas to {TOLERANCE:g} and W x H x k boxes (the FROC curve of simulated nodules is reported without a bar)",
    )
    return Proof("D2", bool(worst <= TOLERANCE), measured, bar, table, pictures=(study.froc, *study.examples))


def equations(seed: int) -> list[Row]:
    """Equations (4) to (7) on random boxes."""
    import torch

    from gazo.learn.detect.boxes import decode, encode
    from gazo.learn.detect.losses import box_loss, class_loss, proposal_loss, smooth_l1

    rng = generator(seed, "D2")
    x = np.array([0, 0.5, 1, 2, -3])
    codes, true, logits = rng.normal(0, 1.5, (40, 4)), rng.normal(0, 1.5, (40, 4)), rng.normal(0, 2, 40)
    labels = (rng.random(40) < 0.4).astype(float)
    said, wanted, marks, kinds = map(torch.from_numpy, (codes, true, logits, labels))
    size = np.abs(codes - true)
    regression = np.where(size < 1, 0.5 * size**2, size - 0.5).sum(1)
    p = 1 / (1 + np.exp(-logits))
    classes = -np.log(np.where(labels == 1, p, 1 - p))
    whole = 2 * classes.mean() + 10 * (labels * regression).sum() / 2400
    sums = proposal_loss(marks, kinds, said, wanted, locations=2400, normalisation="paper", class_weight=2.0, box_weight=10.0)
    low = rng.uniform(0, 90, (40, 2))
    boxes, anchors = (torch.from_numpy(np.hstack([low + d, low + d + rng.uniform(5, 60, (40, 2))])) for d in (0.0, 4.0))
    return [
        _row("S(x), eq. (7): 0, 0.5, 1, 2, -3", [0, 0.125, 0.5, 1.5, 2.5], smooth_l1(torch.from_numpy(x)).numpy()),
        _row("regression loss, eq. (6)", regression, box_loss(said, wanted).numpy()),
        _row("classification loss, eq. (5)", classes, class_loss(marks, kinds).numpy()),
        _row("whole loss, eq. (4)", whole, float(sum(sums))),
        _row("boxes after code and back", boxes.numpy(), decode(encode(boxes, anchors), anchors).numpy()),
        _row("t_w of a box twice as wide, ln 2", math.log(2), float(encode(torch.tensor([[0.0, 0, 8, 4]]).double(), torch.tensor([[2.0, 0, 6, 4]]).double())[0, 2])),
    ]  # fmt: skip


def _count_of_boxes() -> Row:
    """W x H x k with k = 9 on a map of 32 x 32."""
    import torch

    from gazo.learn.detect.two_stage import boxes_alone

    net: Any = FasterRCNN(size_px=128).build({"sides": [[6, 9, 14]]}, seed=0).eval()
    with torch.inference_mode():
        boxes, _ = boxes_alone(net, torch.zeros(1, 1, 128, 128))[0]
    return _row("boxes of the proposal network, W x H x k", 32 * 32 * 9, len(boxes))


def _row(name: str, formula: Any, got: Any) -> Row:
    """Name, value by formula, value of gazo (the first of many) and the largest difference."""
    formula, got = np.ravel(formula).astype(float), np.ravel(got).astype(float)
    return name, float(formula[0]), float(got[0]), float(np.abs(formula - got).max())
