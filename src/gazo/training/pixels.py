"""Images made ready for a network: one size, one range, kept in a file so that memory does not grow with the study."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError, GazoError, ImageError
from gazo.core.files import storage_error
from gazo.core.image import Image
from gazo.core.imageset import Fault, ImageSet
from gazo.core.language import Text
from gazo.core.progress import Event, OnEvent, quiet

if TYPE_CHECKING:
    import torch

FULL = 65535  # of the 16 bits a prepared pixel is kept in
Fit = Literal["pad", "stretch"]


def prepared_pixels(
    image: Image, *, size_px: int, channels: int, fit: Fit = "pad", kept: NDArray[np.bool_] | None = None
) -> NDArray[np.uint16]:
    """One image as a network sees it: (channels, size, size), 0 to 65535.

    The range from the 0.5th to the 99.5th percentile of the image (0 to 255 for 8-bit colour) becomes 0 to 1. "pad" keeps the
    shape of things and fills with 0, "stretch" fills the square. MONOCHROME1 is turned over, so that the photometric
    interpretation does not tell the device. Shrinking averages areas, so that no detail is aliased. With `kept`, (rows, columns), all
    other pixels become 0; the range is that of the whole image, so that the kept part looks as it did.
    """
    import cv2

    image = image if image.colour and channels == 3 else image.grey()
    if len(image.shape) != 2:
        raise DataError(
            "G-TRAIN-003",
            en=f"this method takes flat images (rows, columns); an image of shape {image.shape} came. Choose slices first.",
            ja=f"この手法は 2 次元画像 (行, 列) を扱います。形 {image.shape} の画像が渡されました。先に断面を選んでください。",
        )
    pixels = np.asarray(image.pixels, np.float32)
    if not np.isfinite(pixels).all():
        raise ImageError(
            "G-TRAIN-008",
            en="an image holds pixels that are no numbers (NaN or infinite). Repair the image or leave it out.",
            ja="画像に数値でない画素 (NaN または無限大) があります。画像を修正するか除いてください。",
        )
    low, high = (0.0, 255.0) if image.colour and image.pixels.dtype == np.uint8 else np.percentile(pixels, (0.5, 99.5))
    pixels = np.clip((pixels - low) / max(high - low, 1e-6), 0, 1)
    if image.inverted:
        pixels = 1 - pixels
    if kept is not None:
        pixels[~kept] = 0
    rows, columns = pixels.shape[:2]
    scale = size_px / max(rows, columns)
    wanted = (size_px, size_px) if fit == "stretch" else (max(1, round(columns * scale)), max(1, round(rows * scale)))
    shrinks = wanted[0] <= columns and wanted[1] <= rows
    pixels = cv2.resize(pixels, wanted, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    square = np.zeros((size_px, size_px, *pixels.shape[2:]), np.float32)
    top, left = (size_px - pixels.shape[0]) // 2, (size_px - pixels.shape[1]) // 2
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    planes = np.moveaxis(square, -1, 0) if square.ndim == 3 else np.repeat(square[None], channels, axis=0)
    return np.rint(planes * FULL).astype(np.uint16)


@dataclass(eq=False)
class PreparedPixels:
    """Prepared images in a temporary file: row i of `rows` is image i of the set. Close it, or use it in a `with` block."""

    file: IO[bytes]
    count: int
    channels: int
    size_px: int
    faults: tuple[Fault, ...]
    usable: NDArray[np.bool_]

    def __enter__(self) -> PreparedPixels:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def read(self, rows: Sequence[int] | NDArray[np.integer[Any]]) -> torch.Tensor:
        """The images of some rows: (n, channels, size, size) float32 in 0 to 1."""
        import torch

        shape = (self.channels, self.size_px, self.size_px)
        stored = np.empty((len(rows), *shape), np.uint16)
        for target, row in zip(stored, rows, strict=True):
            self.file.seek(int(row) * target.nbytes)
            self.file.readinto(memoryview(target).cast("B"))  # type: ignore[attr-defined]
        return torch.from_numpy(stored.astype(np.float32) / FULL)


def prepare(
    images: ImageSet,
    *,
    size_px: int,
    channels: int,
    fit: Fit = "pad",
    folder: Path | None = None,
    kept_of: Callable[[int, Image], NDArray[np.bool_] | None] | None = None,
    on_event: OnEvent = quiet,
) -> PreparedPixels:
    """Read every image once and keep it prepared in a temporary file of `folder`; images that cannot be read become faults.

    The file takes 2 bytes a pixel and vanishes when it is closed or the process ends, however it ends. `kept_of` is asked for each row
    and image which of its pixels are kept (None: all); the others become 0.
    """
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it belongs to the object returned
    faults: list[Fault] = []
    usable = np.zeros(len(images), bool)
    step = max(1, len(images) // 100)
    try:
        for row, image in images.stream(faults=faults):
            try:
                kept = None if kept_of is None else kept_of(row, image)
                pixels = prepared_pixels(image, size_px=size_px, channels=channels, fit=fit, kept=kept)
            except GazoError as error:
                faults.append(Fault(row, error))
                continue
            file.seek(row * pixels.nbytes)
            file.write(pixels.tobytes())
            usable[row] = True
            if (row + 1) % step == 0 or row + 1 == len(images):
                on_event(Event(Text("画像の読み込み", "Reading images"), row + 1, len(images)))
        file.flush()
    except OSError as error:
        file.close()
        raise storage_error(error, "prepared pixels") from None
    if not usable.any():
        file.close()
        first = faults[0].error.text if faults else Text("画像がありません", "there are no images")
        raise DataError(
            "G-TRAIN-004",
            en=f"none of the {len(images)} images can be used; the first says: {first.en} Check the files.",
            ja=f"{len(images)} 枚の画像はどれも使えません。最初のエラー: {first.ja} ファイルを確認してください。",
        )
    return PreparedPixels(file, len(images), channels, size_px, tuple(faults), usable)
