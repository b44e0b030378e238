"""What goes with the images of an .npz set: masks in the same file, and a table beside it with a row for each image."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError
from gazo.io.cleaning import as_objects
from gazo.io.rows import Rows, is_empty, read_rows

MASK_NAMES = ("masks", "mask")
INDEX = "index"  # the column that says which image a row belongs to, from 0


def masks_in(arrays: Mapping[str, NDArray[Any]], images: NDArray[Any], name: str) -> NDArray[Any] | None:
    """The array called masks: of the size of the images, or with the bits of eight columns packed into a byte (np.packbits)."""
    key = next((key for key in MASK_NAMES if key in arrays), None)
    if key is None:
        return None
    masks, (count, rows, columns) = arrays[key], images.shape[:3]
    if masks.shape == (count, rows, columns):
        return masks
    if masks.dtype == np.uint8 and masks.shape == (count, rows, -(-columns // 8)):
        return np.unpackbits(masks, axis=-1, count=columns)
    raise DataError(
        "G-IO-096",
        en=f"the masks of '{name}' must have the size of its images, {images.shape[:3]}, or be bit-packed along the columns; their shape is {masks.shape}. "
        "Store them again, or leave the array out.",
        ja=f"「{name}」のマスクは画像と同じ大きさ {images.shape[:3]} か、列方向にビット単位で詰めたものでなければなりませんが、形は {masks.shape} です。"
        "保存し直すか、この配列を除いてください。",
    )


def table_beside(path: Path | str, count: int) -> Path | None:
    """The only table of the folder that numbers the images of an .npz file: a column "index" from 0 to the last, each once."""
    folder = Path(path).absolute().parent
    found = []
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in (".csv", ".xlsx"):
            try:
                rows = read_rows(file)
            except GazoError:
                continue  # not a table of images; who names it gets its error
            if INDEX in rows.headings and len(rows) == count and _numbered(rows, count):
                found.append(file)
    return found[0] if len(found) == 1 else None


def columns_beside(table: Path | str, count: int, name: str) -> dict[str, NDArray[Any]]:
    """The columns of a table as text, None where empty, in the order of the images (column "index", else the order of its rows)."""
    rows = read_rows(table)
    indexed = INDEX in rows.headings and _numbered(rows, count)
    if len(rows) != count:
        raise DataError(
            "G-IO-097",
            en=f"the table '{os.path.basename(table)}' has {len(rows)} rows and '{name}' {count} images; a row for each image is needed. Name the table that belongs to it.",
            ja=f"表「{os.path.basename(table)}」は {len(rows)} 行、「{name}」の画像は {count} 枚です。画像ごとに 1 行が必要です。対応する表を指定してください。",
        )
    order = np.argsort([int(cell) for cell in rows.column(INDEX)]) if indexed else np.arange(count)
    return {
        heading: as_objects([None if is_empty(cell) else cell for cell in rows.column(heading)])[order]
        for heading in rows.headings
    }


def _numbered(rows: Rows, count: int) -> bool:
    return sorted(rows.column(INDEX)) == sorted(str(number) for number in range(count))
