"""The raster scan: what a patch network says of every place of an image, patch by patch or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.registry import feature

if TYPE_CHECKING:
    from gazo.learn.detect.candidates import Points
    from gazo.learn.detect.patch_network import PatchNetwork, Stride

Floats = NDArray[np.float32]
BAND_PX = 256  # rows that are worked on together, so that memory does not grow with the image


@feature("パッチ CNN の全画素評価", "Dense evaluation of a patch network", booklet="D4")
def dense_map(net: PatchNetwork, channels: Floats, *, stride: Stride = 1) -> Floats:
    """The logit of the patch about every `stride`-th pixel: (rows / stride, columns / stride), rounded up.

    The same numbers as of the patches one by one. A patch of side s about pixel p covers p - s/2 to p + s/2 - 1; beyond the border the
    image is mirrored.

    Parameters
    ----------
    channels : (channels, rows, columns) as the network was taught.
    """
    import torch

    rows, columns = channels.shape[1:]
    framed = _framed(channels, net.patch_px)
    device = next(net.parameters()).device
    found = np.empty((-(-rows // stride), -(-columns // stride)), np.float32)
    net.eval()
    with torch.inference_mode():
        for top in range(0, rows, BAND_PX):
            high = min(BAND_PX, rows - top)
            band = torch.from_numpy(framed[None, :, top : top + high + net.patch_px - 1]).to(device)
            said = net.dense(band.contiguous(memory_format=torch.channels_last), stride)[0]
            first = top // stride
            found[first : first + said.shape[0]] = said.float().cpu().numpy()
    return found


@feature("パッチごとの評価", "Evaluation of patches one by one", booklet="D4")
def patch_scores(net: PatchNetwork, channels: Floats, points: Points, *, batch: int = 512) -> Floats:
    """The logit of the patch about each point (row, column): (n,)."""
    import torch

    framed = _framed(channels, net.patch_px)
    windows = np.lib.stride_tricks.sliding_window_view(framed, (net.patch_px, net.patch_px), axis=(1, 2))
    device = next(net.parameters()).device
    said: list[Any] = [np.zeros(0, np.float32)]
    net.eval()
    with torch.inference_mode():
        for first in range(0, len(points), batch):
            row, column = points[first : first + batch].T
            cut = np.ascontiguousarray(np.moveaxis(windows[:, row, column], 0, 1))
            patches = torch.from_numpy(cut).to(device)
            said.append(net(patches.contiguous(memory_format=torch.channels_last)).float().cpu().numpy())
    return np.concatenate(said)


def _framed(channels: Floats, patch_px: int) -> Floats:
    half = patch_px // 2
    return np.pad(channels.astype(np.float32, copy=False), ((0, 0), (half, half - 1), (half, half - 1)), mode="symmetric")
