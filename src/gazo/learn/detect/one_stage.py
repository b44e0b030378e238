"""One-stage detection: one pass says at every place whether a lesion is there and where its edges are (YOLO: Redmon et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from gazo.core.language import Text
from gazo.core.methods import method
from gazo.core.parameters import Ge, Gt, Label, Le
from gazo.learn.detect.cases import Cases
from gazo.learn.detect.detector import Detector, Facts, Rows

if TYPE_CHECKING:
    import torch

NAMES = {"yolo": "YOLO type", "ssdlite": "SSDLite", "retinanet": "RetinaNet", "fcos": "FCOS"}


@method("detect", "一段階検出 (YOLO 型)", "One-stage detection (YOLO type)", name="one-stage", booklet="D3")
@dataclass(frozen=True, kw_only=True)
class OneStage(Detector):
    """The image is seen once: each cell of a grid says how sure it is that a lesion is centred in it, and the lesion's box.

    "yolo" is our own small network, one scale, without anchors (the box is told relative to the mean size of the training lesions, as
    in YOLOv2, eq. of section 2): cells within 0.75 grid steps of a lesion's centre learn to say it, all others background, by focal loss;
    boxes learn by 1 - GIoU (Rezatofighi et al. 2019). SSDLite, RetinaNet and FCOS are torchvision's.
    """

    network: Annotated[Literal["yolo", "ssdlite", "retinanet", "fcos"], Label("ネットワーク", "Network")] = "yolo"
    stride: Annotated[Literal["4", "8"], Label("格子の間隔 (yolo のみ)", "Step of the grid (yolo only)", "px")] = "4"
    focal_gamma: Annotated[float, Ge(0), Le(10), Label("フォーカル損失の γ (yolo のみ)", "Focal gamma (yolo only)")] = 2.0
    focal_alpha: Annotated[float, Gt(0), Le(1), Label("フォーカル損失の α (yolo のみ)", "Focal alpha (yolo only)")] = 0.75
    box_weight: Annotated[
        float, Gt(0), Le(1000), Label("ボックスの損失の重み (yolo のみ)", "Weight of the box loss (yolo only)")
    ] = 2.0

    @property
    def name(self) -> Text:
        """What reports call it."""
        return Text({"yolo": "一段階検出 (YOLO 型)"}.get(self.network, NAMES[self.network]), f"One-stage ({NAMES[self.network]})")

    def facts(self, cases: Cases, rows: Rows) -> dict[str, Any]:
        """The mean side of the training lesions (geometric)."""
        return {"side": float(np.exp(np.log(cases.sides(rows)).mean()))}

    def build(self, facts: Facts, *, seed: int) -> torch.nn.Module:
        """The untrained network."""
        from gazo.learn.detect.one_stage_networks import Yolo, from_torchvision

        if self.network != "yolo":
            return from_torchvision(self.network, least_score=self.least_score, nms=self.nms, most_found=self.most_found)
        return Yolo(
            self.channels, int(self.stride), float(facts["side"]), gamma=self.focal_gamma, alpha=self.focal_alpha, box_weight=self.box_weight,
            least_score=self.least_score, nms=self.nms, most_found=self.most_found,
        )  # fmt: skip
