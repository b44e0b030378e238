"""The networks of Fast and Faster R-CNN: torchvision's proposal network and region heads, our losses, no resizing inside."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import AnchorGenerator, RegionProposalNetwork, RPNHead
from torchvision.ops import MultiScaleRoIAlign

from gazo.learn.detect.feed import LESION, PROPOSAL
from gazo.learn.detect.losses import Normalisation, proposal_loss

Sides = tuple[tuple[int, ...], ...]


class ProposalNetwork(RegionProposalNetwork):  # type: ignore[misc]  # torchvision tells no types
    """torchvision's, with the loss of `gazo.learn.detect.losses.proposal_loss`."""

    def set_loss(self, normalisation: Normalisation, class_weight: float, box_weight: float, beta: float, gamma: float) -> None:
        """How the two terms of eq. (4) are weighed and divided."""
        self.how: dict[str, Any] = {
            "normalisation": normalisation, "class_weight": class_weight, "box_weight": box_weight, "beta": beta, "gamma": gamma,
        }  # fmt: skip

    def compute_loss(
        self,
        objectness: torch.Tensor,
        pred_bbox_deltas: torch.Tensor,
        labels: list[torch.Tensor],
        regression_targets: list[torch.Tensor],
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Both terms over the anchors that the sampler of the paper drew (up to 256 an image, up to half of them objects)."""
        chosen = [torch.where(torch.cat(part))[0] for part in self.fg_bg_sampler(labels)]
        sampled = torch.cat(chosen)
        a_location = self.anchor_generator.num_anchors_per_location()[0]
        return proposal_loss(
            objectness.flatten()[sampled].float(),
            torch.cat(labels)[sampled],
            pred_bbox_deltas[sampled].float(),
            torch.cat(regression_targets)[sampled],
            locations=len(objectness.flatten()) // a_location,
            **self.how,
        )


class TwoStage(nn.Module):
    """Images (n, channels, size, size) and targets (n, most, 5) give the summed loss; images alone what was found.

    Parameters
    ----------
    proposals : the proposal network, None where proposals come with the images (Fast R-CNN).
    """

    def __init__(self, features: Any, proposals: ProposalNetwork | None, heads: RoIHeads) -> None:
        super().__init__()
        self.features, self.proposals, self.heads = features, proposals, heads

    def forward(self, images: torch.Tensor, targets: torch.Tensor | None = None) -> Any:
        sizes = [(images.shape[2], images.shape[3])] * len(images)
        maps = {name: plane.float() for name, plane in self.features(images).items()}
        given = None if targets is None else [{"boxes": own, "labels": torch.ones(len(own), dtype=torch.int64, device=own.device)} for own in _of_kind(targets, LESION)]  # fmt: skip
        truth = given if self.training else None
        with torch.autocast(images.device.type, enabled=False):
            if self.proposals is None:
                assert targets is not None
                places, losses = _of_kind(targets, PROPOSAL), {}
            else:
                places, losses = self.proposals(ImageList(images, sizes), maps, truth)
            found, more = self.heads(maps, places, sizes, truth)
        if self.training:
            return sum((losses | more).values())
        return [(one["boxes"], one["scores"]) for one in found]


def _of_kind(targets: torch.Tensor, kind: float) -> list[torch.Tensor]:
    """The corners of one kind for each image, those without area left out."""
    sides = targets[:, :, 2:4] - targets[:, :, :2]
    kept = (targets[:, :, 4] == kind) & (sides > 0.1).all(2)
    return [own[there, :4] for own, there in zip(targets, kept, strict=True)]


def proposal_network(
    out_channels: int, sides: Sides, ratios: tuple[float, ...], *, positive_share: float, most: int
) -> ProposalNetwork:
    """k = scales x ratios anchors at each of W x H places; objects from IoU 0.7 on, background below 0.3 (Ren et al. 2015, 3.1.2)."""
    anchors = AnchorGenerator(sides, (ratios,) * len(sides))
    return ProposalNetwork(
        anchors, RPNHead(out_channels, anchors.num_anchors_per_location()[0]), 0.7, 0.3, 256, positive_share,
        {"training": 1000, "testing": 500}, {"training": most, "testing": most}, 0.7,
    )  # fmt: skip


def region_heads(
    out_channels: int, maps: list[str], *, hidden: int, positive_share: float, least_score: float, nms: float, most_found: int
) -> RoIHeads:
    """RoI pooling to 7 x 7 and two dense layers; of 64 regions an image, objects from IoU 0.5 on (Girshick 2015, 2.3)."""
    pool = MultiScaleRoIAlign(maps, 7, 2)
    return RoIHeads(
        pool, TwoMLPHead(out_channels * 49, hidden), FastRCNNPredictor(hidden, 2), 0.5, 0.5, 64, positive_share, None,
        least_score, nms, most_found,
    )  # fmt: skip


def boxes_alone(net: TwoStage, images: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """What the proposal network says by itself: all W x H x k boxes with their objectness, before any is left out."""
    assert net.proposals is not None
    planes = list(net.features(images).values())
    logits, codes = net.proposals.head(planes)
    anchors = net.proposals.anchor_generator(ImageList(images, [tuple(images.shape[2:])] * len(images)), planes)
    from torchvision.models.detection.rpn import concat_box_prediction_layers

    said, moved = concat_box_prediction_layers(logits, codes)
    boxes = net.proposals.box_coder.decode(moved, anchors).view(len(images), -1, 4)
    return list(zip(boxes, said.view(len(images), -1).sigmoid(), strict=True))


__all__ = ["ProposalNetwork", "TwoStage", "boxes_alone", "proposal_network", "region_heads"]
