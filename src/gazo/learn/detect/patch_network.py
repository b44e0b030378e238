"""Our small network for patches, and the same network laid over a whole image."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from torch.nn import functional

from gazo.core.errors import OptionError

Stride = Literal[1, 2, 4]
LEAST = 20  # px: three convolutions and two poolings leave one place


class PatchNetwork(nn.Module):
    """Says how likely a spot is in the middle of a patch: one logit.

    5x5 convolution, 2x2 maximum, 3x3 convolution, 2x2 maximum, 3x3 convolution, one that covers what is left, one number. No padding
    anywhere, batch normalisation and ReLU after each convolution, so every output depends on its own patch alone, and the network can
    be laid over an image without changing a number.

    Parameters
    ----------
    channels : of the patches.
    patch_px : side of a patch, a multiple of 4.
    width : maps of the first layer; the others have twice as many.
    """

    def __init__(self, *, channels: int, patch_px: int = 32, width: int = 16, drop: float = 0.0) -> None:
        super().__init__()
        if patch_px % 4 or patch_px < LEAST:
            raise OptionError(
                "G-CAD-020",
                en=f"the side of a patch must be a multiple of 4 of at least {LEAST} px; {patch_px} came. 32 suits spots up to 10 px across.",
                ja=f"パッチの一辺は {LEAST} 画素以上の 4 の倍数でなければなりません。受け取った値: {patch_px}。直径 10 画素程度までの対象には 32 が適しています。",
            )
        self.patch_px = patch_px
        left = ((patch_px - 4) // 2 - 2) // 2 - 2
        sizes = ((channels, width, 5), (width, 2 * width, 3), (2 * width, 2 * width, 3), (2 * width, 2 * width, left))
        self.convolutions = nn.ModuleList(nn.Conv2d(before, after, side, bias=False) for before, after, side in sizes)
        self.normalisations = nn.ModuleList(nn.BatchNorm2d(after) for _, after, _ in sizes)
        self.drop = nn.Dropout(drop)
        self.say = nn.Conv2d(2 * width, 1, 1)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """(n, channels, patch, patch) to n logits."""
        return self._laid(patches, 4).flatten()

    def dense(self, images: torch.Tensor, stride: Stride = 1) -> torch.Tensor:
        """(n, channels, rows, columns) to (n, rows', columns'): the logit of the patch that begins at every `stride`-th pixel.

        A pooling that would skip places takes every place instead, and all that follows looks as many pixels further apart (the "a
        trous" algorithm; Giusti et al., ICIP 2013, and Long et al., CVPR 2015, for networks): each number is that of its patch.
        """
        return self._laid(images, stride)[:, 0]

    def _laid(self, images: torch.Tensor, stride: int) -> torch.Tensor:
        apart = 1
        maps = images
        for number, (convolution, normalisation) in enumerate(zip(self.convolutions, self.normalisations, strict=True)):
            maps = functional.conv2d(maps, convolution.weight, dilation=apart)
            maps = functional.relu(normalisation(maps))
            if number < 2:
                step = 2 if stride > 2**number else 1  # 4: both poolings may skip, 2: the first, 1: none
                maps = functional.max_pool2d(maps, 2, stride=step, dilation=apart)
                apart *= 2 // step
        said: torch.Tensor = self.say(self.drop(maps))
        return said
