"""Laws kernels with texture energy (IBSI 2)."""

from __future__ import annotations

import re

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Label, Le
from gazo.radiomics.filters.boundary import (
    BoundaryOption,
    BySliceOption,
    averaged,
    filtered_axes,
    real_pixels,
    response,
)
from gazo.radiomics.filters.rotations import Kernels, RotationOption, pooled, turned

# Laws 1980; each divided by its Euclidean length (IBSI 2)
_KERNELS = {
    "L3": (1, 2, 1),
    "E3": (-1, 0, 1),
    "S3": (-1, 2, -1),
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}


@operation("Laws フィルタ (IBSI 2)", "Laws kernels (IBSI 2)", booklet="C5")
def laws(
    image: Image,
    *,
    kernels: Annotated[str, Label("核 (x, y, z の順)", "Kernels (along x, y, z)")] = "",
    energy_px: Annotated[
        int, Ge(0), Le(100), Label("エネルギーの範囲 (0: 計算しない)", "Reach of the energy (0: none)", "px")
    ] = 7,
    rotation: RotationOption = "max",
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "mirror",
) -> Image:
    """Level, edge, spot, wave and ripple along the axes, then the texture energy about each pixel.

    The image is convolved with one kernel along each axis; the energy is the mean of the absolute response over 2·energy_px + 1 pixels along
    each axis (IBSI 2, Depeursinge et al., arXiv:2006.05470; kernels of Laws 1980, normalised). With rotation invariance the responses to all
    right-angle rotations of the kernels are pooled before the energy is taken.

    Parameters
    ----------
    image : 2-D or 3-D, any real dtype.
    kernels : such as L5E5 for a plane and L5E5E5 for a volume, one of L3, E3, S3, L5, E5, S5, W5, R5 an axis; empty takes these two.
    energy_px : how far the energy reaches to each side, in pixels; 0 gives the response itself.
    rotation : none, or how the responses are pooled.
    by_slice : of a volume, filter each slice by itself.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    axes = filtered_axes(image, by_slice)
    pixels = real_pixels(image)
    named = laws_kernels(kernels or ("L5E5" if len(axes) == 2 else "L5E5E5"), len(axes))
    found = pooled(pixels, turned([named], rotation), axes, boundary, rotation)
    if energy_px:
        found = averaged(np.abs(found), 2 * energy_px + 1, axes, boundary)
    return response(image, found)


def laws_kernels(names: str, axes: int) -> Kernels:
    """The kernels by name, as many as there are axes."""
    each = re.findall("[A-Z][0-9]", names.upper())
    if "".join(each) != names.upper() or len(each) != axes or any(name not in _KERNELS for name in each):
        raise OptionError(
            "G-RAD-203",
            en=f"Laws kernels are {axes} of {', '.join(_KERNELS)} in a row, such as {'L5E5E5'[: 2 * axes]}, one for each axis that is filtered; "
            f"'{names}' came. Name one for each axis.",
            ja=f"Laws フィルタの核は、処理する軸の数 ({axes}) だけ {', '.join(_KERNELS)} から選び、{'L5E5E5'[: 2 * axes]} のように続けて書きます。"
            f"受け取った値: 「{names}」。軸ごとに 1 つずつ指定してください。",
        )
    return tuple(np.array(_KERNELS[name], float) / np.linalg.norm(_KERNELS[name]) for name in each)
