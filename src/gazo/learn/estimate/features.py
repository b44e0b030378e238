"""The features that a perceptual loss compares: maps in the middle of a network that was taught to tell photographs apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

FeatureNetwork = Literal["efficientnet-lite0", "vgg16"]
FEATURES: FeatureNetwork = "efficientnet-lite0"
FeatureMaps = Callable[["torch.Tensor"], "tuple[torch.Tensor, ...]"]

# Mean and standard deviation that the published weights expect of red, green and blue in 0 to 1.
_LITE = (127 / 255, 128 / 255)
_VGG = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_RELU2_2, _RELU3_3 = 8, 15  # places in VGG-16, the layers of Johnson et al. 2016


@lru_cache(maxsize=2)
def feature_maps(network: FeatureNetwork, weights: str) -> FeatureMaps:
    """A function from images (n, 1 or 3, rows, columns) in 0 to 1 to feature maps; its network never learns.

    efficientnet-lite0: the output of the second and the third stage (1/4 and 1/8 of the size). vgg16: relu2_2 and relu3_3 (1/2 and
    1/4), the layers of the paper. A grey image stands in all three channels.

    Parameters
    ----------
    weights : "installed" (efficientnet-lite0 from the package that carries it), "hub", or a file.
    """

    from gazo.nets.zoo import create
    from gazo.training.weights import installed, load_weights

    name = network.replace("-", "_")
    if weights == "installed":
        installed(name)  # said before the network is built
    net = create(name, classes=1000, channels=3)
    load_weights(net, weights, name=name)
    stages, mean, deviation = _lite_stages(net) if network == "efficientnet-lite0" else _vgg_stages(net)
    stages = stages.eval().requires_grad_(False)

    def maps(images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = []
        stages.to(images.device)
        values = (images.expand(-1, 3, -1, -1) - mean.to(images)) / deviation.to(images)
        for stage in stages:
            values = stage(values)
            found.append(values)
        return tuple(found)

    return maps


def _lite_stages(net: torch.nn.Module) -> tuple[torch.nn.ModuleList, torch.Tensor, torch.Tensor]:
    import torch

    parts = net.conv_stem, net.bn1, net.blocks[0], net.blocks[1]  # type: ignore[index]
    stages = torch.nn.ModuleList([torch.nn.Sequential(*parts), net.blocks[2]])  # type: ignore[index, arg-type, list-item]
    return stages, torch.tensor(_LITE[0]), torch.tensor(_LITE[1])


def _vgg_stages(net: torch.nn.Module) -> tuple[torch.nn.ModuleList, torch.Tensor, torch.Tensor]:
    import torch

    layers = list(net.features.children())  # type: ignore[union-attr]
    parts = layers[: _RELU2_2 + 1], layers[_RELU2_2 + 1 : _RELU3_3 + 1]
    stages = torch.nn.ModuleList([torch.nn.Sequential(*part) for part in parts])
    mean, deviation = (torch.tensor(values).reshape(1, 3, 1, 1) for values in _VGG)
    return stages, mean, deviation
