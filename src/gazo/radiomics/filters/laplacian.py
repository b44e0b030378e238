"""Laplacian of Gaussian (IBSI 2)."""

from __future__ import annotations

import numpy as np

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Gt, Label, Le
from gazo.radiomics.filters.boundary import BoundaryOption, BySliceOption, Pixels, convolved, filtered_axes, real_pixels, response


@operation("LoG フィルタ (IBSI 2)", "Laplacian of Gaussian (IBSI 2)", booklet="C5")
def laplacian_of_gaussian(
    image: Image,
    *,
    sigma_mm: Annotated[float, Gt(0), Le(50), Label("ガウス関数の幅", "Width of the Gaussian", "mm")] = 1.5,
    cutoff: Annotated[float, Ge(1), Le(10), Label("打ち切り (σ の倍数)", "Cut-off (multiples of sigma)")] = 4.0,
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "mirror",
) -> Image:
    r"""Blobs of about sigma_mm in size: dark ones answer with positive, bright ones with negative values.

    h(k) = -(1/s²) (2π s²)^(-D/2) (D - |k|²/s²) exp(-|k|²/2s²) with s = sigma_mm / spacing, on a box that reaches floor(cutoff·s + 1/2) pixels
    to each side (IBSI 2, Depeursinge et al., arXiv:2006.05470). It is a sum of D separable kernels and computed as such, without approximation.
    Where the spacing differs between axes, s does so too, and the factor 1/s² is that of the finest axis, so that the map is the physical
    Laplacian times its spacing squared.

    Parameters
    ----------
    image : 2-D or 3-D with pixel spacing, any real dtype.
    sigma_mm : standard deviation of the Gaussian in mm, whatever the spacing.
    cutoff : the kernel ends here; it is not corrected to a sum of 0, as IBSI has it.
    by_slice : of a volume, filter each slice by itself.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    axes = filtered_axes(image, by_slice)
    spacing = image.need_spacing()
    pixels = real_pixels(image)
    widths = [sigma_mm / spacing[axis] for axis in axes]
    blurs = [_gaussian(width, cutoff) for width in widths]
    total = np.zeros_like(pixels)
    for bent in range(len(axes)):
        kernels = [blur * bend if axis == bent else blur for axis, (blur, bend) in enumerate(blurs)]
        total += convolved(pixels, kernels, axes, boundary)
    return response(image, total * np.float32(-1 / max(widths) ** 2))


def _gaussian(width: float, cutoff: float) -> tuple[Pixels, Pixels]:
    """A sampled Gaussian, and 1 - k²/s², with which it becomes its negative second derivative times s²."""
    reach = int(np.floor(cutoff * width + 0.5))
    k = np.arange(-reach, reach + 1)
    return np.exp(-(k**2) / (2 * width**2)) / (np.sqrt(2 * np.pi) * width), 1 - k**2 / width**2
