"""Rotation invariance of separable filters: the kernels turned by every right angle, and the responses pooled (IBSI 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.parameters import Label
from gazo.radiomics.filters.boundary import Boundary, Pixels, convolved

Kernels = tuple[NDArray[np.float64], ...]  # one for each axis
Stage = tuple[Kernels, tuple[int, ...]]  # with the shift of each, see `convolved`
Rotation = Literal["none", "average", "max", "min"]
RotationOption = Annotated[Rotation, Label("回転不変化 (直角回転の応答のまとめ方)", "Rotation invariance (responses pooled)")]


def turned(stages: Sequence[Kernels], rotation: Rotation) -> list[list[Stage]]:
    """The different chains that proper rotations by right angles (4 in a plane, 24 in space) make of the stages of a filter.

    All stages are turned alike. Only different chains: in the group each comes equally often, so neither the mean nor the maximum changes.
    A kernel of even length that is turned round keeps its centre where it was in the image, which is a shift of one.
    """
    if rotation == "none":
        return [[(kernels, (0,) * len(kernels)) for kernels in stages]]
    found: dict[tuple[Any, ...], list[Stage]] = {}
    for order, flips in _right_angles(len(stages[0])):
        chain = [_turned(kernels, order, flips) for kernels in stages]
        found.setdefault(tuple((shift, *(kernel.tobytes() for kernel in kernels)) for kernels, shift in chain), chain)
    return list(found.values())


def _turned(kernels: Kernels, order: tuple[int, ...], flips: tuple[bool, ...]) -> Stage:
    moved = tuple(kernels[one][::-1] if flip else kernels[one] for one, flip in zip(order, flips, strict=True))
    return moved, tuple(int(flip and len(kernel) % 2 == 0) for flip, kernel in zip(flips, moved, strict=True))


def _right_angles(axes: int) -> Iterator[tuple[tuple[int, ...], tuple[bool, ...]]]:
    """Permutations and reversals of axes that together are a rotation: determinant +1."""
    for order, flips in product(permutations(range(axes)), product((False, True), repeat=axes)):
        matrix = np.zeros((axes, axes))
        matrix[range(axes), order] = np.where(flips, -1, 1)
        if np.linalg.det(matrix) > 0:
            yield order, flips


def pooled(
    pixels: Pixels, chains: Sequence[Sequence[Stage]], axes: Sequence[int], boundary: Boundary, rotation: Rotation
) -> Pixels:
    """The responses to several chains of kernels in one map, with no more than two maps in memory."""
    total: Pixels | None = None
    for chain in chains:
        found = pixels
        for kernels, shift in chain:
            found = convolved(found, kernels, axes, boundary, shift)
        if total is None:
            total = found
        elif rotation == "max":
            np.maximum(total, found, out=total)
        elif rotation == "min":
            np.minimum(total, found, out=total)
        else:
            total += found
    assert total is not None
    return total / np.float32(len(chains)) if rotation == "average" else total
