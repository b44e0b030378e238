"""Where the pixels of a DICOM image lie: spacing, direction, origin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.io.dicom_header import functional_groups, numbers, value_of

Lengths = tuple[float, ...]
# How far gaps between slices may differ: rounded positions do, missing slices differ by a whole gap.
_EVEN_MM, _EVEN_PART = 0.02, 0.01


def geometry_of(dataset: Any, frame: int | None, *, planes: bool) -> tuple[Lengths | None, Lengths | None, Lengths | None]:
    """Spacing in mm, direction cosines of rows and columns, and the centre of the first pixel; None for each that is not known."""
    spacing = _in_plane(dataset, frame)
    directions = _from_groups(dataset, "PlaneOrientationSequence", "ImageOrientationPatient", 6, frame)
    positions = _from_groups(dataset, "PlanePositionSequence", "ImagePositionPatient", 3, frame)
    orientation = directions[0] if directions else None
    origin = positions[0] if positions else None
    if planes and spacing is not None:
        gap, backwards = _gap(dataset, positions, orientation)
        spacing = None if gap is None else (gap, *spacing)
        if backwards:
            origin = None  # planes run against the normal, which six cosines cannot say
    return spacing, orientation, origin


def _in_plane(dataset: Any, frame: int | None) -> Lengths | None:
    measures = functional_groups(dataset, "PixelMeasuresSequence", frame)
    told = [(dataset, keyword) for keyword in ("ImagerPixelSpacing", "PixelSpacing", "NominalScannedPixelSpacing")]
    told += [(group, "PixelSpacing") for group in measures[:1]]
    for item, keyword in told:
        found = numbers(item, keyword, 2)
        if found is not None and all(length > 0 for length in found):
            return found
    return None


def _from_groups(dataset: Any, group: str, keyword: str, count: int, frame: int | None) -> list[Lengths]:
    """Values of an element, one for each frame that tells it, or the one of the whole file."""
    items = functional_groups(dataset, group, frame) or [dataset]
    found = [numbers(item, keyword, count) for item in items]
    return [value for value in found if value is not None]


def _gap(dataset: Any, positions: Sequence[Lengths], orientation: Lengths | None) -> tuple[float | None, bool]:
    """The distance of frames when it is the same between all of them, and whether they run against the normal."""
    frames = int(value_of(dataset, "NumberOfFrames") or 1)
    offsets = numbers(dataset, "GridFrameOffsetVector", frames)
    if offsets is not None and frames > 1:
        along: NDArray[np.float64] | None = np.array(offsets)
    elif len(positions) == frames and frames > 1 and orientation is not None:
        along = np.array(positions) @ normal_of(orientation)
    else:
        along = None
    if along is None:
        told = numbers(dataset, "SpacingBetweenSlices", 1)
        return (told[0] if told is not None and told[0] > 0 else None), False
    gap = even_gap(along)
    return (None, False) if gap is None or gap == 0 else (abs(gap), gap < 0)


def normal_of(orientation: Lengths) -> NDArray[np.float64]:
    """The direction in which planes follow each other: rows x columns."""
    return np.cross(orientation[:3], orientation[3:])


def even_gap(along: NDArray[np.float64]) -> float | None:
    """The distance between neighbours when it is the same everywhere (1 % or 0.02 mm), else None."""
    gaps = np.diff(along)
    usual = float(np.median(gaps))
    allowed = max(_EVEN_MM, _EVEN_PART * abs(usual))
    return usual if gaps.size and np.all(np.abs(gaps - usual) <= allowed) else None
