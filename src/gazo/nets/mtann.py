"""The massive-training artificial neural network: a perceptron that looks at a small region and says one pixel."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class MTANN(nn.Module):
    """A linear-output perceptron scanned over an image (Suzuki et al. 2003, Med Phys 30:1602).

    The pixels of a region of `region_px` x `region_px` go to one layer of sigmoid units and one linear unit, which is the pixel of
    the output at the centre. Scanning is a convolution, so images of every size pass at once. The mean of each region is taken
    away first (the weights of a unit sum to 0), a background-trend correction in the sense of Suzuki et al. 2005 (Acad Radiol
    12:191). Borders are mirrored.
    """

    def __init__(self, *, region_px: int = 9, hidden: int = 20) -> None:
        super().__init__()
        self.region_px = region_px
        self.look = nn.Conv2d(1, hidden, region_px)
        self.say = nn.Conv2d(hidden, 1, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(n, 1, rows, columns) to the same shape."""
        reach = self.region_px // 2
        around = functional.pad(images, (reach,) * 4, mode="reflect")
        weights = self.look.weight - self.look.weight.mean((1, 2, 3), keepdim=True)
        said: torch.Tensor = self.say(torch.sigmoid(functional.conv2d(around, weights, self.look.bias)))
        return said
