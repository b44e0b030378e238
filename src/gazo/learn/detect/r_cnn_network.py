"""The network of R-CNN: cuts regions out, describes them, and holds the machine and the regression fitted on its features."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torchvision.ops import box_iou, roi_align

from gazo.learn.detect.backbones import block
from gazo.learn.detect.boxes import decode, suppressed
from gazo.learn.detect.feed import LESION, PROPOSAL

FEATURES = 128
OBJECTS, BACKGROUNDS = 32, 96  # in a batch of fine-tuning (Girshick et al. 2014, 2.3)


class RegionNetwork(nn.Module):
    """Images and targets give the loss of telling objects from background; images and proposals boxes and scores of each image."""

    def __init__(self, channels: int, warp_px: int, context: float, *, least_score: float, nms: float, most_found: int) -> None:
        super().__init__()
        self.warp_px, self.context = warp_px, context
        self.least_score, self.nms, self.most_found = least_score, nms, most_found
        layers = [*block(channels, 32), nn.MaxPool2d(2), *block(32, 64), nn.MaxPool2d(2), *block(64, FEATURES)]
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * FEATURES, FEATURES), nn.ReLU())
        self.kind = nn.Linear(FEATURES, 1)
        self.machine: torch.Tensor
        self.regression: torch.Tensor
        self.register_buffer("machine", torch.zeros(FEATURES + 1))
        self.register_buffer("regression", torch.zeros(FEATURES + 1, 4))

    def forward(self, images: torch.Tensor, targets: torch.Tensor) -> Any:
        if self.training:
            boxes, labels = self.sampled(targets)
            return functional.binary_cross_entropy_with_logits(self.kind(self.described(images, boxes))[:, 0].float(), labels)
        places = [own[own[:, 4] == PROPOSAL, :4] for own in targets]
        features = torch.split(self.described(images, places).float(), [len(own) for own in places])
        return [self.chosen(f, own, images.shape[2]) for f, own in zip(features, places, strict=True)]

    def described(self, images: torch.Tensor, boxes: list[torch.Tensor]) -> torch.Tensor:
        """(boxes of all images, features): each box with its margin scaled to one square, through the network."""
        wider = [own + (own[:, 2:] - own[:, :2]).repeat(1, 2) * own.new_tensor([-1, -1, 1, 1]) * self.margin for own in boxes]
        cut = roi_align(images, wider, self.warp_px, sampling_ratio=2, aligned=True)
        parts = [self.layers(part) for part in cut.split(512)] if len(cut) else [cut.new_zeros(0, FEATURES)]
        return torch.cat(parts)

    @property
    def margin(self) -> float:
        """What is added at each side, so that `context` of the warped side lies beyond the box on either side."""
        return self.context / (1 - 2 * self.context)

    def sampled(self, targets: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Up to 32 objects and 96 backgrounds of the batch, shared evenly by its images; true boxes are objects too."""
        boxes, labels = [], []
        for own in targets:
            lesions, places = own[own[:, 4] == LESION, :4], own[own[:, 4] == PROPOSAL, :4]
            overlap = box_iou(places, lesions).amax(1) if len(lesions) and len(places) else places.new_zeros(len(places))
            objects = torch.cat([lesions, places[overlap >= 0.5]])
            others = places[overlap < 0.5]
            objects = objects[torch.randperm(len(objects))[: max(1, OBJECTS // len(targets))]]
            others = others[torch.randperm(len(others))[: BACKGROUNDS // len(targets)]]
            boxes.append(torch.cat([objects, others]))
            labels.append(torch.cat([objects.new_ones(len(objects)), others.new_zeros(len(others))]))
        return boxes, torch.cat(labels)

    def set_machine(self, weights: NDArray[np.float64], offset: float) -> None:
        """Take over the support vector machine."""
        self.machine.copy_(torch.from_numpy(np.append(weights, offset)))

    def set_regression(self, weights: NDArray[np.float64]) -> None:
        """Take over the box regression."""
        self.regression.copy_(torch.from_numpy(weights))

    def chosen(self, features: torch.Tensor, places: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The boxes that stay of one image; the score is 1 / (1 + exp(-distance from the machine's plane))."""
        scores = (features @ self.machine[:-1] + self.machine[-1]).sigmoid()
        codes = features @ self.regression[:-1] + self.regression[-1]
        boxes = decode(codes, places).clamp(0, size)
        sure = torch.where(scores >= self.least_score)[0]
        kept = sure[suppressed(boxes[sure], scores[sure], self.nms)][: self.most_found]
        return boxes[kept], scores[kept]
