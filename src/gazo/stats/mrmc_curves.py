"""The ROC curves of a reader study for a figure: one a test, the mean over its readers."""

from __future__ import annotations

import numpy as np

from gazo.core.language import Text
from gazo.core.results import Curve
from gazo.stats.inputs import Floats
from gazo.stats.operating import rates
from gazo.stats.reading import Reading

GRID = np.concatenate(
    [[0.0, 1e-12], np.linspace(0.01, 1, 100)]
)  # up the axis first: a curve may rise at a false positive fraction of 0
FPF = Text("偽陽性率 (1 - 特異度)", "False positive fraction (1 - specificity)")
TPF = Text("真陽性率 (感度)", "True positive fraction (sensitivity)")


def mean_roc(tests: tuple[str, ...], table: list[list[Reading]]) -> tuple[Curve, ...]:
    """Sensitivity averaged over the readers at each false positive fraction."""
    return tuple(
        Curve(GRID, np.mean([_on_grid(one) for one in row], axis=0), FPF, TPF, Text(test, test))
        for test, row in zip(tests, table, strict=True)
    )


def reader_roc(test: str, readers: tuple[str, ...], row: list[Reading]) -> tuple[Curve, ...]:
    """The curve of every reader under one test."""
    return tuple(
        Curve(GRID, _on_grid(one), FPF, TPF, Text(f"{test}: {reader}", f"{test}: {reader}"))
        for reader, one in zip(readers, row, strict=True)
    )


def _on_grid(reading: Reading) -> Floats:
    found: Floats = np.interp(GRID, *rates(reading.truth, reading.ranks))
    found[0] = 0.0
    return found
