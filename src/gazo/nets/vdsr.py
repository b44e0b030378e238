"""VDSR: a deep stack of 3x3 convolutions that estimates what an enlarged image lacks (Kim et al., CVPR 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gazo.core.parameters import Ge, Label, Le
from gazo.core.registry import feature

if TYPE_CHECKING:
    import torch

DEPTH, WIDTH = 20, 64

Depth = Annotated[int, Ge(2), Le(64), Label("畳み込み層の数", "Convolutions")]
Width = Annotated[int, Ge(1), Le(512), Label("特徴マップの数", "Feature maps")]


@feature("VDSR (残差を推定する超解像ネットワーク)", "VDSR, residual added back", booklet="E3")
def vdsr(depth: Depth = DEPTH, width: Width = WIDTH, *, channels: int = 1) -> torch.nn.Module:
    """`depth` 3x3 convolutions with zero padding, ReLU after all but the last, whose single map is added to the input.

    He's initial weights, but 0 in the last layer: the untrained network returns its input. 665,921 learned numbers at depth 20
    and width 64.
    """
    from torch import nn

    class VDSR(nn.Module):
        """Input plus estimated residual."""

        margin = 0

        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            for number in range(depth):
                layer = nn.Conv2d(width if number else channels, channels if number == depth - 1 else width, 3, padding=1)
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
                layers += [layer, nn.ReLU()]
            self.residual = nn.Sequential(*layers[:-1])
            nn.init.zeros_(self.residual[-1].weight)  # type: ignore[arg-type]

        def forward(self, enlarged: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = enlarged + self.residual(enlarged)
            return made

    return VDSR()
