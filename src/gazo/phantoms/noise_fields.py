"""Noise whose Wiener spectrum is known: white Gaussian noise shaped in the frequency domain, in two or three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NoiseField:
    """A noise image and the spectrum it was drawn from.

    image : float64, meaning "quantity".
    spectrum : expected Wiener spectrum on the grid of the DFT (its order, not shifted), value^2 mm^2, in three dimensions mm^3;
        its sum times the frequency steps is the variance.
    """

    image: Image
    spectrum: Floats


@operation("ノイズ場", "Noise field", booklet="W5")
def noise_field(
    shape: Curve | None = None,
    *,
    rng: np.random.Generator,
    size_px: Annotated[int, Ge(8), Le(8192), Label("画像の一辺", "Side of the image", "px")] = 64,
    planes: Annotated[int, Ge(1), Le(4096), Label("面の数 (1 なら 2 次元)", "Planes (1: two-dimensional)")] = 1,
    pixel_mm: Annotated[float, Gt(0), Le(10), Label("画素間隔", "Pixel spacing", "mm")] = 0.1,
    plane_mm: Annotated[float | None, Gt(0), Le(100), Label("面の間隔 (空欄なら画素間隔)", "Plane spacing (empty: that of pixels)", "mm")] = None,
    kind: Annotated[Literal["gaussian", "white", "ramp"], Label("スペクトルの形", "Form of the spectrum")] = "gaussian",
    sigma_px: Annotated[float, Gt(0), Le(100), Label("ガウシアンフィルターの σ", "Sigma of the Gaussian filter", "px")] = 1.0,
    variance: Annotated[float, Gt(0), Le(1e12), Label("分散", "Variance")] = 13.2,
    mean: Annotated[float, Ge(-1e9), Le(1e9), Label("平均値", "Mean")] = 0.0,
) -> NoiseField:  # fmt: skip
    r"""Draw white Gaussian noise, shape its DFT with sqrt(W), and transform back; the field is periodic, so W is exact on its grid.

    gaussian: W ~ \|H\|^2, H(f) = exp(-2 pi^2 sigma^2 f^2), the simulation of figs 1 and 2 of Nishiki and Doi with its 64 x 64 pixels,
    0.1 mm and variance 13.2 as defaults. ramp: W ~ f \|H\|^2, filtered back-projection with a smooth kernel. white: all alike. A
    curve for `shape` (W against radial frequency in cycles/mm, any scale) replaces these. W(0) = 0: every field has the mean asked
    for, and W is scaled so that the expected population variance is `variance`.

    Parameters
    ----------
    shape : W against radial frequency; beyond its ends the end values hold.
    rng : draws the white noise.
    sigma_px : of the Gaussian filter, also along planes; unused for white and for a curve.
    """
    sides = (size_px, size_px) if planes == 1 else (planes, size_px, size_px)
    spacing = (pixel_mm, pixel_mm) if planes == 1 else (plane_mm or pixel_mm, pixel_mm, pixel_mm)
    form = _form(shape, kind, sides, spacing, sigma_px)
    if not (np.isfinite(form).all() and form.min() >= 0 and form.max() > 0):
        raise DataError(
            "G-PHA-201",
            en=f"a noise spectrum must be finite, at least 0 and somewhere above 0; values from {form.min():g} to {form.max():g} came. Correct the curve.",
            ja=f"ノイズのスペクトルは有限で 0 以上、どこかで 0 より大きくなければなりません。受け取った値: {form.min():g} から {form.max():g}。曲線を直してください。",
        )
    cell = float(np.prod(spacing))
    spectrum = form * (variance * form.size * cell / form.sum())
    white = np.fft.rfftn(rng.normal(size=sides))
    gain = np.sqrt(spectrum / cell)[..., : size_px // 2 + 1]
    pixels = np.fft.irfftn(white * gain, s=sides, axes=tuple(range(len(sides)))) + mean
    return NoiseField(Image(pixels, spacing_mm=spacing, meaning="quantity"), spectrum)


def _form(shape: Curve | None, kind: str, sides: tuple[int, ...], spacing: tuple[float, ...], sigma_px: float) -> Floats:
    """W without its scale on the grid of the DFT, 0 at the origin."""
    grids = np.meshgrid(*(np.fft.fftfreq(n, d) for n, d in zip(sides, spacing, strict=True)), indexing="ij")
    radius = np.sqrt(sum(g**2 for g in grids))
    if shape is not None:
        form = np.interp(radius, shape.x, shape.y)
    else:
        in_pixels = sum((g * d) ** 2 for g, d in zip(grids, spacing, strict=True))
        filtered = np.exp(-4 * np.pi**2 * sigma_px**2 * in_pixels)
        form = {"white": np.ones(sides), "gaussian": filtered, "ramp": radius * filtered}[kind]
    form.flat[0] = 0
    return np.asarray(form, np.float64)
