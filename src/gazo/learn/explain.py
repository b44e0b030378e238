"""Where a network looked: the Grad-CAM family for convolutional networks, occlusion for any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.training.pixels import Fit

if TYPE_CHECKING:
    import torch

Heat = NDArray[np.float32]
Way = Literal["auto", "grad-cam", "grad-cam++", "layer-cam", "occlusion"]
NAMES = {"grad-cam": "Grad-CAM", "grad-cam++": "Grad-CAM++", "layer-cam": "Layer-CAM", "occlusion": "occlusion"}


@feature("判断の根拠の表示", "Heat map of a network", booklet="K4")
def heat_map(
    net: torch.nn.Module,
    image: torch.Tensor,
    target: int,
    *,
    way: Annotated[Way, Label("根拠を求める方法", "Way of explaining")] = "auto",
) -> tuple[Heat, str]:
    """How much each place of one image speaks for output `target`: (rows, columns) in 0 to 1, and the name of the way.

    Parameters
    ----------
    net : gives logits (1, classes), or values (1, 1), for images (1, channels, rows, columns).
    image : (channels, rows, columns), standardised as in training.
    target : the class, or 0 for the value of a regression; the map then shows what raises it.
    way : "auto" is Grad-CAM where a late convolution still is a plane, else occlusion (transformers).
    """
    if way == "occlusion":
        return occlusion(net, image, target), NAMES[way]
    layer = _last_planes(net, image)
    if layer is None and way == "auto":
        return occlusion(net, image, target), NAMES["occlusion"]
    if layer is None:
        raise OptionError(
            "G-LEARN-064",
            en=f"{NAMES[way]} needs a late convolution whose output still is a plane; this network has none. Take --way occlusion or auto.",
            ja=f"{NAMES[way]} には、出力がまだ面になっている後段の畳み込み層が必要ですが、このネットワークにはありません。--way occlusion または auto を使ってください。",
        )
    maps = {"auto": grad_cam, "grad-cam": grad_cam, "grad-cam++": grad_cam_plus_plus, "layer-cam": layer_cam}
    return maps[way](net, layer, image, target), NAMES["grad-cam" if way == "auto" else way]


def grad_cam(net: torch.nn.Module, layer: torch.nn.Module, image: torch.Tensor, target: int) -> Heat:
    """ReLU(sum_k a_k A_k), a_k the mean gradient of the logit over map A_k (Selvaraju et al. 2017, eqs 1-2), scaled to 0-1."""
    maps, gradient = _maps_and_gradient(net, layer, image, target)
    return _laid_over((gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True), image)


def grad_cam_plus_plus(net: torch.nn.Module, layer: torch.nn.Module, image: torch.Tensor, target: int) -> Heat:
    """As Grad-CAM with a_k = sum alpha ReLU(g), alpha = g^2 / (2 g^2 + g^3 sum A) (Chattopadhay et al., WACV 2018).

    g is the gradient of the logit at each place. Several objects of one class are covered more evenly.
    """
    import torch
    from torch.nn import functional

    maps, gradient = _maps_and_gradient(net, layer, image, target)
    below = 2 * gradient**2 + gradient**3 * maps.sum((2, 3), keepdim=True)
    alpha = gradient**2 / torch.where(below != 0, below, torch.ones_like(below))
    weights = (alpha * functional.relu(gradient)).sum((2, 3), keepdim=True)
    return _laid_over((weights * maps).sum(1, keepdim=True), image)


def layer_cam(net: torch.nn.Module, layer: torch.nn.Module, image: torch.Tensor, target: int) -> Heat:
    """ReLU(sum_k ReLU(g_k) A_k): each place has its own weight (Jiang et al., IEEE TIP 2021, eqs 5-7); finer in early layers."""
    from torch.nn import functional

    maps, gradient = _maps_and_gradient(net, layer, image, target)
    return _laid_over((functional.relu(gradient) * maps).sum(1, keepdim=True), image)


def _maps_and_gradient(
    net: torch.nn.Module, layer: torch.nn.Module, image: torch.Tensor, target: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The maps of a layer (1, k, rows, columns) and the gradient of the output over them."""
    import torch

    kept: list[torch.Tensor] = []
    net.eval()
    handle = layer.register_forward_hook(lambda module, inputs, output: kept.append(output))
    try:
        with torch.enable_grad():
            score = net(image[None].to(next(net.parameters()).device).requires_grad_())[0, target]
            (gradient,) = torch.autograd.grad(score, kept[-1])
    finally:
        handle.remove()
    return kept[-1].detach().float(), gradient.float()


def _laid_over(found: torch.Tensor, image: torch.Tensor) -> Heat:
    """The positive part of a map (1, 1, rows, columns) at the size of the image, 0 to 1."""
    from torch.nn import functional

    wide = functional.interpolate(functional.relu(found), size=tuple(image.shape[1:]), mode="bilinear", align_corners=False)
    return _unit(wide[0, 0].cpu().numpy())


def occlusion(net: torch.nn.Module, image: torch.Tensor, target: int, *, patches: int = 8) -> Heat:
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
        fall = torch.cat([whole - net(part.to(device))[:, target] for part in torch.split(covered, 16)])
        found = functional.relu(fall).reshape(1, 1, patches, patches)
        found = functional.interpolate(found, size=tuple(image.shape[1:]), mode="bilinear", align_corners=False)
    return _unit(found[0, 0].float().cpu().numpy())


def _last_planes(net: torch.nn.Module, image: torch.Tensor) -> torch.nn.Module | None:
    """The module whose maps are explained: the last one behind the last convolution that still gives planes of its size.

    So it is the activation, or the whole residual block with its way around, and not a convolution inside. None where the only
    convolutions cut patches at the entrance (transformers).
    """
    import torch

    leaves = [m for m in net.modules() if not list(m.children())]
    planes: list[tuple[torch.nn.Module, tuple[int, ...]]] = []

    def note(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        if isinstance(output, torch.Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
            planes.append((module, tuple(output.shape[2:])))

    handles = [m.register_forward_hook(note) for m in net.modules()]
    try:
        net.eval()
        with torch.inference_mode():
            net(image[None].to(next(net.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    last = next((number for number in reversed(range(len(planes))) if isinstance(planes[number][0], torch.nn.Conv2d)), None)
    if last is None or leaves.index(planes[last][0]) < len(leaves) // 3:
        return None
    size = planes[last][1]
    return next(module for module, own in reversed(planes) if own == size)


def in_image(heat: NDArray[Any], shape: Sequence[int], fit: Fit) -> NDArray[Any]:
    """A map of the square that a network saw, laid over the image it was made from: `prepared_pixels` the other way round."""
    import cv2

    rows, columns = (int(n) for n in shape)
    if fit == "pad":
        size = heat.shape[0]
        scale = size / max(rows, columns)
        high, wide = max(1, round(rows * scale)), max(1, round(columns * scale))
        top, left = (size - high) // 2, (size - wide) // 2
        heat = heat[top : top + high, left : left + wide]
    return np.asarray(cv2.resize(np.ascontiguousarray(heat), (columns, rows), interpolation=cv2.INTER_LINEAR), heat.dtype)


def in_geometry(heat: Heat, image: Image, fit: Fit) -> Image:
    """The map of the square as an image of the size, spacing and orientation of the one it explains, 0 to 1."""
    grey = image.grey()
    return grey.with_pixels(in_image(heat, grey.shape, fit), meaning="quantity", unit="", window=None, inverted=False)


def _unit(values: Heat) -> Heat:
    highest = float(values.max())
    return values / highest if highest > 0 else values
