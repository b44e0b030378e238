"""The module that a design becomes."""

from __future__ import annotations

from functools import reduce
from operator import add, mul
from typing import Any

import torch
from torch import nn

from gazo.nets.design import parts
from gazo.nets.design.analysis import Analysis
from gazo.nets.design.building import variables
from gazo.nets.design.graph import Design
from gazo.nets.design.kinds import Layer
from gazo.nets.zoo import create


def _concatenate(values: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat(values, 1)


JOINING = {
    "add": lambda values: reduce(add, values),
    "multiply": lambda values: reduce(mul, values),
    "concatenate": _concatenate,
}


class DrawnNetwork(nn.Module):
    """The blocks of a design as modules, called in order; what is not needed any more is let go."""

    def __init__(self, design: Design, analysis: Analysis) -> None:
        super().__init__()
        names = variables(design, analysis)
        self.steps: list[tuple[str, str, tuple[str, ...]]] = []
        for id in analysis.order:
            sources = tuple(names[link.source] for link in design.into(id))
            layer = analysis.made[id].layer(*analysis.blocks[id].came)
            if not sources or layer.target == "nn.Identity":
                self.steps.append((names[id], "", sources))
            elif layer.target in JOINING:
                self.steps.append((names[id], layer.target, sources))
            else:
                self.add_module(names[id], module(layer))
                self.steps.append((names[id], names[id], sources))
        self.last_use = {source: number for number, (_, _, sources) in enumerate(self.steps) for source in sources}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (n, channels, rows, columns), or numbers (n, count), to what the output block says."""
        values: dict[str, torch.Tensor] = {}
        for number, (name, call, sources) in enumerate(self.steps):
            given = [values[source] for source in sources] or [x]
            if call in JOINING:
                values[name] = JOINING[call](given)
            else:
                values[name] = getattr(self, call)(*given) if call else given[0]
            for source in sources:
                if self.last_use[source] == number:
                    values.pop(source, None)
        return values[self.steps[-1][0]]


def module(layer: Layer) -> nn.Module:
    """One block as a module."""
    options: dict[str, Any] = dict(layer.options or {})
    if layer.target == "zoo":
        return create(layer.arguments[0], **options)
    made = getattr(nn, layer.target[3:]) if layer.target.startswith("nn.") else getattr(parts, layer.target)
    found: nn.Module = made(*layer.arguments, **options)
    return found
