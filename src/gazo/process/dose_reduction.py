"""Dose reduction in an image that was taken: what it would have looked like with less exposure."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError, ImageError
from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Surface
from gazo.core.seeds import generator
from gazo.process.density import curve_points
from gazo.process.plane import plane

NOT_LINEAR = ("log exposure", "HU", "display", "mask")


@operation("線量低減のシミュレーション", "Simulate dose reduction", booklet="P7")
def simulate_dose_reduction(
    image: Image,
    nps: Curve | Surface,
    *,
    dose_fraction: Annotated[float, Gt(0), Le(1), Label("線量の割合", "Share of the dose")] = 0.5,
    reference_value: Annotated[
        float | None, Gt(0), Label("NPS を測定した画素値", "Pixel value at which the NPS was measured")
    ] = None,
    electronic_sd: Annotated[
        float, Ge(0), Label("電子雑音の標準偏差 (画素値)", "Standard deviation of electronic noise (pixel value)")
    ] = 0.0,
    seed: int = 0,
) -> Image:
    r"""The image at r times its dose: r S plus the noise that a smaller exposure brings.

    The NPS W of the image at dose K holds a quantum part that follows dose and an electronic part that does not, W = W_q + W_e. At r K it
    is r W_q + W_e; scaling by r leaves r^2 (W_q + W_e); so noise with (r - r^2) W_q + (1 - r^2) W_e is added. The quantum part also
    follows the signal: its amplitude is multiplied by sqrt(S / S_ref). W_e is white, electronic_sd^2 x pixel area; W_q is the rest of the
    given NPS. Noise is Gaussian and made by filtering white noise in the frequency domain (float32); dose_fraction = 1 returns the
    input. Fixed-pattern noise counts as quantum noise here unless it was removed from the NPS.

    Parameters
    ----------
    image : linear exposure, 2-D, pixel spacing known, gain corrected; not modified.
    nps : noise power spectrum of the same detector and image chain, (pixel value)^2 mm^2, not normalised by the signal: a Curve over
        radial frequency or a Surface over u (columns) and v (rows), in cycles/mm; held at its ends outside.
    reference_value : S_ref; None takes the mean of the image.
    seed : of the noise.

    Errors: G-PRC-120 (not linear), G-PRC-121 (negative NPS), G-PRC-122 (electronic noise above the NPS), G-PRC-103, G-PRC-201 and 202.
    """
    from scipy import fft

    signal = plane(image)
    if image.meaning in NOT_LINEAR:
        raise ImageError(
            "G-PRC-120",
            en=f"dose scales linear exposure only; an image of '{image.meaning}' came. Make it linear with the conversion function first.",
            ja=f"線量に比例させられるのは線形の画素値だけです。受け取った画素値: {image.meaning}。先に入出力特性で線形化してください。",
        )
    spacing = image.need_spacing()
    r = dose_fraction
    if r == 1:
        return image.with_pixels(signal.copy())
    area = float(np.prod(spacing))
    total, electronic = _on_grid(nps, signal.shape, spacing), electronic_sd**2 * area
    quantum = _quantum_part(total, electronic)
    reference = reference_value or max(float(signal.mean(dtype=np.float64)), np.finfo(np.float32).tiny)
    white = generator(seed, "simulate_dose_reduction").standard_normal(signal.shape, dtype=np.float32)
    amplitude = np.sqrt((r - r * r) * quantum / area).astype(np.float32)
    noise = fft.irfft2(fft.rfft2(white) * amplitude, s=signal.shape)
    noise *= np.sqrt(np.maximum(signal, 0) / np.float32(reference))
    if electronic > 0:
        more = generator(seed, "simulate_dose_reduction", "electronic").standard_normal(signal.shape, dtype=np.float32)
        noise += np.float32(np.sqrt(1 - r * r) * electronic_sd) * more
    return image.with_pixels(np.float32(r) * signal + noise)


def _on_grid(nps: Curve | Surface, shape: tuple[int, ...], spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """The NPS at the frequencies of a real FFT of the image."""
    v, u = np.fft.fftfreq(shape[0], spacing[0])[:, None], np.fft.rfftfreq(shape[1], spacing[1])[None]
    found = _of_surface(nps, u, v) if isinstance(nps, Surface) else np.interp(np.hypot(u, v), *curve_points(nps))
    if not np.isfinite(found).all() or found.min() < 0:
        raise DataError(
            "G-PRC-121",
            en=f"a noise power spectrum is finite and at least 0; its least value is {found.min():g}. Give an NPS, not a difference of two.",
            ja=f"ノイズパワースペクトルは 0 以上の有限の値です。最小値: {found.min():g}。2 つの差ではなく、NPS そのものを渡してください。",
        )
    return found


def _of_surface(nps: Surface, u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear between the points of the surface; a surface over half the plane is mirrored, W(u, v) = W(-u, -v)."""
    from scipy.interpolate import RegularGridInterpolator

    y, x = np.asarray(nps.y, np.float64), np.asarray(nps.x, np.float64)
    v = np.broadcast_to(np.abs(v) if y.min() >= 0 else v, (v.shape[0], u.shape[1]))
    where = np.stack([np.clip(v, y[0], y[-1]), np.clip(np.broadcast_to(u, v.shape), x[0], x[-1])], -1)
    return RegularGridInterpolator((y, x), np.asarray(nps.values, np.float64))(where)


def _quantum_part(total: NDArray[np.float64], electronic: float) -> NDArray[np.float64]:
    """W_q = W - W_e; small negative values of a measured spectrum become 0."""
    mean = float(total.mean())
    if electronic > mean:
        raise DataError(
            "G-PRC-122",
            en=f"electronic noise (NPS {electronic:g}) cannot exceed all noise (mean NPS {mean:g}). Lower electronic_sd, or check the units.",
            ja=f"電子雑音 (NPS {electronic:g}) が全体の雑音 (平均 NPS {mean:g}) を超えています。electronic_sd を小さくするか、単位を確かめてください。",
        )
    return np.maximum(total - electronic, 0)
