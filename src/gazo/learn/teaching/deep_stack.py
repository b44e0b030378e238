"""Plain networks of many equal layers, with sigmoid or with one of the remedies that made deep networks learn."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import nn

Kind = Literal["sigmoid", "relu", "batch-norm", "residual"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class DeepStack(nn.Module):
    """`depth` layers of `width` units between two inputs and one output.

    sigmoid : h -> s(W h + b), W ~ N(0, 1/width).
    relu : h -> max(0, W h + b), W ~ N(0, 2/width) (He et al. 2015).
    batch-norm : h -> s(BN(W h)) (Ioffe and Szegedy 2015), the sigmoid kept.
    residual : h -> h + s(W h + b) - 1/2 (after He et al. 2016), the sigmoid kept; s - 1/2 so that sums do not drift.
    """

    def __init__(self, kind: Kind, depth: int, width: int) -> None:
        super().__init__()
        self.kind = kind
        sizes = [2] + [width] * depth
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=kind != "batch-norm") for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(depth if kind == "batch-norm" else 0))
        self.last = nn.Linear(width, 1)
        for layer in (*self.layers, self.last):
            nn.init.normal_(layer.weight, std=((2.0 if kind == "relu" else 1.0) / layer.in_features) ** 0.5)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Logits (n,) of points (n, 2)."""
        h = points
        for number, layer in enumerate(self.layers):
            z = layer(h)
            if self.kind == "relu":
                h = z.relu()
            elif self.kind == "batch-norm":
                h = self.norms[number](z).sigmoid()
            elif self.kind == "residual" and number:
                h = h + z.sigmoid() - 0.5
            else:
                h = z.sigmoid()
        return self.last(h)[:, 0]

    def gradients(self) -> list[float]:
        """Root mean square of the gradient of each layer's weights, the layer nearest to the input first."""
        return [float(layer.weight.grad.square().mean().sqrt()) for layer in self.layers if layer.weight.grad is not None]
