"""D6: the same network with the whole image, with everything outside the lesion blanked, and with a margin around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.datasets.strata import numbered
from gazo.learn.classify.classifier import Classifier
from gazo.learn.protocol import Protocol
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.c9 import SETTINGS, nodule_images
from gazo.stats.auc import compare_aucs
from gazo.training.pixels import prepare

WAYS: dict[str, tuple[Text, dict[str, Any]]] = {
    "whole image": (Text("画像全体", "whole image"), {"blank": "none"}),
    "mask": (Text("病変の外を画素値 0", "outside the lesion 0"), {"blank": "mask"}),
    "margin": (Text("病変の周り 3 画素を残す", "with a margin of 3 pixels"), {"blank": "margin", "blank_margin_px": 3.0}),
}


@proof("D6", ja="病変以外を画素値 0 にした学習の有無の比較", en="AUC with and without blanking outside the lesion")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Nodules as in C9, the same five folds by patient each time; paired DeLong test by patient against the whole image.

    Asked is that nothing outside the mask is left and that the AUCs are told as they come; blanking need not win.
    """
    images = nodule_images(data, seed)
    protocol = Protocol(evaluation="folds", folds=5, repeats=1)
    scores, left = {}, {}
    for name, (_, options) in WAYS.items():
        spec = Classifier(**SETTINGS, **options)
        left[name] = _outside(spec, images)
        table = spec.study(images, protocol, seed=seed, on_event=on_event).predictions
        rows = np.array([row[0] for row in table.rows])
        scores[name] = np.array([row[5] for row in table.rows], float)
    judged = images.take(rows)
    truth, patients = judged.role("label").astype(int), numbered(judged.role("patient"))
    whole = scores["whole image"]
    cells: list[tuple[Any, ...]] = []
    measured: dict[str, Any] = {"brightest_outside": left}
    for name, (words, _) in WAYS.items():
        pair = compare_aucs(truth, scores[name], whole, patients=patients)
        one, gap = pair.first, pair.difference
        measured[name] = [one.value, one.low, one.high]
        told = (None, None, None, None) if name == "whole image" else (gap.value, gap.low, gap.high, pair.p)
        cells.append((words, one.value, one.low, one.high, *told))
    headings = (
        Text("ネットワークが見るもの", "What the network sees"), Text("AUC", "AUC"), Text("下限", "Low"), Text("上限", "High"),
        Text("画像全体との差", "Over the whole image"), Text("差 下限", "Gap low"), Text("差 上限", "Gap high"), Text("p", "p"),
    )  # fmt: skip
    bar = Text(
        "病変の外がすべて 0 になり、AUC を有無で比べて示す",
        "everything outside the lesion is 0, and the AUC is told with and without",
    )
    table = Table(Text("病変以外を除いた学習", "Blanking outside the lesion"), headings, tuple(cells))
    return Proof("D6", left["mask"] == 0 and left["whole image"] > 0, measured, bar, table)


def _outside(spec: Classifier, images: Any) -> float:
    """The brightest pixel outside the masks in the first images as the network sees them, 0 to 1."""
    some = images.take(np.arange(min(40, len(images))))
    with prepare(some, **spec.input_options(), kept_of=spec.kept_of(some)) as pixels:
        seen = pixels.read(np.flatnonzero(pixels.usable))[:, 0].numpy()
        masks = [np.asarray(some.loader(some.role("mask")[row]).pixels) > 0 for row in np.flatnonzero(pixels.usable)]
    return float(max(image[~mask].max() for image, mask in zip(seen, masks, strict=True)))
