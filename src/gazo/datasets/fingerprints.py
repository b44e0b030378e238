"""A short description of a picture that stays nearly the same when it is rescaled, recompressed or made brighter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazo.core.image import Image

COARSE_BITS, FINE_BITS = 128, 512
WORDS = (COARSE_BITS + FINE_BITS) // 64
COARSE_DISTANCE, FINE_DISTANCE = 20, 64
# Size, shift and widths in thumbnail pixels; chosen on real sets so that copies and mere likeness part (docs/datasets/copies.md).
_THUMBNAIL, _SHIFT, _BLUR, _AROUND, _FLOOR = 96, 3, 1.5, 3.0, 0.02
_FLAT = 1e-4


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """`digest` is SHA-256 of the pixel values, `words` ten 64-bit words of difference hash, `flat` no structure to compare."""

    digest: str
    words: NDArray[np.uint64]
    flat: bool


def fingerprint(image: Image) -> Fingerprint:
    """Digest and difference hash (dHash) of an image.

    The grey image is reduced by area to 9 x 9 and 17 x 17; each bit tells whether a cell is brighter than its neighbour to
    the left or above: 2 x 8 x 8 coarse and 2 x 16 x 16 fine bits. A volume is averaged over its planes first.
    """
    plane = _plane(image)
    bits = np.concatenate([_differences(plane, 8), _differences(plane, 16)])
    scale = float(np.abs(plane).max())
    return Fingerprint(pixel_digest(image), np.packbits(bits).view(np.uint64), float(_reduced(plane, 16).std()) <= _FLAT * scale)


def pixel_digest(image: Image) -> str:
    """SHA-256 of shape and values: the same for one picture stored in 8 or 16 bits, as PNG or as TIFF."""
    pixels = image.pixels
    plain = np.ascontiguousarray(pixels, np.int32 if pixels.dtype.kind in "iub" and pixels.dtype.itemsize < 4 else np.float32)
    return hashlib.sha256(f"{image.shape}{image.colour}{plain.dtype}".encode() + plain.tobytes()).hexdigest()


def thumbnail(image: Image) -> NDArray[np.float32]:
    """96 x 96 pixels of fine structure: slow changes of brightness taken away, contrast made equal everywhere.

    What all radiographs of one body part share (lungs, outline of the breast, film border) would else decide the likeness.
    """
    import cv2

    small = _reduced(_plane(image), _THUMBNAIL)
    detail = small - cv2.GaussianBlur(small, (0, 0), _BLUR)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), _AROUND))
    return np.asarray(detail / (contrast + _FLOOR * small.std() + np.finfo(np.float32).tiny), np.float32)


def likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Normalised cross-correlation of two thumbnails, the best within a shift of three pixels to each side."""
    import cv2

    inner = first[_SHIFT:-_SHIFT, _SHIFT:-_SHIFT]
    found = cv2.matchTemplate(np.ascontiguousarray(second), np.ascontiguousarray(inner), cv2.TM_CCOEFF_NORMED)
    return float(np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0).max())


def alike(words: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """For each hash the later ones that are near it: (n, 10) words, all n (n - 1) / 2 pairs compared.

    The coarse words of a row are compared with those of all later rows at once (exclusive or, population count); the fine
    words only where the coarse ones are near. Yields the row and the later rows near it, when there are any.
    """
    coarse = np.ascontiguousarray(words[:, : COARSE_BITS // 64].T)
    fine = np.ascontiguousarray(words[:, COARSE_BITS // 64 :])
    for row in range(words.shape[0] - 1):
        far = np.bitwise_count(coarse[0, row + 1 :] ^ coarse[0, row])
        for word in coarse[1:]:
            far += np.bitwise_count(word[row + 1 :] ^ word[row])
        near = np.flatnonzero(far <= COARSE_DISTANCE)
        if near.size:
            near += row + 1
            near = near[np.bitwise_count(fine[near] ^ fine[row]).sum(axis=1, dtype=np.int64) <= FINE_DISTANCE]
            if near.size:
                yield row, near


def _plane(image: Image) -> NDArray[np.float32]:
    """The grey picture as float32, a volume averaged over its planes; values that are no numbers become 0."""
    pixels = np.asarray(image.grey().pixels, np.float32)
    return np.nan_to_num(pixels.mean(axis=0) if pixels.ndim == 3 else pixels, nan=0.0, posinf=0.0, neginf=0.0)


def _reduced(plane: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    import cv2

    return np.asarray(cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def _differences(plane: NDArray[np.float32], cells: int) -> NDArray[np.bool_]:
    small = _reduced(plane, cells + 1)
    right = small[:cells, 1:] > small[:cells, :-1]
    down = small[1:, :cells] > small[:-1, :cells]
    return np.concatenate([right.ravel(), down.ravel()])
