"""Whether an image and a region fit each other, and what must be known about the region before its features are believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.language import Text

FEW_VOXELS = 64  # below it texture rests on too few pairs


def region_of(image: Image, mask: Image, label: int = 0) -> NDArray[np.bool_]:
    """The region of a mask on the grid of the image; an error says what does not fit.

    `label` is the value of the region in the mask, 0 for everything above 0.
    """
    _same_grid(image, mask)
    pixels: NDArray[Any] = mask.grey().pixels
    region = np.asarray(pixels > 0 if label == 0 else pixels == label)
    if not region.any():
        held = ", ".join(f"{v:g}" for v in np.unique(np.asarray(pixels, np.float64))[:10])
        raise DataError(
            "G-RAD-010",
            en=f"the mask has no voxel of the region (label {label}); its values are {held}. Draw the region or name another label.",
            ja=f"マスクに領域のボクセルがありません (ラベル {label})。マスクの値: {held}。領域を描くか、別のラベルを指定してください。",
        )
    if not np.isfinite(np.asarray(image.pixels[region], np.float64)).all():
        raise DataError(
            "G-RAD-011",
            en="the image has values that are not numbers inside the region; correct them or leave them out of the mask.",
            ja="領域内に数値でない画素があります。画像を直すか、その画素をマスクから外してください。",
        )
    return region


def _same_grid(image: Image, mask: Image) -> None:
    """Refuse a mask of another shape, spacing, position or direction, and an image in colour."""
    if image.colour:
        raise ImageError(
            "G-RAD-012",
            en="features need one value a pixel; this image is in colour. Convert it with `image.grey()` first.",
            ja="特徴量の計算には 1 画素 1 値の画像が必要ですが、カラー画像です。先に `image.grey()` で変換してください。",
        )
    if image.shape != mask.shape:
        raise ImageError(
            "G-RAD-013",
            en=f"image and mask must have the same shape; {image.shape} and {mask.shape} came. Read the mask on the grid of the image.",
            ja=f"画像とマスクは同じ大きさでなければなりません。受け取った大きさ: {image.shape} と {mask.shape}。画像の格子に合わせてマスクを読み込んでください。",
        )
    for name, what_ja, what_en in (
        ("spacing_mm", "画素間隔", "pixel spacing"),
        ("origin_mm", "原点の位置", "origin"),
        ("orientation", "向き", "orientation"),
    ):
        one, other = getattr(image, name), getattr(mask, name)
        if (
            one is not None
            and other is not None
            and not np.allclose(one, other, rtol=1e-3, atol=1e-3 if name == "orientation" else 1e-2)
        ):
            raise ImageError(
                "G-RAD-014",
                en=f"image and mask must lie on the same grid; their {what_en} differs: {_short(one)} and {_short(other)}. Resample the mask to the image.",
                ja=f"画像とマスクは同じ格子上になければなりませんが、{what_ja}が異なります: {_short(one)} と {_short(other)}。マスクを画像に合わせて再標本化してください。",
            )


def _short(numbers: tuple[float, ...]) -> str:
    return "/".join(f"{n:g}" for n in numbers)


def region_warnings(
    region: NDArray[np.bool_], spacing_mm: tuple[float, ...], *, resampled: bool = False, planar: bool = False
) -> tuple[Text, ...]:
    """More than one component, contact with the border of the image, few voxels, voxels of unequal sides."""
    from scipy.ndimage import label

    found: list[Text] = []
    parts = int(label(region, np.ones((3,) * region.ndim))[1])
    if parts > 1:
        found.append(
            Text(
                f"領域が {parts} 個の離れた部分からなります。形態の特徴量は全体をまとめて計算しました。",
                f"The region has {parts} separate parts; its form was computed over all of them together.",
            )
        )
    if _touches(region):
        found.append(
            Text(
                "領域が画像の端に接しています。病変が途中で切れていないか確かめてください。",
                "The region touches the border of the image; make sure that the lesion is not cut off.",
            )
        )
    if (voxels := int(region.sum())) < FEW_VOXELS:
        found.append(
            Text(
                f"領域は {voxels} ボクセルしかありません ({FEW_VOXELS} 未満)。テクスチャの値は信頼できません。",
                f"The region has only {voxels} voxels (below {FEW_VOXELS}); its texture cannot be relied on.",
            )
        )
    if len(spacing_mm) == 3 and not (resampled or planar) and max(spacing_mm) > 1.01 * min(spacing_mm):
        found.append(
            Text(
                "ボクセルが等方でないため、3 次元の特徴量は向きによって変わります。grid_mm で補間してください。",
                "The voxels have unequal sides, so 3-D features depend on direction; interpolate with grid_mm.",
            )
        )
    return tuple(found)


def _touches(region: NDArray[Any]) -> bool:
    """Contact with a border; the single plane of a 2-D image has none along its thickness."""
    axes = [axis for axis in range(region.ndim) if region.shape[axis] > 1]
    return any(bool(np.take(region, end, axis).any()) for axis in axes for end in (0, -1))
