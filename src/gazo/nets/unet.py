"""U-Net (Ronneberger, Fischer & Brox, MICCAI 2015), whole in this file, for flat images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import nn

Normalisation = Literal["batch", "instance", "none"]


class UNet(nn.Module):
    """Images (n, channels, [planes,] rows, columns) to logits (n, classes, [planes,] rows, columns) of the same size.

    On the way down each level has two convolutions of side 3 and a max pooling, and twice as many features as the one above. On
    the way up a transposed convolution enlarges, the features of the same level from the way down stand beside it, and two
    convolutions follow. A last 1 x 1 convolution gives the classes. With `width` 64, `normalisation` "none" and the default
    `pools` this is the network of the paper, 31,030,658 parameters for two classes; but images are padded, so that the output is
    as large as the input, and pieces need no mirrored rim.

    Parameters
    ----------
    width : features of the first level.
    pools : for each pooling its factor along each axis; sizes of images are multiples of their product.
    normalisation : after each convolution; batch normalisation (Ioffe & Szegedy 2015), instance normalisation
        (Ulyanov et al. 2016) or none, as in the paper.
    drop : dropout of features after the deepest level, as at the end of the paper's contracting path.
    """

    def __init__(
        self,
        *,
        classes: int,
        channels: int = 1,
        width: int = 64,
        pools: Sequence[tuple[int, ...]] = ((2, 2),) * 4,
        normalisation: Normalisation = "none",
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        dims = len(pools[0])
        convolution: Any
        enlarging: Any
        convolution, enlarging = (nn.Conv2d, nn.ConvTranspose2d) if dims == 2 else (nn.Conv3d, nn.ConvTranspose3d)
        widths = [width * 2**level for level in range(len(pools) + 1)]
        ways_in = [channels, *widths[:-1]]
        self.down = nn.ModuleList(_twice(i, o, dims, normalisation) for i, o in zip(ways_in, widths, strict=True))
        self.shrink = nn.ModuleList((nn.MaxPool2d if dims == 2 else nn.MaxPool3d)(pool) for pool in pools)
        self.dropout = nn.Dropout(drop)
        ups = list(zip(widths[:0:-1], widths[-2::-1], reversed(pools), strict=True))
        self.enlarge = nn.ModuleList(enlarging(i, o, pool, pool) for i, o, pool in ups)
        self.up = nn.ModuleList(_twice(i, o, dims, normalisation) for i, o, _ in ups)
        self.classify = convolution(width, classes, 1)
        for part in self.modules():
            if isinstance(part, convolution | enlarging):  # sqrt(2 / N) of section 3 of the paper (He et al. 2015)
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                if part.bias is not None:
                    nn.init.zeros_(part.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.down[0](images)
        beside = []
        for shrink, block in zip(self.shrink, self.down[1:], strict=True):
            beside.append(features)
            features = block(shrink(features))
        features = self.dropout(features)
        for enlarge, block, other in zip(self.enlarge, self.up, reversed(beside), strict=True):
            features = block(torch.cat([other, enlarge(features)], 1))
        logits: torch.Tensor = self.classify(features)
        return logits


def _twice(ways_in: int, width: int, dims: int, normalisation: Normalisation) -> nn.Sequential:
    """Convolution, normalisation, ReLU, and the same again."""
    layers: list[nn.Module] = []
    for given in (ways_in, width):
        convolution = nn.Conv2d if dims == 2 else nn.Conv3d
        layers += [convolution(given, width, 3, padding=1, bias=normalisation == "none"), *_norm(width, dims, normalisation)]
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def _norm(width: int, dims: int, normalisation: Normalisation) -> list[nn.Module]:
    if normalisation == "none":
        return []
    if normalisation == "batch":
        return [(nn.BatchNorm2d if dims == 2 else nn.BatchNorm3d)(width)]
    return [(nn.InstanceNorm2d if dims == 2 else nn.InstanceNorm3d)(width, affine=True)]
