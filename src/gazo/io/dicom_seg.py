"""DICOM Segmentation: segments as masks in the geometry of the image they belong to (PS3.3 C.8.20)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.image import Image
from gazo.io.dicom_geometry import even_gap, geometry_of, normal_of
from gazo.io.dicom_header import DICOM, opened, value_of
from gazo.io.mask_files_grid import Grid, need_same_frame, need_structures
from gazo.io.opening import decoding
from gazo.io.rtstruct import new_name

_MACROS = ("SegmentIdentificationSequence", "PlanePositionSequence", "DerivationImageSequence")
_PARALLEL, _OFF_PIXELS = 1e-3, 0.05
_HALF = 0.5  # of the largest value of a fractional segmentation


def read_seg(path: Path | str, grid: Grid | None = None, structures: Sequence[str] = ()) -> dict[str, Image]:
    """Each segment (or those named) as a mask of 0 and 1 in the geometry of `grid`; without one, of the planes the file has.

    Binary, label-map and fractional segmentations are read; of the last a pixel belongs to a segment from half of the largest value on.
    A plane without a frame has none of the segment.
    """
    name = os.path.basename(path)
    dataset = opened(os.fspath(path), name)
    with decoding(name, DICOM):
        labels = _labels(dataset)
        frames = np.asarray(dataset.pixel_array)
        frames = frames.reshape(-1, *frames.shape[-2:])
        groups = _groups(dataset)
        segments = [_segment_of(group) for group in groups]
    if len(groups) != len(frames):
        raise FileError(
            "G-IO-137",
            en=f"'{name}' describes {len(groups)} frames and holds {len(frames)}: it is cut off or broken. Export it again.",
            ja=f"「{name}」の記述は {len(groups)} フレームですが、画素データは {len(frames)} フレームです。途中で切れているか壊れています。出力し直してください。",
        )
    need_structures(name, structures, list(labels))
    grid = _own_grid(dataset, name) if grid is None else grid
    need_same_frame(name, [str(value_of(dataset, "FrameOfReferenceUID") or "")], grid)
    planes = _planes(dataset, groups, name, frames.shape[1:], grid)
    kind = str(value_of(dataset, "SegmentationType") or "")
    found = {}
    for one in structures or labels:
        mask = np.zeros((grid.planes, *grid.plane_shape), np.uint8)
        for plane, frame, segment in zip(planes, frames, segments, strict=True):
            if plane is not None and (kind == "LABELMAP" or segment == labels[one]):
                mask[plane] |= _inside(frame, kind, labels[one], dataset)
        found[one] = grid.image(mask)
    return found


def _inside(frame: NDArray[Any], kind: str, number: int, dataset: Any) -> NDArray[np.bool_]:
    if kind == "LABELMAP":
        return np.asarray(frame == number)
    if kind == "FRACTIONAL":
        return np.asarray(frame >= _HALF * float(value_of(dataset, "MaximumFractionalValue") or 255))
    return np.asarray(frame > 0)


def _labels(dataset: Any) -> dict[str, int]:
    """The names of the segments and their numbers; background (0) of a label map is none."""
    found: dict[str, int] = {}
    for item in value_of(dataset, "SegmentSequence") or []:
        number = int(value_of(item, "SegmentNumber"))
        if number > 0:
            found[new_name(str(value_of(item, "SegmentLabel") or number), found)] = number
    return found


def _groups(dataset: Any) -> list[Mapping[str, Any]]:
    """What the file says of each frame: the macros of the frame, else those that all share."""
    shared = list(value_of(dataset, "SharedFunctionalGroupsSequence") or [])[:1]
    each = value_of(dataset, "PerFrameFunctionalGroupsSequence") or []
    return [
        {name: next((found for one in (frame, *shared) if (found := value_of(one, name))), None) for name in _MACROS}
        for frame in each
    ]


def _segment_of(group: Mapping[str, Any]) -> int:
    items = group["SegmentIdentificationSequence"]
    return int(value_of(items[0], "ReferencedSegmentNumber")) if items else 0


def _position(group: Mapping[str, Any]) -> tuple[float, ...] | None:
    items = group["PlanePositionSequence"]
    return tuple(float(one) for one in value_of(items[0], "ImagePositionPatient")) if items else None


def _own_grid(dataset: Any, name: str) -> Grid:
    """The planes that the file has frames for, in order."""
    spacing, orientation, _ = geometry_of(dataset, 0, planes=False)
    positions = sorted({p for p in map(_position, _groups(dataset)) if p is not None}, key=lambda p: _along(p, orientation))
    plane = (int(value_of(dataset, "Rows")), int(value_of(dataset, "Columns")))
    frame = str(value_of(dataset, "FrameOfReferenceUID") or "")
    if len(positions) < 2 or orientation is None or spacing is None:
        return Grid(plane, spacing, orientation, positions[0] if positions else None, frame)
    gap = even_gap(np.array([_along(p, orientation) for p in positions]))
    if gap is None:
        raise FileError(
            "G-IO-125",
            en=f"the planes of '{name}' are not evenly spaced, because planes without a structure are not stored. Name the images it belongs to.",
            ja=f"「{name}」の断面は等間隔ではありません (構造のない断面は保存されていないため)。対応する画像を指定してください。",
        )
    return Grid((len(positions), *plane), (gap, *spacing), orientation, positions[0], frame)


def _along(position: tuple[float, ...], orientation: tuple[float, ...] | None) -> float:
    return 0.0 if orientation is None else float(np.dot(position, normal_of(orientation)))


def _planes(
    dataset: Any, groups: Sequence[Mapping[str, Any]], name: str, plane_shape: tuple[int, ...], grid: Grid
) -> list[int | None]:
    """The plane of the grid that each frame lies on; None for frames of other slices."""
    if plane_shape != grid.plane_shape:
        raise _other_pixels(name, f"{plane_shape[0]} x {plane_shape[1]}", f"{grid.plane_shape[0]} x {grid.plane_shape[1]}")
    positions = [_position(group) for group in groups]
    if grid.orientation is None or any(position is None for position in positions):
        return [_by_instance(group, name, grid) for group in groups]
    spacing, orientation, _ = geometry_of(dataset, 0, planes=False)
    same = orientation is None or np.allclose(orientation, grid.orientation, atol=_PARALLEL)
    if not same or (spacing and grid.spacing_mm and not np.allclose(spacing, grid.spacing_mm[-2:], rtol=1e-3)):
        raise _other_pixels(name, _told(spacing, orientation), _told(grid.spacing_mm, grid.orientation))
    return [_by_place(np.array(position, np.float64), name, grid) for position in positions]


def _by_place(position: NDArray[np.float64], name: str, grid: Grid) -> int | None:
    plane, row, column = grid.indices(position[None])[0]
    off = abs(plane - round(plane)) if grid.gap_mm is not None else 0.0
    if max(abs(row), abs(column), off) > _OFF_PIXELS:
        raise _other_pixels(name, f"({row:.2f}, {column:.2f}, {off:.2f})", "(0, 0, 0)")
    if grid.gap_mm is None:
        return 0 if abs(plane) <= 0.5 else None
    return round(plane) if 0 <= round(plane) < grid.planes else None


def _by_instance(group: Mapping[str, Any], name: str, grid: Grid) -> int | None:
    """Images without a place, such as radiographs: by the image that a frame names as its source."""
    derived = group["DerivationImageSequence"] or []
    sources = [
        str(value_of(one, "ReferencedSOPInstanceUID")) for item in derived for one in value_of(item, "SourceImageSequence") or []
    ]
    if not sources or not grid.instances:
        return 0 if grid.planes == 1 else None
    if sources[0] not in grid.instances:
        raise FileError(
            "G-IO-126",
            en=f"'{name}' was made for another image than this one (SOP Instance UID). Name the image it belongs to.",
            ja=f"「{name}」は別の画像 (SOP Instance UID) に対するものです。対応する画像を指定してください。",
        )
    return grid.instances.index(sources[0])


def _other_pixels(name: str, came: str, wanted: str) -> FileError:
    return FileError(
        "G-IO-127",
        en=f"the pixels of '{name}' are not those of the image: {came} instead of {wanted}. Name the images it was made for, or make the mask anew.",
        ja=f"「{name}」の画素は画像の画素と一致しません ({came}、画像は {wanted})。対応する画像を指定するか、マスクを作り直してください。",
    )


def _told(spacing: tuple[float, ...] | None, orientation: tuple[float, ...] | None) -> str:
    lengths = " x ".join(f"{one:g}" for one in (spacing or ())[-2:])
    return f"{lengths} mm, [{', '.join(f'{one:.3g}' for one in orientation or ())}]"
