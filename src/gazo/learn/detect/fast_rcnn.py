"""Fast R-CNN: one pass of the network over the image, regions from Selective Search judged on its features (Girshick, ICCV 2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.progress import OnEvent, quiet
from gazo.learn.detect.cases import Cases
from gazo.learn.detect.detector import Facts, Places, Rows
from gazo.learn.detect.faster_rcnn import NAMES, RegionOptions
from gazo.learn.detect.selective_search import SearchOptions, searched

if TYPE_CHECKING:
    import torch


@method("detect", "Fast R-CNN による検出", "Fast R-CNN", name="fast-rcnn", booklet="D2")
@dataclass(frozen=True, kw_only=True)
class FastRCNN(SearchOptions, RegionOptions):
    """As Faster R-CNN, but the places to look at come from Selective Search, once for each image, and move with its augmentation.

    The loss is that of the judging part: cross entropy and smooth L1 of the boxes of objects (Girshick 2015, eqs 1 to 3).
    """

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text(f"Fast R-CNN ({NAMES[self.backbone]})", f"Fast R-CNN ({NAMES[self.backbone]})")

    def places(self, cases: Cases, rows: Rows, *, seed: int, on_event: OnEvent = quiet) -> Places:
        """The boxes of Selective Search in each image."""
        return searched(cases, rows, self, seed=seed, on_event=on_event)

    def build(self, facts: Facts, *, seed: int) -> torch.nn.Module:
        """Feature extractor and judging part, untrained."""
        from gazo.learn.detect.two_stage import TwoStage

        features = self.features
        return TwoStage(features, None, self.heads(features))
