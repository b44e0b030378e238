"""Boxes: suppression of doubles, the code in which networks say boxes (Faster R-CNN), what several networks say together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    Detected = tuple[torch.Tensor, torch.Tensor]  # corners (n, 4) and scores (n,) of one image

LARGEST = 4.135166556742356  # ln(1000 / 16): a box grows at most so much (R-CNN code of Girshick; torchvision)


def suppressed(boxes: torch.Tensor, scores: torch.Tensor, limit: float) -> torch.Tensor:
    """The numbers of the boxes that stay, the surest first: each removes those that overlap it by more than `limit` (IoU).

    Parameters
    ----------
    boxes : (n, 4) corners x0, y0, x1, y1.
    scores : (n,) higher is surer.
    """
    from torchvision.ops import nms

    kept: torch.Tensor = nms(boxes.float(), scores.float(), limit)
    return kept


def encode(boxes: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """t_x = (x - x_a) / w_a, t_y alike, t_w = ln(w / w_a), t_h alike (Girshick et al. 2014; Ren et al. 2015, eq. 2); x, y are centres.

    Parameters
    ----------
    boxes, anchors : (n, 4) corners x0, y0, x1, y1, box i against anchor i.
    """
    import torch

    sides = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3)
    base = anchors[:, 2:] - anchors[:, :2]
    shift = ((boxes[:, :2] + boxes[:, 2:]) - (anchors[:, :2] + anchors[:, 2:])) / 2 / base
    return torch.hstack([shift, torch.log(sides / base)])


def decode(codes: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """The inverse of `encode`: corners (n, 4); t_w and t_h count up to ln(1000/16)."""
    import torch

    base = anchors[:, 2:] - anchors[:, :2]
    centre = (anchors[:, :2] + anchors[:, 2:]) / 2 + codes[:, :2] * base
    half = torch.exp(codes[:, 2:].clamp(max=LARGEST)) * base / 2
    return torch.hstack([centre - half, centre + half])


def together(each: Sequence[Detected], limit: float) -> Detected:
    """What several networks say of one image, as one: a box stays with the mean over networks of their best score for it.

    The surest box of all stands for those it overlaps by more than `limit`; a network that found none of them counts 0.
    """
    import torch
    from torchvision.ops import box_iou

    if len(each) == 1:
        return each[0]
    boxes, scores = torch.cat([b for b, _ in each]), torch.cat([s for _, s in each])
    kept = suppressed(boxes, scores, limit)
    total = torch.zeros(len(kept))
    for own, said in each:
        if len(own):
            total += torch.where(box_iou(boxes[kept], own) > limit, said[None], 0.0).amax(1)
    mean = total / len(each)
    order = torch.argsort(mean, descending=True, stable=True)
    return boxes[kept][order], mean[order]
