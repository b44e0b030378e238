"""What PyTorch lacks for the blocks of the designer. `export.py` copies these classes as they stand here into exported files."""

from __future__ import annotations

import torch
from torch import nn


class ScaledTanh(nn.Module):
    """1.7159 tanh(2 x / 3) (LeCun et al. 1998, eq. 6)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class GlobalPool(nn.Module):
    """The mean or the maximum of each map."""

    def __init__(self, of: str = "mean") -> None:
        super().__init__()
        self.of = of

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3)) if self.of == "mean" else x.amax((2, 3))


class Reshape(nn.Module):
    """The numbers of each image in another shape."""

    def __init__(self, channels: int, rows: int, columns: int) -> None:
        super().__init__()
        self.shape = (channels, rows, columns)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(len(x), *self.shape)


class Crop(nn.Module):
    """Takes pixels away at the edges."""

    def __init__(self, top: int, bottom: int, left: int, right: int) -> None:
        super().__init__()
        self.edges = (top, bottom, left, right)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        top, bottom, left, right = self.edges
        return x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]


class SqueezeExcitation(nn.Module):
    """Maps weighted by what two dense layers make of their means (Hu et al. 2018)."""

    def __init__(self, channels: int, middle: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, middle)
        self.excite = nn.Linear(middle, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3))))))
        return x * weights[:, :, None, None]


class ConvolutionUnit(nn.Sequential):
    """Convolution, normalisation and activation, several times; the size of the plane stays."""

    def __init__(self, channels: int, maps: int, kernel: int, repeats: int, normalisation: str, activation: str) -> None:
        norms = {
            "batch": nn.BatchNorm2d,
            "instance": lambda maps: nn.InstanceNorm2d(maps, affine=True),
            "group": lambda maps: nn.GroupNorm(8 if maps % 8 == 0 else 1, maps),
        }
        activations = {"relu": nn.ReLU, "leaky-relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "tanh": nn.Tanh}
        layers: list[nn.Module] = []
        for number in range(repeats):
            before = maps if number else channels
            layers.append(nn.Conv2d(before, maps, kernel, padding=kernel // 2, bias=normalisation == "none"))
            if normalisation != "none":
                layers.append(norms[normalisation](maps))
            layers.append(activations[activation]())
        super().__init__(*layers)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions (or 1x1, 3x3, 1x1) with a way around them (He et al. 2016)."""

    def __init__(self, channels: int, maps: int, stride: int = 1, bottleneck: bool = False) -> None:
        super().__init__()
        middle = maps // 4 if bottleneck else maps
        plan = [(channels, middle, 1, 1), (middle, middle, 3, stride), (middle, maps, 1, 1)]
        if not bottleneck:
            plan = [(channels, maps, 3, stride), (maps, maps, 3, 1)]
        layers: list[nn.Module] = []
        for before, after, kernel, step in plan:
            convolution = nn.Conv2d(before, after, kernel, step, kernel // 2, bias=False)
            layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
        self.way = nn.Sequential(*layers[:-1])
        self.around: nn.Module = nn.Identity()
        if stride > 1 or channels != maps:
            self.around = nn.Sequential(nn.Conv2d(channels, maps, 1, stride, bias=False), nn.BatchNorm2d(maps))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.way(x) + self.around(x))


class Sampling(nn.Module):
    """A random draw around the mean while training, the mean itself afterwards (Kingma & Welling 2014).

    `divergence` keeps the mean Kullback-Leibler divergence of the last batch from the standard normal distribution, for the loss.
    """

    def __init__(self) -> None:
        super().__init__()
        self.divergence: torch.Tensor | None = None

    def forward(self, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
        self.divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * torch.exp(log_variance / 2)
