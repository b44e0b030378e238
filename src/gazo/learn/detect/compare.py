"""Several detectors on the same parts of the same images, in one report."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from gazo.core.errors import OptionError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Choices, Ge, Gt, Label, Le
from gazo.core.progress import Event, OnEvent, quiet
from gazo.core.registry import entries
from gazo.learn.detect.side_by_side import DetectorComparisonStudy, side_by_side
from gazo.learn.protocol import Protocol
from gazo.stats.detections import HitRule

NAME = "compare-detectors"


def detector_names() -> tuple[str, ...]:
    """The detectors of the catalog: every method of this family but the comparison itself."""
    return tuple(e.name for e in entries("method", "learn") if getattr(e.target, "task", "") == "detect" and e.name != NAME)


@method("detect", "検出法の比較", "Comparison of detectors", name=NAME, booklet=("D1", "D2", "D3"))
@dataclass(frozen=True, kw_only=True)
class DetectorComparison:
    """Train several detectors on the same parts with the same seed; FROC curves, average precision and time an image side by side.

    What is left empty keeps the default of each detector.
    """

    detectors: Annotated[tuple[str, ...], Choices(detector_names), Label("検出法", "Detectors")] = (
        "rcnn",
        "faster-rcnn",
        "one-stage",
    )
    epochs: Annotated[
        int | None, Ge(1), Le(10_000), Label("エポック数 (既定は検出法ごと)", "Epochs (default: each detector's own)")
    ] = None
    size_px: Annotated[int | None, Ge(32), Le(2048), Label("入力画像の一辺", "Side of the input image", "px")] = None
    learning_rate: Annotated[float | None, Gt(0), Le(10), Label("学習率", "Learning rate")] = None
    hit: Annotated[HitRule, Label("検出とみなす条件", "What counts as a hit")] = "centre"
    hit_limit: Annotated[
        float, Ge(0), Le(4096), Label("検出とみなす IoU または距離 (0 = 既定)", "IoU or distance of a hit (0 = default)")
    ] = 0.0
    point_box_px: Annotated[
        float,
        Ge(0),
        Le(4096),
        Label("点で示した病変の大きさ (0 = 点を使わない)", "Size of lesions given as points (0 = none)", "px"),
    ] = 0.0

    def specs(self) -> list[Any]:
        """The specification of each detector with the options they share; an option that one does not have is left to it."""
        shared = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "detectors"}
        kinds = {entry.name: entry.target for entry in entries("method", "learn")}
        made = []
        for name in self.detectors:
            known = {f.name for f in dataclasses.fields(kinds[name])}
            made.append(kinds[name](**{key: value for key, value in shared.items() if value is not None and key in known}))
        return made

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained."""
        if len(set(self.detectors)) < 2:
            raise OptionError(
                "G-DET-005",
                en=f"a comparison needs at least two different detectors; {', '.join(self.detectors)} came. Name more with --detectors.",
                ja=f"比較には異なる検出法が 2 つ以上必要です。受け取ったもの: {', '.join(self.detectors)}。--detectors で追加してください。",
            )
        for spec in self.specs():
            spec.preflight(images, protocol, seed=seed)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> DetectorComparisonStudy:
        """Judge each detector; the parts and the seed are the same for all."""
        self.preflight(images, protocol, seed=seed)
        return detectors_compared(self.specs(), images, protocol, seed=seed, folder=folder, on_event=on_event)


def detectors_compared(
    specs: Sequence[Any],
    images: ImageSet,
    protocol: Protocol,
    *,
    seed: int,
    folder: Path | None = None,
    on_event: OnEvent = quiet,
) -> DetectorComparisonStudy:
    """Judge specifications of any detectors, each with options of its own, on the same parts."""
    studies = []
    for number, spec in enumerate(specs):
        place = None if folder is None else folder / "detectors" / f"{number}-{type(spec).__name__}"
        studies.append(spec.study(images, protocol, seed=seed, folder=place, on_event=_named(on_event, spec.name)))
    return side_by_side(studies, seed=seed)


def _named(on_event: OnEvent, name: Text) -> OnEvent:
    """Events that say which detector they are of."""

    def told(event: Event) -> None:
        stage = Text(f"{name.ja}: {event.stage.ja}", f"{name.en}: {event.stage.en}")
        on_event(replace(event, stage=stage, facts={**event.facts, "detector": name.en}))

    return told
