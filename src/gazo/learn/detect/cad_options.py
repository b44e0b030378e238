"""What all detectors of spots share: fitting, the study, what can be known to fail before anything is trained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.core.parameters import Ge, Label, Le
from gazo.core.progress import OnEvent, quiet
from gazo.datasets.splits import ValidationShare
from gazo.learn.detect.candidates import Points
from gazo.learn.detect.candidates_cases import SpotCases, spot_cases
from gazo.learn.detect.candidates_planes import SpotOptions
from gazo.learn.folds import watched_fold
from gazo.learn.protocol import Protocol, plan
from gazo.learn.truth import need_lesions
from gazo.stats.detections import HitRule

if TYPE_CHECKING:
    import torch

    from gazo.learn.detect.cad_fitted import FittedSpots
    from gazo.learn.detect.results import DetectionStudy

Rows = NDArray[np.integer[Any]]
Scored = tuple[Points, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class SpotDetector(SpotOptions, ABC):
    """Find small spots: places are looked at one by one, and each gets a score."""

    point_box_px: Annotated[
        float,
        Ge(0),
        Le(4096),
        Label(
            "検出とみなす範囲の最小の一辺 (0 = 対象の半径の 4 倍)",
            "Least side of the box of a hit (0 = four radii of a spot)",
            "px",
        ),
    ] = 0.0
    most_found: Annotated[int, Ge(1), Le(5000), Label("1 枚あたりの最大検出数", "Most findings in an image")] = 200
    least_score: Annotated[float, Ge(0), Le(1), Label("残すスコアの下限", "Least score that is kept")] = 0.0

    @property
    def hit(self) -> HitRule:
        """What counts as a hit: the centre of a finding lies in the box of a lesion."""
        return "centre"

    @property
    def limit(self) -> float | None:
        """The limit of the hit rule: none."""
        return None

    @property
    def features(self) -> bool:
        """Whether the 48 features of all candidates are needed."""
        return False

    @property
    @abstractmethod
    def name(self) -> Text:
        """What reports call it."""

    @abstractmethod
    def build(self, *, seed: int) -> torch.nn.Module:
        """The untrained network or perceptron; the same seed gives the same weights."""

    @abstractmethod
    def scored(self, net: torch.nn.Module, cases: SpotCases, row: int) -> Scored:
        """Places of an image and their scores, 0 to 1."""

    @abstractmethod
    def fit_prepared(
        self, cases: SpotCases, train_rows: Rows, validation_rows: Rows, *, seed: int, checkpoint: Path | None = None, on_event: OnEvent = quiet
    ) -> FittedSpots:  # fmt: skip
        """As `fit`, on images that are prepared already; rows are those of `cases`."""

    def preflight(self, images: ImageSet, protocol: Protocol, *, seed: int) -> None:
        """Raise what can be known to fail before anything is trained: lesions, parts, masks, options. Reads no image."""
        self.build(seed=seed)
        self.check_masks(images)
        need_lesions(images)
        plan(images, protocol, seed=seed)

    def fit(
        self,
        images: ImageSet,
        *,
        seed: int,
        validation_share: ValidationShare = 0.15,
        checkpoint: Path | None = None,
        on_event: OnEvent = quiet,
    ) -> FittedSpots:
        """Learn from `images` (role boxes or mask). A validation part drawn by patient gives the threshold; near copies stay on one side."""
        fold = None
        if validation_share:
            fold = watched_fold(images, validation_share, seed=seed, on_event=on_event)
        with self.cases(images, on_event=on_event) as cases:
            watched = np.intersect1d(cases.usable, fold.test) if fold else cases.usable[:0]
            taught = np.setdiff1d(cases.usable, watched)
            return self.fit_prepared(cases, taught, watched, seed=seed, checkpoint=checkpoint, on_event=on_event)

    def study(
        self, images: ImageSet, protocol: Protocol, *, seed: int, folder: Path | None = None, on_event: OnEvent = quiet
    ) -> DetectionStudy:
        """Judge this specification honestly on `images`; see `gazo.learn.detect.cad_study.study`."""
        from gazo.learn.detect.cad_study import study

        return study(self, images, protocol, seed=seed, folder=folder, on_event=on_event)

    def cases(self, images: ImageSet, *, truth: bool = True, folder: Path | None = None, on_event: OnEvent = quiet) -> SpotCases:
        """The images as this method needs them."""
        return spot_cases(
            images, self, truth=truth, features=self.features, point_box_px=self.point_box_px, folder=folder, on_event=on_event
        )


def need_lesions_and_others(positives: int, negatives: int) -> None:
    """Refuse to learn from one class."""
    if positives < 2 or negatives < 2:
        raise DataError(
            "G-CAD-030",
            en=f"a detector learns from places with a lesion and places without; the training part has {positives} and {negatives}. "
            "Add images, set the radius of a spot so that lesions become candidates, or say with --spots whether they are dark or bright.",
            ja=f"学習には病変のある場所とない場所の両方が必要ですが、学習データにはそれぞれ {positives} か所と {negatives} か所しかありません。"
            "画像を追加するか、病変が候補になるように対象の半径や --spots (暗い・明るい) を見直してください。",
        )


def sigmoid(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """1 / (1 + e^-x) without overflow."""
    from scipy.special import expit

    return np.asarray(expit(np.asarray(logits, np.float64)))
