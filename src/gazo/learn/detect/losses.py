"""The losses of Faster R-CNN as the estimation article writes them, eqs (4) to (7); the networks here are trained with these functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

Normalisation = Literal["sampled", "paper"]


@feature("smooth L1 関数", "Smooth L1", booklet="D2")
def smooth_l1(x: torch.Tensor, *, beta: float = 1.0) -> torch.Tensor:
    """0.5 x^2 / beta where |x| < beta, else |x| - 0.5 beta; with beta 1 eq. (7) of the estimation article (Girshick 2015, eq. 3).

    Value and slope are continuous at |x| = beta. torchvision's proposal network takes beta 1/9.
    """
    import torch

    size = x.abs()
    return torch.where(size < beta, 0.5 * size**2 / beta, size - 0.5 * beta)


@feature("ボックスの回帰損失", "Regression loss of boxes", booklet="D2")
def box_loss(codes: torch.Tensor, true_codes: torch.Tensor, *, beta: float = 1.0) -> torch.Tensor:
    """Eq. (6): the sum of smooth L1 over x, y, w, h for each box; (n, 4) and (n, 4) give (n,)."""
    return smooth_l1(codes - true_codes, beta=beta).sum(1)


@feature("物体らしさの分類損失", "Classification loss of boxes", booklet="D2")
def class_loss(logits: torch.Tensor, labels: torch.Tensor, *, gamma: float = 0.0) -> torch.Tensor:
    """Eq. (5): -ln p of the true kind for each box, p = 1 / (1 + exp(-logit)) for an object and 1 - p for background; (n,).

    With gamma above 0 the focal loss, (1 - p)^gamma times it (Lin et al. 2017, eq. 4), in which sure boxes weigh little.
    """
    from torch.nn import functional

    each = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return each if not gamma else (1 - (-each).exp()) ** gamma * each


@feature("領域提案ネットワークの損失", "Loss of the region proposal network", booklet="D2")
def proposal_loss(
    logits: torch.Tensor,
    labels: torch.Tensor,
    codes: torch.Tensor,
    true_codes: torch.Tensor,
    *,
    locations: int,
    normalisation: Normalisation = "sampled",
    class_weight: float = 1.0,
    box_weight: float = 1.0,
    beta: float = 1.0,
    gamma: float = 0.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Both terms of eq. (4), summed over the sampled anchors i: lambda1 / N_class sum L_class, lambda2 / N_box sum p* L_box.

    The article prints no sum over i; the paper has it (Ren et al. 2015, eq. 1). N_class is the number of sampled anchors. N_box is
    that number too with "sampled", as torchvision has it; with "paper" it is the number of anchor locations, W x H of the batch
    (about 2400 there), with lambda2 = 10 making both terms about equal.

    Parameters
    ----------
    logits, labels : (n,) of the sampled anchors; labels 1 for an object, 0 for background.
    codes, true_codes : (n, 4), as `encode` gives them; only those of objects count.
    locations : W x H times the number of images.
    """
    sampled = max(1, len(labels))
    first = class_weight * class_loss(logits, labels, gamma=gamma).sum() / sampled
    objects = labels > 0  # the code of background against no lesion is infinite, and p* = 0 times it would be no number
    second = box_loss(codes[objects], true_codes[objects], beta=beta).sum()
    return first, box_weight * second / (max(1, locations) if normalisation == "paper" else sampled)
