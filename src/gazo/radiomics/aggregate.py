"""Over slices and directions: what is averaged and what is merged (IBSI 1, figures 3.2 and 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Row = NDArray[np.float64]

SPATIAL: NDArray[np.int64] = np.array(
    [(0, 0, 1), (0, 1, -1), (0, 1, 0), (0, 1, 1), (1, -1, -1), (1, -1, 0), (1, -1, 1), (1, 0, -1), (1, 0, 0), (1, 0, 1),
     (1, 1, -1), (1, 1, 0), (1, 1, 1)], np.int64
)  # fmt: skip
PLANAR: NDArray[np.int64] = SPATIAL[:4]


def by_aggregation(
    tags: Sequence[str],
    matrices: Callable[[NDArray[np.int64], int, int], Matrix],
    measured: Callable[[Matrix], Row],
    planes: int,
    aggregations: Sequence[str],
) -> dict[str, float]:
    """Features of matrices that exist for each direction.

    Parameters
    ----------
    matrices : (directions, first plane, plane behind the last) -> one matrix a direction; the first and the last plane are border.
    measured : matrix -> one value a tag, NaN when the matrix is empty; such values take no part in a mean.
    """
    found: dict[str, Row] = {}
    if any(a.startswith("3D") for a in aggregations):
        every = matrices(SPATIAL, 1, planes - 1)
        found["3D_avg"] = _mean([measured(one) for one in every])
        found["3D_comb"] = measured(every.sum(0))
    if any(a.startswith("2") for a in aggregations):
        found |= _by_slice(matrices, measured, planes, aggregations)
    return _keyed(tags, found, aggregations)


def _by_slice(
    matrices: Callable[[NDArray[np.int64], int, int], Matrix],
    measured: Callable[[Matrix], Row],
    planes: int,
    aggregations: Sequence[str],
) -> dict[str, Row]:
    slices = [matrices(PLANAR, z, z + 1) for z in range(1, planes - 1)]
    slices = [one for one in slices if one.any()]
    if not slices:
        slices = [matrices(PLANAR, 1, 1)]
    merged = np.sum(slices, axis=0)
    ways: dict[str, Callable[[], Row]] = {
        "2D_avg": lambda: _mean([measured(one) for every in slices for one in every]),
        "2D_comb": lambda: _mean([measured(every.sum(0)) for every in slices]),
        "2_5D_avg": lambda: _mean([measured(one) for one in merged]),
        "2_5D_comb": lambda: measured(merged.sum(0)),
    }
    return {name: way() for name, way in ways.items() if name in aggregations}


def by_dimension(
    tags: Sequence[str], measured: Callable[[Sequence[tuple[int, int]], bool], Row], planes: int, wanted: Sequence[str]
) -> dict[str, float]:
    """Features of matrices without directions.

    Parameters
    ----------
    measured : (ranges of planes whose matrices are merged, planar) -> one value a tag, NaN for an empty matrix.
    wanted : of "2D", "2_5D", "3D".
    """
    every = [(z, z + 1) for z in range(1, planes - 1)]
    ways: dict[str, Callable[[], Row]] = {
        "2D": lambda: _mean([measured([one], True) for one in every]),
        "2_5D": lambda: measured(every, True),
        "3D": lambda: measured([(1, planes - 1)], False),
    }
    return _keyed(tags, {name: ways[name]() for name in wanted}, wanted)


def dimensions(aggregations: Sequence[str]) -> tuple[str, ...]:
    """What the aggregations of directions mean for matrices that have none: "2D_avg" and "2D_comb" are both "2D"."""
    return tuple(dict.fromkeys(name.rpartition("_")[0] for name in aggregations))


def _mean(rows: Sequence[Row]) -> Row:
    kept = [row for row in rows if not np.isnan(row).all()]
    return np.asarray(np.mean(kept, axis=0)) if kept else np.asarray(rows[0])


def _keyed(tags: Sequence[str], found: dict[str, Row], wanted: Sequence[str]) -> dict[str, float]:
    return {f"{tag}_{name}": float(value) for name in wanted for tag, value in zip(tags, found[name], strict=True)}
