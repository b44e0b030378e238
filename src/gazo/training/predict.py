"""What a trained network says of images, in batches, always the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gazo.training.feed import standardise
from gazo.training.pixels import PreparedPixels

if TYPE_CHECKING:
    import numpy as np
    import torch


def outputs(
    net: torch.nn.Module,
    pixels: PreparedPixels,
    rows: Sequence[int] | NDArray[np.integer[Any]],
    *,
    batch_size: int = 64,
    mirrored: bool = False,
) -> torch.Tensor:
    """The network's output for some rows, float32 on the processor: (n, ...).

    With `mirrored` the mean of the output for the image and for its left-right mirror image.
    """
    import torch

    device = next(net.parameters()).device
    net.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), batch_size):
            images = standardise(pixels.read(rows[start : start + batch_size])).to(device)
            output = net(images)
            if mirrored:
                output = (output + net(images.flip(3))) / 2
            found.append(output.float().cpu())
    return torch.cat(found)
