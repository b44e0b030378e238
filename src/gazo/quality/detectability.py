"""The detectability index of a disc: non-prewhitening observer without and with eye filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from gazo.core.errors import DataError
from gazo.core.language import Text
from gazo.core.operations import operation
from gazo.core.parameters import Label
from gazo.core.results import Curve, Estimate, Measurement, result
from gazo.quality.curve_bands import at, shared_x
from gazo.quality.mtf_results import FREQUENCY, PER_MM
from gazo.quality.wire import disc_transform

Array = NDArray[np.float64]
PEAK_CYCLES_PER_DEGREE, EYE_POWER = 4.0, 1.3  # E(f) = f^1.3 exp(-c f^2) with its peak at 4 cycles/degree (recalled, not read)


@result("detectability")
@dataclass(frozen=True, eq=False, kw_only=True)
class Detectability(Measurement):
    """d' of one task, and what enters it at each frequency: `task` |W|, `signal` the integrand |W|^2 TTF^2 (times the eye)."""

    d_prime: Estimate
    task: Curve
    signal: Curve


@operation("検出能指数 d'", "Detectability index d'")
def detectability_index(
    ttf: Curve,
    nps: Curve,
    *,
    disc_mm: Annotated[float, Gt(0), Le(500), Label("円盤の直径", "Diameter of the disc", "mm")],
    contrast: Annotated[float, Gt(0), Le(1e6), Label("コントラスト (NPS と同じ画素値)", "Contrast (pixel value of the NPS)")],
    observer: Annotated[Literal["NPW", "NPWE"], Label("観察者モデル", "Observer")] = "NPW",
    distance_cm: Annotated[float, Gt(0), Le(500), Label("観察距離 (NPWE)", "Viewing distance (NPWE)", "cm")] = 50.0,
    zoom: Annotated[float, Gt(0), Le(100), Label("拡大率 (NPWE)", "Magnification on the monitor (NPWE)")] = 1.0,
) -> Detectability:
    """d' = int |W|^2 T^2 E^2 df / sqrt(int |W|^2 T^2 E^4 NPS df) over the plane, E = 1 for NPW (ICRU 87; AAPM TG-233).

    W(f) = C pi r^2 2 J1(pi d f)/(pi d f) is the disc; all curves are taken as the same in every direction, df = 2 pi f df, up to the
    highest frequency both curves have. E(f) = f^1.3 exp(-c f^2), f in cycles/degree, peak at 4 (recalled). The limits of d' are its
    values with TTF and NPS at their less and more favourable limits, added in quadrature; this is wide, as a whole band moves together.

    Parameters
    ----------
    ttf : TTF or MTF against cycles/mm.
    nps : radial noise power spectrum in pixel value^2 mm^2 against cycles/mm.
    disc_mm, contrast : the task.
    distance_cm, zoom : how large a mm of the image appears.
    """
    coarse = shared_x(ttf, nps)
    _need_reach(float(coarse[-1]), disc_mm)
    f = np.linspace(0, coarse[-1], max(4001, int(80 * coarse[-1] * disc_mm) + 1))
    task = contrast * np.pi * disc_mm**2 / 4 * disc_transform(np.pi * disc_mm * f)
    eye = np.ones_like(f) if observer == "NPW" else _eye(f, distance_cm, zoom)
    transfer, noise = at(ttf, f), at(nps, f)
    value = _d_prime(f, task, transfer.y, noise.y, eye)
    shifts = [
        _d_prime(f, task, t, n, eye) - value
        for t, n in ((transfer.low, noise.y), (transfer.y, noise.high), (transfer.high, noise.y), (transfer.y, noise.low))
    ]
    known = transfer.known or noise.known
    limits = (value - np.hypot(*shifts[:2]), value + np.hypot(*shifts[2:])) if known else (None, None)
    signal = (task * transfer.y * eye) ** 2
    return Detectability(
        d_prime=Estimate(
            Text("検出能指数 d'", "detectability index d'"), value, *limits, ttf.level, "limits of TTF and NPS" if known else ""
        ),
        task=Curve(f, np.abs(task), FREQUENCY, Text("課題関数 |W|", "Task |W|"), Text("課題関数", "Task function"), PER_MM),
        signal=Curve(f, signal, FREQUENCY, Text("信号", "Signal"), Text("|W|² TTF²", "|W|² TTF²"), PER_MM),
        sentence=_sentence(disc_mm, contrast, observer, distance_cm, zoom),
    )


def _d_prime(f: Array, task: Array, transfer: Array, noise: Array, eye: Array) -> float:
    signal = (task * transfer * eye) ** 2
    power = 2 * np.pi * np.trapezoid(signal * f, f)
    spread = 2 * np.pi * np.trapezoid(signal * eye**2 * np.maximum(noise, 0) * f, f)
    if spread <= 0:
        raise DataError(
            "G-QUA-430",
            en="the noise power spectrum is 0 wherever the task has power, so d' has no meaning; give the spectrum of images with noise.",
            ja="課題が成分をもつ周波数で NPS が 0 のため、d' は意味を持ちません。雑音のある画像のスペクトルを指定してください。",
        )
    return float(power / np.sqrt(spread))


def _eye(f: Array, distance_cm: float, zoom: float) -> Array:
    """The eye filter at frequencies of the image, 1 at its peak."""
    per_degree = f / zoom * (np.pi / 180 * 10 * distance_cm)
    c = EYE_POWER / (2 * PEAK_CYCLES_PER_DEGREE**2)
    peak = PEAK_CYCLES_PER_DEGREE**EYE_POWER * np.exp(-c * PEAK_CYCLES_PER_DEGREE**2)
    return np.asarray(per_degree**EYE_POWER * np.exp(-c * per_degree**2) / peak)


def _need_reach(highest: float, disc_mm: float) -> None:
    """The curves must hold most of the disc's power: 1 - J0^2 - J1^2 at z = pi d f."""
    from scipy.special import j0, j1

    z = np.pi * disc_mm * highest
    share = 1 - float(j0(z) ** 2 + j1(z) ** 2)
    if share < 0.5:
        raise DataError(
            "G-QUA-431",
            en=f"the curves end at {highest:g} cycles/mm and hold {100 * share:.0f} % of the power of a disc of {disc_mm:g} mm; take a larger disc, or curves of smaller pixels.",
            ja=f"曲線は {highest:g} cycles/mm までで、直径 {disc_mm:g} mm の円盤の成分の {100 * share:.0f} % しか含みません。より大きい円盤か、より小さい画素の曲線を使ってください。",
        )


def _sentence(disc_mm: float, contrast: float, observer: str, distance_cm: float, zoom: float) -> Text:
    seen = f", {distance_cm:g} cm, x{zoom:g}" if observer == "NPWE" else ""
    return Text(
        f"検出能指数は直径 {disc_mm:g} mm、コントラスト {contrast:g} の円盤に対する {observer} 観察者{seen}として求めた。",
        f"The detectability index is that of an {observer} observer{seen} for a disc of {disc_mm:g} mm and contrast {contrast:g}.",
    )
