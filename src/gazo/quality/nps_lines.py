"""Only the lines of the spectrum that IEC 62220-1 averages: a pruned DFT.

Of a region of N x N pixels the rows v = 1 ... 7 of its DFT are wanted. The sum over y with exp(-2 pi i v y / N) is one small
matrix product over blocks that neighbouring regions share (a block m places further only turns by exp(-2 pi i v m b / N)); what
is left are transforms of length N along x. The lines along v are made the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.quality.nps_power import Floats, unpacked

Lines = tuple[int, int, Floats, Floats]


def pruned_lines(
    flat: NDArray[Any], roi: int, rows: Sequence[int], columns: Sequence[int], numbers: Sequence[int]
) -> Iterator[Lines]:
    """First row of a strip, how many regions, and their summed |DFT|^2 on the lines along u and along v.

    Parameters
    ----------
    flat : (rows, columns) float32 or float64, trend subtracted; regions begin at `rows` and `columns`, evenly spaced.
    numbers : of the lines, in steps of 1 / (N D) from the axis; line k along u also holds -k, by the symmetry of real images.

    Yields
    ------
    (row, count, along_u, along_v), both (lines, roi) in the order of the DFT.
    """
    import scipy.fft

    step = int(np.gcd.reduce(np.diff([*rows, rows[-1] + roi]).tolist() + np.diff([*columns, columns[-1] + roi]).tolist()))
    block = gcd(step, roi)
    inside = flat[rows[0] : rows[-1] + roi, columns[0] : columns[-1] + roi]
    with _one_thread():
        down = _down(inside, block, roi, numbers)
        across = _down(_turned(inside), block, roi, numbers)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(roi // block), numbers) * block / roi).astype(down.dtype)
    columns_of = [(column - columns[0]) // block for column in columns]
    joined = np.stack([_joined(across[place : place + len(turns)], turns) for place in columns_of], axis=1)
    starts = np.array(columns) - columns[0]
    for row in rows:
        place = (row - rows[0]) // block
        of_strip = _joined(down[place : place + len(turns)], turns)
        windows = np.lib.stride_tricks.sliding_window_view(of_strip, roi, axis=1)[:, starts]
        along_u = scipy.fft.fft(windows, axis=-1)
        along_v = scipy.fft.fft(joined[:, :, row - rows[0] : row - rows[0] + roi], axis=-1)
        yield row, len(columns), _power(along_u), _power(along_v)


def lines_of(packed: NDArray[Any], numbers: Sequence[int]) -> tuple[Floats, Floats]:
    """The same lines along u and along v, out of the packed squares of a whole region."""
    power, side = unpacked(packed), packed.shape[1]
    both = np.arange(side)
    mirrored = np.minimum(both, side - both)
    along_u = np.stack([np.where(both <= side // 2, power[k, mirrored], power[-k % len(power), mirrored]) for k in numbers])
    return along_u, power[:, list(numbers)].T


def _down(flat: NDArray[Any], block: int, roi: int, numbers: Sequence[int]) -> NDArray[Any]:
    """Each block of rows summed with exp(-2 pi i k y / N), y from its own first row: (blocks, lines, columns)."""
    waves = np.exp(-2j * np.pi * np.outer(numbers, np.arange(block)) / roi)
    parts = np.concatenate([waves.real, waves.imag]).astype(flat.dtype)
    sums = parts @ flat.reshape(-1, block, flat.shape[1])
    return np.asarray(sums[:, : len(waves)] + 1j * sums[:, len(waves) :])


def _joined(blocks: NDArray[Any], turns: NDArray[Any]) -> NDArray[Any]:
    """The blocks of a region put together: (lines, columns)."""
    return np.asarray(np.einsum("mlc,ml->lc", blocks, turns))


def _turned(flat: NDArray[Any]) -> NDArray[Any]:
    """Rows as columns; OpenCV does it in blocks that fit the cache."""
    import cv2

    return np.asarray(cv2.transpose(np.ascontiguousarray(flat)))


def _power(transform: NDArray[Any]) -> Floats:
    """(lines, regions, roi) squared and summed over the regions."""
    parts = transform.view(transform.real.dtype)
    squares = np.einsum("lrn,lrn->ln", parts, parts).astype(np.float64)
    return squares[:, 0::2] + squares[:, 1::2]


def _one_thread() -> Any:
    """Small products on one thread: sharing them out costs more than they do."""
    return _threads().limit(limits=1, user_api="blas")


@cache
def _threads() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
