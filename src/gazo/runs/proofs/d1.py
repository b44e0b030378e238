"""D1: R-CNN beside Faster R-CNN and a one-stage detector on simulated nodules, patients apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.learn.detect.compare import detectors_compared
from gazo.learn.detect.selective_search import selective_search
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.nodule_study import detectors, nodule_study
from gazo.stats.detections import iou

BAR = 0.85  # sensitivity of the best detector at one false positive an image
PATIENTS, EPOCHS = 130, 24


@proof(
    "D1",
    ja="模擬結節での R-CNN・Faster R-CNN・一段階検出の比較",
    en="R-CNN, Faster R-CNN and one-stage detection on simulated nodules",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Nodules of 20 mm (median) in 128 px chest radiographs; the three learn on the same patients and are judged on others."""
    images = nodule_study(seed=seed, patients=PATIENTS, on_event=on_event)
    protocol = Protocol(evaluation="held-out", test_share=0.35)
    found = detectors_compared(detectors(EPOCHS), images, protocol, seed=seed, on_event=on_event)
    recall, boxes = proposal_recall(images, seed=seed)
    best = max(curve.at[3].value for curve in found.froc)
    measured = {curve.title.en: round(curve.at[3].value, 4) for curve in found.froc}
    measured |= {"proposals_recall": round(recall, 4), "proposals": round(boxes, 1)}
    note = Text(
        f"Selective Search の領域提案: IoU 0.5 以上で {recall:.2f} の結節を含む (1 枚平均 {boxes:.0f} 個)。",
        f"Selective Search proposes a box of IoU 0.5 for {recall:.2f} of the nodules with {boxes:.0f} boxes an image.",
    )
    bar = Text(
        f"画像あたりの偽陽性 1 での感度が、いずれかの検出法で {BAR} 以上",
        f"sensitivity of at least {BAR} at one false positive an image by one detector",
    )
    table = replace(found.table, notes=(found.order, note))
    return Proof("D1", bool(best >= BAR), measured, bar, table, pictures=(found.froc,))


def proposal_recall(images: ImageSet, *, seed: int, most: int = 40) -> tuple[float, float]:
    """Share of the lesions of up to `most` images that have a proposal of IoU 0.5, and the mean number of proposals."""
    hits, counts = [], []
    for row in range(min(most, len(images))):
        found = selective_search(images[row].pixels, seed=seed, scale=20.0, least_px=6, most=300, largest=0.2)
        counts.append(len(found))
        own = images.role("boxes")[row]
        if len(own):
            hits += (iou(np.hstack([found[:, :2], found[:, 2:] - found[:, :2]]), own).max(0) >= 0.5).tolist()
    return float(np.mean(hits)), float(np.mean(counts))
