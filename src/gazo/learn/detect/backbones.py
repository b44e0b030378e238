"""Feature maps for detectors: our small network, the convolutions of AlexNet, VGG-16 and GoogLeNet, and pyramids of torchvision."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from gazo.nets.zoo import create
from gazo.training.weights import load_weights

WIDE = 96  # maps that our small network gives
CLASSIFIERS = ("alexnet", "vgg16", "googlenet")
PYRAMIDS = ("resnet50_fpn", "mobilenet_v3_large_320")


class Plane(nn.Module):
    """Layers that give one feature map, under the name torchvision's detectors expect."""

    def __init__(self, layers: nn.Module, out_channels: int) -> None:
        super().__init__()
        self.layers, self.out_channels = layers, out_channels

    def forward(self, images: torch.Tensor) -> OrderedDict[str, torch.Tensor]:
        return OrderedDict([("0", self.layers(images))])


class Coloured(nn.Module):
    """A pyramid of torchvision behind a stem of three channels: grey images are shown to it as equal colours."""

    def __init__(self, pyramid: Any) -> None:
        super().__init__()
        self.pyramid, self.out_channels = pyramid, pyramid.out_channels

    def forward(self, images: torch.Tensor) -> Any:
        return self.pyramid(images.expand(-1, 3, -1, -1))


def block(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    """3 x 3 convolution, batch normalisation, ReLU."""
    return [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def small(channels: int, stride: int) -> Plane:
    """Six 3 x 3 convolutions, halved on the way to a stride of 8 or 4; lesions of few pixels need 4."""
    last = nn.MaxPool2d(2) if stride == 8 else nn.Identity()
    layers = [*block(channels, 24, 2), *block(24, 48), nn.MaxPool2d(2), *block(48, 64), *block(64, WIDE)]
    return Plane(nn.Sequential(*layers, last, *block(WIDE, WIDE), *block(WIDE, WIDE)), WIDE)


def backbone(name: str, *, channels: int, stride: int, size_px: int, weights: str) -> Any:
    """The feature extractor by name. `weights` are those of the whole classification network (none, hub or a file)."""
    if name == "small":
        return small(channels, stride)
    if name in PYRAMIDS:
        from torchvision.models.detection import backbone_utils as made

        if name == "resnet50_fpn":
            return Coloured(
                made.resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=nn.BatchNorm2d, trainable_layers=5)
            )
        return Coloured(
            made.mobilenet_backbone(
                backbone_name="mobilenet_v3_large", weights=None, fpn=True, norm_layer=nn.BatchNorm2d, trainable_layers=6
            )
        )
    net = create(name, classes=1000, channels=channels, size_px=max(224, size_px))
    load_weights(net, weights, name=name)
    return _features(net, name)


def _features(net: Any, name: str) -> Plane:
    """The convolutions of a classification network without its last reductions, so that the stride stays at 16."""
    if name == "alexnet":
        return Plane(net.features[:-1], 256)
    if name == "vgg16":
        kept = list(net.features.children())
        return Plane(nn.Sequential(*kept[:-1]), 512)
    parts = [net.conv1, net.maxpool1, net.conv2, net.conv3, net.maxpool2, net.inception3a, net.inception3b, net.maxpool3]
    parts += [net.inception4a, net.inception4b, net.inception4c, net.inception4d, net.inception4e]
    return Plane(nn.Sequential(*parts), 832)


def levels(name: str) -> int:
    """How many feature maps a backbone gives."""
    return {"resnet50_fpn": 5, "mobilenet_v3_large_320": 3}.get(name, 1)
