"""From a design to a PyTorch module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gazo.core.registry import feature
from gazo.nets.design.analysis import Analysis, ready
from gazo.nets.design.graph import Design

if TYPE_CHECKING:
    import torch

SHORT = {
    "convolution": "conv", "depthwise-convolution": "depthwise", "transposed-convolution": "upconv", "batch-norm": "norm",
    "layer-norm": "norm", "instance-norm": "norm", "group-norm": "norm", "max-pool": "pool", "average-pool": "pool",
    "global-pool": "pool", "adaptive-pool": "pool", "convolution-unit": "unit", "squeeze-excitation": "attention",
    "concatenate": "joined", "add": "sum", "multiply": "product", "vector-input": "input",
}  # fmt: skip


def variables(design: Design, analysis: Analysis) -> dict[str, str]:
    """A name in code for each block that is used, such as "conv2": they name the weights, in the network and in the exported file."""
    counts: dict[str, int] = {}
    found = {}
    for id in analysis.order:
        placed = design.block(id)
        word = SHORT.get(placed.kind, placed.kind.replace("-", "_")) if placed else id
        counts[word] = counts.get(word, 0) + 1
        found[id] = f"{word}{counts[word]}"
    return found


@feature("設計したネットワーク", "Network from a design", booklet="K2", name="build-design")
def build_design(design: Design) -> torch.nn.Module:
    """The PyTorch module of a design, with random weights from torch's generator; DataError with the first problem of the design.

    Its weights bear the names they have in the file that `design_to_python` writes, so either reads what the other has learned.
    """
    from gazo.nets.design.drawn import DrawnNetwork

    return DrawnNetwork(design, ready(design))
