"""Transfer without training a network: features of a network that is kept as it is, and ridge regression on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import OptionError

if TYPE_CHECKING:
    import torch

    from gazo.training.pixels import PreparedPixels

ALPHAS = np.logspace(0, 6, 13)
GRID = 3  # places across and down at which features are averaged: where in the chest something is, tells age
REDUCTION = 16  # features are taken where the plane is a sixteenth of the image: general enough, and still in place


class _Reached(Exception):
    """The layer whose maps are wanted has been computed; what comes after it is not needed."""

    def __init__(self, maps: torch.Tensor) -> None:
        self.maps = maps


def feature_ridge(backbone: torch.nn.Module, size_px: int, channels: int) -> torch.nn.Module:
    """A module from images to one value: features of a middle layer of `backbone`, averaged on a 3 x 3 grid, standardised, one dense layer.

    Only the dense layer is to be fitted (`fit_ridge`); until then it gives 0. What lies behind the middle layer is never computed.
    """
    import torch
    from torch import nn

    class FeatureRidge(nn.Module):
        """Frozen features and a linear map."""

        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone.requires_grad_(False)
            layer = dict(backbone.named_modules())[tapped_layer(backbone, size_px, channels)]
            layer.register_forward_hook(self._stop)
            count = self.features(torch.zeros(1, channels, size_px, size_px)).shape[1]
            self.mean: torch.Tensor
            self.deviation: torch.Tensor
            self.register_buffer("mean", torch.zeros(count))
            self.register_buffer("deviation", torch.ones(count))
            self.last = nn.Linear(count, 1)
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        @staticmethod
        def _stop(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
            raise _Reached(output)

        def features(self, images: torch.Tensor) -> torch.Tensor:
            """(n, features) of images."""
            self.backbone.eval()
            try:
                self.backbone(images)
            except _Reached as found:
                return nn.functional.adaptive_avg_pool2d(found.maps, GRID).flatten(1)
            raise AssertionError("the layer was found by running the network")

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            values: torch.Tensor = self.last((self.features(images) - self.mean) / self.deviation)
            return values

    return FeatureRidge().eval()


def fit_ridge(net: torch.nn.Module, features: NDArray[np.floating[Any]], values: NDArray[np.floating[Any]]) -> None:
    """Fit the dense layer of `net` to `values` from features (n, looks, features): ridge, its strength by leave-one-out (Golub et al. 1979).

    A look is the image itself or its mirror image; each teaches.
    """
    import torch

    flat = features.reshape(-1, features.shape[-1])
    mean, deviation = flat.mean(0), flat.std(0) + 1e-6
    weights, bias = ridge((flat - mean) / deviation, np.repeat(values, features.shape[1]))
    with torch.no_grad():
        net.mean.copy_(torch.from_numpy(mean))  # type: ignore[operator]
        net.deviation.copy_(torch.from_numpy(deviation))  # type: ignore[operator]
        net.last.weight.copy_(torch.from_numpy(weights)[None])  # type: ignore[operator, union-attr]
        net.last.bias.copy_(torch.tensor([bias]))  # type: ignore[operator, union-attr]


def said_of(net: torch.nn.Module, features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """What the dense layer of `net` says of features (n, looks, features): (n,), the mean over the looks."""
    stored = {
        name: tensor.double().cpu().numpy() for name, tensor in net.state_dict().items() if not name.startswith("backbone.")
    }
    each = (features - stored["mean"]) / stored["deviation"] @ stored["last.weight"][0] + stored["last.bias"]
    return np.asarray(each.mean(1))


def features_of(
    net: torch.nn.Module, pixels: PreparedPixels, rows: NDArray[np.integer[Any]], *, mirrored: bool, batch_size: int = 32
) -> NDArray[np.float64]:
    """The features of some rows: (n, looks, features), one look, or with `mirrored` that of the mirror image too."""
    import torch

    from gazo.training.feed import standardise

    device = next(net.parameters()).device
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), batch_size):
            images = standardise(pixels.read(rows[start : start + batch_size])).to(device)
            looks = [images, images.flip(3)] if mirrored else [images]
            found.append(torch.stack([net.features(look).double().cpu() for look in looks], 1))  # type: ignore[operator]
    return np.asarray(torch.cat(found).numpy())


def ridge(features: NDArray[np.floating[Any]], values: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], float]:
    """Weights and constant of ridge regression on features that are standardised already."""
    from sklearn.linear_model import RidgeCV
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        model = RidgeCV(alphas=ALPHAS).fit(features, values)
    return np.asarray(model.coef_, np.float64), float(model.intercept_)


def tapped_layer(net: torch.nn.Module, size_px: int, channels: int) -> str:
    """The name of the layer whose maps are the features: where timm says that the plane is a sixteenth, else the last that gives a plane."""
    stages = [dict(stage) for stage in getattr(net, "feature_info", None) or ()]
    fitting = [stage["module"] for stage in stages if stage.get("reduction") == REDUCTION]
    names = dict(net.named_modules())
    return fitting[-1] if fitting and fitting[-1] in names else _last_plane(net, size_px, channels)


def _last_plane(net: torch.nn.Module, size_px: int, channels: int) -> str:
    import torch

    planes: list[str] = []

    def noting(name: str) -> Any:
        def note(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            if name and isinstance(output, torch.Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
                planes.append(name)

        return note

    handles = [module.register_forward_hook(noting(name)) for name, module in net.named_modules()]
    try:
        net.eval()
        with torch.inference_mode():
            net(torch.zeros(1, channels, size_px, size_px))
    finally:
        for handle in handles:
            handle.remove()
    if not planes:
        raise OptionError(
            "G-EST-012",
            en="features are taken from a network that works on planes; this one has none (a transformer?). Take a convolutional network, or --approach fine-tune.",
            ja="特徴の取り出しには、面 (特徴マップ) を持つネットワークが必要ですが、このネットワークにはありません。畳み込みネットワークを選ぶか、--approach fine-tune にしてください。",
        )
    return planes[-1]
