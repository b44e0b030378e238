"""Gabor filter (IBSI 2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Annotated, Ge, Gt, Label, Le
from gazo.radiomics.filters.boundary import Boundary, BoundaryOption, BySliceOption, Pixels, extended, real_pixels, response

REACH = 6  # standard deviations after which the Gaussian is below 2e-8


@operation("Gabor フィルタ (IBSI 2)", "Gabor filter (IBSI 2)", booklet="C5")
def gabor(
    image: Image,
    *,
    sigma_mm: Annotated[float, Gt(0), Le(50), Label("ガウス関数の幅", "Width of the Gaussian", "mm")] = 5.0,
    wavelength_mm: Annotated[float, Gt(0), Le(100), Label("波長", "Wavelength", "mm")] = 2.0,
    gamma: Annotated[float, Gt(0), Le(10), Label("縦横比 γ", "Aspect ratio gamma")] = 1.5,
    angle_deg: Annotated[float, Ge(-360), Le(360), Label("向き", "Direction", "°")] = 0.0,
    step_deg: Annotated[
        float, Ge(0), Le(180), Label("向きの刻み (0: 1 方向のみ)", "Step of the directions (0: one only)", "°")
    ] = 22.5,
    by_slice: BySliceOption = False,
    boundary: BoundaryOption = "mirror",
) -> Image:
    r"""Waves of one length and direction: the modulus of the response to a Gaussian times a complex wave.

    h(k) = exp(-(a² + γ²b²)/2σ² + 2πi a/λ), a = x cos θ + y sin θ, b = -x sin θ + y cos θ, in a plane, not normalised
    (IBSI 2, Depeursinge et al., arXiv:2006.05470). With step_deg the mean over all directions 0, step_deg ... is taken. A volume is filtered
    in its three planes and the mean taken; by_slice keeps to the slices as they are stored. Computed by FFT in float32; the Gaussian ends
    after 6 standard deviations.

    Parameters
    ----------
    image : 2-D or 3-D with pixel spacing, any real dtype.
    sigma_mm, wavelength_mm : in mm, whatever the spacing.
    gamma : above 1 the Gaussian is shorter along the wave fronts than along the wave.
    angle_deg : θ, from columns towards rows, where only one direction is wanted.
    step_deg : 360° divided by it has to be a whole number.
    by_slice : of a volume, filter each slice by itself and no other planes.
    boundary : mirror repeats the edge pixel; nearest goes on with it; periodic begins again at the other side; zero.
    """
    spacing = image.need_spacing()
    pixels = real_pixels(image)
    angles = _directions(angle_deg, step_deg)
    planes: list[tuple[int, int]] = [(-2, -1)] if by_slice or pixels.ndim == 2 else [(1, 2), (0, 2), (0, 1)]
    total = np.zeros_like(pixels)
    for rows, columns in planes:
        stack = np.moveaxis(pixels if pixels.ndim == 3 else pixels[None], (rows, columns), (1, 2))
        kernels = [gabor_kernel(sigma_mm, wavelength_mm, gamma, a, (spacing[rows], spacing[columns])) for a in angles]
        total += np.moveaxis(_moduli(stack, kernels, boundary), (1, 2), (rows, columns)).reshape(total.shape)
    return response(image, total / np.float32(len(planes)))


def _directions(angle_deg: float, step_deg: float) -> Sequence[float]:
    """Directions in degrees. One and its opposite have the same modulus, so a full turn needs only half of an even number."""
    from gazo.core.errors import OptionError

    if step_deg == 0:
        return [angle_deg]
    count = round(360 / step_deg)
    if abs(count * step_deg - 360) > 1e-6:
        raise OptionError(
            "G-RAD-204",
            en=f"the directions of a Gabor filter go once round, so 360 divided by step_deg is a whole number; {step_deg:g} came. Use 22.5, 30, 45 or 60.",
            ja=f"Gabor フィルタの向きは一周するので、360 は step_deg で割り切れなければなりません。受け取った値: {step_deg:g}。22.5、30、45、60 などを指定してください。",
        )
    return [number * step_deg for number in range(count // 2 if count % 2 == 0 else count)]


def gabor_kernel(
    sigma_mm: float, wavelength_mm: float, gamma: float, angle_deg: float, spacing_mm: tuple[float, float]
) -> Pixels:
    """The complex kernel, (rows, columns) both odd, sampled at pixel centres."""
    reach = REACH * sigma_mm * max(1, 1 / gamma)
    y, x = (np.arange(-int(np.ceil(reach / d)), int(np.ceil(reach / d)) + 1) * d for d in spacing_mm)
    along = x[None] * np.cos(np.deg2rad(angle_deg)) + y[:, None] * np.sin(np.deg2rad(angle_deg))
    across = -x[None] * np.sin(np.deg2rad(angle_deg)) + y[:, None] * np.cos(np.deg2rad(angle_deg))
    kernel: Pixels = np.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma_mm**2) + 2j * np.pi * along / wavelength_mm)
    return kernel


def _moduli(stack: Pixels, kernels: Sequence[Pixels], boundary: Boundary) -> Pixels:
    """The mean modulus of the responses of each plane (n, rows, columns) to the kernels, one plane in memory."""
    from scipy.fft import fft2, ifft2, next_fast_len

    rows, columns = stack.shape[1:]
    up, left = (side // 2 for side in kernels[0].shape)
    size = (next_fast_len(rows + 4 * up), next_fast_len(columns + 4 * left))
    spectra = [fft2(kernel.astype(np.complex64), size) for kernel in kernels]
    found = np.empty(stack.shape, np.float32)
    for number, plane in enumerate(stack):
        spectrum = fft2(extended(plane, ((up, up), (left, left)), boundary), size)
        found[number] = sum(
            np.abs(ifft2(spectrum * kernel)[2 * up : 2 * up + rows, 2 * left : 2 * left + columns]) for kernel in spectra
        )
    return found / np.float32(len(kernels))
