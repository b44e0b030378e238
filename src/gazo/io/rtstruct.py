"""RT Structure Set: contours drawn on the slices of a series, as masks in the geometry of that series.

Contours of one slice are combined by the even-odd rule, so inner ones are holes (DICOM PS3.3 C.8.8.6.3).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError
from gazo.core.image import Image
from gazo.io.dicom_header import DICOM, opened, value_of
from gazo.io.mask_files_grid import Grid, need_same_frame, need_structures
from gazo.io.opening import decoding
from gazo.io.polygons import filled

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_OFF_PLANE = 0.25  # of the distance of planes: farther off, a contour belongs to another series
_SINGLE_MM = 0.5  # how far a contour may be off a slice that stands alone; positions are often rounded to 0.1 mm


@dataclass(frozen=True)
class Contour:
    """A closed contour: its corners (n, 3) in mm, and the SOP Instance UID of the slice it was drawn on (or empty)."""

    points_mm: NDArray[np.float64]
    instance: str


@dataclass(frozen=True)
class Structures:
    """What a structure set holds: the contours of each name in order, and the frames of reference."""

    contours: Mapping[str, tuple[Contour, ...]]
    frames: tuple[str, ...]


def read_rtstruct(path: Path | str, grid: Grid, structures: Sequence[str] = ()) -> dict[str, Image]:
    """Each structure (or those named) as a mask of 0 and 1 in the geometry of `grid`.

    A pixel belongs to a structure when its centre lies inside the contours of its slice. A slice without contours has none; nothing is filled in between.
    """
    name = os.path.basename(path)
    found = structures_in(path)
    need_structures(name, structures, list(found.contours))
    need_same_frame(name, found.frames, grid)
    return {one: grid.image(_mask(name, one, found.contours[one], grid)) for one in structures or found.contours}


def structures_in(path: Path | str) -> Structures:
    """The structures of a file; kept in memory for the next slice."""
    path = os.fspath(path)
    return _structures(path, os.stat(path).st_mtime_ns if os.path.exists(path) else 0)


@lru_cache(maxsize=4)
def _structures(path: str, changed: int) -> Structures:
    name = os.path.basename(path)
    dataset = opened(path, name)
    with decoding(name, DICOM):
        contours = _contours(dataset)
        sets = [value_of(item, "FrameOfReferenceUID") for item in value_of(dataset, "ReferencedFrameOfReferenceSequence") or []]
        sets += [value_of(item, "ReferencedFrameOfReferenceUID") for item in value_of(dataset, "StructureSetROISequence") or []]
    return Structures(contours, tuple(dict.fromkeys(str(frame) for frame in sets if frame)))


def _contours(dataset: Any) -> dict[str, tuple[Contour, ...]]:
    """By name; points, open lines and structures without a contour are no masks and are left out."""
    drawn = {
        int(value_of(item, "ReferencedROINumber")): list(value_of(item, "ContourSequence") or [])
        for item in value_of(dataset, "ROIContourSequence") or []
    }
    found: dict[str, tuple[Contour, ...]] = {}
    for item in value_of(dataset, "StructureSetROISequence") or []:
        number = int(value_of(item, "ROINumber"))
        kept = tuple(_contour(one) for one in drawn.get(number, []) if str(value_of(one, "ContourGeometricType")) in _CLOSED)
        if kept:
            found[new_name(str(value_of(item, "ROIName") or number), found)] = kept
    return found


def _contour(item: Any) -> Contour:
    points = np.array([float(one) for one in value_of(item, "ContourData")], np.float64).reshape(-1, 3)
    images = value_of(item, "ContourImageSequence") or []
    return Contour(points, str(value_of(images[0], "ReferencedSOPInstanceUID") or "") if images else "")


def new_name(name: str, known: Mapping[str, object]) -> str:
    """The name, or "name (2)" where there is one already."""
    number, fresh = 1, name
    while fresh in known:
        number += 1
        fresh = f"{name} ({number})"
    return fresh


def _mask(name: str, structure: str, contours: Sequence[Contour], grid: Grid) -> NDArray[np.uint8]:
    """Planes, rows, columns of 0 and 1."""
    on_plane: dict[int, list[NDArray[np.float64]]] = {}
    for contour in contours:
        places = grid.indices(contour.points_mm)
        plane = _plane(name, structure, contour, places[:, 0], grid)
        if plane is not None:
            on_plane.setdefault(plane, []).append(places[:, 1:])
    mask = np.zeros((grid.planes, *grid.plane_shape), np.uint8)
    for plane, corners in on_plane.items():
        mask[plane] = filled(corners, grid.plane_shape)
    if grid.gap_mm is not None and not mask.any():
        raise DataError(
            "G-IO-123",
            en=f"the structure '{structure}' of '{name}' lies outside the image or is smaller than a pixel. Name the series it was drawn on.",
            ja=f"「{name}」の構造「{structure}」は画像の外にあるか、1 画素より小さいため、マスクになりません。輪郭を描いたシリーズを指定してください。",
        )
    return mask


def _plane(name: str, structure: str, contour: Contour, along: NDArray[np.float64], grid: Grid) -> int | None:
    """The plane a contour lies on; None for one on another slice than the only one, or above or below the volume."""
    if grid.gap_mm is None:
        named = bool(contour.instance) and contour.instance in grid.instances
        return 0 if named or np.abs(along).max() <= _SINGLE_MM else None
    plane = round(float(along.mean()))
    if np.abs(along - plane).max() > _OFF_PLANE:
        raise FileError(
            "G-IO-124",
            en=f"a contour of '{structure}' in '{name}' lies {np.abs(along - plane).max() * grid.gap_mm:.2f} mm off the nearest slice: "
            "it was drawn on another series or across the slices. Name the series it was drawn on.",
            ja=f"「{name}」の構造「{structure}」の輪郭が、最も近いスライスから {np.abs(along - plane).max() * grid.gap_mm:.2f} mm 離れています。"
            "別のシリーズ、またはスライスと平行でない面に描かれています。輪郭を描いたシリーズを指定してください。",
        )
    return plane if 0 <= plane < grid.planes else None
