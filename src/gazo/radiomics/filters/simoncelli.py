"""Simoncelli's non-separable wavelet (IBSI 2)."""

from __future__ import annotations

import numpy as np

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Label, Le
from gazo.radiomics.filters.boundary import Boundary, BoundaryOption, BySliceOption, Pixels, extended, real_pixels, response


@operation("Simoncelli ウェーブレット (IBSI 2)", "Simoncelli wavelet (IBSI 2)", booklet="C5")
def simoncelli(
    image: Image,
    *,
    level: Annotated[int, Ge(1), Le(6), Label("レベル", "Level")] = 1,
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "periodic",
) -> Image:
    r"""An octave of spatial frequencies, all directions alike.

    The spectrum is multiplied by cos(π/2 log2(2^j ν)) where 1/4 < 2^(j-1) ν <= 1 and by 0 elsewhere; ν = 1 is the Nyquist frequency of an
    axis (Portilla & Simoncelli 2000; IBSI 2, Depeursinge et al., arXiv:2006.05470). The n frequencies of an axis are sampled symmetrically
    from -1 to 1, ends included, as in the reference response maps of IBSI 2; for long axes this is the grid of the Fourier transform.
    Its response depends on the whole image. The reference values of IBSI 2 are those of the periodic boundary, which is what a Fourier
    transform does by itself; for the others the image is continued by half its length to each side.

    Parameters
    ----------
    image : 2-D or 3-D, any real dtype.
    level : j; 1 is the octave up to the Nyquist frequency, each further one lies an octave lower.
    by_slice : of a volume, filter each slice by itself.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    pixels = real_pixels(image)
    if not (by_slice and pixels.ndim == 3):
        return response(image, _filtered(pixels, level, boundary))
    return response(image, np.stack([_filtered(plane, level, boundary) for plane in pixels]))


def _filtered(pixels: Pixels, level: int, boundary: Boundary) -> Pixels:
    from scipy.fft import fftn, ifftn

    widths = [(0, 0) if boundary == "periodic" else (n // 2, n - n // 2) for n in pixels.shape]
    wider = extended(pixels, widths, boundary)
    found = ifftn(fftn(wider) * simoncelli_gain(wider.shape, level))
    inside = tuple(slice(before, before + n) for (before, _), n in zip(widths, pixels.shape, strict=True))
    return np.asarray(found[inside].real)


def simoncelli_gain(shape: tuple[int, ...], level: int) -> Pixels:
    """The transfer function in the order of the discrete Fourier transform, float32."""
    squared = np.zeros((1,) * len(shape), np.float32)
    for axis, n in enumerate(shape):
        grid = np.fft.ifftshift(np.linspace(-1, 1, n)) if n > 1 else np.zeros(1)
        squared = squared + (grid.astype(np.float32) ** 2).reshape([-1 if a == axis else 1 for a in range(len(shape))])
    scaled = np.sqrt(squared) * np.float32(2 ** (level - 1))
    inside = (scaled > 0.25) & (scaled <= 1)
    gain: Pixels = np.where(inside, np.cos(np.pi / 2 * np.log2(2 * np.where(inside, scaled, 1))), 0).astype(np.float32)
    return gain
