"""PNG, TIFF, JPEG, BMP, GIF, PGM and PPM: picture files, 8 and 16 bit, grey and colour.

Grey is grey however it was stored: three equal channels become one, an opaque alpha channel goes, a palette is looked up, one-bit
pixels become 0 and 255. A camera's or scanner's orientation mark is honoured. The resolution written in picture files belongs to
paper and screens, not to a detector, and is not read; spacing, meaning and history come back from files that gazo wrote (`gazo.io.notes`).
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.io.notes import note_of, noted, png_with
from gazo.io.opening import content_of, decoding
from gazo.io.tiff import tiff_pixels

PICTURE = Text("画像ファイル", "a picture file")
ORIENTATION = 0x0112  # EXIF and TIFF tag
# What undoes each orientation: quarter turns to the left, then whether left and right change places (EXIF 2.32, 4.6.4).
_UPRIGHT = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}
Pixels = NDArray[np.generic]


@feature("画像ファイルの読み込み", "Read a picture file", booklet="B2")
def read_picture(path: Path | str) -> Image:
    """A PNG, TIFF, JPEG, BMP, GIF, PGM or PPM file as an image: uint8, uint16 or (TIFF) float, values as stored.

    Colour has a last axis of 3; the pages of a TIFF become planes. No spacing unless gazo wrote it: picture files have none of a detector.

    Raises
    ------
    FileError : the file is missing, broken, too large, or holds pages of different kinds.
    """
    return picture(content_of(path), Path(path).name)


def picture(content: bytes, name: str) -> Image:
    """The image in the bytes of a picture file; `name` is for messages."""
    with decoding(name, PICTURE):
        pixels, channels = _decoded(content, name)
    if channels in (2, 4):
        pixels, channels = _on_black(pixels), channels - 1
    if channels == 3 and _is_grey(pixels):
        pixels, channels = np.ascontiguousarray(pixels[..., 0]), 1
    elif channels == 1 and pixels.ndim > 2 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    image = Image(pixels, colour=channels == 3, meaning="display" if pixels.dtype == np.uint8 else "unknown")
    return noted(image, content)


def _decoded(content: bytes, name: str) -> tuple[Pixels, int]:
    """Pixels and the number of channels they have."""
    if content[:2] in (b"II", b"MM"):
        return tiff_pixels(content, name, _with_pillow)
    if content[:2] in (b"P5", b"P6"):
        return _portable_pixels(content, name)
    if content[:4] == b"\x89PNG" and content[24:26] in (b"\x10\x02", b"\x10\x04", b"\x10\x06"):
        return _deep_png(content)
    return _with_pillow(content)


def _with_pillow(content: bytes) -> tuple[Pixels, int]:
    import PIL.Image

    picture = PIL.Image.open(io.BytesIO(content))
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    elif picture.mode not in ("L", "LA", "RGB", "RGBA", "I;16", "I;16B", "I", "F"):
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    pixels = np.asarray(picture)
    if picture.mode == "I;16B" or (picture.mode == "I" and pixels.min() >= 0 and pixels.max() <= 65535):
        pixels = pixels.astype(np.uint16)
    if "exif" in picture.info and picture.format != "TIFF":  # Pillow has turned these already
        pixels = upright(pixels, picture.getexif().get(ORIENTATION, 1))
    return pixels, len(picture.getbands())


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Pixels (rows, columns[, channels]) turned as an orientation mark from 1 to 8 asks."""
    if orientation not in _UPRIGHT:
        return pixels
    turns, mirrored = _UPRIGHT[orientation]
    turned = np.rot90(pixels, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def _deep_png(content: bytes) -> tuple[Pixels, int]:
    """16-bit PNG with more than one channel: Pillow keeps only 8 bits of these."""
    import cv2

    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    channels = pixels.shape[-1]
    pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if channels == 3 else cv2.COLOR_BGRA2RGBA)
    return pixels, channels


def _portable_pixels(content: bytes, name: str) -> tuple[Pixels, int]:
    """Binary PGM (P5) and PPM (P6) with the stored values; Pillow would stretch 12 bits to 16."""
    header = re.match(rb"P([56])" + rb"(?:\s|#[^\n]*\n)+(\d+)" * 3 + rb"(?:\s|#[^\n]*\n)*?\s", content[:4096])
    if header is None:
        raise ValueError("header")
    columns, rows, largest = (int(number) for number in header.groups()[1:])
    channels = 3 if header[1] == b"6" else 1
    kind = np.dtype(">u2" if largest > 255 else "u1")
    count = rows * columns * channels
    if len(content) - header.end() < count * kind.itemsize:
        raise FileError(
            "G-IO-010",
            en=f"'{name}' should hold {count * kind.itemsize} bytes of pixels and holds {len(content) - header.end()}: "
            "it is cut off. Copy it again.",
            ja=f"「{name}」の画素データは {count * kind.itemsize} バイトのはずですが {len(content) - header.end()} バイトしかなく、"
            "途中で切れています。コピーし直してください。",
        )
    values = np.frombuffer(content, kind, count, header.end())
    shape = (rows, columns) if channels == 1 else (rows, columns, 3)
    return values.reshape(shape).astype(kind.newbyteorder("=")), channels


def _on_black(pixels: Pixels) -> Pixels:
    """Colour without its last channel, the opacity, as it looks on black; an opaque picture keeps its values to the bit."""
    full = np.iinfo(pixels.dtype).max
    colours, opacity = pixels[..., :-1], pixels[..., -1:]
    if opacity.min() == full:
        return colours
    return (colours.astype(np.uint32) * opacity // full).astype(pixels.dtype)


def _is_grey(pixels: Pixels) -> bool:
    red, green, blue = (pixels[..., channel] for channel in range(3))
    middle = pixels.shape[0] // 2  # most colour pictures show it in one row
    first = pixels[middle]
    if not np.array_equal(first[..., 0], first[..., 1]) or not np.array_equal(first[..., 1], first[..., 2]):
        return False
    return np.array_equal(red, green) and np.array_equal(green, blue)


def write_png(image: Image, path: Path | str, *, rescale: tuple[float, float] | None = None) -> None:
    """Write a PNG of 8 or 16 bits, grey or colour, without loss: uint8, uint16 and bool pixels of two spatial axes.

    Spacing, meaning and history are kept in a text of the file, and so is `rescale`: the slope and intercept with which `read` gives the
    values back.
    """
    pixels: Any = image.pixels
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    if len(image.shape) != 2 or pixels.dtype not in (np.uint8, np.uint16):
        raise FileError(
            "G-IO-011",
            en=f"a PNG holds one plane of uint8 or uint16; {len(image.shape)} axes of {pixels.dtype} came. "
            "Write .tif or .nii.gz, which hold any numbers, or convert the pixels first.",
            ja=f"PNG に書けるのは 1 枚の uint8 または uint16 です。受け取ったもの: {len(image.shape)} 軸の {pixels.dtype}。"
            "どの数値も書ける .tif か .nii.gz にするか、先に画素を変換してください。",
        )
    with replacing(path) as file:
        file.write(png_with(_png_bytes(pixels, image.colour), note_of(image, rescale)))


def _png_bytes(pixels: Pixels, colour: bool) -> bytes:
    if colour and pixels.dtype == np.uint16:
        import cv2

        return cv2.imencode(".png", cv2.cvtColor(np.asarray(pixels), cv2.COLOR_RGB2BGR))[1].tobytes()
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return buffer.getvalue()
