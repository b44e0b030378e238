"""Two scores made one by a logistic regression."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gazo.learn.detect.cad_perceptron import Perceptrons
from gazo.learn.detect.patch_network import PatchNetwork

Floats = NDArray[np.float64]


class Joint(nn.Module):
    """A patch network, perceptrons over features, and the weights with which their logits are added."""

    weights: torch.Tensor
    constant: torch.Tensor

    def __init__(
        self, patches: PatchNetwork, perceptrons: Perceptrons, weights: Floats | None = None, constant: float = 0.0
    ) -> None:
        super().__init__()
        self.patches, self.perceptrons = patches, perceptrons
        self.register_buffer("weights", torch.tensor([0.5, 0.5] if weights is None else weights.tolist(), dtype=torch.float64))
        self.register_buffer("constant", torch.tensor(constant, dtype=torch.float64))

    def joined(self, logits: Floats) -> Floats:
        """(n, 2) logits to n."""
        return np.asarray(logits @ self.weights.cpu().numpy() + float(self.constant))


def regression(logits: Floats, lesion: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and constant of a logistic regression on the two logits; no weight below 0, since more suspicion never means less.

    Where one would be negative, that part is left out and the other learned alone.
    """
    from sklearn.linear_model import LogisticRegression

    used = np.ones(2, bool)
    for _ in range(2):
        if not used.any() or lesion.all() or not lesion.any():
            return np.array([0.5, 0.5]), 0.0
        fitted = LogisticRegression(C=1.0).fit(logits[:, used], lesion)
        weights = np.zeros(2)
        weights[used] = fitted.coef_[0]
        if (weights >= 0).all():
            return weights, float(fitted.intercept_[0])
        used &= weights > weights.min()
    return np.array([0.5, 0.5]), 0.0
