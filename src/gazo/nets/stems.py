"""Networks of torchvision for any number of channels, and with dropout before the last layer."""

from __future__ import annotations

from typing import Any

import torch
import torchvision
from torch import nn

from gazo.nets.googlenet import GoogLeNet


def from_torchvision(source: str, classes: int, channels: int, drop: float) -> torch.nn.Module:
    """torchvision's networks have stems of 3 channels: the first convolution is made anew for another number."""
    net: Any
    if source == "alexnet":
        net = torchvision.models.alexnet(num_classes=classes, dropout=drop)
        net.features[0] = _for_channels(net.features[0], channels)
    elif source == "googlenet":
        net = GoogLeNet(classes=classes, drop=drop)
        net.conv1.conv = _for_channels(net.conv1.conv, channels)
    else:
        net = torchvision.models.shufflenet_v2_x1_0(num_classes=classes)
        net.conv1[0] = _for_channels(net.conv1[0], channels)
        net.conv5.append(nn.Dropout2d(drop))  # whole maps before the mean are single features after it
    return net


def _for_channels(stem: torch.nn.Conv2d, channels: int) -> torch.nn.Conv2d:
    """The same first convolution for another number of channels."""
    if channels == stem.in_channels:
        return stem
    return nn.Conv2d(channels, stem.out_channels, stem.kernel_size, stem.stride, stem.padding, bias=stem.bias is not None)  # type: ignore[arg-type]
