"""`read` and `write`: any image file, recognised by its content first and its name second."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path

from gazo.core.errors import FileError
from gazo.core.image import Image
from gazo.core.registry import feature
from gazo.io.opening import nothing_in, unreadable

SUPPORTED = "PNG, TIFF, JPEG, BMP, GIF, PGM/PPM, DICOM, NIfTI (.nii, .nii.gz)"
JSRT_BYTES = 2048 * 2048 * 2
_SMALL_BYTES = 1 << 18
# Endings that a folder is searched for; DICOM files often have none.
IMAGE_ENDINGS = (
    *(".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".gif", ".pgm", ".ppm", ".pbm"),
    *(".dcm", ".dicom", ".nii", ".nii.gz", ".img"),
)
_PICTURES = (b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\xff\xd8\xff", b"BM", b"GIF8")
_PORTABLE = tuple(f"P{number}".encode() for number in range(1, 7))
_TABLES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")


@feature("画像の読み込み", "Read an image", booklet=("B1", "B2", "B4"))
def read(path: Path | str, *, spacing_mm: float | Sequence[float] | None = None) -> Image:
    """One image file: PNG, TIFF, JPEG, BMP, GIF, PGM/PPM, DICOM, NIfTI, or a RAW file of the JSRT database.

    Parameters
    ----------
    path : of the file; what it is is seen from its first bytes, then from its name.
    spacing_mm : pixel spacing to set: one length for all axes or one for each. It replaces what the file says.

    Raises
    ------
    FileError : missing, broken or not of a kind that is read (G-IO-...).
    """
    image = _read(os.fspath(path))
    if spacing_mm is None:
        return image
    return image.with_spacing(*([spacing_mm] if isinstance(spacing_mm, int | float) else spacing_mm))


def _read(path: str) -> Image:
    name = os.path.basename(path)
    try:
        with open(path, "rb", buffering=0) as file:
            start = file.read(512)
            kind = kind_of(start, name)
            # pydicom makes many small reads, which are faster in memory; a large file is not held twice
            whole = kind == "picture" or (kind == "dicom" and os.fstat(file.fileno()).st_size < _SMALL_BYTES)
            file.seek(0)
            content = file.read() if whole else b""
    except OSError as error:
        raise unreadable(path, error) from None
    if kind == "picture":
        from gazo.io.pictures import picture

        return picture(content, name)
    if kind == "dicom":
        from gazo.io.dicom import dicom_image

        return dicom_image(content or path, name)
    if kind == "nifti":
        from gazo.io.nifti import read_nifti

        return read_nifti(path)
    if kind == "raw" and os.path.getsize(path) == JSRT_BYTES:
        from gazo.io.raw import read_raw

        return read_raw(path, preset="jsrt")
    raise _not_supported(name, start) if start else nothing_in(name)


def kind_of(start: bytes, name: str) -> str:
    """What the first 512 bytes (and the name) of a file say it is: picture, dicom, nifti, raw, or nothing."""
    if start[128:132] == b"DICM":
        return "dicom"
    if start.startswith(_PICTURES) or (start[:2] in _PORTABLE and start[2:3].isspace()):
        return "picture"
    if _is_nifti(_unzipped(start)):
        return "nifti"
    if start[:2] in (b"\x02\0", b"\x08\0", b"\0\x02", b"\0\x08") or name.lower().endswith((".dcm", ".dicom")):
        return "dicom" if not start.startswith((b"\x1f\x8b", b"PK\x03\x04")) else ""
    return "raw" if name.lower().endswith(".img") else ""


def _unzipped(start: bytes) -> bytes:
    if not start.startswith(b"\x1f\x8b"):
        return start
    try:
        return zlib.decompressobj(wbits=31).decompress(start, 352)
    except zlib.error:
        return b""


def _is_nifti(start: bytes) -> bool:
    return start[:4] in (b"\x5c\x01\0\0", b"\0\0\x01\x5c") and start[344:348] in (b"n+1\0", b"ni1\0")


def _not_supported(name: str, start: bytes) -> FileError:
    if start.startswith(_TABLES):
        return FileError(
            "G-IO-021",
            en=f"'{name}' is a ZIP archive, a table or a set of arrays, not one image. "
            "Use read_table (.xlsx, .csv), read_npz (.npz) or unpack (.zip).",
            ja=f"「{name}」は 1 枚の画像ではなく、ZIP・表・配列の集まりです。"
            "read_table (.xlsx, .csv)、read_npz (.npz)、unpack (.zip) を使ってください。",
        )
    return FileError(
        "G-IO-020",
        en=f"'{name}' is of no kind that can be read as an image. Supported are {SUPPORTED}; "
        "headerless RAW files are read with read_raw.",
        ja=f"「{name}」は画像として読み込める形式ではありません。対応している形式: {SUPPORTED}。"
        "ヘッダーのない RAW は read_raw で読み込みます。",
    )


@feature("画像の書き出し", "Write an image", booklet="B4")
def write(image: Image, path: Path | str) -> None:
    """Write an image; the ending of the name decides the kind: .png, .tif, .nii, .nii.gz or .dcm.

    PNG takes uint8 and uint16; TIFF and NIfTI any numbers. The spacing is kept (in PNG and TIFF for gazo's own reader). The file appears whole or not at all.
    """
    name = Path(path).name.lower()
    if name.endswith(".png"):
        from gazo.io.pictures import write_png

        write_png(image, path)
    elif name.endswith((".tif", ".tiff")):
        from gazo.io.tiff import write_tiff

        write_tiff(image, path)
    elif name.endswith((".nii", ".nii.gz")):
        from gazo.io.nifti import write_nifti

        write_nifti(image, path)
    elif name.endswith((".dcm", ".dicom")):
        from gazo.io.dicom_write import write_dicom

        write_dicom(image, path)
    else:
        raise FileError(
            "G-IO-022",
            en=f"'{Path(path).name}' names no kind of file that can be written. End the name in .png, .tif, .nii, .nii.gz or .dcm.",
            ja=f"「{Path(path).name}」の拡張子では書き出せません。.png、.tif、.nii、.nii.gz、.dcm のいずれかにしてください。",
        )
