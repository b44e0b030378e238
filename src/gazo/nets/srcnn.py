"""SRCNN: three convolutions that sharpen an enlarged image (Dong et al., IEEE TPAMI 38:295, 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

Kernels = Literal["9-1-5", "9-5-5"]
WIDTHS = (64, 32)


@feature("SRCNN (3 層の超解像ネットワーク)", "SRCNN, three convolutions", booklet="E2")
def srcnn(kernels: Kernels = "9-1-5", *, channels: int = 1) -> torch.nn.Module:
    """Patch extraction (64 maps), non-linear mapping (32 maps), reconstruction; ReLU after the first two convolutions only.

    Takes an image that was enlarged already and gives one of the same size: the border is continued once, by as much as the three
    kernels take off, and the convolutions are valid. `margin` is how far the continued border reaches into the output; a loss
    leaves it out, as the paper's training on valid output does. 8,129 learned numbers for 9-1-5, 57,281 for 9-5-5.
    """
    from torch import nn

    sizes = tuple(int(size) for size in kernels.split("-"))
    margin = sum(size // 2 for size in sizes)
    layers = nn.Sequential(
        nn.ReplicationPad2d(margin),
        nn.Conv2d(channels, WIDTHS[0], sizes[0]), nn.ReLU(),
        nn.Conv2d(WIDTHS[0], WIDTHS[1], sizes[1]), nn.ReLU(),
        nn.Conv2d(WIDTHS[1], channels, sizes[2]),
    )  # fmt: skip
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)  # the paper's N(0, 0.001) needs 10^8 steps; this learns in minutes
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    layers.margin = margin  # type: ignore[assignment]
    return layers
