"""What a mask that is written as DICOM says about the images it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError
from gazo.core.image import Image
from gazo.io.dicom_header import value_of
from gazo.io.files import kind_of
from gazo.io.mask_files_grid import Grid, grid_of, headers_in_order
from gazo.io.opening import start_of

_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


def sources_of(masks: Mapping[str, Image], source: Path | str | None) -> tuple[Grid, list[Any]]:
    """The grid and the headers of the DICOM images that masks belong to, checked against the masks."""
    path = Path(source) if source is not None else None
    if path is None or (path.is_file() and kind_of(start_of(path), path.name) != "dicom"):
        raise DataError(
            "G-IO-128",
            en="DICOM SEG and RTSTRUCT name the DICOM images they belong to, and no DICOM image was given. Write .png or .nii.gz, or name the DICOM image.",
            ja="DICOM SEG と RTSTRUCT には対応する DICOM 画像が必要ですが、指定されていません。.png か .nii.gz で書き出すか、DICOM 画像を指定してください。",
        )
    grid, headers = grid_of(path), headers_in_order(path)
    lacking = [keyword for keyword in _NEEDED if any(not value_of(header, keyword) for header in headers)]
    if lacking:
        raise FileError(
            "G-IO-129",
            en=f"'{path.name}' lacks {', '.join(lacking)}, without which nothing can refer to it. Write .png or .nii.gz instead.",
            ja=f"「{path.name}」には参照に必要な {'、'.join(lacking)} がありません。.png か .nii.gz で書き出してください。",
        )
    for mask in masks.values():
        if mask.shape != grid.shape:
            raise DataError(
                "G-IO-130",
                en=f"a mask must have the size of the image it belongs to: {_size(mask.shape)} came, the image has {_size(grid.shape)}.",
                ja=f"マスクの大きさは対応する画像と同じでなければなりません。マスク {_size(mask.shape)}、画像 {_size(grid.shape)}。",
            )
    return grid, headers


def planes_of(mask: Image) -> NDArray[np.bool_]:
    """A mask as (planes, rows, columns)."""
    inside = np.asarray(mask.pixels) > 0
    return inside if inside.ndim == 3 else inside[None]


def new_uid(what: str, masks: Mapping[str, Image], headers: Sequence[Any]) -> str:
    """A UID made from the content, so that the same masks of the same images give the same file."""
    from pydicom.uid import generate_uid

    content = [hashlib.sha256(np.packbits(planes_of(mask)).tobytes()).hexdigest() for mask in masks.values()]
    return str(generate_uid(entropy_srcs=[what, *masks, *content, str(headers[0].SOPInstanceUID)]))


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
