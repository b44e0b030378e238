"""The simulated study on which the detectors are compared: chest radiographs with one nodule in most patients, boxes known."""

from __future__ import annotations

from typing import Any

import numpy as np

from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.progress import OnEvent, counted
from gazo.learn.detect import RCNN, FasterRCNN, OneStage
from gazo.learn.detect.detector import Detector
from gazo.phantoms.study import ChestLoader, chest_images

SIZE = 128  # px of 400 mm


def nodule_study(*, seed: int, patients: int, on_event: OnEvent, diameter_mm: float = 20.0) -> ImageSet:
    """One image a patient, a nodule in four of five, simulated once and held in memory; roles boxes and patient."""
    images = chest_images(
        seed=seed, patients=patients, images_per_patient=1, size_px=SIZE, nodule_share=0.8, nodule_diameter_mm=diameter_mm
    )
    loader = images.loader
    assert isinstance(loader, ChestLoader)
    pixels, boxes = [], []
    for key in counted(images.role("image").tolist(), Text("胸部 X 線画像を作成中", "Simulating chest radiographs"), on_event):
        shown = loader.radiograph(key)
        corners = np.clip(np.asarray(shown.boxes, float).reshape(-1, 4), 0, SIZE)
        pixels.append(shown.image.pixels)
        boxes.append(np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]))
    spacing = 400 / SIZE
    return ImageSet.from_arrays(
        np.stack(pixels), boxes=boxes, patients=images.role("patient").tolist(), name="nodules", spacing_mm=(spacing, spacing)
    )


def detectors(epochs: int) -> tuple[Detector, ...]:
    """R-CNN, Faster R-CNN and the one-stage detector as the proofs train them."""
    shared: dict[str, Any] = {"size_px": SIZE, "learning_rate": 3e-3, "device": "cpu"}
    return (
        RCNN(**shared, epochs=max(1, epochs // 2), search_scale=20.0, search_least_px=6, search_largest=0.2),
        FasterRCNN(**shared, epochs=max(1, 3 * epochs // 4)),
        OneStage(**shared, epochs=epochs),
    )  # fmt: skip
