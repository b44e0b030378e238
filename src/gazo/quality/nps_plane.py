"""The frequency plane of a region: what is read off a two-dimensional spectrum, as one vector, so that repeats can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.language import Text
from gazo.core.results import Curve, Surface
from gazo.quality.nps_power import Floats, edge, frequencies, packed_places, whole

PER_MM = "cycles/mm"
U = Text("空間周波数 u", "Spatial frequency u")
V = Text("空間周波数 v", "Spatial frequency v")
RADIAL = Text("空間周波数 (動径)", "Radial spatial frequency")


@dataclass(frozen=True, eq=False)
class Rings:
    """Which numbers of the packed squares of `gazo.quality.nps_power` lie in which ring around the origin.

    Parameters
    ----------
    number : (rows, columns) ring of each number; those in no ring have the number after the last.
    size : how many numbers lie in each ring, and as many points of the plane.
    alone : rows, columns of the numbers whose point is its own mirror image; all others stand for two points.
    centres : mean frequency of the points of each ring, cycles/mm.
    """

    number: NDArray[np.int16]
    size: Floats
    alone: tuple[NDArray[np.intp], ...]
    centres: Floats


@lru_cache(maxsize=8)
def _rings(roi: tuple[int, int], spacing_mm: tuple[float, float]) -> Rings:
    """Rings as wide as the larger of du and dv, centred on its multiples, up to the lower Nyquist frequency; without the origin.

    A ring has as many points of the plane as numbers of the packed array: a point that stands for (u, v) and (-u, -v) has two.
    """
    v, u, stands_for = packed_places(roi)
    radius = np.hypot(v / (roi[0] * spacing_mm[0]), u / (roi[1] * spacing_mm[1]))
    width = max(1 / (n * d) for n, d in zip(roi, spacing_mm, strict=True))
    last = int(0.5 / max(spacing_mm) / width + 1e-9)
    number = np.round(radius / width).astype(np.int16) - 1
    number[(number < 0) | (number >= last)] = last
    size = np.bincount(number.ravel(), minlength=last + 1).astype(np.float64)
    centres = np.bincount(number.ravel(), radius.ravel(), last + 1)[:last] / size[:last]
    return Rings(number, size, np.nonzero(stands_for == 1), centres)


@dataclass(frozen=True)
class Plane:
    """Frequencies of regions of (rows, columns) pixels of given spacing; spectra come as half planes (u from 0 up)."""

    roi: tuple[int, int]
    spacing_mm: tuple[float, float]

    @property
    def du(self) -> float:
        """Distance of frequencies along the columns' axis, cycles/mm."""
        return 1 / (self.roi[1] * self.spacing_mm[1])

    @property
    def dv(self) -> float:
        """Distance of frequencies along the rows' axis, cycles/mm."""
        return 1 / (self.roi[0] * self.spacing_mm[0])

    @property
    def scale(self) -> float:
        """Dx Dy / (Nx Ny) of eq. (8)."""
        return self.spacing_mm[0] * self.spacing_mm[1] / (self.roi[0] * self.roi[1])

    @cached_property
    def u(self) -> Floats:
        return frequencies(self.roi[1], self.spacing_mm[1])

    @cached_property
    def v(self) -> Floats:
        return frequencies(self.roi[0], self.spacing_mm[0])

    @property
    def rings(self) -> Rings:
        """The rings of the half plane for the radial mean."""
        return _rings(self.roi, self.spacing_mm)

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each part of the vector lies."""
        rows, columns = self.roi
        lengths = {"u": columns // 2, "v": rows // 2, "radial": len(self.rings.centres), "row_u": columns, "row_v": rows}
        ends = list(accumulate(lengths.values()))
        return {name: slice(end - length, end) for (name, length), end in zip(lengths.items(), ends, strict=True)}

    def part(self, vector: Floats, name: str) -> Floats:
        """One of the parts of what `Sections` gives, of one vector or of several."""
        return vector[..., self.places[name]]

    def curves(self, mean: Floats, low: Floats | None, high: Floats | None, quantity: Text, unit: str) -> Mapping[str, Curve]:
        """The parts as curves with their bands."""
        x = {
            "u": np.arange(1, self.roi[1] // 2 + 1) * self.du,
            "v": np.arange(1, self.roi[0] // 2 + 1) * self.dv,
            "radial": self.rings.centres,
            "row_u": self.u,
            "row_v": self.v,
        }
        return {
            name: Curve(
                at,
                self.part(mean, name),
                _AXES[name],
                quantity,
                _TITLES[name],
                PER_MM,
                unit if not name.startswith("row") else one_less(unit),
                None if low is None else self.part(low, name),
                None if high is None else self.part(high, name),
            )
            for name, at in x.items()
        }

    def surface(self, half: Floats, quantity: Text, unit: str) -> Surface:
        """The whole plane with rising axes."""
        values = np.fft.fftshift(whole(half, self.roi[1]))
        title = Text("2 次元ウィーナースペクトル", "Two-dimensional Wiener spectrum")
        return Surface(self.u, self.v, values, U, V, quantity, title, PER_MM, PER_MM, unit)


class Sections:
    """What is read off packed squares, one strip after the other: a vector each, and the total of all.

    Parameters
    ----------
    plane : of the regions.
    count : strips that will be taken in.
    """

    def __init__(self, plane: Plane, count: int) -> None:
        (rows, columns), self.plane = plane.roi, plane
        self.pairs = (columns - 1) // 2  # columns of packed squares that hold a frequency u as Re and Im, side by side
        self.radial, self.of_columns = np.zeros((count, len(plane.rings.size))), np.zeros((count, columns))
        self.of_rows, self.top = np.empty((count, rows)), np.empty((count, columns))
        self.sides = np.empty((count, 2, rows))
        self.total: Floats = np.zeros(plane.roi)

    def take(self, strip: int, packed: NDArray[Any]) -> None:
        """Sum the squares of one strip."""
        self.top[strip], self.sides[strip] = packed[0], packed[:, [0, -1]].T
        sums = self.radial[strip], self.of_columns[strip], self.of_rows[strip], self.total
        _sums()(packed, self.plane.rings.number, 2 * self.pairs + 1, *sums)

    def vectors(self) -> Floats:
        """One vector for each strip: sections along u and v without the origin, ring means, integrals over v and over u (both signs)."""
        (rows, columns), rings, radial = self.plane.roi, self.plane.rings, self.radial.copy()
        for row, column in zip(*rings.alone, strict=True):
            radial[:, rings.number[row, column]] -= self.sides[:, min(column, 1), row] / 2
        axis, last = edge(self.sides[:, 0]), edge(self.sides[:, 1]) * (columns % 2 == 0)
        first, second = slice(1, 2 * self.pairs, 2), slice(2, 2 * self.pairs + 1, 2)
        ends = 1 - columns % 2
        along_u, over_v = (
            np.concatenate([a[:, None], line[:, first] + line[:, second], b[:, None][:, :ends]], axis=1)
            for a, line, b in ((axis[:, 0], self.top, last[:, 0]), (axis.sum(1), self.of_columns, last.sum(1)))
        )
        over_u = self.of_rows + np.roll(self.of_rows[:, ::-1], 1, axis=1) + axis + last
        signed = np.abs(np.arange(columns) - columns // 2)
        parts = along_u[:, 1:], axis[:, 1 : rows // 2 + 1], (2 * radial / rings.size)[:, :-1]
        integrals = over_v[:, signed] * self.plane.dv, np.roll(over_u, rows // 2, axis=1) * self.plane.du
        return np.concatenate([*parts, *integrals], axis=1)


@cache
def _sums() -> Any:
    """Packed squares (rows, columns) summed by ring, by column, by row over the columns that hold pairs, and point by point.

    Neighbours mostly lie in one ring, and a sum waits for the one before it; so four sums of each ring take turns.
    """
    import numba

    @numba.njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
    def sums(packed, number, end, radial, of_columns, of_rows, total):  # type: ignore[no-untyped-def]
        turns = np.zeros((4, len(radial)))
        for row in range(packed.shape[0]):
            for column in range(packed.shape[1]):
                of_columns[column] += packed[row, column]
                total[row, column] += packed[row, column]
            for column in range(packed.shape[1]):
                turns[column % 4, number[row, column]] += packed[row, column]
            of_rows[row] = packed[row, 1:end].sum()
        radial[:] = turns.sum(0)

    return sums


_AXES = {"u": U, "v": V, "radial": RADIAL, "row_u": U, "row_v": V}
_TITLES = {
    "u": Text("u 軸に沿った断面", "Along u"),
    "v": Text("v 軸に沿った断面", "Along v"),
    "radial": Text("動径平均", "Radial mean"),
    "row_u": Text("v 方向の積分 (1 行の 1DWS)", "Integral over v (1DWS of one row)"),
    "row_v": Text("u 方向の積分 (1 列の 1DWS)", "Integral over u (1DWS of one column)"),
}


def unit_of(value_unit: str, power: int, *, relative: bool = False) -> str:
    """Unit of a spectrum of `power` dimensions: that of the pixels squared times mm^power."""
    length = "mm" + {1: "", 2: "²", 3: "³"}[power]
    return length if relative or not value_unit else f"{value_unit}² {length}"


def one_less(unit: str) -> str:
    """The unit of an integral over one spatial frequency."""
    return unit.replace("mm²", "mm") if "mm²" in unit else unit.replace("mm³", "mm²")
