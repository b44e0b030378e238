"""Losses: those of the booklet's estimation article (cross entropy eq. 1, mean squared error eq. 2), and those for unbalanced classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch


@feature("交差エントロピー誤差", "Cross-entropy loss", booklet="E1")
def cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, *, weights: torch.Tensor | None = None, smoothing: float = 0.0
) -> torch.Tensor:
    """-sum_c t_c log softmax(logits)_c with the natural logarithm, averaged over the batch (estimation article, eq. 1).

    Parameters
    ----------
    logits : (n, classes), before softmax.
    targets : (n,) class numbers, or (n, classes) shares that sum to 1 (mixed images).
    weights : (classes,) factor of each class; the average is then weighted too.
    smoothing : share of the target spread evenly over all classes (Szegedy et al. 2016).
    """
    from torch.nn import functional

    return functional.cross_entropy(logits, targets, weight=weights, label_smoothing=smoothing)


@feature("平均二乗誤差", "Mean squared error", booklet="E1")
def mean_squared_error(estimate: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The mean over all elements of (estimate - target)^2 (estimation article, eq. 2); both tensors have one shape."""
    from torch.nn import functional

    return functional.mse_loss(estimate, target)


@feature("Perceptual loss (知覚損失)", "Perceptual loss", booklet="E4")
def perceptual_loss(
    estimate: torch.Tensor,
    target: torch.Tensor,
    *,
    features: Callable[[torch.Tensor], Sequence[torch.Tensor]],
    weight: float = 1.0,
) -> torch.Tensor:
    """(weight / n) sum_i (phi_i(t) - phi_i(y))^2 over the n feature maps, the mean over their places (estimation article, eq. 3).

    Summed over the layers that `features` gives (Johnson et al. 2016). 0 for equal images; the gradient reaches the estimate only,
    never the target and never the network behind `features`.

    Parameters
    ----------
    estimate, target : (n, channels, rows, columns), as `features` takes them.
    features : gives maps (n, maps, rows, columns) of one or more layers.
    weight : alpha of the article.
    """
    import torch

    with torch.no_grad():
        wanted = features(target)
    pairs = zip(features(estimate), wanted, strict=True)
    return weight * torch.stack([mean_squared_error(made, true) for made, true in pairs]).sum()


@feature("フォーカル損失", "Focal loss", booklet="D5")
def focal_loss(
    logits: torch.Tensor,
    targets: torch.Tensor,
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """-a_t (1 - p_t)^gamma ln p_t, p_t the softmax probability of the true class (Lin et al. 2017, eq. 5), averaged over the batch.

    Cases that are sure already weigh little; gamma 0 without weights is cross entropy.

    Parameters
    ----------
    logits : (n, classes), before softmax.
    targets : (n,) class numbers.
    alpha : with two classes the factor of class 1; class 0 gets 1 - alpha. None weighs both alike.
    weights : (classes,) factor of each class, such as those of `gazo.learn.class_weights`.
    """
    from torch.nn import functional

    logs = functional.log_softmax(logits, 1).gather(1, targets[:, None])[:, 0]
    each = -((1 - logs.exp()) ** gamma) * logs
    if alpha is not None:
        each = each * (alpha * targets + (1 - alpha) * (1 - targets))
    return (each if weights is None else each * weights[targets]).mean()


@feature("アフィニティ損失", "Affinity loss", booklet="D5")
def affinity_loss(
    similarities: torch.Tensor, targets: torch.Tensor, *, margin: float = 0.75, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """sum_{j != y} max(0, margin + d_j - d_y), averaged over the batch (Hayat et al., ICCV 2019): a margin between classes.

    0 where the similarity to the own class is 1 and to every other at most 1 - margin.

    Parameters
    ----------
    similarities : (n, classes) d = exp(-|f - w|^2 / sigma) of a feature to the nearest centre of each class, 0 to 1.
    targets : (n,) class numbers.
    weights : (classes,) factor of each class.
    """
    from torch.nn import functional

    own = similarities.gather(1, targets[:, None])
    other = functional.one_hot(targets, similarities.shape[1]) == 0
    each = (functional.relu(margin + similarities - own) * other).sum(1)
    return (each if weights is None else each * weights[targets]).mean()


@feature("クラス中心の均等化", "Evenly spread centres", booklet="D5")
def spread_of_centres(centres: torch.Tensor) -> torch.Tensor:
    """Mean over pairs of different centres of (|w_j - w_k|^2 - mu)^2, mu the mean squared distance (Hayat et al., ICCV 2019).

    Added to `affinity_loss`; 0 for centres that are all equally far from one another. The pairs are those above the diagonal: with the
    diagonal itself, as copied code has it, the distances of centres to themselves would count and no centres would reach 0.

    Parameters
    ----------
    centres : (centres, features), of all classes; fewer than two have no pair and give 0.
    """
    import torch

    first, second = torch.triu_indices(len(centres), len(centres), offset=1, device=centres.device)
    if not len(first):
        return centres.sum() * 0
    distances = ((centres[first] - centres[second]) ** 2).sum(1)
    return ((distances - distances.mean()) ** 2).mean()
