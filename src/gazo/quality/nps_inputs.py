"""What a measurement of noise accepts: grey images of known spacing, regions that fit, enough of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError, OptionError
from gazo.core.image import Image
from gazo.quality.inputs import LARGEST, need_finite, need_grey


@dataclass(frozen=True)
class Frame:
    """One image as the measurement sees it.

    pixels : (rows, columns), as stored.
    spacing_mm : of rows and of columns.
    mean : of the pixels.
    image : where it comes from.
    """

    pixels: NDArray[Any]
    spacing_mm: tuple[float, float]
    mean: float
    image: Image

    @property
    def dtype(self) -> Any:
        """float64 for float64 pixels, float32 for all others."""
        return np.float64 if self.pixels.dtype == np.float64 else np.float32


def frames(images: Iterable[Image] | Image, *, field_mm: float | None = None) -> Iterator[Frame]:
    """One frame after the other; the planes of an image of three axes count as images; only one is held at a time.

    Parameters
    ----------
    field_mm : side of the central square to cut out; None keeps the whole image.
    """
    first: tuple[float, float] | None = None
    for image in (images,) if isinstance(images, Image) else images:
        need_grey(image)
        rows_mm, columns_mm = image.need_spacing()[-2:]
        first = first or (rows_mm, columns_mm)
        if not np.allclose((rows_mm, columns_mm), first, rtol=1e-4):
            raise ImageError(
                "G-QUA-202",
                en=f"all images need one pixel spacing; {first[0]:g} x {first[1]:g} mm and {rows_mm:g} x {columns_mm:g} mm came. Measure them apart.",
                ja=f"画素間隔はすべての画像で同じでなければなりません。{first[0]:g} x {first[1]:g} mm と {rows_mm:g} x {columns_mm:g} mm がありました。別々に測定してください。",
            )
        for pixels in image.pixels if image.pixels.ndim == 3 else image.pixels[None]:
            part = _central(pixels, first, field_mm)
            if min(part.shape) < 3:
                raise ImageError(
                    "G-QUA-342",
                    en=f"a spectrum needs at least 3 x 3 pixels; {part.shape} are left in the field to be analysed. Use larger images, widen the field, "
                    "or check the pixel spacing.",
                    ja=f"スペクトルには 3 × 3 画素以上が必要ですが、解析範囲には {part.shape} 画素しかありません。大きな画像を使うか、解析範囲を広げるか、画素間隔を確認してください。",
                )
            yield _frame(part, first, image)
    if first is None:
        raise DataError(
            "G-QUA-203",
            en="a noise spectrum needs at least one image; none came. Give the images of a uniform exposure.",
            ja="ノイズスペクトルには 1 枚以上の画像が必要ですが、1 枚もありません。均一に照射した画像を指定してください。",
        )


def checked_frame(pixels: NDArray[Any], spacing_mm: tuple[float, float], image: Image) -> Frame:
    """A frame that holds finite numbers which are not all the same."""
    return _frame(pixels, spacing_mm, image)


def corners(shape: tuple[int, ...], roi: tuple[int, ...], step: int) -> tuple[list[int], list[int]]:
    """First rows and first columns of the regions of interest: as many as fit, centred in the image."""
    if any(side < wanted for side, wanted in zip(shape, roi, strict=True)):
        raise OptionError(
            "G-QUA-204",
            en=f"a region of interest must lie inside the image; {' x '.join(map(str, roi))} pixels were asked of {' x '.join(map(str, shape))}. "
            "Choose a smaller roi_px or a larger field.",
            ja=f"関心領域は画像の中に収まらなければなりません。{' x '.join(map(str, shape))} 画素の画像に {' x '.join(map(str, roi))} 画素が指定されました。"
            "roi_px を小さくするか、広い範囲を使ってください。",
        )
    rows, columns = (_starts(side, wanted, step) for side, wanted in zip(shape, roi, strict=True))
    return rows, columns


def step_px(roi_px: int, overlap_px: int) -> int:
    """How far one region lies from the next."""
    if overlap_px >= roi_px:
        raise OptionError(
            "G-QUA-205",
            en=f"regions must overlap by less than their side; overlap_px {overlap_px} of roi_px {roi_px} came. IEC 62220-1 uses half the side.",
            ja=f"関心領域の重なりは一辺より小さくなければなりません。roi_px {roi_px} に対して overlap_px {overlap_px} が指定されました。IEC 62220-1 では一辺の半分です。",
        )
    return roi_px - overlap_px


def need_regions(count: int, least: int) -> None:
    """Refuse a spectrum that so few regions cannot carry."""
    if count < least:
        raise DataError(
            "G-QUA-206",
            en=f"a single region gives a spectrum with 100 % error at every point; at least {least} are needed and {count} came. "
            "Add images, or choose a smaller roi_px.",
            ja=f"1 つの領域から求めたスペクトルは各点の誤差が 100 % です。{least} 個以上必要ですが、{count} 個しかありません。"
            "画像を追加するか、roi_px を小さくしてください。",
        )


def relative_scale(frame: Frame) -> float:
    """What relative pixels are divided by: the mean, which must be above 0."""
    if frame.mean <= 0:
        raise ImageError(
            "G-QUA-207",
            en=f"a relative spectrum divides by the mean, which must be above 0; {frame.mean:g} came (CT numbers and zero-mean noise have none). "
            "Choose normalize='absolute', or linearise the image.",
            ja=f"相対スペクトルは平均値で割るため、平均値は 0 より大きくなければなりません。受け取った平均値: {frame.mean:g} (CT 値や平均 0 のノイズでは使えません)。"
            "normalize='absolute' を選ぶか、画像を線形化してください。",
        )
    return frame.mean


def differences(found: Iterable[Frame]) -> Iterator[Frame]:
    """(first - second) / sqrt(2) of each pair of successive frames: what both share is gone, noise keeps its power."""
    waiting: Frame | None = None
    pairs = 0
    for frame in found:
        if waiting is None:
            waiting = frame
            continue
        yield difference(waiting, frame)
        waiting, pairs = None, pairs + 1
    if waiting is not None or not pairs:
        raise DataError(
            "G-QUA-208",
            en=f"differences are taken of pairs of images of the same exposure; {2 * pairs + (waiting is not None)} images came. Give an even number, at least 2.",
            ja=f"差分は同じ条件の画像 2 枚ずつから求めます。受け取った枚数: {2 * pairs + (waiting is not None)}。2 枚以上の偶数枚を指定してください。",
        )


def difference(first: Frame, second: Frame) -> Frame:
    """Half-power difference of two frames of one shape."""
    if first.pixels.shape != second.pixels.shape:
        raise ImageError(
            "G-QUA-209",
            en=f"a pair needs images of one size; {first.pixels.shape} and {second.pixels.shape} came. Pair images of the same acquisition.",
            ja=f"差分をとる 2 枚は同じ大きさでなければなりません。受け取った大きさ: {first.pixels.shape} と {second.pixels.shape}。同じ条件の画像を組にしてください。",
        )
    dtype = first.dtype
    pixels = (first.pixels.astype(dtype) - second.pixels.astype(dtype)) * dtype(math.sqrt(0.5))
    made = _frame(pixels, first.spacing_mm, first.image)
    return Frame(pixels, made.spacing_mm, (first.mean + second.mean) / 2, first.image)


def volumes_of(images: Sequence[Image] | Image) -> Iterator[Image]:
    """Images of three axes, grey and finite."""
    empty = True
    for image in (images,) if isinstance(images, Image) else images:
        empty = False
        need_grey(image)
        if image.pixels.ndim != 3:
            raise ImageError(
                "G-QUA-210",
                en=f"a 3-D spectrum needs volumes (planes, rows, columns); shape {image.pixels.shape} came. Read the series as one volume.",
                ja=f"3 次元スペクトルにはボリューム (面, 行, 列) が必要です。受け取った形: {image.pixels.shape}。シリーズ全体を 1 つのボリュームとして読み込んでください。",
            )
        _frame(image.pixels.reshape(image.shape[0], -1), (1.0, 1.0), image)
        yield image
    if empty:
        raise DataError(
            "G-QUA-211",
            en="a 3-D spectrum needs at least one volume; none came. Give CT volumes of a uniform phantom, or a series of frames.",
            ja="3 次元スペクトルには 1 つ以上のボリュームが必要ですが、ありません。均一ファントムの CT ボリュームまたは動画像を指定してください。",
        )


def _frame(pixels: NDArray[Any], spacing_mm: tuple[float, float], image: Image) -> Frame:
    if pixels.dtype.kind == "f" and pixels.dtype.itemsize not in (4, 8):  # the compiled loops know two kinds of floats
        pixels = pixels.astype(np.float32 if pixels.dtype.itemsize < 4 else np.float64)
    mean = _mean(pixels)  # a single NaN or infinity makes it one
    if not abs(mean) <= LARGEST:
        need_finite(pixels)
    if pixels.size > 1 and pixels.flat[0] == pixels.flat[-1] and pixels.min() == pixels.max():
        raise ImageError(
            "G-QUA-213",
            en=f"an image without noise has no spectrum; every pixel is {float(pixels.flat[0]):g}. Check that the right file was read and that it is not saturated.",
            ja=f"ノイズのない画像からスペクトルは求められません。すべての画素が {float(pixels.flat[0]):g} です。ファイルが正しいか、飽和していないか確認してください。",
        )
    return Frame(pixels, spacing_mm, mean, image)


def _mean(pixels: NDArray[Any]) -> float:
    import cv2

    quick = pixels.dtype in (np.uint8, np.uint16, np.int16, np.float32, np.float64) and pixels.size
    return float(cv2.mean(pixels)[0]) if quick else float(pixels.mean(dtype=np.float64))


def _central(pixels: NDArray[Any], spacing_mm: tuple[float, float], field_mm: float | None) -> NDArray[Any]:
    if field_mm is None:
        return pixels
    keep = [min(n, round(field_mm / s)) for n, s in zip(pixels.shape, spacing_mm, strict=True)]
    top, left = ((n - k) // 2 for n, k in zip(pixels.shape, keep, strict=True))
    return pixels[top : top + keep[0], left : left + keep[1]]


def _starts(side: int, roi: int, step: int) -> list[int]:
    count = (side - roi) // step + 1
    first = (side - roi - (count - 1) * step) // 2
    return [first + n * step for n in range(count)]
