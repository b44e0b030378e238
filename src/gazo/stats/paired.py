"""The result of comparing two figures of merit on the same cases."""

from __future__ import annotations

from dataclasses import dataclass

from gazo.core.results import Estimate, result


@result("paired_comparison")
@dataclass(frozen=True)
class PairedComparison:
    """Two figures of merit on the same cases, their difference (first - second) and a two-sided test that it is 0."""

    first: Estimate
    second: Estimate
    difference: Estimate
    p: float
    method: str
    z: float | None = None
