"""What all filters of IBSI 2 share: how an image goes on beyond its edges, which axes are filtered, and convolution along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import ImageError
from gazo.core.image import Image
from gazo.core.parameters import Label

Pixels = NDArray[Any]
Boundary = Literal["mirror", "nearest", "periodic", "zero"]
BoundaryOption = Annotated[Boundary, Label("画像の外側の扱い", "Beyond the edges")]
BySliceOption = Annotated[bool, Label("スライスごと (2 次元)", "Slice by slice (2-D)")]

# The mirror of IBSI repeats the edge pixel: d c b a | a b c d | d c b a.
_OF_SCIPY = {"mirror": "reflect", "nearest": "nearest", "periodic": "wrap", "zero": "constant"}
_OF_NUMPY = {"mirror": "symmetric", "nearest": "edge", "periodic": "wrap", "zero": "constant"}


def filtered_axes(image: Image, by_slice: bool) -> tuple[int, ...]:
    """The axes along which a filter works, columns (x) first, then rows (y), then planes (z): the order of IBSI's k1, k2, k3."""
    count = len(image.shape)
    return tuple(range(count - 1, -1, -1))[: 2 if by_slice else count]


def real_pixels(image: Image) -> Pixels:
    """The pixels as float32, one value each; what is no number is refused, since a filter would spread it."""
    pixels = np.asarray(image.grey().pixels).astype(np.float32)
    if not np.isfinite(pixels).all():
        raise ImageError(
            "G-RAD-201",
            en="a filter needs a number in every pixel; this image holds values that are not a number or infinite. Replace them first.",
            ja="フィルタ処理では、すべての画素が有限の数値でなければなりません。この画像には NaN または無限大が含まれています。先に置き換えてください。",
        )
    return pixels


def response(image: Image, pixels: Pixels) -> Image:
    """The response map with the geometry of the image; it is no longer HU nor exposure."""
    return image.with_pixels(pixels.astype(np.float32, copy=False), colour=False, meaning="quantity", unit="", window=None)


def convolved(
    pixels: Pixels, kernels: Sequence[Pixels], axes: Sequence[int], boundary: Boundary, shift: Sequence[int] = ()
) -> Pixels:
    """The image convolved with one kernel along each axis.

    The centre of a kernel of n values is its value number n // 2; where `shift` holds 1 it is the one before (for a turned kernel of even length).
    """
    from scipy.ndimage import convolve1d

    for number, (axis, kernel) in enumerate(zip(axes, kernels, strict=True)):
        origin = -shift[number] if shift else 0
        pixels = convolve1d(pixels, kernel, axis, mode=_OF_SCIPY[boundary], origin=origin)
    return pixels


def averaged(pixels: Pixels, size: int, axes: Sequence[int], boundary: Boundary) -> Pixels:
    """The mean over a box of `size` (odd) pixels along each axis."""
    return convolved(pixels, [np.full(size, 1 / size)] * len(axes), axes, boundary)


def extended(pixels: Pixels, widths: Sequence[tuple[int, int]], boundary: Boundary) -> Pixels:
    """The image with more pixels about it."""
    return np.pad(pixels, widths, mode=_OF_NUMPY[boundary])  # type: ignore[call-overload, no-any-return]
