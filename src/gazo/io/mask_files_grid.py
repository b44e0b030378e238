"""The pixels of an image as places in the patient, so that a mask from another file can be laid over them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError
from gazo.core.image import Image
from gazo.io.dicom_geometry import geometry_of, normal_of
from gazo.io.dicom_header import opened, value_of
from gazo.io.dicom_series import read_series
from gazo.io.files import kind_of, read
from gazo.io.finding import walk
from gazo.io.opening import start_of

Lengths = tuple[float, ...]


@dataclass(frozen=True)
class Grid:
    """Where the pixels of an image lie.

    Parameters
    ----------
    shape : (planes,) rows, columns.
    spacing_mm, orientation, origin_mm : as in `Image`.
    frame : Frame of Reference UID, empty where it is not known.
    instances : SOP Instance UID of each plane in order, empty where they are not known.
    """

    shape: tuple[int, ...]
    spacing_mm: Lengths | None = None
    orientation: Lengths | None = None
    origin_mm: Lengths | None = None
    frame: str = ""
    instances: tuple[str, ...] = ()

    @property
    def planes(self) -> int:
        return self.shape[0] if len(self.shape) == 3 else 1

    @property
    def plane_shape(self) -> tuple[int, int]:
        return (self.shape[-2], self.shape[-1])

    @property
    def gap_mm(self) -> float | None:
        """Distance of planes; None for a single plane."""
        return self.spacing_mm[0] if len(self.shape) == 3 and self.spacing_mm is not None else None

    def indices(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points in the patient (n, 3) as plane, row, column; the plane of a single slice is a distance in mm."""
        orientation, origin, spacing = self.need_place()
        offset = np.asarray(points_mm, np.float64) - np.array(origin)
        along = (normal_of(orientation), np.array(orientation[3:]), np.array(orientation[:3]))
        lengths = (self.gap_mm or 1.0, spacing[-2], spacing[-1])
        return np.stack([offset @ axis / length for axis, length in zip(along, lengths, strict=True)], axis=1)

    def points(self, plane: int, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows and columns (n, 2) on a plane as points in the patient (n, 3)."""
        orientation, origin, spacing = self.need_place()
        down, right = np.array(orientation[3:]) * spacing[-2], np.array(orientation[:3]) * spacing[-1]
        first = np.array(origin) + normal_of(orientation) * (self.gap_mm or 0.0) * plane
        return np.asarray(first + corners[:, :1] * down + corners[:, 1:] * right)

    def need_place(self) -> tuple[Lengths, Lengths, Lengths]:
        """Direction, origin and spacing; an image that does not know where it lies carries no contours."""
        if self.orientation is None or self.origin_mm is None or self.spacing_mm is None:
            raise DataError(
                "G-IO-120",
                en="contours and segments are places in the patient, but this image does not say where it lies "
                "(position, direction and pixel spacing). Take the CT or MR images they were drawn on, or a mask as PNG or NIfTI.",
                ja="輪郭やセグメントは患者座標で書かれていますが、この画像には位置・向き・画素間隔がありません。"
                "輪郭を描いた CT・MR 画像を指定するか、PNG・NIfTI のマスクを使ってください。",
            )
        return self.orientation, self.origin_mm, self.spacing_mm

    def image(self, pixels: NDArray[Any]) -> Image:
        """Pixels (planes, rows, columns) as a mask with this geometry."""
        return Image(
            pixels.reshape(self.shape),
            spacing_mm=self.spacing_mm,
            meaning="mask",
            orientation=self.orientation,
            origin_mm=self.origin_mm,
        )


def grid_of(like: Image | Path | str) -> Grid:
    """The grid of an image, of an image file, or of the volume of a folder of DICOM slices."""
    if isinstance(like, Image):
        return Grid(like.shape, like.spacing_mm, like.orientation, like.origin_mm)
    path = os.fspath(like)
    if os.path.isdir(path):
        volume, headers = read_series(path), headers_in_order(path)
        return Grid(
            volume.shape, volume.spacing_mm, volume.orientation, volume.origin_mm, _uid(headers[0], "FrameOfReferenceUID"),
            tuple(_uid(one, "SOPInstanceUID") for one in headers),
        )  # fmt: skip
    name = os.path.basename(path)
    if kind_of(start_of(path), name) != "dicom":
        return grid_of(read(path))
    return _of_header(opened(path, name, pixels=False))


def _of_header(header: Any) -> Grid:
    """From the header of a DICOM image alone."""
    frames = int(value_of(header, "NumberOfFrames") or 1)
    plane = (int(value_of(header, "Rows") or 0), int(value_of(header, "Columns") or 0))
    spacing, orientation, origin = geometry_of(header, None, planes=frames > 1)
    shape = (frames, *plane) if frames > 1 else plane
    return Grid(
        shape, spacing, orientation, origin, _uid(header, "FrameOfReferenceUID"), (_uid(header, "SOPInstanceUID"),) * frames
    )


def headers_in_order(path: Path | str) -> list[Any]:
    """The header of a DICOM image, or those of the slices of the one series in a folder in the order of `read_series`."""
    path = os.fspath(path)
    if not os.path.isdir(path):
        return [opened(path, os.path.basename(path), pixels=False)]
    files = [os.path.join(path, file) for file in walk(path)]
    headers = [opened(file, os.path.basename(file), pixels=False) for file in files if kind_of(start_of(file), file) == "dicom"]
    images = [header for header in headers if value_of(header, "Rows")]

    def along(header: Any) -> float:
        _, orientation, origin = geometry_of(header, None, planes=False)
        return 0.0 if orientation is None or origin is None else float(np.dot(origin, normal_of(orientation)))

    return sorted(images, key=along)


def _uid(header: Any, keyword: str) -> str:
    return str(value_of(header, keyword) or "")


def need_same_frame(name: str, frames: Sequence[str], grid: Grid) -> None:
    """Refuse structures of another frame of reference; nothing is refused where either does not tell it."""
    known = {frame for frame in frames if frame}
    if known and grid.frame and grid.frame not in known:
        raise FileError(
            "G-IO-121",
            en=f"'{name}' belongs to another frame of reference than the image, so its places mean nothing there. "
            "Name the images it was drawn on.",
            ja=f"「{name}」の座標系 (Frame of Reference) は画像のものと異なるため、重ねられません。輪郭を描いた画像を指定してください。",
        )


def need_structures(name: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a name that no structure has; the names there are follow."""
    missing = [one for one in wanted if one not in known]
    if missing or not known:
        listed = ", ".join(f"'{one}'" for one in known) or "–"
        listed_ja = "、".join(f"「{one}」" for one in known) or "なし"
        raise DataError(
            "G-IO-122",
            en=f"'{name}' has no structure '{', '.join(missing)}'. Structures there: {listed}.",
            ja=f"「{name}」に構造「{'、'.join(missing)}」はありません。含まれる構造: {listed_ja}。",
        )
