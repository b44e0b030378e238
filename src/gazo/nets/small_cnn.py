"""A small plain network of our own, for lessons, quick looks and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

WIDTHS = (16, 32, 64)


def small_cnn(*, classes: int, channels: int = 1, drop: float = 0.0) -> torch.nn.Module:
    """Three times 3x3 convolution, batch normalisation, ReLU (16, 32, 64 maps; 2x2 maximum after the first two), mean, one dense layer.

    23,538 learned numbers for one channel and two classes. Takes any size; made for 28 to 64 px.
    """
    from torch import nn

    layers: list[nn.Module] = []
    for number, width in enumerate(WIDTHS):
        before = WIDTHS[number - 1] if number else channels
        layers += [nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(drop), nn.Linear(WIDTHS[-1], classes))
