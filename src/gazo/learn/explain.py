"""Where a network looked: Grad-CAM for convolutional networks, occlusion for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch


def heat_map(net: torch.nn.Module, image: torch.Tensor, target: int) -> tuple[NDArray[np.float32], str]:
    """How much each place of one image speaks for class `target`: (rows, columns) in 0 to 1, and the name of the way.

    Parameters
    ----------
    net : gives logits (1, classes) for images (1, channels, rows, columns).
    image : (channels, rows, columns), standardised as in training.
    """
    layer = _last_convolution(net, image)
    if layer is None:
        return occlusion(net, image, target), "occlusion"
    return grad_cam(net, layer, image, target), "Grad-CAM"


def grad_cam(net: torch.nn.Module, layer: torch.nn.Module, image: torch.Tensor, target: int) -> NDArray[np.float32]:
    """ReLU(sum_k a_k A_k), a_k the mean gradient of the logit over map A_k (Selvaraju et al. 2017, eqs 1-2), scaled to 0-1."""
    import torch
    from torch.nn import functional

    kept: list[torch.Tensor] = []
    net.eval()
    handle = layer.register_forward_hook(lambda module, inputs, output: kept.append(output))
    try:
        with torch.enable_grad():
            score = net(image[None].to(next(net.parameters()).device).requires_grad_())[0, target]
            (gradient,) = torch.autograd.grad(score, kept[-1])
    finally:
        handle.remove()
    weights = gradient.mean((2, 3), keepdim=True)
    found = functional.relu((weights * kept[-1]).sum(1, keepdim=True))
    found = functional.interpolate(found, size=tuple(image.shape[1:]), mode="bilinear", align_corners=False)[0, 0]
    return _unit(found.detach().float().cpu().numpy())


def occlusion(net: torch.nn.Module, image: torch.Tensor, target: int, *, patches: int = 8) -> NDArray[np.float32]:
    """How far the logit falls when a square of the image is replaced by its mean (Zeiler & Fergus 2014), scaled to 0-1."""
    import torch
    from torch.nn import functional

    net.eval()
    device = next(net.parameters()).device
    edges = np.linspace(0, image.shape[1], patches + 1).astype(int)
    covered = image.repeat(patches * patches, 1, 1, 1)
    for number in range(patches * patches):
        row, column = divmod(number, patches)
        covered[number, :, edges[row] : edges[row + 1], edges[column] : edges[column + 1]] = image.mean()
    with torch.inference_mode():
        whole = net(image[None].to(device))[0, target]
        fall = torch.cat([whole - net(part.to(device))[:, target] for part in covered.split(16)])
        found = functional.relu(fall).reshape(1, 1, patches, patches)
        found = functional.interpolate(found, size=tuple(image.shape[1:]), mode="bilinear", align_corners=False)
    return _unit(found[0, 0].float().cpu().numpy())


def _last_convolution(net: torch.nn.Module, image: torch.Tensor) -> torch.nn.Module | None:
    """The last convolution whose output still is a plane; None where the only ones cut patches at the entrance (transformers)."""
    import torch

    layers = [m for m in net.modules() if not list(m.children())]
    planes: list[torch.nn.Module] = []

    def note(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if min(output.shape[2:]) > 1:
            planes.append(module)

    handles = [m.register_forward_hook(note) for m in layers if isinstance(m, torch.nn.Conv2d)]
    try:
        net.eval()
        with torch.inference_mode():
            net(image[None].to(next(net.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    return planes[-1] if planes and layers.index(planes[-1]) >= len(layers) // 3 else None


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    highest = float(values.max())
    return values / highest if highest > 0 else values
