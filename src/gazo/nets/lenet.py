"""LeNet-5 (LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86(11):2278, 1998), almost as published."""

from __future__ import annotations

import torch
from torch import nn

PAPER_SIZE_PX = 32


class LeNet(nn.Module):
    """C1 6@5x5, S2 mean 2x2, C3 16@5x5, S4 mean 2x2, C5 120, F6 84, output; activation 1.7159 tanh(2 x / 3) (the paper's eq. 6).

    Three things differ from the paper: C3 is joined to every map of S2 (the paper leaves out some of the 96 joints), S2 and S4
    have no weight of their own, and the output is linear (for cross entropy) where the paper has radial basis functions.
    At 32 px, 1 channel and 10 classes: 156 + 2,416 + 48,120 + 10,164 + 850 = 61,706 learned numbers.

    Parameters
    ----------
    size_px : side of the square image. C5 spans the whole plane, so its number of weights grows with the image.
        Less than 32 px is padded to 32 px with zeros, as the authors did with their digits of 28 px.
    """

    def __init__(self, *, classes: int, channels: int = 1, size_px: int = PAPER_SIZE_PX, drop: float = 0.0) -> None:
        super().__init__()
        missing = max(0, PAPER_SIZE_PX - size_px)
        self.pad = nn.ZeroPad2d((missing // 2, missing - missing // 2, missing // 2, missing - missing // 2))
        side = ((size_px + missing - 4) // 2 - 4) // 2
        self.c1 = nn.Conv2d(channels, 6, 5)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.c5 = nn.Linear(16 * side * side, 120)
        self.f6 = nn.Linear(120, 84)
        self.drop = nn.Dropout(drop)
        self.output = nn.Linear(84, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (n, channels, size, size) to logits (n, classes)."""
        x = nn.functional.avg_pool2d(_squash(self.c1(self.pad(x))), 2)
        x = nn.functional.avg_pool2d(_squash(self.c3(x)), 2)
        x = _squash(self.c5(x.flatten(1)))
        return self.output(self.drop(_squash(self.f6(x))))


def _squash(x: torch.Tensor) -> torch.Tensor:
    return 1.7159 * torch.tanh(x * (2 / 3))
