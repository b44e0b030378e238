"""K5: networks compared by loss over epochs, as in fig. 4 of the classification article."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.datasets.source import open_images
from gazo.learn.classify.compare import NetworkComparison
from gazo.learn.protocol import Protocol
from gazo.phantoms.study import chest_images
from gazo.runs.proof import Proof, proof


@proof(
    "K5",
    ja="LeNet、AlexNet、ResNet-50 の損失の推移 (男女)",
    en="Loss over epochs of LeNet, AlexNet and ResNet-50 (male / female)",
)
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """With `data` (a table with sex and patient_id) 50 epochs as in the article; without, 6 on simulated radiographs, few and small."""
    if data is None:
        images = _in_memory(chest_images(seed=seed, patients=48, size_px=64).with_role("label", "sex"))
    else:
        images = open_images(data / "labels.csv" if data.is_dir() else data, label="sex", patient="patient_id")
    spec = NetworkComparison(
        epochs=50 if data else 6, size_px=64, learning_rate=5e-4, rotation_deg=0, positive="F", baseline=False,
        fixed_loss=0.45 if data else 0.65,
    )  # fmt: skip
    found = spec.study(images, Protocol(evaluation="held-out"), seed=seed, on_event=on_event)
    epochs = {row[0]: row[7] for row in found.table.rows}
    compared = len(found.losses) == 3 and all(len(curve.x) == spec.epochs for curve in found.losses)
    return Proof(
        id="K5",
        passed=compared and len(found.tests.rows) == 3,
        measured={"epochs_to_loss": epochs, "order": found.order.en},
        bar=Text(
            "3 つのネットワークを同じ分割で学習し、損失曲線・表・検定が揃うこと (記事の順序は確認または否定として報告)",
            "three networks trained on the same parts, with curves, table and tests (the article's order is reported as confirmed or not)",
        ),
        table=replace(found.table, notes=(*found.table.notes, found.order)),
    )


def _in_memory(images: ImageSet) -> ImageSet:
    """The images simulated once, not once for each network."""
    pixels = np.stack([image.pixels for _, image in images.stream()])
    return ImageSet.from_arrays(pixels, images.role("label"), images.role("patient"), name=images.name)
