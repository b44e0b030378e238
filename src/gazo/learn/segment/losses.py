"""Losses of segmentation: soft Dice with cross entropy or with the focal loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gazo.core.registry import feature
from gazo.learn.losses import cross_entropy, focal_loss

if TYPE_CHECKING:
    import torch

SegmentationLoss = Literal["dice+ce", "dice+focal", "dice", "ce"]
SMOOTH = 1e-5


@feature("Dice 損失", "Dice loss", booklet="C3")
def dice_loss(logits: torch.Tensor, targets: torch.Tensor, *, pooled: bool = True, smooth: float = SMOOTH) -> torch.Tensor:
    """1 - (2 sum p t + s) / (sum p + sum t + s), the mean over the structures (Milletari et al. 2016, with plain sums).

    Parameters
    ----------
    logits : (n, classes, ...), before softmax; class 0 is the background and is not counted.
    targets : (n, ...) class numbers.
    pooled : sums run over the whole batch, so that a piece without a structure counts by its false pixels only; else over each
        image, and the mean is over images too.
    """
    import torch

    axes = ((0,) if pooled else ()) + tuple(range(2, logits.ndim))
    shares = logits.softmax(1)[:, 1:]
    truth = torch.stack([targets == c for c in range(1, logits.shape[1])], 1).to(shares.dtype)
    common, sizes = (shares * truth).sum(axes), shares.sum(axes) + truth.sum(axes)
    return (1 - (2 * common + smooth) / (sizes + smooth)).mean()


def segmentation_loss(logits: torch.Tensor, targets: torch.Tensor, *, kind: SegmentationLoss, gamma: float) -> torch.Tensor:
    """The loss by name; a sum weighs both terms 1 (Isensee et al. 2021).

    Logits (n, heads, classes, ...) of a network with deep supervision are weighed 1, 1/2, 1/4 ..., made to sum to 1.
    """
    if logits.ndim > targets.ndim + 1:
        weights = [0.5**head for head in range(logits.shape[1])]
        heads = [segmentation_loss(one, targets, kind=kind, gamma=gamma) for one in logits.unbind(1)]
        total: torch.Tensor = sum(w * loss for w, loss in zip(weights, heads, strict=True)) / sum(weights)  # type: ignore[assignment]
        return total
    logits = logits.float()
    if kind == "dice":
        return dice_loss(logits, targets)
    pixels = focal_loss(logits, targets, gamma=gamma) if kind == "dice+focal" else cross_entropy(logits, targets)
    return pixels if kind == "ce" else pixels + dice_loss(logits, targets)
