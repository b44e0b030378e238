"""C2: the same microcalcifications by a network that makes its own features, side by side with C1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.learn.detect.cad_features import FeatureDetector
from gazo.learn.detect.patch_detector import PatchDetector
from gazo.phantoms.calcifications import calcification_images
from gazo.runs.proof import Proof, proof
from gazo.runs.proofs.c1 import CANDIDATES, HEADINGS, IMAGES, SHARED, judge, mini_mias, row
from gazo.stats.froc import compare_frocs

TAUGHT: dict[str, Any] = {
    "enhancement": "none",
    "epochs": 10,
    "patches": 1024,
    "patch_px": 24,
    "width": 12,
    "stride": 1,
    "most_found": 60,
}
LEAST = 0.7  # at one false positive an image: what a network of this size learns from thirty images; no number of the article


@proof("C2", ja="微小石灰化のパッチ CNN による検出 (C1 との比較)", en="Microcalcifications by a patch network, beside C1")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Both detectors learn from the same simulated half and are judged on the other. With `data`, also on mini-MIAS in folds by woman."""
    classical, deep = FeatureDetector(**SHARED, candidates=CANDIDATES), PatchDetector(**SHARED, **TAUGHT)
    images = calcification_images(seed=seed, images=IMAGES)
    train, test = np.split(np.arange(IMAGES), 2)
    with classical.cases(images, on_event=on_event) as cases:
        both = [judge(spec, cases, train, test, seed, on_event) for spec in (deep, classical)]
        truth = [cases.truth[int(number)] for number in test]
        patients = [cases.patients[int(number)] for number in test]
    pair = compare_frocs(both[0].found, both[1].found, truth, patients=patients, seed=seed, names=(deep.name, classical.name))
    rows = [
        row(Text(f"模擬画像: {spec.name.ja}", f"simulated: {spec.name.en}"), one.froc)
        for spec, one in zip((deep, classical), both, strict=True)
    ]
    measured: dict[str, Any] = {
        "sensitivity_at_1": both[0].froc.sensitivity_at(1), "of_features": both[1].froc.sensitivity_at(1),
        "difference_of_means": pair.difference.value, "low": pair.difference.low, "high": pair.difference.high, "p": pair.p,
    }  # fmt: skip
    if data:
        small = {"spot_radius_mm": 0.0, "spot_radius_px": 2.0}
        curve = mini_mias(data, PatchDetector(**SHARED | TAUGHT | small), seed, on_event)
        rows.append(row(Text(f"mini-MIAS: {deep.name.ja}", f"mini-MIAS: {deep.name.en}"), curve))
        measured["mini_mias_mean_sensitivity"] = curve.mean.value
    bar = Text(
        f"模擬画像で感度 {LEAST} 以上 (1 FP/画像)",
        f"sensitivity at least {LEAST} at 1 false positive an image on simulated images",
    )
    table = Table(Text("深層学習と従来法の FROC", "FROC of the network and of the classical method"), HEADINGS, tuple(rows))
    passed = both[0].froc.sensitivity_at(1) >= LEAST
    return Proof("C2", bool(passed), measured, bar, table, pictures=((both[0].froc.curve(), both[1].froc.curve()),))
