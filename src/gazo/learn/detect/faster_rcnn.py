"""Faster R-CNN: a network that proposes boxes and one that judges them, trained together (Ren et al., NeurIPS 2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.learn.detect.cases import Cases
from gazo.learn.detect.detector import Detector, Facts, Rows
from gazo.learn.detect.losses import Normalisation

if TYPE_CHECKING:
    import torch

Backbone = Literal["small", "alexnet", "vgg16", "googlenet", "resnet50_fpn", "mobilenet_v3_large_320"]
RATIOS = (0.5, 1.0, 2.0)  # height over width (Ren et al. 2015, 3.1.1)
NAMES = {
    "small": "small", "alexnet": "AlexNet", "vgg16": "VGG-16", "googlenet": "GoogLeNet", "resnet50_fpn": "ResNet-50 FPN",
    "mobilenet_v3_large_320": "MobileNetV3 FPN",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RegionOptions(Detector):
    """What Fast and Faster R-CNN share: the feature extractor and the part that judges regions."""

    backbone: Annotated[Backbone, Label("特徴抽出ネットワーク", "Feature extractor")] = "small"
    stride: Annotated[
        Literal["4", "8"], Label("特徴マップの間隔 (small のみ)", "Stride of the feature map (small only)", "px")
    ] = "4"
    weights: Annotated[
        str, Label("特徴抽出の初期の重み (none、hub、ファイル名)", "Initial weights of the extractor (none, hub or a file)")
    ] = "none"
    hidden: Annotated[int, Ge(8), Le(8192), Label("判定部の全結合層の大きさ", "Units of the judging layers")] = 256
    positive_regions: Annotated[
        float, Gt(0), Le(1), Label("判定部の学習での病変領域の割合", "Share of lesions among sampled regions")
    ] = 0.25

    @property
    def features(self) -> Any:
        from gazo.learn.detect.backbones import backbone

        return backbone(
            self.backbone, channels=self.channels, stride=int(self.stride), size_px=self.size_px, weights=self.weights
        )

    def heads(self, features: Any) -> Any:
        """The judging part for a feature extractor."""
        from gazo.learn.detect.two_stage import region_heads

        maps = {"resnet50_fpn": ["0", "1", "2", "3"], "mobilenet_v3_large_320": ["0", "1"]}.get(self.backbone, ["0"])
        return region_heads(
            features.out_channels, maps, hidden=self.hidden, positive_share=self.positive_regions, least_score=self.least_score,
            nms=self.nms, most_found=self.most_found,
        )  # fmt: skip


@method("detect", "Faster R-CNN による検出", "Faster R-CNN", name="faster-rcnn", booklet=("D2", "E6"))
@dataclass(frozen=True, kw_only=True)
class FasterRCNN(RegionOptions):
    """Features of the whole image are computed once; a region proposal network says at each of W x H places which of k anchor boxes
    hold an object and how they must be moved (W x H x k boxes); a second part pools the features of the best ones, judges and moves them.

    Both parts minimise eq. (4) of the estimation article. Anchors are 3 scales, spread over the sizes of the training lesions, times
    3 ratios of the sides.
    """  # fmt: skip

    proposals: Annotated[int, Ge(10), Le(2000), Label("領域提案の数", "Proposals kept")] = 200
    positive_anchors: Annotated[
        float, Gt(0), Le(1), Label("領域提案の学習での病変の割合 (上限)", "Share of lesions among sampled anchors (at most)")
    ] = 0.5
    normalisation: Annotated[
        Normalisation,
        Label("回帰損失の割り方 (sampled: 標本数、paper: 位置の数)", "Divisor of the box loss (sampled anchors or locations)"),
    ] = "sampled"
    class_weight: Annotated[float, Gt(0), Le(1000), Label("分類損失の重み λ1", "Weight λ1 of the classification loss")] = 1.0
    box_weight: Annotated[float, Gt(0), Le(1000), Label("回帰損失の重み λ2", "Weight λ2 of the box loss")] = 1.0
    beta: Annotated[float, Gt(0), Le(10), Label("smooth L1 の境目 β (式(7) は 1)", "Limit β of smooth L1 (eq. 7: 1)")] = 1.0
    focal_gamma: Annotated[
        float, Ge(0), Le(10), Label("フォーカル損失の γ (0 = 交差エントロピー)", "Focal gamma (0 = cross entropy)")
    ] = 0.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text(f"Faster R-CNN ({NAMES[self.backbone]})", f"Faster R-CNN ({NAMES[self.backbone]})")

    def facts(self, cases: Cases, rows: Rows) -> dict[str, Any]:
        """The sides of the anchors: three from the smaller to the larger training lesions; of a pyramid one a level, doubling."""
        sides = np.sqrt(cases.sides(rows).prod(1))
        small, large = np.quantile(sides, (0.1, 0.9))
        if self.backbone in ("resnet50_fpn", "mobilenet_v3_large_320"):
            count = 5 if self.backbone == "resnet50_fpn" else 3
            base = max(4, round(float(small)))
            return {"sides": [[base * 2**level] for level in range(count)]}
        spread = np.geomspace(small, max(large, 1.7 * small), 3)
        return {"sides": [[max(2, round(float(side))) for side in spread]]}

    def build(self, facts: Facts, *, seed: int) -> torch.nn.Module:
        """Feature extractor, proposal network and judging part, untrained."""
        from gazo.learn.detect.two_stage import TwoStage, proposal_network

        features = self.features
        sides = tuple(tuple(level) for level in facts["sides"])
        network = proposal_network(
            features.out_channels, sides, RATIOS, positive_share=self.positive_anchors, most=self.proposals
        )
        network.set_loss(self.normalisation, self.class_weight, self.box_weight, self.beta, self.focal_gamma)
        return TwoStage(features, network, self.heads(features))
