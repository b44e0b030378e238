"""A small residual network for some hundreds of grey images: ours, made for radiographs of 64 to 128 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

WIDTH = 16


def small_resnet(*, classes: int, channels: int = 1, drop: float = 0.2, width: int = WIDTH) -> torch.nn.Module:
    """A 5x5 stem of stride 2, four residual blocks (He et al. 2016) of `width` to 8 x `width` maps, average pooling, dropout.

    0.31 million parameters for one channel and two classes: a tenth of MobileNet, and enough for the view or the sex in a chest
    radiograph, where larger networks learn several hundred images by heart.
    """
    from torch import nn

    class Block(nn.Module):
        """Two 3x3 convolutions with a way around them; the way around averages where the block halves the plane."""

        def __init__(self, incoming: int, outgoing: int, stride: int) -> None:
            super().__init__()
            self.way = nn.Sequential(
                nn.Conv2d(incoming, outgoing, 3, stride, 1, bias=False), nn.BatchNorm2d(outgoing), nn.ReLU(),
                nn.Conv2d(outgoing, outgoing, 3, 1, 1, bias=False), nn.BatchNorm2d(outgoing),
            )  # fmt: skip
            self.around: nn.Module = nn.Identity()
            if stride > 1 or incoming != outgoing:
                self.around = nn.Sequential(
                    nn.AvgPool2d(stride), nn.Conv2d(incoming, outgoing, 1, bias=False), nn.BatchNorm2d(outgoing)
                )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.relu(self.way(x) + self.around(x))

    return nn.Sequential(
        nn.Conv2d(channels, width, 5, 2, 2, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        Block(width, width, 1), Block(width, 2 * width, 2), Block(2 * width, 4 * width, 2), Block(4 * width, 8 * width, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(drop), nn.Linear(8 * width, classes),
    )  # fmt: skip
