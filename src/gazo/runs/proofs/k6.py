"""K6: speed and accuracy of EfficientNet, EfficientNetV2, ViT and RepVGG on this machine; RepVGG merged says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.datasets.source import open_images
from gazo.learn.classify.speed import NetworkSpeed
from gazo.learn.protocol import Protocol
from gazo.phantoms.study import chest_images
from gazo.runs.proof import Proof, proof

MERGED = 1e-5
NETWORKS = ("efficientnet_b0", "efficientnet_v2_b0", "vit_tiny", "repvgg_a0")


@proof("K6", ja="ネットワークの速度と精度、RepVGG の分岐の統合", en="Speed and accuracy of networks, and RepVGG merged")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """With `data` (a table with sex and patient_id) 10 epochs at 64 pixels; without, 3 on a few simulated radiographs."""
    if data is None:
        simulated = chest_images(seed=seed, patients=48, images_per_patient=1, size_px=64).with_role("label", "sex")
        pixels = np.stack([image.pixels for _, image in simulated.stream()])
        images = ImageSet.from_arrays(pixels, simulated.role("label"), simulated.role("patient"), name=simulated.name)
    else:
        images = open_images(data / "labels.csv" if data.is_dir() else data, label="sex", patient="patient_id")
    spec = NetworkSpeed(
        networks=NETWORKS,
        epochs=10 if data else 3,
        size_px=64,
        batch_size=8,
        timed=5,
        learning_rate=5e-4,
        positive="F",
        baseline=False,
    )
    found = spec.study(images, Protocol(evaluation="held-out"), seed=seed, on_event=on_event)
    speeds = {row[0].en: {"training": row[2], "prediction": row[3], "merit": row[4]} for row in found.table.rows}
    whole = len(speeds) == len(NETWORKS) + 1 and all(row["prediction"] > 0 for row in speeds.values())
    bar = Text(
        f"5 行の表が揃い、RepVGG の統合後の出力が統合前と {MERGED:g} 以内で一致",
        f"a table of 5 rows, and the merged RepVGG gives the logits of its training form within {MERGED:g}",
    )
    measured = {"merged_error": found.merged_error, "images_per_second": speeds, "machine": found.machine.en}
    return Proof("K6", whole and found.merged_error <= MERGED, measured, bar, found.table)
