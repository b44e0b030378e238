"""A classifier by nearness to learned centres, as the Affinity loss needs it (Hayat et al., ICCV 2019)."""

from __future__ import annotations

import torch
from torch import nn


class CentredNetwork(nn.Module):
    """What a network says of an image is a place; the logit of a class is -|f - w|^2 / sigma to its nearest centre.

    So exp(logit) is the similarity d(f, w) of the paper, from 0 to 1, and the softmax of the logits is d_j / sum d.
    Distances are computed in float32, whatever the arithmetic of the network.
    """

    def __init__(self, inner: nn.Module, *, classes: int, features: int, centres: int = 1, sigma: float = 10.0) -> None:
        """Wrap `inner`, which gives (n, features).

        Parameters
        ----------
        centres : of each class; the nearest counts.
        sigma : width of the similarity; the centres begin sqrt(sigma) apart in the mean.
        """
        super().__init__()
        self.inner, self.sigma = inner, sigma
        scale = (sigma / (2 * features)) ** 0.5
        self.centres = nn.Parameter(torch.randn(classes, centres, features) * scale)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes), at most 0."""
        places = self.inner(images).float()
        squared = ((places[:, None, None] - self.centres) ** 2).sum(-1)
        logits: torch.Tensor = -squared.amin(2) / self.sigma
        return logits
