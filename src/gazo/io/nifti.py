"""NIfTI: volumes with spacing and direction, .nii and .nii.gz."""

from __future__ import annotations

import gzip
import math
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from gazo.core.errors import FileError
from gazo.core.files import replacing
from gazo.core.image import Image
from gazo.core.language import Text
from gazo.core.registry import feature
from gazo.io.opening import decoding, start_of

NIFTI = Text("NIfTI ファイル", "a NIfTI file")
_GZIP = b"\x1f\x8b"


@feature("NIfTI の読み込み", "Read a NIfTI volume", booklet="B3")
def read_nifti(path: Path | str) -> Image:
    """A .nii or .nii.gz file as (planes, rows, columns), or (rows, columns) when there is one plane; scl_slope and scl_inter are applied.

    Directions and origin are those of DICOM (patient left, posterior, head). Where the planes of the file run against rows x columns they
    are put in reverse order, so that plane, row and column always form a right-handed system.

    Raises
    ------
    FileError : missing, broken, cut off, larger than the memory, or with a time axis.
    """
    import SimpleITK

    name = os.path.basename(path)
    need = _look_into(path, name)
    with tempfile.TemporaryDirectory() as folder, decoding(name, NIFTI):
        SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
        plain = _unpacked(path, need, folder) if start_of(path, 2) == _GZIP else os.fspath(path)
        volume = SimpleITK.ReadImage(plain)
        pixels = SimpleITK.GetArrayFromImage(volume)
        lengths = [_tidy(length) for length in volume.GetSpacing()]
        axes = len(lengths)
        directions = np.array(volume.GetDirection()).reshape(axes, axes)
        origin = np.array(volume.GetOrigin())
    colour = volume.GetNumberOfComponentsPerPixel() == 3
    if axes == 2:
        return Image(pixels, spacing_mm=(lengths[1], lengths[0]), colour=colour)
    if np.linalg.det(directions) < 0:
        origin = origin + directions[:, 2] * lengths[2] * (pixels.shape[0] - 1)
        pixels = np.ascontiguousarray(pixels[::-1])
    orientation = tuple(float(c) + 0.0 for c in (*directions[:, 0], *directions[:, 1]))
    spacing = (lengths[2], lengths[1], lengths[0])
    if pixels.shape[0] == 1:
        pixels, spacing = pixels[0], spacing[1:]
    place = tuple(float(o) for o in origin)
    return Image(pixels, spacing_mm=spacing, colour=colour, orientation=orientation, origin_mm=place)


def _unpacked(path: Path | str, need: int, folder: str) -> str:
    """The .nii inside a .nii.gz, as far as its header asks; ITK would fill what is missing with zeros without a word."""
    plain = os.path.join(folder, "volume.nii")
    with gzip.open(path) as packed, open(plain, "wb") as file:
        left = need
        while left > 0:
            piece = packed.read(min(left, 1 << 22))
            if not piece:
                raise EOFError("cut off")
            left -= len(piece)
            file.write(piece)
        packed.read(1)  # reaches the checksum where nothing follows
    return plain


def _look_into(path: Path | str, name: str) -> int:
    """How many bytes the file has to hold by its header; refused when they are not there or too many."""
    start = start_of(path)
    with decoding(name, NIFTI):
        if start.startswith(_GZIP):
            with gzip.open(path) as file:
                header = file.read(352)
        else:
            header = start[:352]
        order = "<" if header[:4] == b"\x5c\x01\0\0" else ">"
        shape = struct.unpack(order + "8h", header[40:56])
        bits = struct.unpack(order + "h", header[72:74])[0]
        offset = struct.unpack(order + "f", header[108:112])[0]
        sizes = shape[1 : 1 + shape[0]]
        need = int(offset) + math.prod(sizes) * bits // 8
    if not 1 <= shape[0] <= 7 or min(sizes, default=0) < 1 or any(size > 1 for size in sizes[3:4]):
        raise FileError(
            "G-IO-085",
            en=f"'{name}' has the axes {sizes}; an image has 2 or 3. Save one time point as a file of its own.",
            ja=f"「{name}」の軸は {sizes} です。画像は 2 軸か 3 軸でなければなりません。時相を 1 つずつ別のファイルに保存してください。",
        )
    _need_memory(need, name)
    have = os.path.getsize(path)
    if not start.startswith(_GZIP) and header[344:348] == b"n+1\0" and have < need:
        raise FileError(
            "G-IO-086",
            en=f"'{name}' should have {need:,} bytes and has {have:,}: it is cut off. Copy it again.",
            ja=f"「{name}」は {need:,} バイトのはずですが {have:,} バイトしかなく、途中で切れています。コピーし直してください。",
        )
    return need


def _need_memory(size: int, name: str) -> None:
    import psutil

    free = psutil.virtual_memory().available
    if size > 0.8 * free:
        raise FileError(
            "G-IO-087",
            en=f"'{name}' needs {size / 1e9:.1f} GB; {free / 1e9:.1f} GB of memory are free. Close other programs, or cut the volume.",
            ja=f"「{name}」には {size / 1e9:.1f} GB 必要ですが、空きメモリは {free / 1e9:.1f} GB です。"
            "ほかのプログラムを終了するか、ボリュームを切り出してください。",
        )


def _tidy(length: float) -> float:
    """A length stored as float32 as the shortest decimal that means it: 0.175, not 0.17499999701976776."""
    return float(str(np.float32(length)))


def write_nifti(image: Image, path: Path | str) -> None:
    """Write .nii or .nii.gz with spacing, direction and origin; an image without spacing is refused (G-IMG-003)."""
    import SimpleITK

    spacing = image.need_spacing()
    pixels: Any = np.asarray(image.pixels)
    pixels = pixels.astype(np.uint8) if pixels.dtype == bool else pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    if len(spacing) == 2:
        pixels, spacing = pixels[None], (1.0, *spacing)
    volume = SimpleITK.GetImageFromArray(pixels, isVector=image.colour)
    volume.SetSpacing(spacing[::-1])
    if image.orientation is not None:
        along = (image.orientation[:3], image.orientation[3:], np.cross(image.orientation[:3], image.orientation[3:]))
        volume.SetDirection(np.array(along).T.ravel().tolist())
    if image.origin_mm is not None:
        volume.SetOrigin(image.origin_mm)
    ending = ".nii.gz" if os.fspath(path).lower().endswith(".gz") else ".nii"
    with replacing(path) as file, tempfile.TemporaryDirectory() as folder:
        whole = os.path.join(folder, "volume" + ending)
        SimpleITK.WriteImage(volume, whole)
        with open(whole, "rb") as written:
            shutil.copyfileobj(written, file)
