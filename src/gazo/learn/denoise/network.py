"""The networks that tell noise, and how one is applied to an image of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from gazo.learn.denoise.noise import Pixels

if TYPE_CHECKING:
    import torch

Kind = Literal["unet", "mtann"]
TILE_PX = 512


def build(kind: Kind, *, width: int, depth: int) -> torch.nn.Module:
    """An untrained network for images of one channel; its first estimate of the noise is 0."""
    from torch import nn

    if kind == "mtann":
        from gazo.nets.mtann import MTANN

        return MTANN(hidden=width)
    from gazo.nets.unet import UNet

    net = UNet(classes=1, width=width, pools=((2, 2),) * depth)  # no normalisation: noise is told in absolute terms
    nn.init.zeros_(net.classify.weight)
    return net


def margin_px(depth: int) -> int:
    """More than a U-Net of two 3 x 3 convolutions a level sees to one side, a multiple of its coarsest pixel.

    It sees 2 (1 + 2 + ... + 2^depth + ... + 2 + 1) = 6 x 2^depth - 4 pixels, and up to 2^depth - 1 more by pooling.
    """
    return 8 << depth


def applied(net: torch.nn.Module, pixels: Pixels, *, depth: int, tile_px: int = TILE_PX) -> Pixels:
    """The output for a whole image, made tile by tile; every tile sees far enough that no seam is made.

    Borders are mirrored. Tiles begin at multiples of the coarsest pixel, so pooling falls on the same places as in one pass.
    """
    import torch

    margin, unit = margin_px(depth), 2**depth
    rows, columns = pixels.shape
    extra = [(-n) % unit for n in pixels.shape]
    around = np.pad(pixels, [(margin, margin + e) for e in extra], mode="symmetric")
    device = next(net.parameters()).device
    found = np.empty((rows, columns), np.float32)
    step = max(unit, tile_px // unit * unit)
    net.eval()
    with torch.inference_mode():
        for top in range(0, rows, step):
            for left in range(0, columns, step):
                tile = around[top : top + step + 2 * margin, left : left + step + 2 * margin]
                tile = tile[: tile.shape[0] // unit * unit, : tile.shape[1] // unit * unit]
                out = net(torch.from_numpy(np.ascontiguousarray(tile))[None, None].to(device))[0, 0].float().cpu().numpy()
                high, wide = min(step, rows - top), min(step, columns - left)
                found[top : top + high, left : left + wide] = out[margin : margin + high, margin : margin + wide]
    return found
