"""What is known about an image besides its label: the mask of a structure, the boxes of lesions; checked when they are read.

Places are counted in pixels from the upper left corner of the image: pixel (row 0, column 0) covers x and y from 0 to 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.imageset import ImageSet

Boxes = NDArray[np.float64]
NO_BOXES: Boxes = np.zeros((0, 4))


def mask_of(images: ImageSet, row: int, *, shape: tuple[int, ...] | None = None) -> NDArray[np.uint16]:
    """The mask of one image, whole numbers: 0 outside, 1 ... n the structures; an empty cell is a mask without any.

    Parameters
    ----------
    shape : of the image where it is known, so that it is not read again.
    """
    cell = images.role("mask")[row]
    shape = images[row].shape if shape is None else shape
    if cell is None:
        return np.zeros(shape, np.uint16)
    mask = np.asarray(images.loader(cell).grey().pixels)
    if mask.shape != tuple(shape):
        raise ImageError(
            "G-LEARN-050",
            en=f"a mask must have the size of its image; row {row} has an image of {_size(shape)} and a mask of {_size(mask.shape)}. "
            "Correct the column of masks or make the mask anew.",
            ja=f"マスクは画像と同じ大きさでなければなりません。行 {row} の画像は {_size(shape)}、マスクは {_size(mask.shape)} です。"
            "マスクの列を確認するか、マスクを作り直してください。",
        )
    return _whole(mask, row)


def _whole(mask: NDArray[Any], row: int) -> NDArray[np.uint16]:
    """A mask as whole numbers. A picture of 0 and full white (255 or 65535) is 0 and 1; of 0 and 3 it is one that shows structure 3 only."""
    if mask.dtype == bool:
        return mask.astype(np.uint16)
    values = np.unique(mask)
    if len(values) == 2 and values[0] == 0 and values[1] in (255, 65535):
        return (mask > 0).astype(np.uint16)
    if not np.isfinite(values).all() or (values != np.rint(values)).any() or values[0] < 0 or values[-1] > 65535:
        raise ImageError(
            "G-LEARN-051",
            en=f"a mask holds 0 and the numbers of its structures; the mask of row {row} holds values from {values[0]:g} to {values[-1]:g} "
            "that are no such numbers. Store it without smoothing, as whole numbers.",
            ja=f"マスクの画素値は 0 と構造の番号 (整数) でなければなりません。行 {row} のマスクには {values[0]:g} から {values[-1]:g} までの値があります。"
            "平滑化せずに整数で保存してください。",
        )
    return mask.astype(np.uint16)


def boxes_of(images: ImageSet, row: int, *, shape: tuple[int, ...] | None = None) -> Boxes:
    """The lesions of one image: (n, 4) x, y, width, height in pixels. A point is a box of width and height 0.

    They come from the role boxes, else from the role mask, a box about each connected part. An empty cell is an image without lesions.
    """
    if not images.has("boxes") and images.has("mask"):
        return boxes_about(mask_of(images, row, shape=shape))
    cell = images.role("boxes")[row]
    if cell is None or np.size(cell) == 0:
        return NO_BOXES
    shape = images[row].shape if shape is None else shape
    boxes = _numbers(cell, row)
    inside = (
        (boxes[:, :2] >= 0).all() and (boxes[:, 2:] >= 0).all() and (boxes[:, :2] + boxes[:, 2:] <= [shape[1], shape[0]]).all()
    )
    if not np.isfinite(boxes).all() or not inside:
        raise ImageError(
            "G-LEARN-052",
            en=f"boxes (x, y, width, height) must lie inside their image and have no negative side; in row {row}, an image of {_size(shape)}, "
            f"came {_told(boxes)}. Correct the table; widths are not right edges.",
            ja=f"矩形 (x, y, 幅, 高さ) は画像の内側にあり、幅と高さは 0 以上でなければなりません。行 {row} (画像 {_size(shape)}) に {_told(boxes)} がありました。"
            "表を確認してください。右端・下端の座標ではなく幅・高さを書きます。",
        )
    return boxes


def _numbers(cell: Any, row: int) -> Boxes:
    try:
        return np.asarray(cell, np.float64).reshape(-1, 4)
    except (TypeError, ValueError):
        raise DataError(
            "G-LEARN-053",
            en=f"a box is four numbers: x, y, width, height; row {row} holds something else. Name the columns of the table with --boxes x,y,w,h.",
            ja=f"矩形は x, y, 幅, 高さの 4 つの数値です。行 {row} に別の値があります。--boxes x,y,w,h で表の列を指定してください。",
        ) from None


def boxes_about(mask: NDArray[Any]) -> Boxes:
    """The smallest box about each connected part (corners touch too) of a plane mask."""
    from scipy.ndimage import find_objects, label

    parts, _ = label(mask > 0, np.ones((3, 3)))
    found = [(c.start, r.start, c.stop - c.start, r.stop - r.start) for r, c in find_objects(parts)]
    return np.array(found, np.float64).reshape(-1, 4)


def need_lesions(images: ImageSet) -> None:
    """Refuse a set in which no image has a lesion. Cells are looked at, images are not read; masks are believed."""
    if not images.has("boxes") and images.has("mask"):
        return
    if not any(cell is not None and np.size(cell) for cell in images.role("boxes")):
        raise DataError(
            "G-LEARN-054",
            en=f"a detector learns from lesions; none of the {len(images)} images has a box. Check the column of boxes and how it is joined.",
            ja=f"検出の学習には病変が必要ですが、{len(images)} 枚のどの画像にも矩形がありません。矩形の列と結合のしかたを確認してください。",
        )


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _told(boxes: Boxes) -> str:
    return "; ".join(", ".join(f"{value:g}" for value in box) for box in boxes[:3])
