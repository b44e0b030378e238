"""What exposure and detector measurements accept: flat grey images without holes, regions of the same shape, columns of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError, OptionError, nearest
from gazo.core.image import Image
from gazo.core.results import Table

Plane = NDArray[np.float64]
Mask = NDArray[np.bool_]
LARGEST = np.float64(1e12)  # pixel value: the sum of the squares of an image still has a place in float32


def plane(image: Image, *, least_px: int = 1) -> Plane:
    """The pixels (rows, columns) of one grey image of finite numbers as float64.

    Parameters
    ----------
    least_px : rows and columns that the measurement needs.
    """
    need_grey(image)
    if image.pixels.ndim != 2 or min(image.shape) < least_px:
        raise ImageError(
            "G-QUA-301",
            en=f"this measurement needs one grey plane of at least {least_px} x {least_px} pixels (rows, columns); shape {image.pixels.shape} came. "
            "Give single frames, or a larger region.",
            ja=f"この測定には {least_px} × {least_px} 画素以上のグレースケール画像 1 面 (行, 列) が必要です。受け取った形: {image.pixels.shape}。"
            "1 フレームずつ渡すか、領域を広げてください。",
        )
    return need_finite(image.pixels.astype(np.float64))


def need_grey(image: Image) -> None:
    """Refuse a colour image."""
    if image.colour:
        raise ImageError(
            "G-QUA-309",
            en="image quality is measured in grey images; a colour image came. Use the original pixels, or image.grey().",
            ja="画質はグレースケール画像で測定します。カラー画像を受け取りました。元の画素値か image.grey() を使ってください。",
        )


def need_finite(pixels: NDArray[Any]) -> NDArray[Any]:
    """Refuse pixels that are no numbers, or so large that their squares cannot be summed."""
    count = int(pixels.size - (np.abs(pixels) <= LARGEST).sum())
    if count:
        raise ImageError(
            "G-QUA-308",
            en=f"every pixel must be a finite number of at most {LARGEST:g}; {count} are missing, infinite or larger. Correct those pixels first.",
            ja=f"すべての画素が絶対値 {LARGEST:g} 以下の有限の数値でなければなりません。{count} 画素が欠損、無限大、またはそれより大きな値です。先に画素を補正してください。",
        )
    return pixels


def planes(images: Iterable[Image] | Image) -> Iterator[Plane]:
    """One plane after the other, whether they come as images, as one image of several planes, or as both."""
    for image in (images,) if isinstance(images, Image) else images:
        if image.pixels.ndim == 3 and not image.colour:
            for pixels in image.pixels:
                yield need_finite(pixels.astype(np.float64))
        else:
            yield plane(image)


def stack(images: Iterable[Image] | Image, *, least: int, what: str) -> NDArray[np.float32]:
    """Frames of one shape as (n, rows, columns) float32; `what` names them in the error."""
    with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
        frames = [need_finite(frame.astype(np.float32)) for frame in planes(images)]
    if len(frames) < least:
        raise DataError(
            "G-QUA-302",
            en=f"at least {least} images ({what}) are needed; {len(frames)} came. Take more exposures under the same conditions.",
            ja=f"画像 ({what}) が {least} 枚以上必要です。受け取った枚数: {len(frames)}。同じ条件で撮影した画像を追加してください。",
        )
    for frame in frames[1:]:
        same_shape(frames[0], frame)
    return np.stack(frames)


def same_shape(first: NDArray[Any], second: NDArray[Any]) -> None:
    """Refuse images that do not lie on the same pixels."""
    if first.shape != second.shape:
        raise ImageError(
            "G-QUA-303",
            en=f"images measured together need one size; {first.shape} and {second.shape} came. Use images of the same detector and matrix.",
            ja=f"一緒に測定する画像は同じ大きさでなければなりません。受け取った大きさ: {first.shape} と {second.shape}。同じ検出器・同じマトリクスの画像を使ってください。",
        )


def region(mask: Image | None, shape: tuple[int, ...], *, least: int = 16) -> Mask:
    """A mask as booleans of the shape of the image; everything when none is given. At least `least` pixels."""
    chosen = np.ones(shape, bool) if mask is None else plane(mask) != 0
    same_shape(np.empty(shape), chosen)
    if chosen.sum() < least:
        raise ImageError(
            "G-QUA-304",
            en=f"the region must hold at least {least} pixels; {int(chosen.sum())} are marked. Draw a larger region inside the image.",
            ja=f"関心領域には {least} 画素以上が必要ですが、{int(chosen.sum())} 画素しかありません。画像の内側にもっと広い領域を指定してください。",
        )
    return chosen


def varied(pixels: NDArray[Any], what: str) -> None:
    """Refuse pixels that all have one value."""
    if float(pixels.min()) == float(pixels.max()):
        raise ImageError(
            "G-QUA-305",
            en=f"the image must not be constant ({what}); every pixel is {float(pixels.flat[0]):g}. Check that the right file was read.",
            ja=f"画像が一様な値では測定できません ({what})。すべての画素が {float(pixels.flat[0]):g} です。ファイルが正しいか確認してください。",
        )


def column(table: Table, name: str) -> tuple[Any, ...]:
    """The cells under a heading, which may be given in either language; capitals do not matter."""
    for place, heading in enumerate(table.headings):
        if name.lower() in (heading.ja.lower(), heading.en.lower()):
            return tuple(row[place] for row in table.rows)
    hint = nearest(name, {heading.en for heading in table.headings})
    raise OptionError(
        "G-QUA-306",
        en=f"the table needs a column '{name}'. {hint.en}",
        ja=f"表に「{name}」という列が必要です。{hint.ja}",
    )


def numbers(table: Table, name: str) -> Plane:
    """A column of numbers; text that reads as a number counts as one."""
    try:
        values = np.array([float(cell) for cell in column(table, name)], np.float64)
    except (TypeError, ValueError):
        values = np.array([np.nan])
    if len(values) == 0 or not np.isfinite(values).all():
        raise DataError(
            "G-QUA-307",
            en=f"every cell of column '{name}' must be a number, and there must be one; empty cells or text came. Correct the table.",
            ja=f"列「{name}」のセルはすべて数値で、1 行以上必要です。空欄または文字が含まれています。表を直してください。",
        )
    return values


def has_column(table: Table, name: str) -> bool:
    """Whether a heading has this name in either language."""
    return any(name.lower() in (heading.ja.lower(), heading.en.lower()) for heading in table.headings)


def spacing(image: Image) -> tuple[float, float]:
    """Row and column spacing in mm; an error where it is not known."""
    rows_mm, columns_mm = image.need_spacing()[-2:]
    return rows_mm, columns_mm


def listed(images: Sequence[Image] | Image) -> Sequence[Image]:
    """One image or several as a sequence."""
    return (images,) if isinstance(images, Image) else images
