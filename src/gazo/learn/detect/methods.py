"""The detectors by the name under which they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gazo.learn.detect.detector import Detector

KINDS = {
    "RCNN": "gazo.learn.detect.r_cnn",
    "FastRCNN": "gazo.learn.detect.fast_rcnn",
    "FasterRCNN": "gazo.learn.detect.faster_rcnn",
    "OneStage": "gazo.learn.detect.one_stage",
}


def detector_of(kind: str, options: Mapping[str, Any]) -> Detector:
    """The specification that was stored as a kind with its options."""
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    made: Detector = getattr(import_module(KINDS[kind]), kind)(**given)
    return made
