"""A Wiener spectrum from a Fourier transform that another program made, with a guard for its normalisation (eqs 8, 9, 10)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.registry import feature

DftNorm = Literal["sum", "mean"]


@feature("フーリエ変換からのウィーナースペクトル", "Wiener spectrum from a Fourier transform", booklet="W1")
def spectrum_of_dft(
    transform: NDArray[np.complexfloating[Any, Any]],
    spacing_mm: tuple[float, ...],
    *,
    dft_norm: DftNorm = "sum",
    variance: float | None = None,
) -> NDArray[np.float64]:
    """W of eq. (8), in the order of the transform, from a DFT of one, two or three axes.

    "sum": the plain sum over the pixels (eq. 9; MATLAB, Excel, NumPy), W = Dx Dy / (Nx Ny) |F|^2. "mean": divided by the number of
    pixels (eq. 10), W = Nx Ny Dx Dy |F'|^2. Taking one for the other is wrong by (Nx Ny)^2; with the variance of the image
    the volume of the spectrum must equal it, and the mistake is refused.

    Parameters
    ----------
    transform : of zero-mean pixels, both signs of each frequency.
    spacing_mm : pixel spacing along each axis of the transform.
    variance : population variance of the pixels; None goes unguarded.
    """
    count, cell = transform.size, float(np.prod(spacing_mm))
    if len(spacing_mm) != transform.ndim:
        raise DataError(
            "G-QUA-234",
            en=f"each axis of the transform needs its spacing; {transform.ndim} axes and {len(spacing_mm)} lengths came. Give one length an axis.",
            ja=f"フーリエ変換の各軸に画素間隔が必要です。軸の数: {transform.ndim}、画素間隔の数: {len(spacing_mm)}。軸ごとに 1 つずつ指定してください。",
        )
    power = np.abs(np.asarray(transform, np.complex128)) ** 2
    found: NDArray[np.float64] = power * (cell / count if dft_norm == "sum" else cell * count)
    volume = float(found.sum()) / (count * cell)
    if variance is not None and not np.isclose(volume, variance, rtol=1e-2):
        other = "mean" if dft_norm == "sum" else "sum"
        factor = float(count) ** (2 if other == "mean" else -2)
        fits = bool(np.isclose(volume * factor, variance, rtol=1e-2))
        hint_en = f"with dft_norm='{other}' it does" if fits else "the transform is windowed, shortened or of other pixels"
        hint_ja = f"dft_norm='{other}' なら一致します" if fits else "窓関数、切り取り、または別の画像のフーリエ変換と考えられます"
        raise DataError(
            "G-QUA-235",
            en=f"the volume of a Wiener spectrum equals the variance of the pixels, {variance:g}; with dft_norm='{dft_norm}' it is {volume:g}: {hint_en}.",
            ja=f"ウィーナースペクトルの体積は画素の分散 {variance:g} に一致します。dft_norm='{dft_norm}' では {volume:g} になります: {hint_ja}。",
        )
    return found
