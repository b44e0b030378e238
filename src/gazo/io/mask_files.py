"""`read_masks` and `write_mask`: masks in PNG, TIFF, NIfTI, DICOM SEG and RTSTRUCT, always in the geometry of their image."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError, ImageError, OptionError
from gazo.core.image import Image
from gazo.core.parameters import Label
from gazo.core.registry import feature
from gazo.io.dicom_header import opened, value_of
from gazo.io.dicom_seg import read_seg
from gazo.io.files import kind_of, read, write
from gazo.io.mask_files_grid import Grid, grid_of, need_structures
from gazo.io.opening import start_of
from gazo.io.rtstruct import read_rtstruct

MaskKind = Literal["png", "tif", "nii.gz", "nii", "seg", "rtstruct"]
_SEG = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
_ALIKE = 1e-3  # difference of directions (cosines) and, in pixels, of places


@feature("マスクの読み込み", "Read masks", booklet=("B3", "C3"))
def read_masks(
    path: Path | str,
    image: Image | Path | str | None = None,
    *,
    structures: Annotated[Sequence[str], Label("構造の名前 (空欄はすべて)", "Names of structures (empty: all)")] = (),
) -> dict[str, Image]:
    """The structures of a file, each as a mask of 0 and 1 with the size, spacing, direction and origin of `image`.

    DICOM RTSTRUCT and SEG name their structures; in PNG, TIFF and NIfTI they are the values of the pixels, called "1", "2" ... (a picture of
    two values such as 0 and 255 is one structure, "1"). NIfTI volumes whose axes run otherwise than those of the image are turned to fit.

    Parameters
    ----------
    path : of the file.
    image : the image the masks belong to, its file, or the folder of its DICOM slices. RTSTRUCT needs it.
    structures : only these, in this order.

    Raises
    ------
    DataError : no such structure (those there are listed), or an image that does not know where it lies.
    FileError : another frame of reference, another series, other pixels.
    """
    grid = None if image is None else grid_of(image)
    return _read(os.fspath(path), grid, tuple(structures))


def _read(path: str, grid: Grid | None, structures: tuple[str, ...]) -> dict[str, Image]:
    what = dicom_kind(path)
    if what == "seg":
        return read_seg(path, grid, structures)
    if what != "rtstruct":
        return _of_pixels(path, grid, structures)
    if grid is None:
        raise DataError(
            "G-IO-132",
            en=f"'{os.path.basename(path)}' holds contours (RTSTRUCT), which become masks only on an image. Name the image or the folder of its slices.",
            ja=f"「{os.path.basename(path)}」は輪郭 (RTSTRUCT) のファイルです。マスクにするには、画像またはスライスのフォルダを指定してください。",
        )
    return read_rtstruct(path, grid, structures)


def dicom_kind(path: str) -> str:
    """seg or rtstruct; empty for files of any other kind."""
    name = os.path.basename(path)
    if kind_of(start_of(path), name) != "dicom":
        return ""
    header = opened(path, name, pixels=False, only=("SOPClassUID", "Modality"))
    uid, modality = str(value_of(header, "SOPClassUID") or ""), str(value_of(header, "Modality") or "")
    if uid in _SEG or (not uid and modality == "SEG"):
        return "seg"
    return "rtstruct" if uid == _RTSTRUCT or (not uid and modality == "RTSTRUCT") else ""


def _of_pixels(path: str, grid: Grid | None, structures: tuple[str, ...]) -> dict[str, Image]:
    """The values of a label map as structures."""
    stored = _labelled(path, grid)
    labels = np.asarray(stored.pixels)
    known = [str(value) for value in np.unique(labels) if value]
    if structures:
        need_structures(os.path.basename(path), structures, known)
    return {one: stored.with_pixels((labels == int(one)).astype(np.uint8)) for one in structures or known}


def _labelled(path: str, grid: Grid | None) -> Image:
    """A label map in the geometry of the grid."""
    name = os.path.basename(path)
    stored = fitted_to(read(path).grey(), name, grid)
    labels = whole_labels(np.asarray(stored.pixels), name)
    return stored.with_pixels(labels, meaning="mask") if grid is None else grid.image(labels)


def read_label_map(path: Path | str, image: Image | Path | str | None = None, structures: Sequence[str] = ()) -> Image:
    """All structures of a file (or those named) as one mask: 0 outside, 1 ... n in their order; a label map keeps its numbers."""
    if not structures and not dicom_kind(os.fspath(path)):
        return _labelled(os.fspath(path), None if image is None else grid_of(image))
    return together(read_masks(path, image, structures=structures), os.path.basename(path))


def whole_labels(pixels: NDArray[Any], name: str) -> NDArray[Any]:
    """Whole numbers from 0; two values, of which one is 0, are 0 and 1."""
    values = np.unique(pixels)
    if pixels.dtype == bool or (len(values) == 2 and values[0] == 0 and values[1] > 0) or (len(values) == 1 and values[0] == 255):
        return (pixels > 0).astype(np.uint8)
    if not np.isfinite(values).all() or (values != np.rint(values)).any() or values[0] < 0 or values[-1] > 65535:
        raise ImageError(
            "G-IO-133",
            en=f"a mask holds 0 and the numbers of its structures; '{name}' holds values from {values[0]:g} to {values[-1]:g} that are no such numbers. "
            "Store it without smoothing, as whole numbers.",
            ja=f"マスクの画素値は 0 と構造の番号 (整数) でなければなりません。「{name}」には {values[0]:g} から {values[-1]:g} までの値があります。"
            "平滑化せずに整数で保存してください。",
        )
    return pixels.astype(np.uint8 if values[-1] < 256 else np.uint16)


def fitted_to(mask: Image, name: str, grid: Grid | None) -> Image:
    """A mask with its axes in the order of those of the grid; refused where size or place differ."""
    if grid is None:
        return mask
    turned = _turned(mask, grid) if mask.orientation is not None and grid.orientation is not None else mask
    if turned is None or turned.shape != grid.shape:
        came = " x ".join(map(str, mask.shape))
        wanted = " x ".join(map(str, grid.shape))
        raise FileError(
            "G-IO-134",
            en=f"the mask '{name}' ({came}) does not lie on the pixels of its image ({wanted}): size, place or direction differ. "
            "Name the right file, or resample the mask to the image.",
            ja=f"マスク「{name}」({came}) の大きさ、位置、向きのいずれかが画像 ({wanted}) と一致しません。正しいファイルを指定するか、マスクを画像に合わせてリサンプリングしてください。",
        )
    return turned


def _turned(mask: Image, grid: Grid) -> Image | None:
    """The mask with axes swapped and reversed as the grid's run; None when no turning by right angles puts it there."""
    if (
        mask.spacing_mm is None
        or mask.origin_mm is None
        or grid.spacing_mm is None
        or grid.origin_mm is None
        or len(mask.shape) != len(grid.shape)
    ):
        return mask if mask.shape == grid.shape else None
    own, other = _axes(mask.orientation, len(mask.shape)), _axes(grid.orientation, len(grid.shape))
    fits = other @ own.T  # cosine between each axis of the grid and each of the mask
    if not np.allclose(np.sort(np.abs(fits), axis=1)[:, -1], 1, atol=_ALIKE):
        return None
    order = np.abs(fits).argmax(1)
    backwards = [axis for axis, one in enumerate(order) if fits[axis, one] < 0]
    pixels = np.flip(np.transpose(mask.pixels, order), backwards)
    spacing = tuple(mask.spacing_mm[one] for one in order)
    steps = sum(((mask.shape[order[axis]] - 1) * spacing[axis] * -other[axis] for axis in backwards), np.zeros(3))
    first = np.array(mask.origin_mm) + steps
    off = np.abs(first - np.array(grid.origin_mm)) / min(grid.spacing_mm)
    if not np.allclose(spacing, grid.spacing_mm, rtol=_ALIKE) or off.max() > 50 * _ALIKE:
        return None
    return mask.with_pixels(
        np.ascontiguousarray(pixels), spacing_mm=spacing, orientation=grid.orientation, origin_mm=grid.origin_mm
    )


def _axes(orientation: Any, count: int) -> NDArray[np.float64]:
    """Unit vectors of (planes,) rows and columns in the patient."""
    across, down = np.array(orientation[:3], float), np.array(orientation[3:], float)
    return np.stack([np.cross(across, down), down, across][3 - count :])


@feature("マスクの書き出し", "Write a mask", booklet=("B3", "C3"))
def write_mask(
    mask: Image | Mapping[str, Image],
    path: Path | str,
    *,
    names: Annotated[Sequence[str], Label("構造の名前", "Names of the structures")] = (),
    source: Path | str | None = None,
    kind: Annotated[MaskKind | None, Label("形式 (空欄は拡張子で決定)", "Kind of file (empty: by the ending)")] = None,
    automatic: Annotated[bool, Label("自動で作成したマスク", "Made by a program")] = False,
) -> None:
    """Write a mask with the geometry of its image.

    Parameters
    ----------
    mask : a label map (0 outside, 1 ... n), or masks by name as `read_masks` gives them. In PNG, TIFF and NIfTI they must not overlap.
    path : of the file; .png, .tif, .nii and .nii.gz are label maps. A DICOM file (.dcm) needs a `kind`.
    names : of the structures 1 ... n of a label map; their numbers where none are given.
    source : the DICOM image the mask belongs to, or the folder of its slices; SEG and RTSTRUCT need it.
    kind : png, tif, nii, nii.gz, seg or rtstruct.
    automatic : what SEG and RTSTRUCT say about how the mask was made: by a program or by hand.
    """
    kind = kind or _kind_by_name(path)
    if kind in ("seg", "rtstruct"):
        from gazo.io.dicom_seg_write import write_seg
        from gazo.io.rtstruct_write import write_rtstruct

        by_name = dict(mask) if isinstance(mask, Mapping) else by_label(mask, names)
        (write_seg if kind == "seg" else write_rtstruct)(by_name, path, source, automatic=automatic)
        return
    label_map = together(mask, os.path.basename(path)) if isinstance(mask, Mapping) else mask
    labels = np.asarray(label_map.pixels)
    write(label_map.with_pixels(labels.astype(np.uint8) if labels.dtype == bool else labels, meaning="mask"), path)


def _kind_by_name(path: Path | str) -> str:
    name = os.path.basename(path).lower()
    if name.endswith((".dcm", ".dicom")):
        raise OptionError(
            "G-IO-135",
            en=f"a mask in '{os.path.basename(path)}' can be a DICOM SEG or an RTSTRUCT. Name one with kind='seg' or kind='rtstruct'.",
            ja=f"「{os.path.basename(path)}」には DICOM SEG と RTSTRUCT のどちらでも書き出せます。kind='seg' または kind='rtstruct' で指定してください。",
        )
    return name.rpartition(".")[2]


def by_label(mask: Image, names: Sequence[str] = ()) -> dict[str, Image]:
    """A label map as masks by name; a name without a pixel is an empty mask."""
    labels = np.asarray(mask.pixels)
    numbers = range(1, len(names) + 1) if names else [int(value) for value in np.unique(labels) if value]
    called = names or [str(number) for number in numbers]
    return {
        name: mask.with_pixels((labels == number).astype(np.uint8), meaning="mask")
        for name, number in zip(called, numbers, strict=True)
    }


def together(masks: Mapping[str, Image], name: str) -> Image:
    """Masks as one label map, numbered in their order; refused where they overlap."""
    first = next(iter(masks.values()))
    labels = np.zeros(first.shape, np.uint8 if len(masks) < 256 else np.uint16)
    for number, mask in enumerate(masks.values(), 1):
        inside = np.asarray(mask.pixels) > 0
        if labels[inside].any():
            raise DataError(
                "G-IO-136",
                en=f"structures of '{name}' overlap, so they make no one mask: {', '.join(masks)}. Choose one, as in file#structure.",
                ja=f"「{name}」の構造に重なりがあるため、1 つのマスクにできません ({'、'.join(masks)})。「ファイル名#構造名」のように 1 つを選んでください。",
            )
        labels[inside] = number
    return first.with_pixels(labels, meaning="mask")
