"""RAW files: pixels without a header, such as those of the JSRT database."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, FileError, OptionError
from gazo.core.history import Step
from gazo.core.image import Image
from gazo.core.parameters import Annotated, Ge, Gt, Label, Le
from gazo.core.registry import feature
from gazo.io.opening import content_of

RawType = Literal["uint8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
# JSRT: Shiraishi et al., AJR 174:71-74 (2000): 2048 x 2048, 12 bit, big-endian, 0.175 mm; values rise with film density.
_PRESETS: dict[str, dict[str, Any]] = {
    "": {"dtype": "uint16", "big_endian": False, "invert": False, "header_bytes": 0},
    "jsrt": {
        **{"rows": 2048, "columns": 2048, "dtype": "uint16", "big_endian": True, "bits": 12, "invert": True},
        **{"spacing_mm": 0.175, "header_bytes": 0},
    },
}
# Sizes that radiographs, plates and teaching files come in.
_USUAL = (
    (256, 256),
    (512, 512),
    (1024, 1024),
    (2048, 2048),
    (1760, 1760),
    (2140, 1760),
    (1760, 2140),
    (2010, 1670),
    (4280, 3520),
)


@feature("RAW 画像の読み込み", "Read a RAW image", booklet="B1")
def read_raw(
    path: Path | str,
    *,
    preset: Annotated[Literal["", "jsrt"], Label("既知の形式", "Known kind")] = "",
    rows: Annotated[int | None, Ge(1), Label("行数 (高さ)", "Rows (height)", "px")] = None,
    columns: Annotated[int | None, Ge(1), Label("列数 (幅)", "Columns (width)", "px")] = None,
    dtype: Annotated[RawType | None, Label("画素の型", "Kind of number")] = None,
    big_endian: Annotated[bool | None, Label("ビッグエンディアン", "Big-endian")] = None,
    bits: Annotated[int | None, Ge(1), Le(32), Label("使われているビット数", "Bits in use")] = None,
    invert: Annotated[bool | None, Label("白黒反転", "Invert")] = None,
    spacing_mm: Annotated[float | None, Gt(0), Label("画素間隔", "Pixel spacing", "mm")] = None,
    header_bytes: Annotated[int | None, Ge(0), Label("ヘッダーの長さ", "Length of the header", "byte")] = None,
) -> Image:
    """One plane of pixels, row by row, without a header that says what they are.

    The preset ``jsrt`` sets 2048 x 2048, uint16, big-endian, 12 bits, inverted as 4095 - v, 0.175 mm; options given besides replace its
    values. Without preset: uint16, little-endian, not inverted, no header.

    Parameters
    ----------
    path : of the file.
    preset : a known kind of file.
    rows, columns : size of the image.
    dtype, big_endian : how a number is stored.
    bits : how many bits of it are used; larger values are refused, because they mean that the byte order is wrong.
    invert : turn v into 2^bits - 1 - v.
    spacing_mm : distance of pixel centres.
    header_bytes : how many bytes come before the pixels.

    Raises
    ------
    OptionError : size not given. FileError : the number of bytes does not fit. DataError : values beyond `bits`.
    """
    given = {"rows": rows, "columns": columns, "dtype": dtype, "big_endian": big_endian, "bits": bits, "invert": invert}
    given |= {"spacing_mm": spacing_mm, "header_bytes": header_bytes}
    layout = {**_PRESETS[preset], **{name: value for name, value in given.items() if value is not None}}
    name = os.path.basename(path)
    pixels = _pixels(content_of(path), name, layout)
    if layout["invert"]:
        pixels = _inverted(pixels, layout.get("bits"))
    image = Image(pixels, meaning="stored").with_step(Step("read_raw", 1, layout))
    return image if "spacing_mm" not in layout else image.with_spacing(layout["spacing_mm"])


def _pixels(content: bytes, name: str, layout: dict[str, Any]) -> NDArray[Any]:
    if "rows" not in layout or "columns" not in layout:
        raise OptionError(
            "G-IO-080",
            en=f"a RAW file does not tell its size; give rows and columns for '{name}', or preset='jsrt'. "
            f"{_fitting(len(content), layout, 'en')}",
            ja=f"RAW ファイルには大きさの情報がありません。「{name}」の rows と columns か、preset='jsrt' を指定してください。"
            f"{_fitting(len(content), layout, 'ja')}",
        )
    kind = np.dtype(layout["dtype"]).newbyteorder(">" if layout["big_endian"] else "<")
    rows, columns, header = layout["rows"], layout["columns"], layout["header_bytes"]
    expected = header + rows * columns * kind.itemsize
    if len(content) != expected:
        raise FileError(
            "G-IO-081",
            en=f"'{name}' has {len(content):,} bytes; {rows} x {columns} {layout['dtype']} after a header of {header} need {expected:,}. "
            f"{_fitting(len(content), layout, 'en')}",
            ja=f"「{name}」は {len(content):,} バイトですが、{rows} × {columns} の {layout['dtype']} (ヘッダー {header} バイト) には "
            f"{expected:,} バイト必要です。{_fitting(len(content), layout, 'ja')}",
        )
    pixels = np.frombuffer(content, kind, rows * columns, header).reshape(rows, columns).astype(kind.newbyteorder("="))
    bits = layout.get("bits")
    if bits is not None and pixels.dtype.kind in "iu" and pixels.max() >= 2**bits:
        raise DataError(
            "G-IO-082",
            en=f"'{name}' holds values up to {pixels.max()}, more than {bits} bits can ({2**bits - 1}). Change the byte order or the bits.",
            ja=f"「{name}」には {bits} ビットの最大値 {2**bits - 1} を超える値 {pixels.max()} があります。"
            "バイト順 (big_endian) かビット数を変えてください。",
        )
    return pixels


def _fitting(size: int, layout: dict[str, Any], language: str) -> str:
    """Which sizes the number of bytes would fit."""
    words = {
        "en": ("Sizes that would fit: {}.", "No usual size fits."),
        "ja": ("合う大きさ: {}。", "よくある大きさには合いません。"),
    }
    fitting = []
    for kind in dict.fromkeys((layout["dtype"], "uint16", "uint8", "float32")):
        count, rest = divmod(size - layout["header_bytes"], np.dtype(kind).itemsize)
        side = math.isqrt(max(count, 0))
        usual = [(rows, columns) for rows, columns in _USUAL if rows * columns == count]
        if rest == 0 and side * side == count and side and (side, side) not in usual:
            usual.append((side, side))
        fitting += [f"{rows} x {columns} {kind}" for rows, columns in usual if rest == 0]
    return words[language][0].format(", ".join(fitting)) if fitting else words[language][1]


def _inverted(pixels: NDArray[Any], bits: int | None) -> NDArray[Any]:
    """2^bits - 1 - v; floats and signed numbers are mirrored in their own range."""
    if pixels.dtype.kind == "u":
        return pixels.dtype.type(2 ** (bits or 8 * pixels.itemsize) - 1) - pixels
    if pixels.dtype.kind == "i":
        return -1 - pixels if bits is None else pixels.dtype.type(2**bits - 1) - pixels
    return pixels.max() + pixels.min() - pixels
