"""GoogLeNet (Szegedy et al., CVPR 2015) as torchvision defines it, with its two auxiliary heads behind an ordinary forward pass."""

from __future__ import annotations

import torch
import torchvision

AUXILIARY_WEIGHT = 0.3  # Szegedy et al. 2015, section 5: "their loss gets added ... weighted by 0.3"


class GoogLeNet(torchvision.models.GoogLeNet):
    """Logits come out in training and evaluation alike; in training `auxiliary` keeps what the two heads said about the last batch."""

    def __init__(self, *, classes: int, drop: float = 0.0) -> None:
        super().__init__(num_classes=classes, aux_logits=True, init_weights=False, dropout=drop)
        self.auxiliary: tuple[torch.Tensor, ...] = ()

    def eager_outputs(self, x: torch.Tensor, aux2: torch.Tensor, aux1: torch.Tensor | None) -> torch.Tensor:  # type: ignore[override]
        """What torchvision calls at the end of a forward pass."""
        self.auxiliary = () if aux1 is None else (aux1, aux2)
        return x
