"""How processed images are stored: floats as they are, or whole numbers with the slope and intercept that lead back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.io.dicom_write import write_dicom
from gazo.io.files import kind_of, write
from gazo.io.finding import without_ending
from gazo.io.opening import start_of
from gazo.io.pictures import write_png
from gazo.io.tiff import write_tiff

Kind = Literal["auto", "tif", "png", "dcm", "nii.gz"]
_KINDS = {".nii.gz": "nii.gz", ".nii": "nii", ".png": "png", ".tiff": "tif", ".tif": "tif", ".dcm": "dcm"}
ENDINGS = tuple(_KINDS)
_TAKES_FLOATS = ("tif", "nii", "nii.gz")


@dataclass(frozen=True)
class Output:
    """What kind of file is written.

    Parameters
    ----------
    kind : "auto" takes float TIFF, and with 8 or 16 bits what came in: DICOM for DICOM, PNG for PNG.
    bits : 32 keeps floats; 8 and 16 store whole numbers. None: 32 where the kind of file holds floats, 16 elsewhere.
    """

    kind: Kind = "auto"
    bits: int | None = None

    def ending(self, path: str) -> str:
        """The ending of what is made from an input file."""
        if self.kind != "auto":
            return f".{self.kind}"
        came = kind_of(start_of(path), Path(path).name)
        if came == "nifti":
            return ".nii.gz"
        if self.bits in (None, 32):
            return ".tif"
        return ".dcm" if came == "dicom" else ".png" if path.lower().endswith(".png") else ".tif"

    def write(self, image: Image, path: Path, *, was: np.dtype[Any]) -> None:
        """Write one image; the ending of the path decides the kind of file. `was` is the type of the pixels that came in."""
        kind = next((kind for ending, kind in _KINDS.items() if path.name.lower().endswith(ending)), "")
        bits = self.bits or (32 if kind in _TAKES_FLOATS else 16)
        if image.pixels.dtype.kind == "f" and bits == 32 and kind in _TAKES_FLOATS:
            write(image.with_pixels(image.pixels.astype(np.float32, copy=False)), path)
            return
        stored, slope, intercept = whole_numbers(image.pixels, was, 8 if bits == 8 else 16)
        rescale = None if (slope, intercept) == (1.0, 0.0) else (slope, intercept)
        if kind == "dcm" and bits != 8:
            write_dicom(_for_dicom(image, was, slope), path)
        elif kind == "png":
            write_png(image.with_pixels(stored), path, rescale=rescale)
        elif kind == "tif":
            write_tiff(image.with_pixels(stored), path, rescale=rescale)
        else:
            write(image.with_pixels(stored if rescale is None else image.pixels), path)


def _for_dicom(image: Image, was: np.dtype[Any], slope: float) -> Image:
    """Values that were whole numbers as whole numbers again; the writer spreads all others over 16 bits with Rescale Slope."""
    if was.kind in "iu" and slope == 1.0:
        return image.with_pixels(np.rint(image.pixels).astype(np.int32))
    return image


def whole_numbers(pixels: NDArray[Any], was: np.dtype[Any], bits: int) -> tuple[NDArray[Any], float, float]:
    """Pixels as unsigned numbers of 8 or 16 bits, with slope and intercept: value = slope x number + intercept.

    What came in as whole numbers keeps a slope of 1 where its range fits, so that images of one series stay comparable (error at most
    half a number); everything else is spread over the whole range.
    """
    kind = np.dtype(np.uint8 if bits == 8 else np.uint16)
    if pixels.dtype == bool or pixels.dtype == kind or (pixels.dtype == np.uint8 and bits == 16):
        return pixels, 1.0, 0.0
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise ImageError(
            "G-RUN-031",
            en=f"the result holds NaN or infinite values, which whole numbers of {bits} bits cannot store. Keep --file-bits 32, or correct the input first.",
            ja=f"処理結果に NaN または無限大の値があり、{bits} ビットの整数では保存できません。--file-bits 32 のままにするか、先に入力画像を補正してください。",
        )
    most = np.iinfo(kind).max
    if was.kind in "iu" and np.rint(high) - np.rint(low) <= most:
        slope, intercept = 1.0, 0.0 if np.rint(low) >= 0 and np.rint(high) <= most else float(np.rint(low))
    else:
        slope, intercept = (high - low) / most or 1.0, low
    return np.clip(np.rint((pixels - intercept) / slope), 0, most).astype(kind), slope, intercept


def targets(names: Sequence[str], endings: Sequence[str]) -> list[str]:
    """A relative path for the output of each input; where two would be the same the ending of the input stays in the name."""
    plain = [without_ending(name) + ending for name, ending in zip(names, endings, strict=True)]
    times = Counter(name.casefold() for name in plain)  # some disks do not tell A from a
    return [f"{n}{e}" if times[p.casefold()] > 1 else p for n, e, p in zip(names, endings, plain, strict=True)]


def beside(path: Path, map_name: str) -> Path:
    """Where a map of an image stands: chest.tif -> chest-scatter.tif."""
    ending = next((ending for ending in ENDINGS if path.name.lower().endswith(ending)), path.suffix)
    return path.with_name(f"{path.name[: len(path.name) - len(ending)]}-{map_name.replace('_', '-')}{ending}")
