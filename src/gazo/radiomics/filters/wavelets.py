"""Separable wavelets, undecimated (IBSI 2)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gazo.core.errors import OptionError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Label, Le
from gazo.radiomics.filters.boundary import BoundaryOption, BySliceOption, Pixels, filtered_axes, real_pixels, response
from gazo.radiomics.filters.rotations import RotationOption, pooled, turned

Family = Literal["haar", "db2", "db3", "db4", "db5", "db6", "coif1", "coif2", "coif3"]


@operation("ウェーブレット (分離型・間引きなし, IBSI 2)", "Separable wavelet, undecimated (IBSI 2)", booklet="C5")
def separable_wavelet(
    image: Image,
    *,
    family: Annotated[Family, Label("ウェーブレット", "Wavelet")] = "db3",
    bands: Annotated[str, Label("帯域 (x, y, z の順に L か H)", "Bands (L or H along x, y, z)")] = "",
    level: Annotated[int, Ge(1), Le(6), Label("レベル", "Level")] = 1,
    rotation: RotationOption = "average",
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "mirror",
) -> Image:
    """One band of the stationary wavelet transform: low pass along all axes for the levels before, then the bands named.

    No decimation: at level j the coefficients stand 2^(j-1) pixels apart (à trous). Coefficients as in Daubechies 1992, so a low pass has the
    gain √2 along each axis (IBSI 2, Depeursinge et al., arXiv:2006.05470). With rotation invariance the whole chain of levels is computed for
    every right-angle rotation of its kernels, and the results are pooled.

    Parameters
    ----------
    image : 2-D or 3-D, any real dtype.
    family : haar, Daubechies (db) or coiflet (coif).
    bands : L (low) or H (high) for each axis, such as LH for a plane and LLH for a volume; empty takes these two.
    level : 1 is the finest.
    rotation : none, or how the responses are pooled.
    by_slice : of a volume, filter each slice by itself.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    axes = filtered_axes(image, by_slice)
    bands = bands.upper() or ("LH" if len(axes) == 2 else "LLH")
    if len(bands) != len(axes) or set(bands) - set("LH"):
        raise OptionError(
            "G-RAD-205",
            en=f"a wavelet band has {len(axes)} letters L or H, one for each filtered axis, such as {'LLH'[3 - len(axes) :]}; '{bands}' came. "
            "Name one for each axis.",
            ja=f"ウェーブレットの帯域は、処理する軸ごとに L か H を 1 文字ずつ、合わせて {len(axes)} 文字で指定します (例: {'LLH'[3 - len(axes) :]})。"
            f"受け取った値: 「{bands}」。軸ごとに 1 文字を指定してください。",
        )
    low, high = (np.array(taps) for taps in wavelet_taps(family))
    levels = [(low,) * len(axes)] * (level - 1) + [tuple(low if band == "L" else high for band in bands)]
    stages = [tuple(_with_holes(kernel, number) for kernel in kernels) for number, kernels in enumerate(levels)]
    return response(image, pooled(real_pixels(image), turned(stages, rotation), axes, boundary, rotation))


def wavelet_taps(family: str) -> tuple[list[float], list[float]]:
    """The taps of the low pass and of the high pass."""
    import pywt

    wavelet = pywt.Wavelet(family)
    return wavelet.dec_lo, wavelet.dec_hi


def _with_holes(kernel: Pixels, before: int) -> Pixels:
    """The taps 2^before pixels apart; the gap after the last one counts to the kernel, which sets its centre."""
    spread = np.zeros(len(kernel) * 2**before)
    spread[:: 2**before] = kernel
    return spread
