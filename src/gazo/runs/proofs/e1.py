"""E1: the losses the methods train with equal their formulas (estimation article, eqs 1 and 2), values and slopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import OnEvent
from gazo.core.results import Table
from gazo.core.seeds import generator
from gazo.runs.proof import Proof, proof

TOLERANCE = 1e-12
Row = tuple[str, float, float, float]


@proof("E1", ja="損失関数を式から計算した値と比べる", en="Losses against values computed from their formulas")
def prove(*, data: Path | None, seed: int, on_event: OnEvent) -> Proof:
    """Cross entropy E = -(1/n) sum_i ln p_i(t_i) and MSE = (1/n) sum (y - t)^2 in float64, with derivatives by hand."""
    rng = generator(seed, "E1")
    rows = [*_cross_entropy(rng), *_mean_squared_error(rng), _natural_logarithm()]
    worst = max(difference for *_, difference in rows)
    headings = (Text("量", "Quantity"), Text("式の値", "Formula"), Text("gazo の値", "gazo"), Text("差", "Difference"))
    table = Table(Text("損失関数と式の比較", "Losses against their formulas"), headings, tuple(rows))
    bar = Text(f"差がすべて {TOLERANCE:g} 以下 (自然対数)", f"every difference at most {TOLERANCE:g} (natural logarithm)")
    return Proof("E1", bool(worst <= TOLERANCE), {"largest_difference": float(worst)}, bar, table)


def _cross_entropy(rng: np.random.Generator) -> list[Row]:
    import torch

    from gazo.learn.losses import cross_entropy

    logits, targets = rng.normal(0, 3, (50, 4)), rng.integers(0, 4, 50)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    given: Any = torch.tensor(logits, requires_grad=True)
    loss = cross_entropy(given, torch.tensor(targets))
    loss.backward()
    by_hand = -np.log(shares[np.arange(50), targets]).mean()
    slope = (shares - np.eye(4)[targets]) / 50
    return [_row("cross entropy", by_hand, loss.item()), _row("cross entropy, slope", slope, given.grad.numpy())]


def _mean_squared_error(rng: np.random.Generator) -> list[Row]:
    import torch

    from gazo.learn.losses import mean_squared_error

    estimate, target = rng.normal(size=(8, 1, 16, 16)), rng.normal(size=(8, 1, 16, 16))
    given: Any = torch.tensor(estimate, requires_grad=True)
    loss = mean_squared_error(given, torch.tensor(target))
    loss.backward()
    by_hand, slope = ((estimate - target) ** 2).mean(), 2 * (estimate - target) / estimate.size
    return [_row("mean squared error", by_hand, loss.item()), _row("mean squared error, slope", slope, given.grad.numpy())]


def _natural_logarithm() -> Row:
    """Equal logits of two classes give ln 2 = 0.693..., where log2 would give 1 and log10 0.301."""
    import torch

    from gazo.learn.losses import cross_entropy

    equal = cross_entropy(torch.zeros(1, 2, dtype=torch.float64), torch.tensor([0]))
    return _row("cross entropy of equal odds (ln 2)", np.log(2), equal.item())


def _row(name: str, formula: Any, got: Any) -> Row:
    """Name, value by formula, value of gazo (the first of many) and the largest difference."""
    formula, got = np.ravel(formula), np.ravel(got)
    return name, float(formula[0]), float(got[0]), float(np.abs(formula - got).max())
