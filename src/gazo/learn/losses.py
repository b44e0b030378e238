"""Losses of the booklet's estimation article: cross entropy (eq. 1) and mean squared error (eq. 2)."""

from __future__ import annotations

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
