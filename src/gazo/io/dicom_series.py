"""A volume from the slices of one DICOM series."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.parameters import Annotated, Ge, Label
from gazo.core.progress import OnEvent, counted, quiet
from gazo.core.registry import feature
from gazo.io.dicom import image_of
from gazo.io.dicom_folder import Header, headers_of
from gazo.io.dicom_geometry import even_gap, normal_of
from gazo.io.dicom_header import opened
from gazo.io.opening import need_folder

SLICES = Text("スライスの読み込み", "reading slices")
_PARALLEL = 1e-3


@dataclass(frozen=True)
class _Slice:
    image: Image
    along: float
    file: str


@feature("DICOM シリーズ (ボリューム) の読み込み", "Read a DICOM series as a volume", booklet="B4")
def read_series(
    path: Path | str,
    *,
    series: Annotated[int | None, Ge(1), Label("シリーズの番号 (1 から)", "Number of the series, from 1")] = None,
    on_event: OnEvent = quiet,
) -> Image:
    """The slices of one series below a folder as one volume (planes, rows, columns), in the order of their positions.

    Planes follow each other along rows x columns, so plane, row and column form a right-handed system with the patient; spacing is
    (distance of planes, rows, columns) in mm. Each slice is rescaled by its own slope and intercept. The distance between neighbours
    has to be the same everywhere (1 % or 0.02 mm).

    Parameters
    ----------
    path : of the folder.
    series : which series when there are several, in the order of `read_dicom_folder`.
    on_event : listens to the progress.

    Raises
    ------
    DataError : several series and none named, slices of different size or direction, two at one place, or a slice missing.
    """
    folder = str(need_folder(path))
    chosen = _one_series(headers_of(folder)[0], series)
    slices = [_slice(folder, header.file) for header in counted(chosen, SLICES, on_event)]
    if len(slices) == 1:
        return slices[0].image
    slices.sort(key=lambda one: one.along)
    gap = _gap(slices)
    first = slices[0].image
    kind = np.result_type(*{one.image.pixels.dtype for one in slices})
    pixels = np.stack([one.image.pixels for one in slices]).astype(kind, copy=False)
    spacing = None if first.spacing_mm is None else (gap, *first.spacing_mm)
    return first.with_pixels(pixels, spacing_mm=spacing)


def _one_series(headers: list[Header], series: int | None) -> list[Header]:
    groups: dict[str, list[Header]] = {}
    for header in headers:
        groups.setdefault(header.text("SeriesInstanceUID"), []).append(header)
    if series is None and len(groups) == 1:
        return headers
    if series is not None and series <= len(groups):
        return list(groups.values())[series - 1]
    listed = "; ".join(
        f"{number}: {group[0].text('Modality') or '?'}, {len(group)}" for number, group in enumerate(groups.values(), 1)
    )
    raise DataError(
        "G-IO-071",
        en=f"a volume is made of one series; the folder holds {len(groups)} (number: modality, files): {listed}. Name one with series=1.",
        ja=f"ボリュームは 1 つのシリーズから作ります。フォルダには {len(groups)} シリーズあります "
        f"(番号: モダリティ, ファイル数): {listed}。series=1 のように指定してください。",
    )


def _slice(folder: str, file: str) -> _Slice:
    name = os.path.basename(file)
    dataset: Any = opened(os.path.join(folder, file), name)
    image = image_of(dataset, name)
    if len(image.shape) != 2 or image.orientation is None or image.origin_mm is None:
        raise DataError(
            "G-IO-072",
            en=f"'{name}' does not say where its slice lies (Image Position and Orientation Patient), or holds several frames. "
            "Read it alone with read_dicom.",
            ja=f"「{name}」にはスライスの位置と向き (Image Position / Orientation Patient) がないか、複数フレームです。"
            "read_dicom で単独に読み込んでください。",
        )
    return _Slice(image, float(np.dot(image.origin_mm, normal_of(image.orientation))), name)


def _gap(slices: list[_Slice]) -> float:
    """The distance of planes; DataError when the slices make no regular volume."""
    kinds = Counter((one.image.shape, one.image.colour, one.image.spacing_mm) for one in slices)
    first = slices[0].image.orientation
    turned = [one for one in slices if not np.allclose(one.image.orientation, first, atol=_PARALLEL)]  # type: ignore[arg-type]
    if len(kinds) > 1 or turned:
        raise DataError(
            "G-IO-073",
            en="the slices of the series differ in size, spacing or direction, so they are no volume. "
            "Take out localisers and other planes, or choose another series.",
            ja="シリーズ内のスライスの大きさ・画素間隔・向きがそろっていないため、ボリュームになりません。"
            "位置決め画像や別断面を除くか、別のシリーズを選んでください。",
        )
    along = np.array([one.along for one in slices])
    gaps = np.diff(along)
    if gaps.min() < 1e-3:
        same = int(gaps.argmin())
        raise DataError(
            "G-IO-074",
            en=f"'{slices[same].file}' and '{slices[same + 1].file}' lie at the same place: the series holds several volumes "
            "(echoes, phases, repeats). Put each into a folder of its own.",
            ja=f"「{slices[same].file}」と「{slices[same + 1].file}」は同じ位置にあります。シリーズに複数のボリューム "
            "(エコー、時相、撮り直し) が含まれています。1 つずつ別のフォルダに分けてください。",
        )
    gap = even_gap(along)
    if gap is None:
        widest = int(gaps.argmax())
        raise DataError(
            "G-IO-075",
            en=f"a slice seems to be missing: neighbours are {np.median(gaps):.3f} mm apart, but '{slices[widest].file}' and "
            f"'{slices[widest + 1].file}' are {gaps[widest]:.3f} mm. Add the missing files.",
            ja=f"スライスが欠けているようです。間隔は {np.median(gaps):.3f} mm ですが、「{slices[widest].file}」と"
            f"「{slices[widest + 1].file}」の間は {gaps[widest]:.3f} mm あります。足りないファイルを補ってください。",
        )
    return gap
