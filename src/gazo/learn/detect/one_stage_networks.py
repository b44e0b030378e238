"""Networks that find in one pass: our teaching YOLO, and torchvision's detectors taking images as they are."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torchvision.models.detection import fcos_resnet50_fpn, retinanet_resnet50_fpn, ssdlite320_mobilenet_v3_large
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import generalized_box_iou_loss, sigmoid_focal_loss

from gazo.learn.detect.backbones import WIDE, block, small
from gazo.learn.detect.boxes import decode, suppressed
from gazo.learn.detect.feed import LESION

NEAR = 0.75  # grid steps from a lesion's centre within which cells learn to say it (centre sampling: Tian et al. 2019, FCOS)
RARE = 0.01  # probability of a lesion that an untrained network says (Lin et al. 2017, 4.1)


class Yolo(nn.Module):
    """Images (n, channels, size, size) and targets (n, most, 5) give the loss; images alone boxes and scores of each.

    Each cell of the grid is an anchor of the mean lesion's size about its centre; the network gives 5 numbers a cell: the logit of an
    object and the code of its box (`gazo.learn.detect.boxes.encode`).
    """

    def __init__(
        self, channels: int, stride: int, side: float, *, gamma: float, alpha: float, box_weight: float, least_score: float, nms: float,
        most_found: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.stride, self.side, self.gamma, self.alpha, self.box_weight = stride, side, gamma, alpha, box_weight
        self.least_score, self.nms, self.most_found = least_score, nms, most_found
        self.features = small(channels, stride).layers
        self.head = nn.Sequential(*block(WIDE, WIDE), nn.Conv2d(WIDE, 5, 1))
        last: Any = self.head[-1]
        nn.init.normal_(last.weight, std=0.01)
        nn.init.constant_(last.bias, 0.0)
        nn.init.constant_(last.bias[:1], -math.log((1 - RARE) / RARE))

    def forward(self, images: torch.Tensor, targets: torch.Tensor | None = None) -> Any:
        said = self.head(self.features(images)).float()
        cells = self.cells(said)
        flat = said.flatten(2).transpose(1, 2)  # (n, cells, 5)
        if self.training:
            assert targets is not None
            return self.loss(flat, cells, targets)
        return [self.chosen(own, cells, images.shape[2]) for own in flat]

    def cells(self, said: torch.Tensor) -> torch.Tensor:
        """The anchor of every cell, corners (cells, 4)."""
        rows, columns = said.shape[2:]
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        centres = (torch.stack([x, y], 2).reshape(-1, 2).to(said) + 0.5) * self.stride
        return torch.hstack([centres - self.side / 2, centres + self.side / 2])

    def loss(self, said: torch.Tensor, cells: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Focal loss of all cells plus `box_weight` times 1 - GIoU of the cells of lesions, both by the number of these cells."""
        owner = torch.stack([self.owners(cells, own) for own in targets])  # (n, cells), -1: background
        there = owner >= 0
        count = there.sum().clamp(min=1)
        sure: torch.Tensor = sigmoid_focal_loss(said[..., 0], there.float(), self.alpha, self.gamma, reduction="sum") / count
        image, cell = torch.where(there)
        if not len(image):
            return sure + 0 * said.sum()
        boxes = decode(said[image, cell, 1:], cells[cell])
        true = targets[image, owner[image, cell], :4]
        placed: torch.Tensor = generalized_box_iou_loss(boxes, true, reduction="sum") / count
        return sure + self.box_weight * placed

    def owners(self, cells: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """For each cell the lesion it must say, the nearest whose centre is near; -1 for background. Each lesion has its nearest cell."""
        kept = torch.where(targets[:, 4] == LESION)[0]
        owner = torch.full((len(cells),), -1, device=cells.device)
        if not len(kept):
            return owner
        centres = (targets[kept, :2] + targets[kept, 2:4]) / 2
        middle = (cells[:, :2] + cells[:, 2:]) / 2
        far = (middle[:, None] - centres[None]).abs().amax(2) / self.stride
        nearest, which = far.min(1)
        near = nearest <= NEAR
        owner[near] = kept[which[near]]
        owner[far.argmin(0)] = kept
        return owner

    def chosen(self, said: torch.Tensor, cells: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The boxes that stay of one image."""
        scores = said[:, 0].sigmoid()
        scores, sure = scores.topk(min(1000, len(scores)))
        sure, scores = sure[scores >= self.least_score], scores[scores >= self.least_score]
        boxes = decode(said[sure, 1:], cells[sure]).clamp(0, size)
        kept = suppressed(boxes, scores, self.nms)[: self.most_found]
        return boxes[kept], scores[kept]


class AsTheyAre(nn.Module):
    """Stands where torchvision's detectors resize and normalise: the images are prepared already."""

    def forward(self, images: torch.Tensor, targets: Any = None) -> Any:
        return ImageList(images, [(images.shape[2], images.shape[3])] * len(images)), targets

    def postprocess(self, found: Any, sizes: Any, originals: Any) -> Any:
        """Boxes are in pixels of the images given."""
        return found


class Wrapped(nn.Module):
    """A detector of torchvision behind our images and targets; grey images are shown to it as equal colours."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        inner.transform = AsTheyAre()
        self.inner = inner

    def forward(self, images: torch.Tensor, targets: torch.Tensor | None = None) -> Any:
        coloured = images.expand(-1, 3, -1, -1)
        if not self.training:
            return [(one["boxes"], one["scores"]) for one in self.inner(coloured)]
        assert targets is not None
        given = [own[(own[:, 4] == LESION) & ((own[:, 2:4] - own[:, :2]) > 0.1).all(1), :4] for own in targets]
        labels = [{"boxes": own, "labels": torch.ones(len(own), dtype=torch.int64, device=own.device)} for own in given]
        return sum(self.inner(coloured, labels).values())


def from_torchvision(name: str, *, least_score: float, nms: float, most_found: int) -> Wrapped:
    """SSDLite (Sandler et al. 2018), RetinaNet (Lin et al. 2017) or FCOS (Tian et al. 2019) for background and lesion, random weights."""
    make: Any = {"ssdlite": ssdlite320_mobilenet_v3_large, "retinanet": retinanet_resnet50_fpn, "fcos": fcos_resnet50_fpn}[name]
    inner = make(
        weights=None, weights_backbone=None, num_classes=2, score_thresh=least_score, nms_thresh=nms, detections_per_img=most_found
    )  # fmt: skip
    return Wrapped(inner)
