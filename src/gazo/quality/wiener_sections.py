"""Reading curves off a two-dimensional Wiener spectrum: central section, integral through an aperture (eq. 5), radial mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import OptionError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Surface
from gazo.quality.nps_plane import RADIAL, one_less
from gazo.quality.nps_results import SpectrumSection
from gazo.quality.wiener_1d import Axis

Floats = NDArray[np.float64]


@operation("中心断面", "Central section", booklet="W2")
def central_section(spectrum: Surface, *, axis: Axis = "u") -> SpectrumSection:
    """2DWS(u, 0) or 2DWS(0, v), both signs of the frequency: what a virtual slit as long as the region sees, times 2Y (eq. 3).

    No band: the repeats are not in the surface; `wiener_spectrum_2d` gives the same curve with one.

    Parameters
    ----------
    spectrum : such as the surface of `wiener_spectrum_2d`.
    """
    x, values = _along(spectrum, axis)
    middle = int(np.argmin(np.abs(spectrum.y if axis == "u" else spectrum.x)))
    other = "v" if axis == "u" else "u"
    title = Text(f"{axis} 軸に沿った中心断面", f"Central section along {axis}")
    curve = _curve(spectrum, axis, x, values[:, middle], title, spectrum.value_unit)
    said = Text(f"{axis} 軸に沿った中心断面 ({other} = 0) を 2DWS から読み取った。", f"The central section along {axis} ({other} = 0) was read off the two-dimensional spectrum.")  # fmt: skip
    return SpectrumSection(curve=curve, sentence=said)


@operation("開口を通した積分", "Integral through an aperture", booklet="W3")
def integrate_section(
    spectrum: Surface,
    *,
    axis: Axis = "u",
    slit_width_mm: Annotated[float, Ge(0), Le(1000), Label("スリットの幅 a", "Slit width a", "mm")] = 0.0,
    slit_length_mm: Annotated[float, Ge(0), Le(1000), Label("スリットの長さ L", "Slit length L", "mm")] = 0.0,
    transfer: Annotated[Literal["continuous", "sampled"], Label("開口の伝達関数", "Transfer of the aperture")] = "continuous",
) -> SpectrumSection:
    r"""1DWS'(u) = integral of 2DWS(u, v) \|T(u, v)\|^2 dv (eq. 5), T = sinc(a u) sinc(L v).

    Without width and length T = 1: the spectrum of single rows (eq. 7). "sampled" takes the transfer of the mean of n pixels,
    sin(pi n u D) / (n sin(pi u D)), which is what averaging pixels does; the slit is then the nearest whole number of pixels.

    Parameters
    ----------
    spectrum : such as the surface of `wiener_spectrum_2d`; both signs of u and v.
    axis : of the frequency that stays; the other one is integrated over.
    """
    x, values = _along(spectrum, axis)
    across = spectrum.y if axis == "u" else spectrum.x
    along_transfer = _transfer(transfer, x, slit_width_mm)
    across_transfer = _transfer(transfer, across, slit_length_mm)
    step = float(across[1] - across[0])
    y = (values * across_transfer**2).sum(1) * step * along_transfer**2
    title = Text(f"開口を通した {axis} 方向の 1DWS", f"1DWS along {axis} through the aperture")
    curve = _curve(spectrum, axis, x, y, title, one_less(spectrum.value_unit))
    said = Text(
        f"2DWS に幅 {slit_width_mm:g} mm、長さ {slit_length_mm:g} mm の開口の |T|² を掛け、もう一方の周波数で積分した (式 (5))。",
        f"The two-dimensional spectrum was multiplied by |T|² of an aperture {slit_width_mm:g} mm wide and {slit_length_mm:g} mm long and integrated over the other frequency (eq. 5).",
    )
    return SpectrumSection(curve=curve, sentence=said)


@operation("動径平均", "Radial noise power spectrum", booklet="W2")
def radial_nps(
    spectrum: Surface,
    *,
    bin_width_per_mm: Annotated[
        float | None, Gt(0), Le(10), Label("ビン幅 (空欄なら周波数間隔)", "Bin width (empty: the frequency step)", "cycles/mm")
    ] = None,
) -> SpectrumSection:
    """Mean over rings around the origin, up to the lower Nyquist frequency; x is the mean frequency of the points of a ring.

    The band is that of the mean of a ring: Student's t over its independent points (half of them), on the logarithm, so it takes
    the spectrum to be the same in all directions. The origin is left out.

    Parameters
    ----------
    spectrum : such as the surface of `wiener_spectrum_2d`; both signs of u and v.
    """
    from scipy.stats import t

    steps = [float(axis[1] - axis[0]) for axis in (spectrum.x, spectrum.y)]
    width = bin_width_per_mm or max(steps)
    radius = np.hypot(spectrum.y[:, None], spectrum.x)
    number = np.round(radius / width).astype(int)
    highest = min(float(np.abs(spectrum.x).max()), float(np.abs(spectrum.y).max()))
    use = (radius > 0) & (number >= 1) & (number <= int(highest / width + 1e-9))
    if np.unique(number[use]).size < 3:
        raise OptionError(
            "G-QUA-221",
            en=f"a radial mean needs at least three rings; bins of {width:g} cycles/mm up to {highest:g} cycles/mm give fewer. Choose narrower bins.",
            ja=f"動径平均には 3 つ以上の輪が必要です。{highest:g} cycles/mm までを {width:g} cycles/mm 幅で分けると足りません。ビン幅を小さくしてください。",
        )
    _, place, count = np.unique(number[use], return_inverse=True, return_counts=True)
    values = np.asarray(spectrum.values, np.float64)[use]
    of_rings: Callable[[Floats], Floats] = lambda all_points: np.bincount(place, all_points) / count  # noqa: E731
    mean, centre = of_rings(values), of_rings(radius[use])
    spread = np.sqrt(np.maximum(of_rings((values - mean[place]) ** 2), 0) / np.maximum(count / 2 - 1, 0.5))
    factor = np.exp(t.ppf(0.975, np.maximum(count / 2 - 1, 1)) * spread / np.maximum(mean, np.finfo(float).tiny))
    title = Text("動径平均", "Radial mean")
    curve = Curve(
        centre, mean, RADIAL, spectrum.value_label, title, spectrum.x_unit, spectrum.value_unit, mean / factor, mean * factor
    )
    said = Text(
        f"2DWS を幅 {width:.4g} {spectrum.x_unit} の輪ごとに平均した。95 % 区間は輪の中のばらつきから求めた。",
        f"The two-dimensional spectrum was averaged over rings {width:.4g} {spectrum.x_unit} wide; 95 % intervals from the spread within each ring.",
    )
    return SpectrumSection(curve=curve, sentence=said)


def _along(spectrum: Surface, axis: str) -> tuple[Floats, Floats]:
    """The frequencies of an axis and the values with that axis first."""
    values = np.asarray(spectrum.values, np.float64)
    if min(values.shape) < 2:
        raise OptionError(
            "G-QUA-222",
            en=f"a spectrum needs at least two frequencies along each axis; {values.shape} came. Give the surface of wiener_spectrum_2d.",
            ja=f"スペクトルには各軸に 2 つ以上の周波数が必要です。受け取った形: {values.shape}。wiener_spectrum_2d の surface を指定してください。",
        )
    return (np.asarray(spectrum.x, np.float64), values.T) if axis == "u" else (np.asarray(spectrum.y, np.float64), values)


def _curve(spectrum: Surface, axis: str, x: Floats, y: Floats, title: Text, unit: str) -> Curve:
    label, x_unit = (spectrum.x_label, spectrum.x_unit) if axis == "u" else (spectrum.y_label, spectrum.y_unit)
    return Curve(x, y, label, spectrum.value_label, title, x_unit, unit)


def _transfer(kind: str, frequency: Floats, length_mm: float) -> Floats:
    """Transfer of a mean over a length, continuous or over pixels whose spacing the frequencies imply."""
    if kind == "continuous" or length_mm == 0:
        return np.sinc(frequency * length_mm)
    spacing = 1 / (len(frequency) * float(frequency[1] - frequency[0]))
    pixels = max(1, round(length_mm / spacing))
    return np.sinc(pixels * spacing * frequency) / np.sinc(spacing * frequency)
